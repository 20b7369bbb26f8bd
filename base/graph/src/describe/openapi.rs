//! OpenAPI 3.1: every operation, with the permissions of which one suffices.

mod operation;
mod responses;
mod schemas;

use crate::catalog::Catalog;
use crate::operations::{Operation, operations};
use crate::version::Version;
use operation::described;
use schemas::schemas;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The document of a version.
///
/// WHY: it is written path by path. As one tree of values it would take thirty times the memory of its text.
pub(crate) fn openapi(catalog: &Catalog, version: Version, public_url: &str) -> String {
    let head = json!({
        "openapi": "3.1.0",
        "info": {"title": "Signet directory API", "version": version.prefix().trim_start_matches('/')},
        "servers": [{"url": public_url}],
        "security": [{"bearer": []}],
    });
    let components = json!({
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "responses": responses::refusals(),
        "schemas": schemas(catalog, version),
    });
    let mut text = head.to_string();
    text.truncate(text.len().saturating_sub(1));
    text.push_str(&format!(",\"components\":{components},\"paths\":{{"));
    drop(components);
    let mut paths: BTreeMap<String, Vec<(String, Vec<Operation>)>> = BTreeMap::new();
    for ((path, method), shared) in grouped(catalog, version) {
        paths.entry(path).or_default().push((method, shared));
    }
    for (path, methods) in paths {
        let (path, parameters) = numbered(&format!("{}{path}", version.prefix()));
        let mut item = Map::from_iter([("parameters".to_owned(), Value::Array(parameters))]);
        item.extend(methods.into_iter().map(|(method, shared)| (method, described(catalog, version, &shared))));
        text.push_str(&format!("{}:{},", Value::from(path), Value::Object(item)));
    }
    let batch = Value::from(format!("{}/$batch", version.prefix()));
    text.push_str(&format!("{batch}:{}}}}}", json!({ "post": operation::batch() })));
    text
}

/// The operations of a version by path and method: types can share both.
fn grouped(catalog: &Catalog, version: Version) -> BTreeMap<(String, String), Vec<Operation>> {
    let mut groups: BTreeMap<(String, String), Vec<Operation>> = BTreeMap::new();
    let beta = version == Version::Beta;
    let shown = operations(catalog).into_iter().filter(|one| if beta { !one.released_only } else { !one.beta_only });
    for operation in shown {
        let method = operation.method.as_str().to_ascii_lowercase();
        groups.entry((operation.path.clone(), method)).or_default().push(operation);
    }
    groups
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
        let schema = json!({"type": "string", "minLength": 1});
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
    }
    (text, parameters)
}

fn schema_name(name: &str) -> String {
    format!("microsoft.graph.{name}")
}

/// What bodies hold of a type: what a client may write.
fn input_name(name: &str) -> String {
    format!("microsoft.graph.{name}.input")
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}
