//! A message to an HTTPS server, signed so that it can tell who sent it.

use super::Undelivered;
use super::http::Request;
use crate::exports::Outside;
use crate::secret::Secret;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use url::Url;

/// Sends messages to one address, each signed with the secret. Of use beyond sinks.
pub struct SignedPost {
    outside: Outside,
    url: Url,
    secret: Secret,
}

impl SignedPost {
    /// To `url`; the secret is read at each use.
    pub fn new(outside: Outside, url: Url, secret: Secret) -> Self {
        Self { outside, url, secret }
    }

    /// Where to.
    pub fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn outside(&self) -> &Outside {
        &self.outside
    }

    /// Sends one message. By its id a receiver knows a repetition.
    pub async fn send(&self, id: &str, content_type: &'static str, body: impl Into<Bytes>) -> Result<(), Undelivered> {
        let body = body.into();
        let secret = self.secret.read().map_err(Undelivered::not_now)?;
        let at = self.outside.context.now().seconds();
        let signature = sign(&key(&secret), id, at, &body);
        let request = Request::new(&self.outside, content_type)
            .header("webhook-id", id)?
            .header("webhook-timestamp", &at.to_string())?
            .header("webhook-signature", &signature)?;
        request.send(&self.url, body).await.map(drop)
    }
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
}
