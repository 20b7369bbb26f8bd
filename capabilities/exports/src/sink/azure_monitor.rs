//! Azure Monitor's Logs Ingestion API.

use super::http::{Request, json};
use super::{Sink, Undelivered};
use crate::event::Event;
use crate::exports::Outside;
use crate::format::Format;
use crate::secret::Secret;
use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::Value;
use std::time::Duration;
use url::Url;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

const SCOPE: &str = "https://monitor.azure.com//.default";
const VERSION: &str = "2023-01-01";
/// A token is used until so long before its end.
const BEFORE_END: Duration = Duration::from_mins(5);

/// Who may write.
pub(super) struct Client {
    pub(super) token_url: Url,
    pub(super) id: String,
    pub(super) secret: Secret,
}

pub(super) struct AzureMonitor {
    outside: Outside,
    endpoint: Url,
    rule: String,
    client: Client,
    token: Mutex<Option<(Zeroizing<String>, Duration)>>,
}

impl AzureMonitor {
    pub(super) fn new(outside: Outside, endpoint: Url, rule: String, client: Client) -> Self {
        Self { outside, endpoint, rule, client, token: Mutex::new(None) }
    }

    /// SPEC: RFC 6749 4.4.
    async fn token(&self) -> Result<Zeroizing<String>, Undelivered> {
        let now = self.outside.context.monotonic();
        if let Some((token, _)) = self.token.lock().as_ref().filter(|(_, until)| *until > now) {
            return Ok(token.clone());
        }
        let secret = self.client.secret.read().map_err(Undelivered::not_now)?;
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client.id)
            .append_pair("client_secret", &secret)
            .append_pair("scope", SCOPE)
            .finish();
        let request = Request::new(&self.outside, "application/x-www-form-urlencoded");
        // No answer of the authority is about the events.
        let said = request.send(&self.client.token_url, form).await.map_err(Undelivered::not_now)?;
        let said = json(&said)?;
        let token = said.get("access_token").and_then(Value::as_str);
        let token = token.ok_or_else(|| Undelivered::not_now("the authority gave no access token"))?;
        let token = Zeroizing::new(token.to_owned());
        let lasts = Duration::from_secs(said.get("expires_in").and_then(Value::as_u64).unwrap_or(0));
        *self.token.lock() = Some((token.clone(), now + lasts.saturating_sub(BEFORE_END)));
        Ok(token)
    }

    fn stream(&self, table: &str) -> Url {
        let mut url = self.endpoint.clone();
        url.set_path(&format!("/dataCollectionRules/{}/streams/Custom-{table}_CL", self.rule));
        url.set_query(Some(&format!("api-version={VERSION}")));
        url
    }
}

#[async_trait]
impl Sink for AzureMonitor {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let Some(first) = events.first() else { return Ok(()) };
        let body = Format::Record.array(events, &self.outside.source);
        let token = self.token().await?;
        let request = Request::new(&self.outside, "application/json");
        let request = request.header("authorization", &Zeroizing::new(format!("Bearer {}", *token)))?;
        let sent = request.send(&self.stream(&first.table), body).await;
        if sent.is_err() {
            // It may have been revoked.
            *self.token.lock() = None;
        }
        sent.map(drop)
    }

    fn one_table(&self) -> bool {
        true
    }
}
