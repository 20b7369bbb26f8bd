//! The two kinds of listening socket.

use crate::arrival::Peer;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// A bound socket.
pub(super) enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

/// A connection, with the peer known and allowed.
pub(super) enum Accepted {
    Tcp(TcpStream, Peer),
    Unix(UnixStream, Peer),
}

impl Socket {
    pub(super) async fn tcp(address: SocketAddr) -> io::Result<Self> {
        TcpListener::bind(address).await.map(Self::Tcp)
    }

    pub(super) fn unix(path: &Path) -> io::Result<Self> {
        if std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
            std::fs::remove_file(path)?;
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self::Unix(listener, path.to_owned()))
    }

    pub(super) fn local_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(..) => None,
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                Accepted::tcp(stream, address)
            }
            Self::Unix(listener, _) => Accepted::unix(listener.accept().await?.0),
        }
    }

    /// A connection that the kernel has made already; `WouldBlock` if there is none. Asks the kernel: what the runtime
    /// knows of it may be late.
    pub(super) fn accept_waiting(&self) -> io::Result<Accepted> {
        match self {
            Self::Tcp(listener) => {
                let listener = std::net::TcpListener::from(listener.as_fd().try_clone_to_owned()?);
                let (stream, address) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Accepted::tcp(TcpStream::from_std(stream)?, address)
            }
            Self::Unix(listener, _) => {
                let listener = std::os::unix::net::UnixListener::from(listener.as_fd().try_clone_to_owned()?);
                let (stream, _) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Accepted::unix(UnixStream::from_std(stream)?)
            }
        }
    }

    /// Lets no new connection begin; those whose handshake is under way come about. Whoever begins now hears nothing,
    /// tries again within a second and is refused by then.
    ///
    /// WHY: a socket that is closed resets what waits in it. Its client has connected, and takes the reset for a request
    /// that was lost; a refusal tells it that nothing was.
    pub(super) fn turn_away(&self) {
        if let Self::Tcp(listener) = self
            && let Err(error) = filter::drop_beginnings(listener)
        {
            tracing::debug!(%error, "cannot turn connections away; those that begin just now may be reset");
        }
    }
}

impl Accepted {
    fn tcp(stream: TcpStream, address: SocketAddr) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self::Tcp(stream, Peer::Network(address)))
    }

    fn unix(stream: UnixStream) -> io::Result<Self> {
        let uid = stream.peer_cred()?.uid();
        if !may_administer(uid, rustix::process::geteuid().as_raw()) {
            tracing::warn!(uid, "refused a local connection of another user");
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(Self::Unix(stream, Peer::Local { uid }))
    }
}

#[cfg(target_os = "linux")]
mod filter {
    use socket2::{SockFilter, SockRef};
    use std::io;
    use tokio::net::TcpListener;

    /// The byte of a TCP header that holds SYN (2) and ACK (16).
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const SYN_OR_ACK: u32 = 0x12;

    /// Drops each segment with SYN and without ACK.
    pub(super) fn drop_beginnings(listener: &TcpListener) -> io::Result<()> {
        // Classic BPF, as linux/filter.h numbers it: load a byte, mask it, compare, return how much is kept.
        let program = [
            SockFilter::new(0x30, 0, 0, FLAGS),
            SockFilter::new(0x54, 0, 0, SYN_OR_ACK),
            SockFilter::new(0x15, 0, 1, SYN),
            SockFilter::new(0x06, 0, 0, 0),
            SockFilter::new(0x06, 0, 0, u32::MAX),
        ];
        SockRef::from(listener).attach_filter(&program)
    }
}

#[cfg(not(target_os = "linux"))]
mod filter {
    pub(super) fn drop_beginnings(_: &tokio::net::TcpListener) -> std::io::Result<()> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

/// The server's own user and root.
fn may_administer(peer: u32, own: u32) -> bool {
    peer == own || peer == 0
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn who_is_turned_away_is_refused_and_who_has_connected_is_served() {
        use futures_util::FutureExt as _;
        let socket = Socket::tcp(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = socket.local_address().unwrap();
        let early = TcpStream::connect(address).await.unwrap();
        socket.turn_away();
        let mut late = std::pin::pin!(TcpStream::connect(address));
        assert!(late.as_mut().now_or_never().is_none());
        let Ok(Accepted::Tcp(_, Peer::Network(peer))) = socket.accept_waiting() else { panic!("one has connected") };
        assert_eq!(peer, early.local_addr().unwrap());
        let nobody = socket.accept_waiting().err().unwrap();
        assert_eq!(nobody.kind(), io::ErrorKind::WouldBlock);
        drop(socket);
        assert_eq!(late.await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn another_user_may_not_administer() {
        assert!(!may_administer(1001, 1000));
        assert!(!may_administer(1000, 0));
        assert!(may_administer(1000, 1000) && may_administer(0, 1000));
    }
}
