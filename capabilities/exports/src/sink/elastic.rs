//! Elasticsearch and OpenSearch, by the bulk API.

use super::http::{Request, below, json};
use super::{Sink, Undelivered};
use crate::event::Event;
use crate::exports::Outside;
use crate::format::Format;
use crate::secret::Secret;
use async_trait::async_trait;
use serde_json::{Value, json};
use url::Url;

pub(super) struct Elastic {
    outside: Outside,
    bulk: Url,
    index: String,
    key: Secret,
}

impl Elastic {
    pub(super) fn new(outside: Outside, base: &Url, index: String, key: Secret) -> Self {
        Self { outside, bulk: below(base, "_bulk"), index, key }
    }
}

#[async_trait]
impl Sink for Elastic {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let mut body = String::new();
        for event in events {
            // An id of its own: what is sent again is there already.
            let action = json!({"create": {"_index": self.index, "_id": event.id}});
            body += &format!("{action}\n{}\n", Format::Ecs.value(event, &self.outside.source));
        }
        let request = Request::new(&self.outside, "application/x-ndjson").authorized("ApiKey", &self.key)?;
        judge(&json(&request.send(&self.bulk, body).await?)?, events.len())
    }
}

fn judge(said: &Value, count: usize) -> Result<(), Undelivered> {
    if said.get("errors").and_then(Value::as_bool) == Some(false) {
        return Ok(());
    }
    let items = said.get("items").and_then(Value::as_array);
    let items = items.filter(|items| items.len() == count);
    let items =
        items.ok_or_else(|| Undelivered::not_now("an answer that does not say of each event what became of it"))?;
    let mut refused = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let done = item.get("create").unwrap_or(item);
        let reason = || done.pointer("/error/reason").and_then(Value::as_str).unwrap_or("no reason given").to_owned();
        match done.get("status").and_then(Value::as_u64).unwrap_or(500) {
            // 409: it was taken before.
            200..=299 | 409 => {}
            429 | 500.. => return Err(Undelivered::not_now(reason())),
            status => refused.push((at, format!("status {status}: {}", reason()))),
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(Undelivered::Some(refused)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(status: u16) -> Value {
        json!({"create": {"status": status, "error": {"reason": "why"}}})
    }

    #[test]
    fn what_was_taken_before_is_taken_and_a_busy_shard_is_no_dead_letter() {
        assert!(judge(&json!({"errors": false}), 2).is_ok());
        assert!(judge(&json!({"errors": true, "items": [item(201), item(409)]}), 2).is_ok());
        let mixed = judge(&json!({"errors": true, "items": [item(201), item(400)]}), 2);
        assert_eq!(mixed, Err(Undelivered::Some(vec![(1, "status 400: why".to_owned())])));
        for busy in [429, 503] {
            let said = judge(&json!({"errors": true, "items": [item(400), item(busy)]}), 2);
            assert!(matches!(said, Err(Undelivered::NotNow { .. })), "{said:?}");
        }
        for silent in [json!({}), json!({"errors": true, "items": [item(201)]})] {
            assert!(matches!(judge(&silent, 2), Err(Undelivered::NotNow { .. })), "of an event nothing is said");
        }
    }
}
