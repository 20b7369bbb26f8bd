//! Metadata and keys.

use super::{json, refused};
use crate::metadata::metadata as document;
use crate::server::{AuthorizationServer, ServerError};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use signet_kernel::TenantId;
use signet_oauth::TokenError;
use signet_signing_keys::JWKS_MAX_AGE;
use signet_tenants::Tenant;
use signet_web::RequestOrigin;

pub(super) async fn metadata(
    State(server): State<AuthorizationServer>,
    Path(tenant): Path<String>,
    RequestOrigin(origin): RequestOrigin,
) -> Response<Body> {
    match find(&server, &tenant).await {
        Ok(tenant) => public(json(StatusCode::OK, &document(server.public_url(), tenant))),
        Err(error) => refused(&server, &error, &origin, false),
    }
}

pub(super) async fn keys(
    State(server): State<AuthorizationServer>,
    Path(tenant): Path<String>,
    RequestOrigin(origin): RequestOrigin,
) -> Response<Body> {
    let keys = match find(&server, &tenant).await {
        Ok(tenant) => published(&server, tenant).await.map_err(ServerError::token_error),
        Err(error) => Err(error),
    };
    match keys {
        Ok(keys) => {
            let mut response = Response::new(Body::from(keys));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            public(response)
        }
        Err(error) => refused(&server, &error, &origin, false),
    }
}

async fn published(server: &AuthorizationServer, tenant: TenantId) -> Result<String, ServerError> {
    Ok(server.keys(tenant).await?.jwks_json(server.context().now())?)
}

/// The authorization endpoint is named in the metadata because clients insist on it; nobody can sign in here yet.
pub(super) async fn no_interactive_sign_in(
    State(server): State<AuthorizationServer>,
    RequestOrigin(origin): RequestOrigin,
) -> Response<Body> {
    let error = TokenError::InvalidParameter {
        name: "response_type".to_owned(),
        reason: "interactive sign-in is not offered; see grant_types_supported in the metadata".to_owned(),
    };
    refused(&server, &error, &origin, false)
}

async fn find(server: &AuthorizationServer, segment: &str) -> Result<TenantId, TokenError> {
    match Tenant::resolve(server.store(), segment).await {
        Ok(Some(tenant)) => Ok(tenant.tenant),
        Ok(None) => Err(TokenError::TenantNotFound { tenant: segment.to_owned() }),
        Err(error) => Err(ServerError::from(error).token_error()),
    }
}

/// What anybody may read and keep for as long as a new key is published before it signs.
fn public(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.remove(header::PRAGMA);
    if let Ok(value) = HeaderValue::try_from(format!("public, max-age={}", JWKS_MAX_AGE.as_secs())) {
        headers.insert(header::CACHE_CONTROL, value);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
