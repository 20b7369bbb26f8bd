//! The directory API's error envelope.

use super::{log, set_retry_after, status};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use signet_kernel::{Failure, Origin, Timestamp};
use uuid::Uuid;

#[derive(Serialize)]
struct Envelope<'a> {
    error: PublicError<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicError<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<PublicDetail<'a>>,
    inner_error: InnerError,
}

/// What is wrong with one member: the rule and the member that breaks it.
#[derive(Serialize)]
struct PublicDetail<'a> {
    code: &'a str,
    message: &'a str,
    target: &'a str,
}

fn details(failure: &Failure) -> Vec<PublicDetail<'_>> {
    match (&failure.violations, &failure.target) {
        (Some(violations), _) => violations
            .0
            .iter()
            .map(|one| PublicDetail { code: &one.rule, message: &one.message, target: &one.target })
            .collect(),
        (None, Some(target)) => vec![PublicDetail { code: &failure.code, message: &failure.message, target }],
        (None, None) => Vec::new(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct InnerError {
    date: Timestamp,
    request_id: Uuid,
    client_request_id: Uuid,
}

/// The answer of the directory API (entra.md 2.5) to a failure; logs what the outside is not told.
pub fn graph(failure: &Failure, origin: &Origin, now: Timestamp) -> Response {
    log(failure, origin.request_id);
    let envelope = Envelope {
        error: PublicError {
            code: &failure.code,
            message: &failure.message,
            target: failure.target.as_deref(),
            details: details(failure),
            inner_error: InnerError {
                date: Timestamp::from_seconds(now.seconds()),
                request_id: origin.request_id,
                client_request_id: origin.correlation_id,
            },
        },
    };
    let mut response = Response::new(Body::from(serde_json::to_vec(&envelope).unwrap_or_default()));
    *response.status_mut() = status(failure);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    set_retry_after(headers, failure);
    if response.status() == StatusCode::UNAUTHORIZED {
        // SPEC: RFC 9110 15.5.2
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"\""));
    }
    response
}
