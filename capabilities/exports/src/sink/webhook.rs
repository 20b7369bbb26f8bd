//! Any HTTPS server. What it gets is signed, so that it can tell who sent it.

use super::http::Request;
use super::{Sink, Undelivered};
use crate::event::Event;
use crate::exports::Outside;
use crate::format::Format;
use crate::secret::Secret;
use async_trait::async_trait;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

pub(super) struct Webhook {
    outside: Outside,
    url: Url,
    secret: Secret,
    format: Format,
}

impl Webhook {
    pub(super) fn new(outside: Outside, url: Url, secret: Secret, format: Format) -> Self {
        Self { outside, url, secret, format }
    }
}

#[async_trait]
impl Sink for Webhook {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let body = self.format.array(events, &self.outside.source);
        let secret = self.secret.read().map_err(Undelivered::not_now)?;
        let (id, at) = (message_id(events), self.outside.context.now().seconds());
        let signature = sign(&key(&secret), &id, at, body.as_bytes());
        let request = Request::new(&self.outside, self.format.content_type())
            .header("webhook-id", &id)?
            .header("webhook-timestamp", &at.to_string())?
            .header("webhook-signature", &signature)?;
        request.send(&self.url, body).await.map(drop)
    }
}

/// The same for the same events, so that a receiver knows a repetition.
fn message_id(events: &[Event]) -> String {
    let mut name = Vec::new();
    for event in events {
        name.extend_from_slice(event.id.as_bytes());
        name.push(0);
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &name);
    let half: [u8; 16] = digest.as_ref().first_chunk().copied().unwrap_or_default();
    format!("msg_{}", uuid::Builder::from_custom_bytes(half).into_uuid())
}

/// SPEC: Standard Webhooks 1.0: a secret is base64 after `whsec_`; any other text is taken as it is.
fn key(secret: &str) -> hmac::Key {
    let decoded = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    let bytes = zeroize::Zeroizing::new(decoded.unwrap_or_else(|| secret.as_bytes().to_vec()));
    hmac::Key::new(hmac::HMAC_SHA256, &bytes)
}

/// SPEC: Standard Webhooks 1.0: `v1,` and the base64 of the HMAC of `id.timestamp.body`.
fn sign(key: &hmac::Key, id: &str, at: i64, body: &[u8]) -> String {
    let mut signed = hmac::Context::with_key(key);
    signed.update(format!("{id}.{at}.").as_bytes());
    signed.update(body);
    format!("v1,{}", STANDARD.encode(signed.sign()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn standard_webhooks_1_0_signs_as_its_example_does() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let signature = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_id_of_a_message_is_that_of_its_events() {
        assert_eq!(message_id(&[]), message_id(&[]));
        assert!(uuid::Uuid::parse_str(message_id(&[]).trim_start_matches("msg_")).is_ok());
    }
}
