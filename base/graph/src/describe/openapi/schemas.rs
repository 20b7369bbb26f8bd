//! The schemas of types: as they are answered, and as bodies hold them.

use super::{input_name, reference, schema_name};
use crate::catalog::{Catalog, DirectoryType};
use crate::declaration::{Property, PropertyType};
use crate::describe::values::{declared_types, signatures};
use crate::entity::Contained;
use crate::operations::ANY;
use crate::version::Version;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Every schema that a version's document refers to.
pub(super) fn schemas(catalog: &Catalog, version: Version) -> Value {
    let types = catalog.everything(version).types;
    let mut schemas = Map::from_iter([(schema_name(ANY), answered([].iter(), true)), ("error".to_owned(), error())]);
    for one in &types {
        let name = one.declaration.name;
        schemas.insert(schema_name(name), answered(properties_of(one), one.declaration.kind.is_some()));
        schemas.insert(input_name(name), written(properties_of(one), Some(one)));
    }
    for contained in types.iter().flat_map(|one| &one.contained) {
        let name = contained.type_name();
        let known = || contained.properties().iter();
        schemas.entry(schema_name(name)).or_insert_with(|| answered(known(), false));
        schemas.entry(input_name(name)).or_insert_with(|| hung(contained.as_ref()));
    }
    for target in types.iter().flat_map(|one| &one.relations).map(|relation| relation.target()) {
        schemas.entry(schema_name(target)).or_insert_with(|| answered([].iter(), true));
    }
    complex(&mut schemas, &types);
    Value::Object(schemas)
}

fn properties_of(one: &DirectoryType) -> impl Iterator<Item = &'static Property> {
    let incompatible = one.declaration.incompatible;
    one.properties.iter().copied().filter(move |known| !incompatible.contains(&known.name))
}

/// The types of values: those that say what they hold, and the others.
fn complex(schemas: &mut Map<String, Value>, types: &[Arc<DirectoryType>]) {
    let declared = declared_types(types);
    for known in &declared {
        let members: Map<String, Value> =
            known.properties.iter().map(|known| (known.name.to_owned(), property(known))).collect();
        schemas.insert(complex_name(known.name), json!({"type": "object", "properties": members}));
    }
    let of_types = types.iter().flat_map(|one| one.properties.iter().copied());
    let of_contained = types.iter().flat_map(|one| &one.contained).flat_map(|contained| contained.properties());
    let of_values = declared.iter().flat_map(|known| known.properties);
    let kinds = of_types.chain(of_contained).chain(of_values).map(|known| known.kind);
    for kind in kinds.chain(signatures(types).flat_map(|signature| signature.kinds())) {
        if let PropertyType::Complex(name) | PropertyType::Complexes(name) = kind {
            schemas.entry(complex_name(name)).or_insert_with(|| json!({"type": "object"}));
        }
    }
}

/// The name of the schema of a value's type.
pub(super) fn complex_name(name: &str) -> String {
    schema_name(name)
}

/// An object as it is answered.
fn answered<'p>(properties: impl Iterator<Item = &'p Property>, stored: bool) -> Value {
    let mut members = Map::new();
    members.insert("id".to_owned(), json!({"type": "string"}));
    if stored {
        for name in ["createdDateTime", "deletedDateTime"] {
            members.insert(name.to_owned(), json!({"type": ["string", "null"], "format": "date-time"}));
        }
    }
    for known in properties {
        members.insert(known.name.to_owned(), property(known));
    }
    json!({"type": "object", "properties": members})
}

/// An object as a body holds it: what a client may write, and annotations.
fn written<'p>(properties: impl Iterator<Item = &'p Property>, one: Option<&DirectoryType>) -> Value {
    let mut members: Map<String, Value> =
        properties.filter(|known| !known.read_only).map(|known| (known.name.to_owned(), property(known))).collect();
    for relation in one.iter().flat_map(|one| &one.relations).filter(|relation| !relation.read_only()) {
        let reference = json!({"type": "string"});
        let ends = if relation.single() { reference } else { json!({"type": "array", "items": reference}) };
        members.insert(format!("{}@odata.bind", relation.name()), ends);
    }
    json!({
        "type": "object",
        "properties": members,
        "patternProperties": {"^@odata\\.": {}},
        "additionalProperties": false,
    })
}

/// The body of what hangs off an object; anything, where its type does not say what it holds.
fn hung(contained: &dyn Contained) -> Value {
    let known = contained.properties();
    if known.is_empty() { json!({"type": "object"}) } else { written(known.iter(), None) }
}

fn property(known: &Property) -> Value {
    value(known.kind, true)
}

/// A value of a type.
pub(super) fn value(kind: PropertyType, nullable: bool) -> Value {
    let of = |name: &str| if nullable { json!([name, "null"]) } else { json!(name) };
    let or_null = |schema: Value| if nullable { json!({"anyOf": [schema, {"type": "null"}]}) } else { schema };
    match kind {
        PropertyType::String(longest) => json!({"type": of("string"), "maxLength": longest}),
        PropertyType::Boolean => json!({"type": of("boolean")}),
        PropertyType::Int32 => {
            json!({"type": of("integer"), "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX})
        }
        PropertyType::Guid => json!({"type": of("string"), "format": "uuid"}),
        PropertyType::DateTime => json!({"type": of("string"), "format": "date-time"}),
        PropertyType::Binary => json!({"type": of("string"), "contentEncoding": "base64"}),
        PropertyType::Strings => json!({"type": of("array"), "items": {"type": "string"}}),
        PropertyType::Guids => json!({"type": of("array"), "items": {"type": "string", "format": "uuid"}}),
        PropertyType::Complex(name) => or_null(reference(&complex_name(name))),
        PropertyType::Complexes(name) => json!({"type": of("array"), "items": reference(&complex_name(name))}),
    }
}

fn error() -> Value {
    let text = || json!({"type": "string"});
    let inner = json!({"type": "object", "additionalProperties": text()});
    let detail = json!({"type": "object", "required": ["code", "message", "target"], "properties": {
        "code": text(), "message": text(), "target": text(),
    }});
    let error = json!({"type": "object", "required": ["code", "message", "innerError"], "properties": {
        "code": text(), "message": text(), "target": text(), "innerError": inner,
        "details": {"type": "array", "items": detail},
    }});
    json!({"type": "object", "required": ["error"], "properties": {"error": error}})
}
