//! What operations answer: every status, with what its body and headers hold.

use super::operation::answered;
use super::reference;
use super::schemas::{complex_name, value};
use crate::operations::{Operation, OperationKind};
use crate::signature::Answer;
use axum::http::Method;
use serde_json::{Map, Value, json};

/// What any operation may be refused with.
const ANY: &[u16] = &[400, 401, 403, 404, 405, 408, 413, 429, 500, 503];
/// What a write may be refused with besides: it clashes, or its condition does not hold.
const WRITES: &[u16] = &[409, 412];

/// Each refusal: its status, its name among the components, what it says, and the headers it always carries.
const REFUSALS: &[(u16, &str, &str, &[&str])] = &[
    (400, "badRequest", "The request cannot be understood, or breaks a rule that the body names.", &[]),
    (401, "unauthenticated", "The caller is not known.", &["WWW-Authenticate"]),
    (403, "forbidden", "The caller lacks a permission; the body names those that would do.", &[]),
    (404, "notFound", "There is nothing at this path, for this caller.", &[]),
    (405, "methodNotAllowed", "The path does not take this method.", &["Allow"]),
    (408, "timeout", "The request did not arrive in time.", &[]),
    (409, "conflict", "It clashes with what is there, or with a change at the same time.", &[]),
    (410, "gone", "The token is older than what is kept; start again.", &["Location"]),
    (412, "preconditionFailed", "The object is not at the version that a condition names.", &[]),
    (413, "tooLarge", "The body is too large.", &[]),
    (415, "unsupportedMediaType", "The body is not JSON.", &[]),
    (429, "throttled", "Too much at once; Retry-After says when to come back.", &["Retry-After"]),
    (500, "failed", "The server failed; the request id finds it in the log.", &[]),
    (503, "unavailable", "Not now; Retry-After says when to come back.", &["Retry-After"]),
];

/// The refusals, as components.
pub(super) fn refusals() -> Value {
    let one = |(_, name, description, headers): &(u16, &str, &str, &[&str])| {
        let mut refusal = json!({"description": description, "content": json_of(&reference("error"))});
        if let Some(members) = refusal.as_object_mut().filter(|_| !headers.is_empty()) {
            members.insert("headers".to_owned(), always(headers));
        }
        ((*name).to_owned(), refusal)
    };
    Value::Object(REFUSALS.iter().map(one).collect())
}

fn always(headers: &[&str]) -> Value {
    let header = |name: &&str| ((*name).to_owned(), json!({"required": true, "schema": {"type": "string"}}));
    Value::Object(headers.iter().map(header).collect())
}

fn json_of(schema: &Value) -> Value {
    json!({"application/json": {"schema": schema}})
}

fn done(schema: &Value) -> Value {
    json!({"description": "Done.", "content": json_of(schema)})
}

fn nothing() -> Value {
    json!({"description": "Done; there is nothing to say."})
}

fn with_refusals(mut responses: Value, statuses: impl Iterator<Item = u16>) -> Value {
    for status in statuses {
        let name = REFUSALS.iter().find(|(known, ..)| *known == status).map_or("failed", |(_, name, ..)| name);
        if let Some(responses) = responses.as_object_mut() {
            let refusal = json!({"$ref": format!("#/components/responses/{name}")});
            responses.insert(status.to_string(), refusal);
        }
    }
    responses
}

/// The responses of an operation; of several, where types share a path. A delete can answer a preview.
pub(super) fn responses(shared: &[Operation], preview: Option<Value>) -> Value {
    let Some(operation) = shared.first() else { return Value::Null };
    let writes = operation.method != Method::GET;
    let takes_body = matches!(operation.method, Method::POST | Method::PATCH | Method::PUT);
    // A function on an object obeys conditions too, as every call does.
    let conditions = writes || operation.kind == OperationKind::Call;
    let statuses = ANY.iter().copied();
    let statuses = statuses.chain(WRITES.iter().copied().filter(|_| conditions));
    let statuses =
        statuses.chain(takes_body.then_some(415)).chain((operation.kind == OperationKind::Delta).then_some(410));
    let mut successes = successes(operation, &answered(shared));
    if let Some(members) = successes.as_object_mut() {
        if operation.kind == OperationKind::Read {
            members.insert("304".to_owned(), json!({"description": "It is at the version that If-None-Match names."}));
        }
        if let Some(preview) = preview {
            members.insert("200".to_owned(), done(&preview));
        }
    }
    with_refusals(successes, statuses)
}

/// The responses of a batch, which answers this.
pub(super) fn of_batch(schema: &Value) -> Value {
    with_refusals(json!({ "200": done(schema) }), ANY.iter().copied().chain([415]))
}

fn list(items: &Value) -> Value {
    json!({"type": "object", "required": ["value"], "properties": {
        "@odata.context": {"type": "string"}, "@odata.nextLink": {"type": "string"},
        "@odata.count": {"type": "integer"}, "value": {"type": "array", "items": items},
    }})
}

fn changes(items: &Value) -> Value {
    let removed = json!({"type": "object", "required": ["id", "@removed"], "properties": {
        "id": {"type": "string"},
        "@removed": {"type": "object", "properties": {"reason": {"enum": ["changed", "deleted"]}}},
    }});
    let mut changes = list(&json!({ "anyOf": [items, removed] }));
    if let Some(members) = changes.get_mut("properties").and_then(Value::as_object_mut) {
        members.insert("@odata.deltaLink".to_owned(), json!({"type": "string"}));
    }
    changes
}

fn successes(operation: &Operation, object: &Value) -> Value {
    let link = || json!({"type": "object", "required": ["@odata.id"], "properties": {"@odata.id": {"type": "string"}}});
    match operation.kind {
        OperationKind::List => json!({ "200": done(&list(object)) }),
        OperationKind::Delta => json!({ "200": done(&changes(object)) }),
        OperationKind::ListReferences => json!({ "200": done(&list(&link())) }),
        OperationKind::Count => {
            json!({ "200": {"description": "Done.", "content": {"text/plain": {"schema": {"type": "integer"}}}} })
        }
        OperationKind::Create => json!({ "201": created(object) }),
        OperationKind::Read | OperationKind::Restore => json!({ "200": done(object) }),
        OperationKind::Update if operation.path.contains('=') => {
            json!({ "200": done(object), "201": created(object), "204": nothing() })
        }
        OperationKind::Update => json!({ "200": done(object), "204": nothing() }),
        OperationKind::ReadReference => json!({ "200": done(&link()) }),
        OperationKind::Call => called(operation),
        OperationKind::Delete | OperationKind::Link | OperationKind::Unlink => json!({ "204": nothing() }),
    }
}

fn created(object: &Value) -> Value {
    json!({"description": "Created; Location says where.", "headers": always(&["Location"]), "content": json_of(object)})
}

fn called(operation: &Operation) -> Value {
    let answered = |schema: &Value| json!({ "200": done(schema) });
    match operation.signature.map(|signature| signature.answers) {
        Some(Answer::Nothing) => json!({ "204": nothing() }),
        Some(Answer::Complex(known)) => answered(&reference(&complex_name(known.name))),
        Some(Answer::Collection(kind)) => {
            let members = Map::from_iter([("value".to_owned(), value(kind, false))]);
            answered(&json!({"type": "object", "required": ["value"], "properties": members}))
        }
        None => json!({ "200": done(&json!({"type": "object"})), "204": nothing() }),
    }
}
