//! A protected connection to a mail server, as the mail library wants it: one that greets.

use crate::config::Server;
use crate::sink::Undelivered;
use lettre::transport::smtp::client::AsyncTokioStream;
use lettre::transport::smtp::extension::ClientId;
use signet_fetch::{Dial, TlsStream};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

/// SPEC: RFC 8314 3.3: TLS from the first byte.
const SUBMISSIONS: u16 = 465;
/// SPEC: RFC 3207 4.2: after STARTTLS the server says nothing before the client does. The library waits for a greeting.
const GREETING: &[u8] = b"220 ready\r\n";
const LINE: usize = 4 << 10;

/// Opens a connection and protects it. The port says how; without STARTTLS nothing is sent.
pub(super) async fn open(dial: &dyn Dial, server: &Server) -> Result<(Session, ClientId), Undelivered> {
    let mut plain = dial.dial(&server.host, server.port).await.map_err(Undelivered::not_now)?;
    let own = plain.local_addr().map_err(Undelivered::not_now)?;
    let name = match own.ip() {
        std::net::IpAddr::V4(address) => ClientId::Ipv4(address),
        std::net::IpAddr::V6(address) => ClientId::Ipv6(address),
    };
    let greeting = if server.port == SUBMISSIONS {
        &[]
    } else {
        start_tls(&mut plain, &name).await?;
        GREETING
    };
    let stream = dial.secure(plain, &server.host).await.map_err(Undelivered::not_now)?;
    Ok((Session { greeting, stream }, name))
}

/// SPEC: RFC 3207 4: nothing that was said before counts afterwards.
async fn start_tls(plain: &mut TcpStream, name: &ClientId) -> Result<(), Undelivered> {
    expect(plain, "220").await?;
    plain.write_all(format!("EHLO {name}\r\n").as_bytes()).await.map_err(Undelivered::not_now)?;
    expect(plain, "250").await?;
    plain.write_all(b"STARTTLS\r\n").await.map_err(Undelivered::not_now)?;
    expect(plain, "220").await
}

/// Reads one reply, to its last line.
async fn expect(plain: &mut TcpStream, code: &str) -> Result<(), Undelivered> {
    loop {
        let line = line(plain).await.map_err(Undelivered::not_now)?;
        let (said, rest) = (line.get(..3).unwrap_or_default(), line.get(3..4).unwrap_or(" "));
        if said != code {
            return Err(Undelivered::not_now(format!("the mail server says: {line}")));
        }
        if rest != "-" {
            return Ok(());
        }
    }
}

/// Byte by byte: what follows belongs to TLS.
async fn line(plain: &mut TcpStream) -> io::Result<String> {
    let mut line = Vec::new();
    while line.len() < LINE {
        match plain.read_u8().await? {
            b'\n' => return Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
            byte => line.push(byte),
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

/// The connection, with a greeting before what the server says.
#[derive(Debug)]
pub(super) struct Session {
    greeting: &'static [u8],
    stream: TlsStream<TcpStream>,
}

impl AsyncTokioStream for Session {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Session {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.greeting.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, to);
        }
        let (now, later) = self.greeting.split_at(self.greeting.len().min(to.remaining()));
        to.put_slice(now);
        self.greeting = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Session {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
