//! Splunk's HTTP Event Collector.

use super::http::{Request, below, json};
use super::{Sink, Undelivered};
use crate::event::Event;
use crate::exports::Outside;
use crate::format::Format;
use crate::secret::Secret;
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// How often the indexer is asked whether it has the events, and how far apart.
const ASKED: u32 = 30;
const APART: Duration = Duration::from_secs(1);

pub(super) struct Options {
    pub(super) index: Option<String>,
    pub(super) format: Format,
    pub(super) acknowledge: bool,
}

pub(super) struct Splunk {
    outside: Outside,
    events: Url,
    acks: Url,
    token: Secret,
    options: Options,
    channel: Uuid,
}

impl Splunk {
    pub(super) fn new(outside: Outside, base: &Url, token: Secret, options: Options) -> Self {
        let channel = outside.context.new_uuid();
        let events = below(base, "services/collector/event");
        let mut acks = below(base, "services/collector/ack");
        acks.set_query(Some(&format!("channel={channel}")));
        Self { outside, events, acks, token, options, channel }
    }

    fn body(&self, events: &[Event]) -> String {
        events.iter().map(|event| self.envelope(event).to_string()).collect()
    }

    fn envelope(&self, event: &Event) -> Value {
        let micros = event.at.micros();
        let source_type = match self.options.format {
            Format::Azure => "azure:monitor:aad".to_owned(),
            format => format!("signet:{}", format.name()),
        };
        let mut envelope = Map::from_iter([
            // Microseconds, without the rounding of a number.
            ("time".to_owned(), format!("{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000)).into()),
            ("source".to_owned(), self.outside.source.clone().into()),
            ("sourcetype".to_owned(), source_type.into()),
            ("event".to_owned(), self.options.format.value(event, &self.outside.source)),
            ("fields".to_owned(), json!({"signet_id": event.id, "signet_tenant": event.tenant})),
        ]);
        if let Some(index) = &self.options.index {
            envelope.insert("index".to_owned(), index.clone().into());
        }
        Value::Object(envelope)
    }

    async fn post(&self, url: &Url, body: String) -> Result<Value, Undelivered> {
        let request = Request::new(&self.outside, "application/json").authorized("Splunk", &self.token)?;
        let request = request.header("x-splunk-request-channel", &self.channel.to_string())?;
        json(&request.send(url, body).await?)
    }

    async fn acknowledged(&self, id: u64) -> Result<(), Undelivered> {
        for _ in 0..ASKED {
            let said = self.post(&self.acks, json!({ "acks": [id] }).to_string()).await?;
            if said.pointer(&format!("/acks/{id}")).and_then(Value::as_bool) == Some(true) {
                return Ok(());
            }
            tokio::time::sleep(APART).await;
        }
        Err(Undelivered::not_now("the indexer did not acknowledge the events in time"))
    }
}

#[async_trait]
impl Sink for Splunk {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let said = self.post(&self.events, self.body(events)).await?;
        if !self.options.acknowledge {
            return Ok(());
        }
        match said.get("ackId").and_then(Value::as_u64) {
            Some(id) => self.acknowledged(id).await,
            None => Err(Undelivered::not_now("the collector gives no acknowledgements; set `acknowledge = false`")),
        }
    }
}
