//! `$batch`: up to 20 requests in one, each answered as if it had come alone, by the same caller.

use crate::body_check::bad;
use crate::entity::JsonMap;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use futures_util::future::join_all;
use serde_json::{Value, json};
use signet_kernel::{Failure, Fault};
use signet_web::body;
use std::collections::{BTreeMap, BTreeSet};

const MOST: usize = 20;
/// The longest answer to one of the requests.
const LONGEST_ANSWER: usize = 16 << 20;

/// One of the requests.
#[derive(Debug)]
struct Item {
    id: String,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Value>,
    depends_on: Vec<String>,
}

/// What its answer was.
struct Answered {
    status: StatusCode,
    json: Value,
}

/// The version of the API that the batch came to, which its requests are for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Root<'a> {
    /// Where clients find this server.
    pub(crate) public_url: &'a str,
    /// What the version's paths start with.
    pub(crate) prefix: &'a str,
}

impl Root<'_> {
    /// The path and query of `url`, which is relative to the version, or absolute as some SDKs send it. None if it is
    /// for another server or version.
    fn path_and_query(self, url: &str) -> Option<String> {
        let absolute = url.strip_prefix(self.public_url).and_then(|rest| rest.strip_prefix(self.prefix));
        let rest = match (absolute, url.split_once("://")) {
            (Some(rest), _) => rest.strip_prefix('/')?,
            (None, Some((scheme, _))) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => return None,
            (None, _) => url.trim_start_matches('/'),
        };
        Some(format!("{}/{}", self.prefix, rest.replace(' ', "%20")))
    }
}

/// Answers all, those that depend on others after them. `one` answers a request for a path and query under `root`.
pub(crate) async fn answer<F>(
    headers: &HeaderMap,
    body: Body,
    root: Root<'_>,
    one: impl Fn(Request<Body>) -> F,
) -> Result<Value, Failure>
where
    F: Future<Output = Response<Body>>,
{
    let mut waiting = items(body::read_json(headers, body, body::DEFAULT_LIMIT).await?)?;
    let order: Vec<String> = waiting.iter().map(|item| item.id.clone()).collect();
    let mut done: BTreeMap<String, Answered> = BTreeMap::new();
    while !waiting.is_empty() {
        let (ready, rest): (Vec<Item>, Vec<Item>) =
            waiting.into_iter().partition(|item| item.depends_on.iter().all(|id| done.contains_key(id)));
        if ready.is_empty() {
            return Err(Failure::bug("a batch with a circle was begun"));
        }
        let failed = |item: &Item| item.depends_on.iter().any(|id| done.get(id).is_none_or(Answered::failed));
        let answers = ready.into_iter().map(|item| {
            let failed = failed(&item);
            answered(item, failed, root, &one)
        });
        let answers = join_all(answers).await;
        done.extend(answers);
        waiting = rest;
    }
    let responses: Vec<Value> = order.iter().filter_map(|id| done.remove(id)).map(|answered| answered.json).collect();
    Ok(json!({ "responses": responses }))
}

impl Answered {
    fn failed(&self) -> bool {
        self.status.is_client_error() || self.status.is_server_error()
    }
}

async fn answered<F>(
    item: Item,
    failed_dependency: bool,
    root: Root<'_>,
    one: impl Fn(Request<Body>) -> F,
) -> (String, Answered)
where
    F: Future<Output = Response<Body>>,
{
    let id = item.id.clone();
    let answered = if failed_dependency {
        refused(&id, StatusCode::FAILED_DEPENDENCY, "FailedDependency", "A request that this one depends on failed.")
    } else {
        match request(item, root) {
            Some(request) => described(&id, one(request).await).await,
            None => {
                let message =
                    "The request's method, url or headers cannot be read; the url is relative to the version.";
                refused(&id, StatusCode::BAD_REQUEST, "Request_BadRequest", message)
            }
        }
    };
    (id, answered)
}

fn refused(id: &str, status: StatusCode, code: &str, message: &str) -> Answered {
    let headers = json!({"Content-Type": "application/json"});
    let body = json!({"error": {"code": code, "message": message}});
    Answered { status, json: json!({"id": id, "status": status.as_u16(), "headers": headers, "body": body}) }
}

async fn described(id: &str, response: Response<Body>) -> Answered {
    let (parts, body) = response.into_parts();
    let mut json =
        JsonMap::from_iter([("id".to_owned(), id.into()), ("status".to_owned(), parts.status.as_u16().into())]);
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), Value::from(text(value))));
    json.insert("headers".to_owned(), Value::Object(headers.collect()));
    // INVARIANT: answers are made in memory, so reading one fails only if it is too long.
    let Ok(bytes) = to_bytes(body, LONGEST_ANSWER).await else {
        let message = "The answer is too long for a batch; make this request alone.";
        return refused(id, StatusCode::PAYLOAD_TOO_LARGE, "Request_EntityTooLarge", message);
    };
    if !bytes.is_empty() {
        let plain = || Value::from(String::from_utf8_lossy(&bytes));
        json.insert("body".to_owned(), serde_json::from_slice(&bytes).unwrap_or_else(|_| plain()));
    }
    Answered { status: parts.status, json: Value::Object(json) }
}

fn request(item: Item, root: Root<'_>) -> Option<Request<Body>> {
    let uri = root.path_and_query(&item.url)?;
    let method = Method::from_bytes(item.method.to_ascii_uppercase().as_bytes()).ok()?;
    let mut builder = Request::builder().method(method).uri(uri);
    for (name, value) in &item.headers {
        builder = builder.header(name, value);
    }
    let typed = builder.headers_ref()?.contains_key(header::CONTENT_TYPE);
    if item.body.is_some() && !typed {
        builder = builder.header(header::CONTENT_TYPE, "application/json");
    }
    builder.body(item.body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).ok()
}

fn items(body: Value) -> Result<Vec<Item>, Failure> {
    let expected = || bad("requests", format!("'requests' is a list of 1 to {MOST} requests."));
    let requests = body.get("requests").and_then(Value::as_array).ok_or_else(expected)?;
    if requests.is_empty() || requests.len() > MOST {
        return Err(expected());
    }
    let mut items: Vec<Item> = Vec::with_capacity(requests.len());
    for request in requests {
        let item = item(request)?;
        if items.iter().any(|known| known.id == item.id) {
            return Err(bad("id", format!("Two requests have the id '{}'; each has its own.", item.id)));
        }
        items.push(item);
    }
    let known: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let missing = items.iter().flat_map(|item| &item.depends_on).find(|id| !known.contains(&id.as_str()));
    if let Some(id) = missing {
        return Err(bad("dependsOn", format!("There is no request '{id}' to depend on.")));
    }
    refuse_circles(&items)?;
    Ok(items)
}

/// Refuses requests that wait for each other, before any is begun.
fn refuse_circles(items: &[Item]) -> Result<(), Failure> {
    let (mut done, mut last) = (BTreeSet::<&str>::new(), None);
    while last != Some(done.len()) {
        last = Some(done.len());
        let ready = items.iter().filter(|item| item.depends_on.iter().all(|id| done.contains(id.as_str())));
        let ready: Vec<&str> = ready.map(|item| item.id.as_str()).collect();
        done.extend(ready);
    }
    match items.iter().find(|item| !done.contains(item.id.as_str())) {
        Some(item) => Err(bad("dependsOn", format!("The request '{}' waits for itself, through others.", item.id))),
        None => Ok(()),
    }
}

fn item(request: &Value) -> Result<Item, Failure> {
    let text = |name: &str| {
        let value = request.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        value.map(str::to_owned).ok_or_else(|| bad(name, format!("Each request has a text '{name}'.")))
    };
    let headers = match request.get("headers") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(members)) => members
            .iter()
            .map(|(name, value)| value.as_str().map(|value| (name.clone(), value.to_owned())))
            .collect::<Option<_>>()
            .ok_or_else(|| bad("headers", "Headers are texts."))?,
        Some(_) => return Err(bad("headers", "'headers' is an object.")),
    };
    // The Graph SDK for Python writes `depends_on`.
    let depends_on = match request.get("dependsOn").or_else(|| request.get("depends_on")) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(ids)) => ids
            .iter()
            .map(|id| id.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| bad("dependsOn", "'dependsOn' is a list of ids."))?,
        Some(_) => return Err(bad("dependsOn", "'dependsOn' is a list of ids.")),
    };
    let body = request.get("body").filter(|body| !body.is_null()).cloned();
    let (id, method, url) = (text("id")?, text("method")?, text("url")?);
    Ok(Item { id, method, url, headers, body, depends_on })
}

/// A batch is posted.
pub(crate) fn only_post() -> Failure {
    Failure::new(Fault::Method, "Request_BadRequest", "A batch is sent by POST.")
}
