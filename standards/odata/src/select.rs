//! `$select`: which members of an object are answered.

use serde_json::{Map, Value};

/// The members that these paths name: `displayName`, `status/errorCode`, `microsoft.graph.user/mail`, `*` for all.
/// Annotations stay; what is named and absent is null. No paths name everything.
pub fn project(object: &Map<String, Value>, paths: &[String]) -> Map<String, Value> {
    if paths.is_empty() || paths.iter().any(|path| path == "*") {
        return object.clone();
    }
    let mut kept = Map::new();
    for (name, value) in object.iter().filter(|(name, _)| name.starts_with('@')) {
        kept.insert(name.clone(), value.clone());
    }
    for path in paths {
        let mut names = path.split('/').filter(|name| !name.contains('.'));
        if let Some(first) = names.next() {
            let rest: Vec<&str> = names.collect();
            let value = object.get(first).unwrap_or(&Value::Null);
            merge(kept.entry(first.to_owned()).or_insert(Value::Null), value, &rest);
        }
    }
    kept
}

/// Adds what a path names of a value to what is kept of it.
fn merge(kept: &mut Value, value: &Value, rest: &[&str]) {
    match (rest.split_first(), value) {
        (Some((name, rest)), Value::Object(members)) => {
            if !kept.is_object() {
                *kept = Value::Object(Map::new());
            }
            if let Value::Object(kept) = kept {
                let member = members.get(*name).unwrap_or(&Value::Null);
                merge(kept.entry((*name).to_owned()).or_insert(Value::Null), member, rest);
            }
        }
        (Some(_), Value::Array(items)) => {
            let mut parts = kept.as_array().cloned().unwrap_or_default();
            parts.resize(items.len(), Value::Null);
            parts.iter_mut().zip(items).for_each(|(part, item)| merge(part, item, rest));
            *kept = Value::Array(parts);
        }
        _ => *kept = value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_named_is_kept() {
        let object = json!({"@odata.type": "#t", "a": 1, "b": {"c": 2, "d": 3}, "l": [{"x": 1, "y": 2}]});
        let kept = |paths: &[&str]| {
            let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
            Value::Object(project(object.as_object().unwrap(), &paths))
        };
        assert_eq!(kept(&["b/c", "none"]), json!({"@odata.type": "#t", "b": {"c": 2}, "none": null}));
        assert_eq!(kept(&["b/c", "b/d", "l/y"])["b"], object["b"]);
        assert_eq!(kept(&["l/y", "microsoft.graph.user/a"]), json!({"@odata.type": "#t", "l": [{"y": 2}], "a": 1}));
        assert_eq!((kept(&[]), kept(&["*", "a"])), (object.clone(), object.clone()));
    }
}
