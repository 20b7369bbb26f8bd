//! Receivers, each by its own protocol.

mod azure_monitor;
mod elastic;
mod http;
mod mail;
mod nats;
mod object_storage;
mod signed;
mod splunk;
mod syslog;
mod webhook;

pub use signed::SignedPost;

use crate::config::Target;
use crate::event::Event;
use crate::exports::Outside;
use async_trait::async_trait;
use std::time::Duration;

/// Takes events.
#[async_trait]
pub trait Sink: Send + Sync + 'static {
    /// Hands events over. `Ok` says that the receiver has them.
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered>;

    /// Events that may be handed over at once, whatever the configuration says: what was handed over is told at the end
    /// of them, and all of them are handed over again if that fails.
    fn most(&self) -> usize {
        usize::MAX
    }

    /// Whether the events of a request must all be of one table.
    fn one_table(&self) -> bool {
        false
    }
}

/// Why events were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The receiver cannot be reached, is busy, or does not let us in: the same may be taken later.
    #[error("{reason}")]
    NotNow {
        /// What it said.
        reason: String,
        /// When it wants to be asked again.
        after: Option<Duration>,
    },
    /// It refuses them all as they are: at least one is to blame, or they are too many.
    #[error("refused: {0}")]
    Refused(String),
    /// It took all but these, by their number.
    #[error("{} refused", .0.len())]
    Some(Vec<(usize, String)>),
}

impl Undelivered {
    pub(crate) fn not_now(reason: impl std::fmt::Display) -> Self {
        Self::NotNow { reason: reason.to_string(), after: None }
    }
}

/// The sink for a target.
pub(crate) fn sink(target: &Target, outside: &Outside) -> Box<dyn Sink> {
    let (target, outside) = (target.clone(), outside.clone());
    match target {
        Target::Webhook { url, secret_file, format } => {
            Box::new(webhook::Webhook::new(outside, url, secret_file, format))
        }
        Target::Splunk { url, token_file, index, format, acknowledge } => {
            Box::new(splunk::Splunk::new(outside, &url, token_file, splunk::Options { index, format, acknowledge }))
        }
        Target::Elastic { url, index, api_key_file } => {
            Box::new(elastic::Elastic::new(outside, &url, index, api_key_file))
        }
        Target::AzureMonitor { endpoint, rule, token_url, client_id, client_secret_file } => {
            let client = azure_monitor::Client { token_url, id: client_id, secret: client_secret_file };
            Box::new(azure_monitor::AzureMonitor::new(outside, endpoint, rule, client))
        }
        Target::Syslog { server, format } => Box::new(syslog::Syslog::new(outside, server, format)),
        Target::Mail(config) => Box::new(mail::Mailer::new(outside, config)),
        Target::ObjectStorage(place) => Box::new(object_storage::ObjectStorage::new(outside, place)),
        Target::Nats { server, subject, format, user, password_file } => {
            let login = nats::Login { user, password: password_file };
            Box::new(nats::Nats::new(outside, server, nats::Subject { template: subject, format }, login))
        }
    }
}
