//! What an answer over HTTP says of what was sent.

use super::Undelivered;
use crate::exports::Outside;
use crate::secret::Secret;
use bytes::Bytes;
use serde_json::Value;
use signet_fetch::{Answered, FetchOptions, HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;
use url::Url;

const WITHIN: Duration = Duration::from_secs(30);
const ANSWER: usize = 4 << 20;
/// Of what a server says, in a log or a dead letter.
const QUOTED: usize = 300;

/// A request on its way.
pub(super) struct Request<'a> {
    pub(super) outside: &'a Outside,
    headers: HeaderMap,
}

impl<'a> Request<'a> {
    pub(super) fn new(outside: &'a Outside, content_type: &'static str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(content_type));
        Self { outside, headers }
    }

    /// With a header that may hold a secret.
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Result<Self, Undelivered> {
        let wrong = |_| Undelivered::not_now(format!("what belongs in the header {name} cannot stand in one"));
        let mut value = HeaderValue::try_from(value).map_err(wrong)?;
        value.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// With an `authorization` of a scheme and a secret.
    pub(super) fn authorized(self, scheme: &str, secret: &Secret) -> Result<Self, Undelivered> {
        let secret = secret.read().map_err(Undelivered::not_now)?;
        self.header("authorization", &zeroize::Zeroizing::new(format!("{scheme} {}", *secret)))
    }

    /// Sends it; what a server says that takes it.
    pub(super) async fn send(self, url: &Url, body: impl Into<Bytes>) -> Result<Bytes, Undelivered> {
        let options = FetchOptions { limit: ANSWER, within: WITHIN };
        let answered = self.outside.post.post(url, self.headers, body.into(), &options).await;
        judge(answered.map_err(Undelivered::not_now)?)
    }
}

fn judge(answered: Answered) -> Result<Bytes, Undelivered> {
    let Answered { status, retry_after, body } = answered;
    let said = || format!("status {status}: {}", quoted(&body));
    match status {
        200..=299 => Ok(body),
        // SPEC: RFC 9110 15.5: these say that the content is to blame, and no repetition of it will do.
        400 | 413 | 415 | 422 => Err(Undelivered::Refused(said())),
        _ => Err(Undelivered::NotNow { reason: said(), after: retry_after }),
    }
}

pub(super) fn quoted(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().filter(|character| !character.is_control()).take(QUOTED).collect()
}

/// An answer as JSON.
pub(super) fn json(body: &[u8]) -> Result<Value, Undelivered> {
    serde_json::from_slice(body)
        .map_err(|_| Undelivered::not_now(format!("an answer that is no JSON: {}", quoted(body))))
}

/// `base` with a path after its own.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16) -> Result<Bytes, Undelivered> {
        judge(Answered { status, retry_after: Some(Duration::from_secs(9)), body: Bytes::from_static(b"no\n") })
    }

    #[test]
    fn what_only_time_or_the_operator_can_mend_is_never_a_dead_letter() {
        for status in [401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504] {
            let after = Some(Duration::from_secs(9));
            assert_eq!(verdict(status), Err(Undelivered::NotNow { reason: format!("status {status}: no"), after }));
        }
        for status in [400, 413, 415, 422] {
            assert_eq!(verdict(status), Err(Undelivered::Refused(format!("status {status}: no"))));
        }
        assert!(verdict(202).is_ok());
    }

    #[test]
    fn a_path_is_added_to_the_base() {
        for base in ["https://a.example", "https://a.example/"] {
            assert_eq!(below(&Url::parse(base).unwrap(), "x/y").as_str(), "https://a.example/x/y");
        }
        assert_eq!(
            below(&Url::parse("https://a.example/es/").unwrap(), "_bulk").as_str(),
            "https://a.example/es/_bulk"
        );
    }
}
