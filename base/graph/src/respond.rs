//! Answers.

use crate::entity::JsonMap;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;
use signet_store::Row;

/// 204.
pub(crate) fn nothing() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// JSON that nobody keeps.
pub(crate) fn json(status: StatusCode, body: JsonMap) -> Response<Body> {
    let bytes = serde_json::to_vec(&Value::Object(body)).unwrap_or_default();
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
        ),
    );
    headers.insert("odata-version", HeaderValue::from_static("4.0"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Adds the strong ETag of a stored object.
pub(crate) fn with_etag(mut response: Response<Body>, row: &Row) -> Response<Body> {
    if let Ok(value) = HeaderValue::try_from(format!("\"{}\"", row.version)) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

/// An object with its context in front.
pub(crate) fn with_context(context: String, object: JsonMap) -> JsonMap {
    let mut all = JsonMap::new();
    all.insert("@odata.context".to_owned(), context.into());
    all.extend(object);
    all
}
