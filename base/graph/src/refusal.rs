//! A request that is not done: the failure, and what HTTP wants said beside it.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use signet_kernel::{Failure, Origin, Timestamp};
use signet_web::dialect;

/// A failure on its way to the client.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) failure: Failure,
    /// For a 405: the methods that the path takes.
    pub(crate) allow: Vec<Method>,
    /// For a 401: how to come back.
    pub(crate) www_authenticate: Option<String>,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, allow: Vec::new(), www_authenticate: None }
    }
}

impl Refusal {
    pub(crate) fn answer(&self, origin: &Origin, now: Timestamp) -> Response<Body> {
        let mut response = dialect::graph(&self.failure, origin, now);
        let status = response.status();
        let headers = response.headers_mut();
        if status == StatusCode::METHOD_NOT_ALLOWED {
            dialect::set_allow(headers, &self.allow);
        }
        let challenge = self.www_authenticate.as_deref().and_then(|text| HeaderValue::try_from(text).ok());
        if let (StatusCode::UNAUTHORIZED, Some(challenge)) = (status, challenge) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
