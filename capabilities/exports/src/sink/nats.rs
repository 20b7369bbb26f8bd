//! A stream of NATS JetStream, over TLS.
//!
//! WHY: not the usual client: it looks names up and connects by itself, past the rules for addresses, and of its many parts
//! one is needed: to publish and be told that the stream has it.

mod wire;

use super::{Sink, Undelivered};
use crate::config::Server;
use crate::event::Event;
use crate::exports::Outside;
use crate::format::{Format, put};
use crate::secret::Secret;
use async_trait::async_trait;
use serde_json::json;
use std::time::Duration;
use tokio::sync::Mutex;
use wire::Connection;

const WITHIN: Duration = Duration::from_secs(30);
/// What servers take at most unless they are told otherwise (`max_payload`), less the headers. To one that is handed more the
/// connection ends, and so it would again.
const LARGEST: usize = (1 << 20) - 1024;

pub(super) struct Subject {
    /// `{tenant}` and `{table}` stand for the event's.
    pub(super) template: String,
    pub(super) format: Format,
}

pub(super) struct Login {
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret>,
}

pub(super) struct Nats {
    outside: Outside,
    server: Server,
    subject: Subject,
    login: Login,
    /// Kept from batch to batch; gone after any failure.
    connection: Mutex<Option<Connection>>,
}

impl Nats {
    pub(super) fn new(outside: Outside, server: Server, subject: Subject, login: Login) -> Self {
        Self { outside, server, subject, login, connection: Mutex::new(None) }
    }

    async fn publish(&self, events: &[Event]) -> Result<(), Undelivered> {
        let mut kept = self.connection.lock().await;
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let (mut waiting, mut refused) = (Vec::with_capacity(events.len()), Vec::new());
        for (number, event) in events.iter().enumerate() {
            let body = self.subject.format.value(event, &self.outside.source).to_string();
            let fits = body.len() <= LARGEST;
            if fits {
                connection.publish(number, &self.subject.of(event), &event.id, body.as_bytes());
            } else {
                refused.push((number, format!("larger than {LARGEST} bytes, which a message may not be")));
            }
            waiting.push(fits);
        }
        refused.extend(connection.acknowledged(waiting).await?);
        *kept = Some(connection);
        if refused.is_empty() { Ok(()) } else { Err(Undelivered::Some(refused)) }
    }

    async fn connect(&self) -> Result<Connection, Undelivered> {
        let secret = self.login.password.as_ref().map(Secret::read).transpose().map_err(Undelivered::not_now)?;
        let mut options = json!({
            "verbose": false, "pedantic": false, "tls_required": true, "lang": "rust", "version": "1",
            "protocol": 1, "headers": true, "no_responders": true, "name": "signet",
        });
        match (&self.login.user, secret) {
            (Some(user), Some(secret)) => {
                put(&mut options, "user", user.clone().into());
                put(&mut options, "pass", secret.as_str().into());
            }
            (None, Some(secret)) => put(&mut options, "auth_token", secret.as_str().into()),
            _ => {}
        }
        let inbox = self.outside.context.new_uuid().simple().to_string();
        Connection::open(self.outside.dial.as_ref(), &self.server, &options, inbox).await
    }
}

#[async_trait]
impl Sink for Nats {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let done = tokio::time::timeout(WITHIN, self.publish(events)).await;
        done.unwrap_or_else(|_| Err(Undelivered::not_now("the server did not take the messages in time")))
    }
}

impl Subject {
    fn of(&self, event: &Event) -> String {
        self.template.replace("{tenant}", &event.tenant.to_string()).replace("{table}", &event.table)
    }
}
