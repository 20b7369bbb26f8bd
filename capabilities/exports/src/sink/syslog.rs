//! A syslog server over TLS.
//!
//! Syslog has no acknowledgement. So each batch is a connection: after the last message our side of it is closed, and the
//! server closes its own once it has read to the end. Until it has, nothing counts as taken.

use super::{Sink, Undelivered};
use crate::config::Server;
use crate::event::Event;
use crate::exports::Outside;
use crate::format::Format;
use async_trait::async_trait;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const WITHIN: Duration = Duration::from_secs(30);
/// SPEC: RFC 5424 6.2.1: security messages (10), at the severity of information (6) or of an alert (1).
const INFORMATION: u8 = 10 * 8 + 6;
const ALERT: u8 = 10 * 8 + 1;

pub(super) struct Syslog {
    outside: Outside,
    server: Server,
    format: Format,
}

impl Syslog {
    pub(super) fn new(outside: Outside, server: Server, format: Format) -> Self {
        Self { outside, server, format }
    }

    /// SPEC: RFC 5425 4.3: each message after its length in octets.
    fn frames(&self, events: &[Event]) -> Vec<u8> {
        let mut frames = Vec::new();
        for event in events {
            let message = message(event, &self.host(), &self.format.line(event, &self.outside.source));
            frames.extend_from_slice(format!("{} ", message.len()).as_bytes());
            frames.extend_from_slice(message.as_bytes());
        }
        frames
    }

    fn host(&self) -> String {
        let source = url::Url::parse(&self.outside.source).ok();
        source.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "-".to_owned())
    }

    async fn hand_over(&self, frames: &[u8]) -> Result<(), Undelivered> {
        let Server { host, port } = &self.server;
        let stream = self.outside.dial.dial(host, *port).await.map_err(Undelivered::not_now)?;
        let mut stream = self.outside.dial.secure(stream, host).await.map_err(Undelivered::not_now)?;
        stream.write_all(frames).await.map_err(Undelivered::not_now)?;
        stream.shutdown().await.map_err(Undelivered::not_now)?;
        let mut rest = [0; 256];
        loop {
            match stream.read(&mut rest).await {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                // Some servers close without a word; a connection that was reset lost what was not read.
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(Undelivered::not_now(error)),
            }
        }
    }
}

#[async_trait]
impl Sink for Syslog {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let frames = self.frames(events);
        let done = tokio::time::timeout(WITHIN, self.hand_over(&frames)).await;
        done.unwrap_or_else(|_| Err(Undelivered::not_now("the server did not take the messages in time")))
    }
}

/// SPEC: RFC 5424 6: `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG`. No structured data: an element of our own
/// would need an enterprise number, and the message says it all.
fn message(event: &Event, host: &str, text: &str) -> String {
    let priority = if event.is_alert() { ALERT } else { INFORMATION };
    let table: String = event.table.chars().filter(char::is_ascii_graphic).take(32).collect();
    // SPEC: RFC 5424 6.4: UTF-8 begins with a byte order mark, which most servers show as garbage; JSON and CEF are
    // either ASCII or say themselves what they are, so it is left out as 6.4 allows (MSG-ANY).
    format!("<{priority}>1 {} {host} signet - {table} - {text}", event.at)
}
