//! A call of the directory API: API Activity (6003).

use super::{APPLICATION, Class, INFORMATIONAL, Made, OTHER, sparse, user};
use crate::event::Event;
use serde_json::{Value, json};

const CLASS: Class = Class { uid: 6003, name: "API Activity", category: APPLICATION };

const MAPPED: &[&str] = &[
    "ApiVersion",
    "AppId",
    "IPAddress",
    "RequestId",
    "RequestMethod",
    "RequestUri",
    "ResponseStatusCode",
    "ServicePrincipalId",
    "UserAgent",
    "UserId",
];

pub(super) fn value(event: &Event) -> Value {
    let method = event.text("RequestMethod").unwrap_or("GET");
    let activity = match method {
        "POST" => (1, "Create"),
        "GET" | "HEAD" => (2, "Read"),
        "PATCH" | "PUT" => (3, "Update"),
        "DELETE" => (4, "Delete"),
        other => (OTHER, other),
    };
    let status = event.column("ResponseStatusCode").as_u64();
    let code = status.map(|status| status.to_string());
    Made::new(event, CLASS, activity, INFORMATIONAL)
        .outcome(status.is_none_or(|status| status < 400), code.as_deref(), None)
        .with("actor", actor(event))
        .with("api", api(event, method, status))
        .with("src_endpoint", source(event))
        .with("http_request", request(event, method))
        .with("http_response", sparse([("code", status.into())]))
        .done(MAPPED)
}

fn actor(event: &Event) -> Value {
    let is_person = event.text("UserId").is_some();
    let id = event.text("UserId").or(event.text("ServicePrincipalId"));
    let found = sparse([("user", user(id, None, is_person)), ("app_uid", event.text("AppId").into())]);
    if found.is_null() { json!({"app_name": "unknown"}) } else { found }
}

fn api(event: &Event, method: &str, status: Option<u64>) -> Value {
    let uri = event.text("RequestUri").unwrap_or_default();
    let path = uri.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or(uri, |(_, path)| path);
    let path = path.split('?').next().unwrap_or_default().trim_start_matches('/');
    sparse([
        ("operation", format!("{method} /{path}").into()),
        ("version", event.text("ApiVersion").into()),
        ("request", sparse([("uid", event.text("RequestId").into())])),
        ("response", sparse([("code", status.into())])),
    ])
}

fn request(event: &Event, method: &str) -> Value {
    sparse([
        ("http_method", method.into()),
        ("user_agent", event.text("UserAgent").into()),
        ("url", sparse([("url_string", event.text("RequestUri").into())])),
        ("uid", event.text("RequestId").into()),
    ])
}

fn source(event: &Event) -> Value {
    match event.text("IPAddress") {
        Some(address) => json!({"ip": address}),
        None => json!({"name": "unknown"}),
    }
}
