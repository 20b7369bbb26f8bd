//! `POST /{tenant}/oauth2/v2.0/introspect`.

use super::token::{read, unreadable};
use super::{authorization, json, refused};
use crate::ops::introspect::introspect as look_up;
use crate::request::{PresentedClient, parse_form, required};
use crate::server::AuthorizationServer;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use signet_oauth::TokenError;
use signet_web::RequestOrigin;

pub(super) async fn introspect(
    State(server): State<AuthorizationServer>,
    Path(tenant): Path<String>,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
    request_body: Body,
) -> Response<Body> {
    let basic = headers.contains_key(header::AUTHORIZATION);
    if server.admits(&origin).is_err() {
        return refused(&server, &TokenError::Throttled, &origin, basic);
    }
    let bytes = match read(&headers, request_body).await {
        Ok(bytes) => bytes,
        Err(failure) => return unreadable(&server, &failure, &origin),
    };
    let asked = parse_form(&bytes).and_then(|form| {
        let client = PresentedClient::read(&form, authorization(&headers)?)?;
        // SPEC: RFC 7662 2.1
        Ok((client, required(&form, "token")?.to_owned()))
    });
    let answer = match asked {
        Ok((client, token)) => {
            look_up(&server, &tenant, &client, &token, &origin).await.map_err(crate::server::ServerError::token_error)
        }
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => json(StatusCode::OK, &answer),
        Err(error) => {
            server.note_refusal(&error, &origin);
            refused(&server, &error, &origin, basic)
        }
    }
}
