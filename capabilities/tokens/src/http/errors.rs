//! `GET /docs/errors/{code}`: what `error_uri` of every refusal points to.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Response, StatusCode, header};
use signet_oauth::TokenError;

pub(super) async fn explain(Path(code): Path<String>) -> Response<Body> {
    let number = code.strip_prefix("AADSTS").and_then(|digits| digits.parse::<u32>().ok());
    let found = TokenError::catalogue().into_iter().find(|error| Some(error.number()) == number);
    let (status, text) = match found {
        Some(error) => (StatusCode::OK, format!("AADSTS{} ({})\n\n{error}\n", error.number(), error.error().code())),
        None => (StatusCode::NOT_FOUND, "No such error. The codes are AADSTS followed by a number.\n".to_owned()),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
