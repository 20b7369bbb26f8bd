//! Closing so that the client gets to read the last answer.

use super::pulse::Pulse;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// A stream whose pulse is felt, and that, once its writing side is shut down, throws away what the client still sends until the client ends
/// or the time is up.
///
/// WHY: closing a socket with unread input resets the connection, and a reset may overtake the 413, 431 or 401 that
/// was answered before the body had been read.
pub(super) struct Lingering<S> {
    stream: S,
    within: Duration,
    pulse: Arc<Pulse>,
    client_ended: bool,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> Lingering<S> {
    pub(super) fn new(stream: S, within: Duration, pulse: Arc<Pulse>) -> Self {
        Self { stream, within, pulse, client_ended: false, waiting: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.client_ended = buf.filled().len() == before;
        if !self.client_ended {
            self.pulse.heard();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.pulse.sent();
        Poll::Ready(Ok(sent))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs))?;
        self.pulse.sent();
        Poll::Ready(Ok(sent))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let Some(waiting) = &mut this.waiting else {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if this.client_ended {
                return Poll::Ready(Ok(()));
            }
            this.waiting = Some(Box::pin(tokio::time::sleep(this.within)));
            return self.poll_shutdown(cx);
        };
        let mut scrap = [0; 4096];
        // The timer is looked at on every round: a client that never stops sending does not hold us.
        while waiting.as_mut().poll(cx).is_pending() {
            let mut buf = ReadBuf::new(&mut scrap);
            if ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buf)).is_err() || buf.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(Ok(()))
    }
}
