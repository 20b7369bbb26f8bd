use std::{collections::HashSet, sync::Arc};

use super::{Run, at, text};
use crate::{
    Value,
    value::{parse_json, to_text, write_json},
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "parse_json" | "parsejson" | "todynamic" | "toobject" => |args| match at(args, 0) {
            Value::String(text) => parse_json(text),
            other => other.clone(),
        },
        "dynamic_to_json" => |args| {
            let mut out = String::new();
            write_json(&ordered(at(args, 0)), &mut out);
            out.into()
        },
        "bag_pack" | "pack" | "pack_dictionary" => |args| {
            let pair = |pair: &[Value]| Some((Arc::from(pair.first()?.to_text()), pair.get(1)?.clone()));
            Value::bag(args.chunks(2).filter_map(pair))
        },
        "bag_without_empty" => |args| match at(args, 0) {
            Value::Bag(pairs) => {
                let full = |pair: &&(Arc<str>, Value)| !pair.1.is_null() && pair.1.as_str() != Some("");
                Value::bag(pairs.iter().filter(full).cloned().collect::<Vec<_>>())
            }
            _ => Value::Null,
        },
        "bag_keys" => |args| match at(args, 0) {
            Value::Bag(pairs) => Value::array(pairs.iter().map(|(name, _)| Value::String(name.clone())).collect()),
            _ => Value::Null,
        },
        "bag_has_key" => |args| match at(args, 0) {
            bag @ Value::Bag(_) => {
                let name = text(args, 1);
                let steps: Vec<&str> = name.strip_prefix("$.").map_or(vec![&*name], |path| path.split('.').collect());
                has_path(bag, &steps).into()
            }
            _ => Value::Null,
        },
        "treepath" => |args| {
            let mut found = Vec::new();
            paths(at(args, 0), "", &mut found);
            Value::array(found.into_iter().map(Value::text).collect())
        },
        "bag_merge" => |args| {
            let mut seen = HashSet::new();
            let pairs = args.iter().flat_map(|arg| match arg {
                Value::Bag(pairs) => pairs.as_slice(),
                _ => &[],
            });
            Value::bag(pairs.filter(|(name, _)| seen.insert(name.clone())).cloned().collect::<Vec<_>>())
        },
        "bag_remove_keys" => |args| match (at(args, 0), at(args, 1)) {
            (Value::Bag(pairs), Value::Array(gone)) => {
                let gone: HashSet<String> = gone.iter().map(to_text).collect();
                let paths = gone.iter().filter_map(|name| name.strip_prefix("$."));
                let kept = pairs.iter().filter(|(name, _)| !gone.contains(&**name));
                let bag = Value::bag(kept.cloned().collect::<Vec<_>>());
                paths.fold(bag, |bag, path| without(&bag, &path.split('.').collect::<Vec<_>>()))
            }
            (bag, _) => bag.clone(),
        },
        "bag_set_key" => |args| match at(args, 0) {
            Value::Bag(pairs) => {
                let new = (Arc::from(text(args, 1)), at(args, 2).clone());
                Value::bag(pairs.iter().cloned().chain(std::iter::once(new)))
            }
            _ => Value::Null,
        },
        "bag_zip" => |args| match (at(args, 0), at(args, 1)) {
            (Value::Array(names), Value::Array(values)) => {
                let value = |index: usize| values.get(index).cloned().unwrap_or_default();
                Value::bag(names.iter().enumerate().map(|(index, name)| (Arc::from(to_text(name)), value(index))))
            }
            _ => Value::Null,
        },
        _ => return None,
    })
}

/// The paths of all parts of a value.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Bag(pairs) => {
            for (name, inner) in pairs.iter() {
                let path = format!("{path}['{name}']");
                found.push(path.clone());
                paths(inner, &path, found);
            }
        }
        Value::Array(items) => {
            let path = format!("{path}[0]");
            found.push(path.clone());
            if let Some(first) = items.first() {
                paths(first, &path, found);
            }
        }
        _ => {}
    }
}

fn has_path(value: &Value, steps: &[&str]) -> bool {
    match (steps.split_first(), value) {
        (None, _) => true,
        (Some((first, rest)), Value::Bag(pairs)) => {
            pairs.iter().any(|(name, inner)| &**name == *first && has_path(inner, rest))
        }
        _ => false,
    }
}

fn without(value: &Value, steps: &[&str]) -> Value {
    let (Some((first, rest)), Value::Bag(pairs)) = (steps.split_first(), value) else { return value.clone() };
    let kept = pairs.iter().filter_map(|(name, inner)| match (&**name == *first, rest.is_empty()) {
        (true, true) => None,
        (true, false) => Some((name.clone(), without(inner, rest))),
        (false, _) => Some((name.clone(), inner.clone())),
    });
    Value::bag(kept.collect::<Vec<_>>())
}

/// With the names of every bag in order.
fn ordered(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::array(items.iter().map(ordered).collect()),
        Value::Bag(pairs) => {
            let mut pairs: Vec<_> = pairs.iter().map(|(name, inner)| (name.clone(), ordered(inner))).collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::bag(pairs)
        }
        other => other.clone(),
    }
}
