//! Answers.

use crate::entity::JsonMap;
use crate::precondition::etag;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

const JSON: HeaderValue = HeaderValue::from_static("application/json;odata.metadata=minimal;charset=utf-8");
static ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");
static PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// 204.
pub(crate) fn nothing() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// 304: the client has this version.
pub(crate) fn not_modified(version: u64) -> Response<Body> {
    let mut response = nothing();
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    // SPEC: RFC 9110 15.4.5: what a 200 would have said of the version.
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::try_from(etag(version)) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An object, with its context in front and its entity tag, if it has one, in the header too.
pub(crate) fn object(status: StatusCode, context: String, object: JsonMap) -> Response<Body> {
    let etag = object.get("@odata.etag").and_then(Value::as_str).and_then(|text| HeaderValue::try_from(text).ok());
    let mut body = JsonMap::new();
    body.insert("@odata.context".to_owned(), context.into());
    body.extend(object);
    let mut response = json(status, body);
    if let Some(etag) = etag {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

/// 201 with where the new object is.
pub(crate) fn created(location: &str, context: String, new: JsonMap) -> Response<Body> {
    let mut response = object(StatusCode::CREATED, context, new);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// 200 with the changed object, as the client preferred.
pub(crate) fn representation(context: String, changed: JsonMap) -> Response<Body> {
    let mut response = object(StatusCode::OK, context, changed);
    // SPEC: RFC 7240 3
    response.headers_mut().insert(&PREFERENCE_APPLIED, HeaderValue::from_static("return=representation"));
    response
}

/// A page of a list, with the number of all if it is known.
pub(crate) fn list(
    context: String,
    count: Option<usize>,
    items: Vec<JsonMap>,
    next_link: Option<String>,
) -> Response<Body> {
    let mut body = JsonMap::new();
    body.insert("@odata.context".to_owned(), context.into());
    if let Some(count) = count {
        body.insert("@odata.count".to_owned(), count.into());
    }
    if let Some(next_link) = next_link {
        body.insert("@odata.nextLink".to_owned(), next_link.into());
    }
    body.insert("value".to_owned(), items.into_iter().map(Value::Object).collect());
    json(StatusCode::OK, body)
}

/// A page of changes, with the link to more, or to what will have changed.
pub(crate) fn delta(context: String, items: Vec<JsonMap>, more: bool, link: String) -> Response<Body> {
    let mut body = JsonMap::from_iter([("@odata.context".to_owned(), context.into())]);
    body.insert(if more { "@odata.nextLink" } else { "@odata.deltaLink" }.to_owned(), link.into());
    body.insert("value".to_owned(), items.into_iter().map(Value::Object).collect());
    json(StatusCode::OK, body)
}

/// `$count`: a number as text.
pub(crate) fn number(count: usize) -> Response<Body> {
    let mut response = Response::new(Body::from(count.to_string()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(&ODATA_VERSION, HeaderValue::from_static("4.0"));
    response
}

/// 200 with an answer that is no object of the directory.
pub(crate) fn plain(body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// JSON that nobody keeps: what a caller may see can end with its next request.
fn json(status: StatusCode, body: JsonMap) -> Response<Body> {
    let mut response = Response::new(Body::from(Value::Object(body).to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(&ODATA_VERSION, HeaderValue::from_static("4.0"));
    response
}
