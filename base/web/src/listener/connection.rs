//! One connection, from handshake to close.

use super::lingering::Lingering;
use super::pulse::Pulse;
use super::socket::Accepted;
use crate::arrival::Peer;
use crate::front::{Front, Manner};
use crate::limits::Limits;
use axum::http::{HeaderValue, header};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How far the end of a listener has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Connections stay.
    Serving,
    /// Connections close once they are silent, requests in flight end.
    Closing,
    /// Everything ends now.
    Cut,
}

/// What all connections of a listener have in common.
pub(super) struct Connections {
    front: Front,
    limits: Limits,
    tls: Option<TlsAcceptor>,
    strict_transport: bool,
    http: http1::Builder,
    /// One per connection, so that all of them free means all connections ended.
    pub(super) permits: Arc<Semaphore>,
    /// Whether each answer is to be its connection's last.
    pub(super) closing: AtomicBool,
}

impl Connections {
    pub(super) fn new(front: Front, limits: Limits, tls: Option<TlsAcceptor>, strict_transport: bool) -> Self {
        let mut http = http1::Builder::new();
        let header_bytes = limits.header_bytes.max(MINIMUM_HEADER_BYTES);
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.header_read)
            .max_header_size(header_bytes)
            .max_buf_size(header_bytes * 2);
        let permits = Arc::new(Semaphore::new(limits.connections));
        Self { front, limits, tls, strict_transport, http, permits, closing: AtomicBool::new(false) }
    }

    /// Ends when no connection is open.
    pub(super) async fn all_ended(&self) {
        let all = u32::try_from(self.limits.connections).unwrap_or(u32::MAX);
        let _ = self.permits.acquire_many(all).await;
    }

    /// Connections open now.
    pub(super) fn open(&self) -> usize {
        self.limits.connections.saturating_sub(self.permits.available_permits())
    }

    /// Serves one connection to its end. A peer that hangs up or talks nonsense ends its own connection only.
    pub(super) async fn run(&self, accepted: Accepted, mut phase: watch::Receiver<Phase>) {
        match (accepted, &self.tls) {
            (Accepted::Unix(stream, peer), _) => self.serve(stream, peer, phase).await,
            (Accepted::Tcp(stream, peer), None) => self.serve(stream, peer, phase).await,
            (Accepted::Tcp(stream, peer), Some(tls)) => {
                let shaken = tokio::select! {
                    biased;
                    shaken = self.handshake(stream, peer, tls) => shaken,
                    _ = phase.wait_for(|phase| *phase == Phase::Cut) => None,
                };
                if let Some(stream) = shaken {
                    self.serve(stream, peer, phase).await;
                }
            }
        }
    }

    async fn handshake(&self, stream: TcpStream, peer: Peer, tls: &TlsAcceptor) -> Option<TlsStream<TcpStream>> {
        match tokio::time::timeout(self.limits.handshake, tls.accept(stream)).await {
            Ok(Ok(stream)) => return Some(stream),
            Ok(Err(error)) => tracing::debug!(?peer, %error, "TLS handshake failed"),
            Err(_) => tracing::debug!(?peer, "TLS handshake took too long"),
        }
        None
    }

    async fn serve<S>(&self, stream: S, peer: Peer, mut phase: watch::Receiver<Phase>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let pulse = Arc::new(Pulse::default());
        let service = service_fn(|request| {
            pulse.heard();
            let (answer, pulse) = (self.front.handle(request, peer, self.manner()), pulse.clone());
            async move {
                let mut response = answer.await;
                // Looked at now, not when the request came: it may have been in flight at the stop.
                if self.closing.load(Ordering::Relaxed) {
                    // SPEC: RFC 9112 9.6
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                pulse.answered();
                Ok::<_, Infallible>(response)
            }
        });
        let io = TokioIo::new(Lingering::new(stream, self.limits.linger, pulse.clone()));
        let mut connection = pin!(self.http.serve_connection(io, service));
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            _ = phase.wait_for(|phase| *phase >= Phase::Closing) => {}
        }
        // WHY: hyper would take a connection with half a request, or with none yet, for one that is idle.
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            _ = phase.wait_for(|phase| *phase == Phase::Cut) => return,
            () = pulse.silence(self.limits.idle_grace) => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            biased;
            _ = connection => {}
            _ = phase.wait_for(|phase| *phase == Phase::Cut) => {}
        }
    }

    fn manner(&self) -> Manner {
        Manner { within: self.limits.request, strict_transport: self.strict_transport }
    }
}

/// hyper's least buffer.
const MINIMUM_HEADER_BYTES: usize = 8192;
