//! In which dialect a path answers when its handler does not: OAuth's at the token endpoint and its kin, else the
//! directory API's.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use signet_kernel::{Failure, Fault, Origin, Timestamp};
use signet_oauth::{ErrorContext, TokenError};
use signet_tokens::PublicUrl;
use signet_web::dialect::{self, Wording};
use signet_web::no_store;
use std::sync::Arc;

/// The wording of every path of the public listener.
pub(super) fn by_path(public_url: &PublicUrl) -> Arc<Wording> {
    let docs_url = format!("{}/docs/errors", public_url.as_str());
    Arc::new(move |path: &str, failure: &Failure, origin: &Origin, now: Timestamp| match path.contains("/oauth2/") {
        true => oauth(failure, origin, now, &docs_url),
        false => dialect::graph(failure, origin, now),
    })
}

fn oauth(failure: &Failure, origin: &Origin, now: Timestamp, docs_url: &str) -> Response<Body> {
    dialect::log(failure, origin.request_id);
    let error = match failure.fault {
        Fault::Temporary => TokenError::TemporarilyUnavailable,
        _ => TokenError::ServerError,
    };
    let context = ErrorContext { trace_id: origin.request_id, correlation_id: origin.correlation_id, now, docs_url };
    let mut response = Response::new(Body::from(serde_json::to_vec(&error.body(&context)).unwrap_or_default()));
    *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    no_store(headers);
    dialect::set_retry_after(headers, failure);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use uuid::Uuid;

    async fn answer(path: &str, failure: &Failure) -> (u16, Value) {
        let wording = by_path(&PublicUrl::new("https://id.example"));
        let origin = Origin::internal(Uuid::from_u128(7));
        let response = wording(path, failure, &origin, Timestamp::from_seconds(0));
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_handler_that_broke_is_answered_in_the_words_of_its_path() {
        let broken = Failure::bug("the handler panicked: secret detail");
        let (status, token) = answer("/t/oauth2/v2.0/token", &broken).await;
        assert_eq!((status, token["error"].as_str()), (500, Some("server_error")));
        assert_eq!(token["error_uri"].as_str(), Some("https://id.example/docs/errors/AADSTS90036"));
        assert_eq!(token["trace_id"].as_str(), Some(Uuid::from_u128(7).to_string().as_str()));
        let (status, directory) = answer("/v1.0/users", &broken).await;
        assert_eq!(
            (status, directory["error"]["innerError"]["request-id"].as_str()),
            (500, token["trace_id"].as_str())
        );
        assert!(![token, directory].iter().any(|body| body.to_string().contains("secret detail")));
    }

    #[tokio::test]
    async fn a_handler_that_took_too_long_is_503_in_oauth_too() {
        let (status, token) = answer("/t/oauth2/v2.0/introspect", &Failure::busy("slow")).await;
        assert_eq!((status, token["error"].as_str()), (503, Some("temporarily_unavailable")));
    }
}
