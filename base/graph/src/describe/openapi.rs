//! OpenAPI 3.1: every operation, with the permissions of which one suffices.

use crate::catalog::{Catalog, DirectoryType};
use crate::declaration::{Property, PropertyType};
use crate::operations::{Operation, OperationKind, operations};
use crate::version::Version;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The document of a version.
pub(crate) fn openapi(catalog: &Catalog, version: Version, public_url: &str) -> Value {
    let types = catalog.everything(version).types;
    let mut paths: Map<String, Value> = Map::new();
    let shown = operations(catalog).into_iter().filter(|one| version == Version::Beta || !one.beta_only);
    for operation in shown {
        let (path, parameters) = numbered(&operation.path);
        let methods = paths.entry(path).or_insert_with(|| json!({ "parameters": parameters }));
        let method = operation.method.as_str().to_ascii_lowercase();
        if let Some(methods) = methods.as_object_mut() {
            match methods.get_mut(&method) {
                // Two types share the path: either's permissions may do.
                Some(known) => share(known, &operation),
                None => {
                    methods.insert(method, described(&operation));
                }
            }
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Signet directory API", "version": version.prefix().trim_start_matches('/')},
        "servers": [{"url": format!("{public_url}{}", version.prefix())}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas(&types),
        },
    })
}

/// The path with each parameter named once, and the parameters.
fn numbered(path: &str) -> (String, Vec<Value>) {
    let (mut text, mut parameters, mut names) = (String::new(), Vec::new(), Vec::<String>::new());
    for part in path.split_inclusive('}') {
        let Some((before, name)) = part.strip_suffix('}').and_then(|part| part.split_once('{')) else {
            text.push_str(part);
            continue;
        };
        let again = names.iter().filter(|known| *known == name).count();
        names.push(name.to_owned());
        let name = if again == 0 { name.to_owned() } else { format!("{name}{}", again + 1) };
        text.push_str(&format!("{before}{{{name}}}"));
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
    }
    (text, parameters)
}

fn share(known: &mut Value, operation: &Operation) {
    if let Some(list) = known.get_mut("x-permissions").and_then(Value::as_array_mut) {
        for permission in &operation.permissions {
            if !list.iter().any(|held| held == permission) {
                list.push((*permission).into());
            }
        }
    }
}

fn described(operation: &Operation) -> Value {
    let mut described = json!({
        "operationId": operation_id(operation),
        "tags": [operation.entity],
        "x-permissions": operation.permissions,
        "responses": responses(operation),
    });
    let parameters: Vec<Value> = options(operation.kind).iter().map(|(name, schema)| parameter(name, schema)).collect();
    if let Some(members) = described.as_object_mut() {
        if !parameters.is_empty() {
            members.insert("parameters".to_owned(), parameters.into());
        }
        if let Some(schema) = body_of(operation) {
            let required = operation.kind != OperationKind::Call;
            let body = json!({"required": required, "content": {"application/json": {"schema": schema}}});
            members.insert("requestBody".to_owned(), body);
        }
    }
    described
}

fn operation_id(operation: &Operation) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!(
        "{}{}",
        operation.method.as_str().to_ascii_lowercase(),
        operation.path.chars().map(plain).collect::<String>()
    )
}

fn parameter(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "schema": schema})
}

/// The query options that an operation obeys.
fn options(kind: OperationKind) -> Vec<(&'static str, Value)> {
    let text = |name| (name, json!({"type": "string"}));
    let number = |name, least: u32| (name, json!({"type": "integer", "minimum": least, "maximum": 999}));
    let count = ("$count", json!({"type": "boolean"}));
    match kind {
        OperationKind::List => vec![
            text("$select"),
            text("$expand"),
            text("$filter"),
            text("$orderby"),
            text("$search"),
            count,
            number("$top", 1),
            number("$skip", 0),
            text("$skiptoken"),
        ],
        OperationKind::Count => vec![text("$filter"), text("$search")],
        OperationKind::Delta => {
            vec![text("$select"), text("$filter"), number("$top", 1), text("$skiptoken"), text("$deltatoken")]
        }
        OperationKind::ListReferences => vec![count, number("$top", 1), text("$skiptoken")],
        OperationKind::Read => vec![text("$select"), text("$expand")],
        _ => Vec::new(),
    }
}

fn reference_to(subject: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/microsoft.graph.{subject}")})
}

fn body_of(operation: &Operation) -> Option<Value> {
    let link = || json!({"type": "object", "properties": {"@odata.id": {"type": "string"}}, "required": ["@odata.id"]});
    match operation.kind {
        OperationKind::Create | OperationKind::Update => Some(reference_to(operation.subject)),
        OperationKind::Link => Some(link()),
        OperationKind::Call if operation.method == axum::http::Method::POST => Some(json!({"type": "object"})),
        _ => None,
    }
}

fn responses(operation: &Operation) -> Value {
    let list = |schema: Value| {
        json!({"type": "object", "required": ["value"], "properties": {
            "@odata.nextLink": {"type": "string"}, "@odata.deltaLink": {"type": "string"},
            "@odata.count": {"type": "integer"}, "value": {"type": "array", "items": schema},
        }})
    };
    let answered = |schema: Value| json!({"description": "Done.", "content": {"application/json": {"schema": schema}}});
    let nothing = || json!({"description": "Done."});
    let object = || reference_to(operation.subject);
    let any = || json!({"type": "object"});
    let mut responses = match operation.kind {
        OperationKind::List => json!({"200": answered(list(object()))}),
        OperationKind::Delta | OperationKind::ListReferences => json!({"200": answered(list(any()))}),
        OperationKind::Count => {
            let number = json!({"text/plain": {"schema": {"type": "integer"}}});
            json!({"200": {"description": "Done.", "content": number}})
        }
        OperationKind::Create => json!({"201": answered(object())}),
        OperationKind::Read | OperationKind::Restore => json!({"200": answered(object())}),
        OperationKind::Update => json!({"200": answered(object()), "201": answered(object()), "204": nothing()}),
        OperationKind::ReadReference => json!({"200": answered(any())}),
        OperationKind::Call => json!({"200": answered(any()), "204": nothing()}),
        OperationKind::Delete | OperationKind::Link | OperationKind::Unlink => json!({"204": nothing()}),
    };
    let refused = json!({
        "description": "Refused, or failed: the body says why.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
    });
    if let Some(responses) = responses.as_object_mut() {
        responses.insert("default".to_owned(), refused);
    }
    responses
}

fn schemas(types: &[Arc<DirectoryType>]) -> Value {
    let mut schemas = Map::new();
    for one in types {
        let properties = one.properties.iter().filter(|known| !one.declaration.incompatible.contains(&known.name));
        schemas.insert(schema_name(one.declaration.name), schema(properties.copied(), one.declaration.kind.is_some()));
        for contained in &one.contained {
            let schema = || schema(contained.properties().iter(), false);
            schemas.entry(schema_name(contained.type_name())).or_insert_with(schema);
        }
        for relation in &one.relations {
            schemas.entry(schema_name(relation.target())).or_insert_with(|| schema([].iter(), true));
        }
    }
    let text = || json!({"type": "string"});
    let inner = json!({"type": "object", "additionalProperties": text()});
    let detail = json!({"type": "object", "properties": {"code": text(), "message": text(), "target": text()}});
    let error = json!({"type": "object", "required": ["code", "message"], "properties": {
        "code": text(), "message": text(), "target": text(), "innerError": inner,
        "details": {"type": "array", "items": detail},
    }});
    schemas
        .insert("error".to_owned(), json!({"type": "object", "required": ["error"], "properties": {"error": error}}));
    Value::Object(schemas)
}

fn schema_name(name: &str) -> String {
    format!("microsoft.graph.{name}")
}

fn schema<'p>(properties: impl Iterator<Item = &'p Property>, stored: bool) -> Value {
    let mut members = Map::new();
    members.insert("id".to_owned(), json!({"type": "string", "readOnly": true}));
    if stored {
        for name in ["createdDateTime", "deletedDateTime"] {
            members
                .insert(name.to_owned(), json!({"type": ["string", "null"], "format": "date-time", "readOnly": true}));
        }
    }
    for known in properties {
        members.insert(known.name.to_owned(), property(known));
    }
    json!({"type": "object", "properties": members})
}

fn property(known: &Property) -> Value {
    let mut schema = match known.kind {
        PropertyType::String(longest) => json!({"type": ["string", "null"], "maxLength": longest}),
        PropertyType::Boolean => json!({"type": ["boolean", "null"]}),
        PropertyType::Int32 => json!({"type": ["integer", "null"], "format": "int32"}),
        PropertyType::Guid => json!({"type": ["string", "null"], "format": "uuid"}),
        PropertyType::DateTime => json!({"type": ["string", "null"], "format": "date-time"}),
        PropertyType::Binary => json!({"type": ["string", "null"], "contentEncoding": "base64"}),
        PropertyType::Complex(_) => json!({"type": ["object", "null"]}),
        PropertyType::Strings => json!({"type": ["array", "null"], "items": {"type": "string"}}),
        PropertyType::Guids => json!({"type": ["array", "null"], "items": {"type": "string", "format": "uuid"}}),
        PropertyType::Complexes(_) => json!({"type": ["array", "null"], "items": {"type": "object"}}),
    };
    if let Some(schema) = schema.as_object_mut().filter(|_| known.read_only) {
        schema.insert("readOnly".to_owned(), true.into());
    }
    schema
}
