//! The protocol: lines, and payloads of a length that is said before.

use crate::config::Server;
use crate::sink::Undelivered;
use serde_json::Value;
use signet_fetch::{Dial, TlsStream};
use std::io;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A line beyond this is none of ours.
const LINE: u64 = 64 << 10;
const PAYLOAD: usize = 1 << 20;
/// SPEC: NATS client protocol, `-ERR`.
const TOO_LARGE: &str = "Maximum Payload Violation";

pub(super) struct Connection {
    stream: BufReader<TlsStream<TcpStream>>,
    inbox: String,
    out: Vec<u8>,
}

impl Connection {
    /// Connects and signs in.
    pub(super) async fn open(
        dial: &dyn Dial,
        server: &Server,
        options: &Value,
        inbox: String,
    ) -> Result<Self, Undelivered> {
        let mut plain = dial.dial(&server.host, server.port).await.map_err(Undelivered::not_now)?;
        // The server speaks first, and only then under TLS. What it says before is not believed.
        read_line_unprotected(&mut plain).await.map_err(Undelivered::not_now)?;
        let stream = dial.secure(plain, &server.host).await.map_err(Undelivered::not_now)?;
        let mut connection = Self { stream: BufReader::new(stream), inbox, out: Vec::new() };
        let hello = format!("CONNECT {options}\r\nSUB _INBOX.{}.* 1\r\nPING\r\n", connection.inbox);
        connection.out.extend_from_slice(hello.as_bytes());
        connection.flush().await.map_err(Undelivered::not_now)?;
        loop {
            match connection.next().await.map_err(Undelivered::not_now)? {
                Said::Pong => return Ok(connection),
                Said::Error(why) => return Err(Undelivered::not_now(why)),
                Said::Message { .. } | Said::Nothing => {}
            }
        }
    }

    /// Puts a message on its way; [`acknowledged`](Self::acknowledged) sends it.
    pub(super) fn publish(&mut self, number: usize, subject: &str, id: &str, body: &[u8]) {
        // By its id the stream knows a repetition.
        let headers = format!("NATS/1.0\r\nNats-Msg-Id: {id}\r\n\r\n");
        let (reply, size) = (format!("_INBOX.{}.{number}", self.inbox), headers.len() + body.len());
        let line = format!("HPUB {subject} {reply} {} {size}\r\n{headers}", headers.len());
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(body);
        self.out.extend_from_slice(b"\r\n");
    }

    /// Waits until the stream has said of each message that it has it; those that it refused, and why.
    pub(super) async fn acknowledged(&mut self, mut waiting: Vec<bool>) -> Result<Vec<(usize, String)>, Undelivered> {
        self.flush().await.map_err(Undelivered::not_now)?;
        let (mut left, mut refused) = (waiting.iter().filter(|waits| **waits).count(), Vec::new());
        while left > 0 {
            let (number, body) = match self.next().await.map_err(Undelivered::not_now)? {
                Said::Message { number, body } => (number, body),
                Said::Error(why) if why.eq_ignore_ascii_case(TOO_LARGE) => return Err(Undelivered::Refused(why)),
                Said::Error(why) => return Err(Undelivered::not_now(why)),
                Said::Pong | Said::Nothing => continue,
            };
            let Some(waits) = waiting.get_mut(number).filter(|waits| **waits) else { continue };
            *waits = false;
            left -= 1;
            if let Some(why) = judge(&body)? {
                refused.push((number, why));
            }
        }
        Ok(refused)
    }

    async fn flush(&mut self) -> io::Result<()> {
        let out = std::mem::take(&mut self.out);
        self.stream.write_all(&out).await?;
        self.stream.flush().await
    }

    async fn next(&mut self) -> io::Result<Said> {
        let mut line = String::new();
        if (&mut self.stream).take(LINE).read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        let mut words = line.split_whitespace();
        match words.next().unwrap_or_default() {
            "PING" => {
                self.out.extend_from_slice(b"PONG\r\n");
                self.flush().await?;
                Ok(Said::Nothing)
            }
            "PONG" => Ok(Said::Pong),
            "-ERR" => Ok(Said::Error(line.trim_start_matches("-ERR").trim().trim_matches('\'').to_owned())),
            verb @ ("MSG" | "HMSG") => {
                let words: Vec<&str> = words.collect();
                let number = words.first().and_then(|subject| subject.rsplit('.').next()?.parse().ok());
                let size = |from_end: usize| words.iter().rev().nth(from_end)?.parse::<usize>().ok();
                let whole = size(0).filter(|size| *size <= PAYLOAD).ok_or(io::ErrorKind::InvalidData)?;
                let headers = if verb == "HMSG" { size(1).unwrap_or(0).min(whole) } else { 0 };
                let mut payload = vec![0; whole + 2];
                self.stream.read_exact(&mut payload).await?;
                payload.truncate(whole);
                // Without a stream that takes the subject there are headers alone: `NATS/1.0 503`.
                let body = payload.split_off(headers);
                let body = if body.is_empty() { payload } else { body };
                Ok(number.map_or(Said::Nothing, |number| Said::Message { number, body }))
            }
            _ => Ok(Said::Nothing),
        }
    }
}

enum Said {
    Message {
        number: usize,
        body: Vec<u8>,
    },
    Pong,
    Error(String),
    /// What needs no answer of ours.
    Nothing,
}

/// Byte by byte: what follows belongs to TLS.
async fn read_line_unprotected(stream: &mut TcpStream) -> io::Result<()> {
    for _ in 0..LINE {
        if stream.read_u8().await? == b'\n' {
            return Ok(());
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

/// What a stream says of a message: why it refused it, if it did.
fn judge(said: &[u8]) -> Result<Option<String>, Undelivered> {
    if said.starts_with(b"NATS/1.0 503") {
        return Err(Undelivered::not_now("no stream takes this subject"));
    }
    let answer: Value = serde_json::from_slice(said).map_err(|_| Undelivered::not_now("an answer that is no JSON"))?;
    let Some(error) = answer.get("error") else {
        let taken = answer.get("stream").is_some();
        return if taken { Ok(None) } else { Err(Undelivered::not_now("an answer that says nothing")) };
    };
    let why = error.get("description").and_then(Value::as_str).unwrap_or("no reason given").to_owned();
    match error.get("code").and_then(Value::as_u64) {
        Some(400) => Ok(Some(why)),
        _ => Err(Undelivered::not_now(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_stream_says_it_has_is_taken() {
        assert_eq!(judge(br#"{"stream":"S","seq":7}"#), Ok(None));
        assert_eq!(judge(br#"{"stream":"S","seq":7,"duplicate":true}"#), Ok(None));
        let too_large = judge(br#"{"error":{"code":400,"description":"message size exceeds maximum allowed"}}"#);
        assert_eq!(too_large, Ok(Some("message size exceeds maximum allowed".to_owned())));
        for said in [r#"{"error":{"code":503,"description":"no"}}"#, "{}", "", "NATS/1.0 503\r\n\r\n"] {
            assert!(judge(said.as_bytes()).is_err(), "{said}");
        }
    }
}
