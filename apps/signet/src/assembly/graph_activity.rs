//! The record of calls of the directory API, beside the answer, which does not wait for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_graph::{Answered, OnAnswered};
use signet_kernel::Context;
use signet_logs::{AuditCopier, CallToken, GraphCall};
use signet_record::Entry;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// How long a call waits for others to share its commit.
pub(super) const GATHER: Duration = Duration::from_millis(200);

/// Records calls through `queue`. If too many wait, a call is left out, and the log says so. What a call has written may
/// have left something for `audit`, which is told.
pub(super) fn calls(context: Context, queue: Sender<Entry>, audit: AuditCopier) -> OnAnswered {
    Arc::new(move |answered: Answered<'_>| {
        if !answered.method.is_safe() {
            audit.wake();
        }
        let id = if answered.in_batch { context.new_uuid() } else { answered.caller.origin.request_id };
        let call = GraphCall {
            caller: answered.caller,
            id,
            at: context.now(),
            duration: answered.duration,
            method: answered.method.as_str(),
            uri: answered.uri,
            version: answered.version,
            status: answered.status.as_u16(),
            size: answered.size,
            token: &token(answered.headers),
        };
        if queue.try_send(call.to_entry(&context)).is_err() {
            tracing::warn!("a call of the directory API is not recorded: too many wait for the disk");
        }
    })
}

/// What a token says of itself. It was verified before the caller was known.
fn token(headers: &axum::http::HeaderMap) -> CallToken {
    let sent = headers.get(axum::http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let payload = sent.and_then(|text| text.split('.').nth(1)).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, HeaderValue, header};

    #[test]
    fn what_is_no_token_says_nothing_and_stops_nothing() {
        for text in ["", "Bearer x", "Bearer a.!.c", "Bearer a.e30.c"] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(text).unwrap())]);
            assert_eq!(token(&headers), CallToken::default(), "{text}");
        }
    }

    #[test]
    fn a_token_is_named_as_its_sign_in_is() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"uti":"u1","iat":7,"azpacr":"2","sub":"x"}"#);
        let value = HeaderValue::from_str(&format!("Bearer h.{payload}.s")).unwrap();
        let token = token(&HeaderMap::from_iter([(header::AUTHORIZATION, value)]));
        assert_eq!((token.uti.as_str(), token.iat, token.azpacr.as_deref()), ("u1", 7, Some("2")));
    }
}
