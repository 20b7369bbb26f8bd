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

/// What a token, an index or a channel is to blame for, the operator mends: no event is given up for it.
fn of_whom(error: Undelivered) -> Undelivered {
    /// SPEC: Splunk, "Troubleshoot HTTP Event Collector", status codes: incorrect index, data channel missing or invalid,
    /// acknowledgements disabled.
    const OF_THE_OPERATOR: [u64; 4] = [7, 10, 11, 14];
    let Undelivered::Refused(reason) = &error else { return error };
    let said = reason.split_once(": ").and_then(|(_, said)| serde_json::from_str::<Value>(said).ok());
    match said.and_then(|said| said.get("code")?.as_u64()) {
        Some(code) if OF_THE_OPERATOR.contains(&code) => Undelivered::not_now(reason),
        _ => error,
    }
}

#[async_trait]
impl Sink for Splunk {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let said = self.post(&self.events, self.body(events)).await.map_err(of_whom)?;
        if !self.options.acknowledge {
            return Ok(());
        }
        match said.get("ackId").and_then(Value::as_u64) {
            Some(id) => self.acknowledged(id).await,
            None => Err(Undelivered::not_now("the collector gives no acknowledgements; set `acknowledge = false`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_has_set_up_wrongly_is_never_a_dead_letter() {
        let refused = |code: u64| {
            let said = json!({"text": "Incorrect index", "code": code, "invalid-event-number": 1});
            Undelivered::Refused(format!("status 400: {said}"))
        };
        for code in [7, 10, 11, 14] {
            assert!(matches!(of_whom(refused(code)), Undelivered::NotNow { .. }), "{code}");
        }
        for code in [5, 6, 12, 13, 15] {
            assert_eq!(of_whom(refused(code)), refused(code));
        }
        let other = Undelivered::Refused("status 413: too large".to_owned());
        assert_eq!(of_whom(other.clone()), other);
    }
}
