//! `POST /{tenant}/oauth2/v2.0/token`.

use super::{BODY_LIMIT, authorization, json, refused, seconds};
use crate::ops::issue_token::{IssuedToken, issue_token};
use crate::request::TokenRequest;
use crate::server::AuthorizationServer;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode};
use serde::Serialize;
use signet_kernel::{Failure, Fault};
use signet_oauth::TokenError;
use signet_web::{RequestOrigin, body};

/// SPEC: RFC 6749 5.1
#[derive(Serialize)]
struct TokenResponse<'a> {
    token_type: &'static str,
    expires_in: i64,
    ext_expires_in: i64,
    access_token: &'a str,
}

pub(super) async fn token(
    State(server): State<AuthorizationServer>,
    Path(tenant): Path<String>,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
    request_body: Body,
) -> Response<Body> {
    let basic = headers.contains_key(axum::http::header::AUTHORIZATION);
    if let Err(failure) = server.admits(&origin) {
        let error = throttled(&failure);
        server.note_outcome(Err(&error));
        return refused(&server, &error, &origin, basic);
    }
    let request = match read(&headers, request_body).await {
        Ok(bytes) => authorization(&headers).and_then(|authorization| TokenRequest::parse(&bytes, authorization)),
        Err(failure) => return unreadable(&server, &failure, &origin),
    };
    let outcome = issue_token(&server, &tenant, request.as_ref().map_err(Clone::clone), &origin).await;
    server.note_outcome(outcome.as_ref().map(drop));
    match outcome {
        Ok(issued) => json(StatusCode::OK, &answer(&issued)),
        Err(error) => {
            server.note_refusal(&error, &origin);
            refused(&server, &error, &origin, basic)
        }
    }
}

fn answer(issued: &IssuedToken) -> TokenResponse<'_> {
    let expires_in = seconds(issued.lifetime);
    TokenResponse { token_type: "Bearer", expires_in, ext_expires_in: expires_in, access_token: &issued.token }
}

/// Reads a form's bytes.
pub(super) async fn read(headers: &HeaderMap, request_body: Body) -> Result<bytes::Bytes, Failure> {
    body::require_media_type(headers, "application/x-www-form-urlencoded")?;
    body::read(request_body, BODY_LIMIT).await
}

/// A body that could not be read: the status that HTTP has for it, in the endpoint's own words.
pub(super) fn unreadable(
    server: &AuthorizationServer,
    failure: &Failure,
    origin: &signet_kernel::Origin,
) -> Response<Body> {
    let mut response = refused(server, &TokenError::MalformedRequest, origin, false);
    *response.status_mut() = signet_web::dialect::status(failure);
    response
}

fn throttled(failure: &Failure) -> TokenError {
    if failure.fault == Fault::Throttled { TokenError::Throttled } else { TokenError::TemporarilyUnavailable }
}
