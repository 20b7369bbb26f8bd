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
            write_json(at(args, 0), &mut out);
            out.into()
        },
        "bag_pack" | "pack" | "pack_dictionary" => |args| {
            let pair = |pair: &[Value]| Some((Arc::from(pair.first()?.to_text()), pair.get(1)?.clone()));
            Value::bag(args.chunks(2).filter_map(pair))
        },
        "bag_keys" => |args| match at(args, 0) {
            Value::Bag(pairs) => Value::array(pairs.iter().map(|(name, _)| Value::String(name.clone())).collect()),
            _ => Value::Null,
        },
        "bag_has_key" => |args| match at(args, 0) {
            Value::Bag(pairs) => pairs.iter().any(|(name, _)| **name == *text(args, 1)).into(),
            _ => Value::Null,
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
                let gone: HashSet<String> =
                    gone.iter().map(to_text).map(|name| name.trim_start_matches("$.").to_owned()).collect();
                Value::bag(pairs.iter().filter(|(name, _)| !gone.contains(&**name)).cloned().collect::<Vec<_>>())
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
