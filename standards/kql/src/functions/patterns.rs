use std::{cell::RefCell, collections::HashMap};

use regex::Regex;

use super::{Run, at, text, whole};
use crate::{Value, value::parse_json};

/// The regular expression of a pattern, if it is one of a bearable size.
pub(crate) fn regex(pattern: &str) -> Option<Regex> {
    regex::RegexBuilder::new(pattern).size_limit(1 << 20).dfa_size_limit(1 << 20).build().ok()
}

const KEPT: usize = 256;

thread_local! {
    static CACHE: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// As [`regex`]; a pattern is read once for many rows.
pub(crate) fn cached_regex(pattern: &str) -> Option<Regex> {
    CACHE.with_borrow_mut(|cache| {
        if let Some(known) = cache.get(pattern) {
            return known.clone();
        }
        if cache.len() >= KEPT {
            cache.clear();
        }
        let made = regex(pattern);
        cache.insert(pattern.to_owned(), made.clone());
        made
    })
}

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "extract" => extract,
        "extract_all" | "extractall" => extract_all,
        "replace_regex" => replace_regex,
        "replace" => replace_old,
        "trim" => |args| trimmed(args, true, true),
        "trim_start" => |args| trimmed(args, true, false),
        "trim_end" => |args| trimmed(args, false, true),
        "regex_quote" => |args| regex::escape(&text(args, 0)).into(),
        "indexof_regex" => index_of,
        "extract_json" | "extractjson" => |args| {
            let found = json_path(&parse_json(&text(args, 1)), &text(args, 0));
            if found.is_null() { Value::Null } else { found.to_text().into() }
        },
        _ => return None,
    })
}

/// Where the pattern is found for the so-manieth time among so many characters from a place on.
fn index_of(args: &[Value]) -> Value {
    let number = |index: usize, default: i64| whole(args, index).unwrap_or(default);
    let (start, length, nth) = (number(2, 0), number(3, -1), number(4, 1));
    let (Ok(start), Ok(nth)) = (usize::try_from(start), usize::try_from(nth)) else { return Value::Null };
    let (Some(regex), false) = (cached_regex(&text(args, 1)), nth == 0 || length < -1) else { return Value::Null };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let part: String = text(args, 0).chars().skip(start).take(length).collect();
    let found = regex.find_iter(&part).nth(nth - 1);
    let chars = |end: usize| part.get(..end).map_or(0, |before| before.chars().count());
    found.map_or(Value::Long(-1), |found| super::count(start + chars(found.start())))
}

fn extract(args: &[Value]) -> Value {
    let value = text(args, 2);
    let group = whole(args, 1).and_then(|group| usize::try_from(group).ok()).unwrap_or(0);
    let found = cached_regex(&text(args, 0)).and_then(|regex| {
        regex.captures(&value).and_then(|captures| captures.get(group).map(|part| part.as_str().to_owned()))
    });
    found.map_or(Value::text(""), Value::text)
}

fn extract_all(args: &[Value]) -> Value {
    let Some(regex) = cached_regex(&text(args, 0)) else { return Value::Null };
    let value = text(args, args.len().saturating_sub(1));
    let chosen: Option<Vec<usize>> = match (args.len(), at(args, 1)) {
        (3, Value::Array(groups)) => Some(groups.iter().filter_map(|group| group_of(&regex, group)).collect()),
        _ => None,
    }
    .filter(|groups: &Vec<usize>| !groups.is_empty());
    let groups = chosen.unwrap_or_else(|| match regex.captures_len() {
        1 => vec![0],
        more => (1..more).collect(),
    });
    let mut rows = Vec::new();
    for captures in regex.captures_iter(&value) {
        let part = |group: &usize| Value::text(captures.get(*group).map_or("", |part| part.as_str()));
        let parts: Vec<Value> = groups.iter().map(part).collect();
        rows.push(match parts.as_slice() {
            [one] => one.clone(),
            _ => Value::array(parts),
        });
    }
    if rows.is_empty() { Value::Null } else { Value::array(rows) }
}

fn group_of(regex: &Regex, group: &Value) -> Option<usize> {
    match group {
        Value::String(name) => regex.capture_names().position(|known| known == Some(name)),
        other => crate::value::as_long(other).and_then(|index| usize::try_from(index).ok()),
    }
    .filter(|index| *index < regex.captures_len())
}

fn replace_regex(args: &[Value]) -> Value {
    let (value, pattern, rewrite) = (text(args, 0), text(args, 1), text(args, 2));
    replaced(&value, &pattern, &rewrite)
}

/// The older `replace(regex, rewrite, source)`.
fn replace_old(args: &[Value]) -> Value {
    let (pattern, rewrite, value) = (text(args, 0), text(args, 1), text(args, 2));
    replaced(&value, &pattern, &rewrite)
}

fn replaced(value: &str, pattern: &str, rewrite: &str) -> Value {
    let Some(regex) = cached_regex(pattern) else { return Value::text(value) };
    super::growth::rewritten(value, &regex, &dollars(rewrite)).into()
}

/// `\1` as the regex crate writes it.
fn dollars(rewrite: &str) -> String {
    let mut out = String::new();
    let mut chars = rewrite.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('$', _) => out.push_str("$$"),
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                chars.next();
                out.push_str(&format!("${{{digit}}}"));
            }
            ('\\', Some('\\')) => {
                chars.next();
                out.push('\\');
            }
            (c, _) => out.push(c),
        }
    }
    out
}

fn trimmed(args: &[Value], start: bool, end: bool) -> Value {
    let (pattern, value) = (text(args, 0), text(args, 1));
    let mut kept = value.as_str();
    if start
        && let Some(regex) = cached_regex(&format!("^(?:{pattern})"))
        && let Some(found) = regex.find(kept)
    {
        kept = kept.get(found.end()..).unwrap_or("");
    }
    if end
        && let Some(regex) = cached_regex(&format!("(?:{pattern})$"))
        && let Some(found) = regex.find(kept)
    {
        kept = kept.get(..found.start()).unwrap_or("");
    }
    Value::text(kept)
}

/// `$.a.b[0]['c']` of a value.
fn json_path(value: &Value, path: &str) -> Value {
    let mut here = value.clone();
    let path = path.trim().trim_start_matches('$');
    for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')).filter(|step| !step.is_empty()) {
        let name = step.trim_matches(['\'', '"']);
        here = match name.parse::<i64>() {
            Ok(index) if name == step => here.element(index),
            _ => here.member(name),
        };
    }
    here
}
