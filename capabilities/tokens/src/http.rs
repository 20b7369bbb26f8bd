//! The wire of the authorization server: requests become commands, results become answers. No rules here.

mod discovery;
mod errors;
mod introspection;
mod token;

use crate::server::AuthorizationServer;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::{get, post};
use serde::Serialize;
use signet_kernel::{Origin, Timestamp};
use signet_oauth::{ErrorContext, TokenError};
use signet_web::no_store;

/// The largest body that the endpoints here take.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;

/// The routes of every tenant's authorization server.
pub fn routes(server: AuthorizationServer) -> Router {
    let openid = get(discovery::metadata);
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token::token))
        .route("/{tenant}/oauth2/v2.0/introspect", post(introspection::introspect))
        .route("/{tenant}/oauth2/v2.0/authorize", get(discovery::no_interactive_sign_in))
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys))
        // SPEC: OpenID Connect Discovery 4 appends, RFC 8414 3.1 inserts; clients try all three.
        .route("/{tenant}/v2.0/.well-known/openid-configuration", openid.clone())
        .route("/.well-known/openid-configuration/{tenant}/v2.0", openid.clone())
        .route("/.well-known/oauth-authorization-server/{tenant}/v2.0", openid.clone())
        // An authority with this prefix is what MSAL takes for plain OpenID Connect, with no question to the vendor's
        // cloud first; Microsoft's Agents SDK can be told so in no other way.
        .route("/dstsv2/{tenant}/.well-known/openid-configuration", openid)
        .route("/docs/errors/{code}", get(errors::explain))
        .with_state(server)
}

/// Room for the answer with an ES256 token.
const USUAL_BODY: usize = 1536;

/// A JSON answer that nobody may keep.
fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    let mut text = Vec::with_capacity(USUAL_BODY);
    if serde_json::to_writer(&mut text, body).is_err() {
        text.clear();
    }
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    no_store(response.headers_mut());
    response
}

/// A refusal in the token endpoint's dialect: the one place where it becomes an answer.
fn refused(server: &AuthorizationServer, error: &TokenError, origin: &Origin, basic: bool) -> Response<Body> {
    let docs_url = format!("{}/docs/errors", server.public_url().as_str());
    let context = ErrorContext {
        trace_id: origin.request_id,
        correlation_id: origin.correlation_id,
        now: server.context().now(),
        docs_url: &docs_url,
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, &error.body(&context));
    let headers = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED && basic {
        // SPEC: RFC 6749 5.2: a client that tried the header is told which scheme it may use
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"token\""));
    }
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// The `Authorization` header, if there is exactly one and it is text.
fn authorization(headers: &HeaderMap) -> Result<Option<&str>, TokenError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| TokenError::MalformedRequest),
        (Some(_), Some(_)) => Err(TokenError::DuplicateParameter { name: "Authorization".to_owned() }),
    }
}

/// Whole seconds of a lifetime.
fn seconds(span: std::time::Duration) -> i64 {
    Timestamp::default().plus(span).seconds()
}
