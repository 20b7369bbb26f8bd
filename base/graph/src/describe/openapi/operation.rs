//! One operation: its parameters and its body.

use super::responses::responses;
use super::schemas::value;
use super::{input_name, reference, schema_name};
use crate::catalog::{Catalog, DirectoryType};
use crate::entity::Contained;
use crate::operations::{Operation, OperationKind};
use crate::signature::{Answer, Signature};
use crate::version::Version;
use axum::http::Method;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// An operation; several, of types that share a path.
pub(super) fn described(catalog: &Catalog, version: Version, shared: &[Operation]) -> Value {
    let Some(operation) = shared.first() else { return Value::Null };
    let mut permissions: Vec<&str> = shared.iter().flat_map(|one| one.permissions.iter().copied()).collect();
    permissions.sort_unstable();
    permissions.dedup();
    let previewed = preview(catalog, version, operation);
    let mut described = json!({
        "operationId": operation_id(operation),
        "tags": [operation.entity],
        "x-permissions": permissions,
        "responses": responses(shared, previewed.as_ref().map(|name| reference(name))),
    });
    let preview = previewed.map(|_| {
        let schema = json!({"type": "boolean"});
        json!({"name": "preview", "in": "query", "required": false, "schema": schema})
    });
    let parameters = options(catalog, operation).into_iter().chain(preview).chain(headers(operation));
    let parameters: Vec<Value> = parameters.collect();
    if let Some(members) = described.as_object_mut() {
        if !parameters.is_empty() {
            members.insert("parameters".to_owned(), parameters.into());
        }
        if let Some(body) = body(&catalog.everything(version).types, operation) {
            members.insert("requestBody".to_owned(), body);
        }
    }
    described
}

/// The schema of what a delete with `preview=true` answers, where a type that the path reaches tells it.
fn preview(catalog: &Catalog, version: Version, operation: &Operation) -> Option<String> {
    let types = catalog.everything(version).types;
    let reached = types.iter().filter(|one| operation.kind == OperationKind::Delete && one.is_a(operation.subject));
    let mut previews = reached.flat_map(|one| &one.actions).filter(|action| action.previews_delete());
    let in_deleted_items = operation.path.starts_with("/directory/deletedItems");
    match previews.next().filter(|_| !in_deleted_items)?.signature()?.answers {
        Answer::Complex(known) => Some(schema_name(known.name)),
        _ => None,
    }
}

fn operation_id(operation: &Operation) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!(
        "{}{}",
        operation.method.as_str().to_ascii_lowercase(),
        operation.path.chars().map(plain).collect::<String>()
    )
}

/// The query options that an operation obeys.
fn options(catalog: &Catalog, operation: &Operation) -> Vec<Value> {
    let known = catalog.types().iter().find(|one| one.declaration.name == operation.entity);
    let outside = known.is_some_and(|one| one.declaration.kind.is_none() && is_log(one, catalog));
    let contained = known.is_some_and(|one| one.contained.iter().any(|held| held.type_name() == operation.subject));
    let names: &[&str] = match operation.kind {
        OperationKind::List if outside => &["$select", "$filter", "$top", "$skiptoken"],
        OperationKind::List if contained => {
            &["$select", "$filter", "$orderby", "$search", "$count", "$top", "$skip", "$skiptoken"]
        }
        OperationKind::List => {
            &["$select", "$expand", "$filter", "$orderby", "$search", "$count", "$top", "$skip", "$skiptoken"]
        }
        OperationKind::Count => &["$filter", "$search"],
        OperationKind::Delta => &["$select", "$filter", "$top", "$skiptoken", "$deltatoken"],
        OperationKind::ListReferences => &["$count", "$top", "$skiptoken"],
        OperationKind::Read if outside || contained => &["$select"],
        OperationKind::Read => &["$select", "$expand"],
        OperationKind::Call if operation.entity == crate::operations::ANY => &["$select"],
        _ => &[],
    };
    names.iter().map(|name| json!({"name": name, "in": "query", "required": false, "schema": option(name)})).collect()
}

/// Whether no object of the type or of one that derives from it is stored.
fn is_log(one: &DirectoryType, catalog: &Catalog) -> bool {
    let stored = |known: &&Arc<DirectoryType>| known.declaration.kind.is_some();
    !catalog.types().iter().filter(stored).any(|known| known.is_a(one.declaration.name))
}

fn option(name: &str) -> Value {
    match name {
        "$count" => json!({"type": "boolean"}),
        "$top" => json!({"type": "integer", "minimum": 1, "maximum": 999}),
        "$skip" => json!({"type": "integer", "minimum": 0}),
        _ => json!({"type": "string"}),
    }
}

/// The headers that an operation obeys.
fn headers(operation: &Operation) -> Vec<Value> {
    let names: &[&str] = match operation.kind {
        OperationKind::Read => &["If-None-Match"],
        OperationKind::Update => &["If-Match", "If-None-Match", "Prefer"],
        OperationKind::Delete | OperationKind::Link | OperationKind::Unlink | OperationKind::Restore => &["If-Match"],
        OperationKind::Call if operation.method == Method::POST => &["If-Match"],
        _ => &[],
    };
    let header = |name: &&str| json!({"name": name, "in": "header", "required": false, "schema": {"type": "string"}});
    names.iter().map(header).collect()
}

fn body(types: &[Arc<DirectoryType>], operation: &Operation) -> Option<Value> {
    let (required, schema) = match operation.kind {
        OperationKind::Create | OperationKind::Update => (true, written(types, operation)),
        OperationKind::Link => (true, link()),
        OperationKind::Call if operation.method == Method::POST => {
            let taken = operation.signature.map_or_else(|| json!({"type": "object"}), |signature| taken(&signature));
            (taken.get("required").is_some(), taken)
        }
        _ => return None,
    };
    Some(json!({"required": required, "content": {"application/json": {"schema": schema}}}))
}

/// What a create or an update of a set's objects takes: any type that the path reaches.
fn written(types: &[Arc<DirectoryType>], operation: &Operation) -> Value {
    let creates = operation.kind == OperationKind::Create;
    let takes = |one: &&Arc<DirectoryType>| {
        let access = one.declaration.access;
        one.is_a(operation.subject) && !if creates { access.create } else { access.update }.is_empty()
    };
    let input = |name: &str, required: &[&str]| {
        let schema = reference(&input_name(name));
        let without = !creates || required.is_empty();
        if without { schema } else { json!({"allOf": [schema, {"type": "object", "required": required}]}) }
    };
    let several: Vec<Value> =
        types.iter().filter(takes).map(|one| input(one.declaration.name, one.entity.required())).collect();
    match several.len() {
        0 => input(operation.subject, hung(types, operation).map_or(&[][..], |contained| contained.required())),
        1 => several.into_iter().next().unwrap_or_default(),
        _ => json!({ "anyOf": several }),
    }
}

/// The collection that hangs off an object and that an operation is about.
fn hung<'t>(types: &'t [Arc<DirectoryType>], operation: &Operation) -> Option<&'t dyn Contained> {
    let owner = types.iter().find(|one| one.declaration.name == operation.entity)?;
    let mut contained = owner.contained.iter().map(Box::as_ref);
    contained.find(|contained| contained.type_name() == operation.subject)
}

fn link() -> Value {
    json!({
        "type": "object",
        "properties": {"@odata.id": {"type": "string"}},
        "patternProperties": {"^@odata\\.": {}},
        "additionalProperties": false,
        "required": ["@odata.id"],
    })
}

/// The body of an action.
fn taken(signature: &Signature) -> Value {
    let members: Map<String, Value> =
        signature.takes.iter().map(|known| (known.name.to_owned(), value(known.kind, !known.required))).collect();
    let required: Vec<&str> = signature.takes.iter().filter(|known| known.required).map(|known| known.name).collect();
    let mut schema = json!({"type": "object", "properties": members});
    if let Some(schema) = schema.as_object_mut().filter(|_| !required.is_empty()) {
        schema.insert("required".to_owned(), json!(required));
    }
    schema
}

/// Many requests in one.
pub(super) fn batch() -> Value {
    let text = || json!({"type": "string"});
    let headers = || json!({"type": "object", "additionalProperties": text()});
    let request = json!({
        "type": "object",
        "required": ["id", "method", "url"],
        "properties": {
            "id": text(), "url": text(), "headers": headers(), "body": {},
            "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
            "dependsOn": {"type": "array", "items": text()},
        },
    });
    let requests = json!({"type": "array", "items": request, "minItems": 1, "maxItems": 20});
    let body = json!({"type": "object", "required": ["requests"], "properties": {"requests": requests}});
    json!({
        "operationId": "postBatch",
        "tags": ["batch"],
        "requestBody": {"required": true, "content": {"application/json": {"schema": body}}},
        "responses": super::responses::of_batch(&json!({
            "type": "object",
            "required": ["responses"],
            "properties": {"responses": {"type": "array", "items": {
                "type": "object",
                "required": ["id", "status"],
                "properties": {"id": text(), "status": {"type": "integer"}, "headers": headers(), "body": {}},
            }}},
        })),
    })
}

/// The objects that an operation answers.
pub(super) fn answered(shared: &[Operation]) -> Value {
    let mut subjects: Vec<&str> = shared.iter().map(|one| one.subject).collect();
    subjects.dedup();
    let subject = if let [subject] = subjects.as_slice() { subject } else { crate::operations::ANY };
    reference(&schema_name(subject))
}
