//! How each protocol words a failure. Every status in Signet is chosen here or in the OAuth error table, which
//! starts from [`status_of`].

mod challenge;
mod graph;

pub use challenge::BearerChallenge;
pub use graph::graph;

use crate::arrival::Arrival;
use crate::body;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use signet_kernel::{Failure, Fault, Origin, Timestamp};
use std::time::Duration;

/// How a failure that no handler has answered is worded at a path. It also logs what the outside is not told.
pub type Wording = dyn Fn(&str, &Failure, &Origin, Timestamp) -> Response + Send + Sync;

/// The status of a fault.
pub const fn status_of(fault: Fault) -> StatusCode {
    match fault {
        Fault::Input => StatusCode::BAD_REQUEST,
        Fault::Unauthenticated => StatusCode::UNAUTHORIZED,
        Fault::Rights => StatusCode::FORBIDDEN,
        Fault::NotFound => StatusCode::NOT_FOUND,
        Fault::Method => StatusCode::METHOD_NOT_ALLOWED,
        Fault::Conflict => StatusCode::CONFLICT,
        Fault::Precondition => StatusCode::PRECONDITION_FAILED,
        Fault::Gone => StatusCode::GONE,
        Fault::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Fault::Throttled => StatusCode::TOO_MANY_REQUESTS,
        Fault::Peer => StatusCode::BAD_GATEWAY,
        Fault::Temporary => StatusCode::SERVICE_UNAVAILABLE,
        Fault::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The status of a failure: that of its fault, unless it is one of the two refusals of [`body`] for which HTTP has
/// a status of its own.
pub fn status(failure: &Failure) -> StatusCode {
    match &*failure.code {
        body::UNSUPPORTED_MEDIA_TYPE => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        body::REQUEST_TIMEOUT => StatusCode::REQUEST_TIMEOUT,
        _ => status_of(failure.fault),
    }
}

/// Writes to the log what the outside is not told: every bug, every trouble, and refusals that carry a detail.
pub fn log(failure: &Failure, request_id: uuid::Uuid) {
    match failure.fault {
        Fault::Bug => tracing::error!(%request_id, %failure),
        Fault::Peer | Fault::Temporary => tracing::warn!(%request_id, %failure),
        _ if failure.detail.is_some() => tracing::info!(%request_id, %failure),
        _ => {}
    }
}

/// Sets `Retry-After`, in whole seconds rounded up, if the failure says when.
pub fn set_retry_after(headers: &mut HeaderMap, failure: &Failure) {
    let default = matches!(failure.fault, Fault::Throttled | Fault::Temporary).then_some(Duration::from_secs(1));
    if let Some(wait) = failure.retry_after.or(default) {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
}

/// Sets `Allow`, which RFC 9110 15.5.6 demands of a 405. The router does so for its own routes; what dispatches on
/// the method itself calls this.
pub fn set_allow(headers: &mut HeaderMap, methods: &[Method]) {
    let list = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(",");
    if let Ok(value) = HeaderValue::try_from(list) {
        headers.insert(header::ALLOW, value);
    }
}

/// Answers unknown paths with 404 and unknown methods of known paths with 405, in the directory API's dialect.
pub(crate) fn with_fallbacks(router: Router) -> Router {
    router.method_not_allowed_fallback(unknown_method).fallback(unknown_path)
}

async fn unknown_path(arrival: Arrival, headers: HeaderMap) -> Response {
    let failure =
        Failure::new(Fault::NotFound, "ResourceNotFound", "There is nothing at this path; check its spelling.");
    graph(&failure, &arrival.origin(&headers), arrival.at)
}

async fn unknown_method(arrival: Arrival, headers: HeaderMap) -> Response {
    let failure = Failure::new(
        Fault::Method,
        "Request_BadRequest",
        "This path does not take this method; the Allow header names those it takes.",
    );
    graph(&failure, &arrival.origin(&headers), arrival.at)
}
