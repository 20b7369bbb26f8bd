//! Accepting connections, and ending without losing a request.

mod connection;
mod lingering;
mod pulse;
mod socket;

use crate::front::Front;
use crate::limits::Limits;
use crate::stop::Stop;
use crate::tls::TlsIdentity;
use connection::{Connections, Phase};
use socket::{Accepted, Socket};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_rustls::TlsAcceptor;

/// After an accept that failed for want of a descriptor: trying again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// After nobody new is let in: what a handshake that was under way takes to come about. Whoever begins meanwhile loses
/// a second, so no longer than it takes between neighbours.
const SETTLED: Duration = Duration::from_millis(50);

/// A bound socket that does not answer yet.
pub struct Listener {
    socket: Socket,
    limits: Limits,
    tls: Option<TlsAcceptor>,
    strict_transport: bool,
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections whose requests did not end within [`Limits::drain`] and were cut.
    pub cut: usize,
}

impl Listener {
    /// Binds a TCP address.
    pub async fn bind(address: SocketAddr, limits: Limits) -> io::Result<Self> {
        Ok(Self::new(Socket::tcp(address).await?, limits))
    }

    /// Binds a Unix socket at `path`, which only this process's user and root may use: the file is 0600 and every
    /// peer is checked. A file left there by a process that is gone is replaced, so the caller must own the directory.
    pub fn bind_unix(path: &Path, limits: Limits) -> io::Result<Self> {
        Ok(Self::new(Socket::unix(path)?, limits))
    }

    fn new(socket: Socket, limits: Limits) -> Self {
        Self { socket, limits, tls: None, strict_transport: false }
    }

    /// Speaks TLS as `identity`.
    #[must_use]
    pub fn with_tls(mut self, identity: &TlsIdentity) -> Self {
        self.tls = Some(TlsAcceptor::from(identity.server_config()));
        // WHY: browsers would carry the promise of a self-made localhost certificate to everything on localhost.
        self.strict_transport = !identity.is_local();
        self
    }

    /// The TCP address, with the port that was really bound.
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.socket.local_address()
    }

    /// Serves `front` until `stop`, then finishes what was begun. For [`Limits::lame_duck`] everything goes on, but each
    /// answer is its connection's last. Then nobody new is let in, whoever has connected is served, and a connection is
    /// closed once it has been silent for [`Limits::idle_grace`]; requests in flight have [`Limits::drain`] to end.
    pub async fn serve(self, front: Front, mut stop: Stop) -> Drained {
        let (phases, phase) = watch::channel(Phase::Serving);
        let connections = Arc::new(Connections::new(front, self.limits.clone(), self.tls, self.strict_transport));
        tokio::select! {
            biased;
            () = stop.requested() => {}
            () = accept(&self.socket, &connections, &phase) => {}
        }
        connections.closing.store(true, Ordering::Relaxed);
        let _ = tokio::time::timeout(self.limits.lame_duck, accept(&self.socket, &connections, &phase)).await;
        phases.send_replace(Phase::Closing);
        self.socket.turn_away();
        let settled = self.limits.idle_grace.min(SETTLED);
        let _ = tokio::time::timeout(settled, accept(&self.socket, &connections, &phase)).await;
        let ended = async {
            accept_waiting(&self.socket, &connections, &phase).await;
            drop(self.socket);
            connections.all_ended().await;
        };
        let ended = tokio::time::timeout(self.limits.drain, ended).await.is_ok();
        let cut = if ended { 0 } else { connections.open() };
        phases.send_replace(Phase::Cut);
        Drained { cut }
    }
}

/// Takes whoever has connected and waits.
async fn accept_waiting(socket: &Socket, connections: &Arc<Connections>, phase: &watch::Receiver<Phase>) {
    loop {
        let Ok(permit) = connections.permits.clone().acquire_owned().await else { return };
        match socket.accept_waiting() {
            Ok(accepted) => spawn(accepted, connections.clone(), phase.clone(), permit),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if error.kind() != io::ErrorKind::WouldBlock {
                    tracing::warn!(%error, "cannot accept connections");
                }
                return;
            }
        }
    }
}

async fn accept(socket: &Socket, connections: &Arc<Connections>, phase: &watch::Receiver<Phase>) {
    loop {
        // INVARIANT: the semaphore is never closed.
        let Ok(permit) = connections.permits.clone().acquire_owned().await else { return };
        match socket.accept().await {
            Ok(accepted) => spawn(accepted, connections.clone(), phase.clone(), permit),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, PermissionDenied};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | PermissionDenied)
}

fn spawn(
    accepted: Accepted,
    connections: Arc<Connections>,
    phase: watch::Receiver<Phase>,
    permit: OwnedSemaphorePermit,
) {
    tokio::spawn(async move {
        connections.run(accepted, phase).await;
        drop(permit);
    });
}
