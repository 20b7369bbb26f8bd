//! `parse-kv`: names and values in a text.

use std::sync::Arc;

use super::{Run, at, cached_regex, text};
use crate::{Value, value::to_text};

/// Not a function of the language: `parse_kv(text, names, pair delimiter, value delimiter, quotes, escape, greedy,
/// pattern)`.
pub(super) fn run(name: &str) -> Option<Run> {
    (name == "parse_kv").then_some(parse as Run)
}

struct Marks {
    pair: String,
    value: String,
    open: Option<char>,
    close: Option<char>,
    escape: Option<char>,
    greedy: bool,
}

fn parse(args: &[Value]) -> Value {
    let wanted: Vec<String> = match at(args, 1) {
        Value::Array(names) => names.iter().map(to_text).collect(),
        _ => Vec::new(),
    };
    let value = text(args, 0);
    let quotes: Vec<char> = text(args, 4).chars().collect();
    let marks = Marks {
        pair: text(args, 2),
        value: text(args, 3),
        open: quotes.first().copied(),
        close: quotes.last().copied(),
        escape: text(args, 5).chars().next(),
        greedy: matches!(at(args, 6), Value::Bool(true)),
    };
    let pairs = match at(args, 7).as_str() {
        Some(pattern) => matched(&value, pattern),
        None if marks.pair.is_empty() || marks.value.is_empty() => {
            wanted.iter().filter_map(|name| Some((name.clone(), loose(&value, name, &marks)?))).collect()
        }
        None => delimited(&value, &marks),
    };
    let mut found: Vec<(Arc<str>, Value)> = Vec::new();
    for (name, value) in pairs {
        if wanted.contains(&name) && !found.iter().any(|(known, _)| **known == *name) {
            found.push((Arc::from(name), Value::text(value)));
        }
    }
    Value::bag(found)
}

/// The first two groups of each match are a name and its value.
fn matched(value: &str, pattern: &str) -> Vec<(String, String)> {
    let Some(regex) = cached_regex(pattern) else { return Vec::new() };
    let group = |captures: &regex::Captures<'_>, index| {
        captures.get(index).map(|part: regex::Match<'_>| part.as_str().to_owned())
    };
    regex.captures_iter(value).filter_map(|captures| group(&captures, 1).zip(group(&captures, 2))).collect()
}

/// What stands between quotes at the beginning, and what comes after them.
fn quoted<'t>(text: &'t str, marks: &Marks) -> Option<(String, &'t str)> {
    let body = text.strip_prefix(marks.open?)?;
    let mut out = String::new();
    let mut chars = body.char_indices();
    while let Some((index, c)) = chars.next() {
        if marks.escape == Some(c) {
            out.extend(chars.next().map(|(_, escaped)| escaped));
        } else if marks.close == Some(c) {
            return Some((out, body.get(index + c.len_utf8()..)?));
        } else {
            out.push(c);
        }
    }
    None
}

/// Up to a mark, and what begins with it.
fn until<'t>(text: &'t str, mark: &str) -> (&'t str, &'t str) {
    text.find(mark).and_then(|place| text.split_at_checked(place)).unwrap_or((text, ""))
}

fn delimited(value: &str, marks: &Marks) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(marks.pair.as_str()) {
            rest = after;
            continue;
        }
        let (name, after) = match quoted(rest, marks) {
            Some((name, after)) => (name, after),
            None => {
                let part = until(rest, &marks.pair).0;
                let name = until(part, &marks.value).0;
                (name.trim().to_owned(), rest.get(name.len()..).unwrap_or(""))
            }
        };
        let Some(after) = after.trim_start().strip_prefix(marks.value.as_str()) else {
            rest = until(after, &marks.pair).1;
            continue;
        };
        let start = if marks.pair.trim().is_empty() { after } else { after.trim_start() };
        let (text, after) = match quoted(start, marks) {
            Some((text, after)) => (text, after),
            None => {
                let length = value_length(start, marks);
                let (text, after) = start.split_at_checked(length).unwrap_or((start, ""));
                (text.trim().to_owned(), after)
            }
        };
        found.push((name, text));
        rest = after;
    }
    found
}

/// How far a value goes: to the next pair, or, if greedy, to the last mark before the next name.
fn value_length(text: &str, marks: &Marks) -> usize {
    let mut length = until(text, &marks.pair).0.len();
    if !marks.greedy {
        return length;
    }
    loop {
        let Some(after) = text.get(length + marks.pair.len()..) else { return text.len() };
        let part = until(after, &marks.pair).0;
        if part.contains(&marks.value) || length >= text.len() {
            break;
        }
        length += marks.pair.len() + part.len();
    }
    length.min(text.len())
}

/// The value of a name where nothing says what stands between: letters and digits after what is neither.
fn loose(text: &str, name: &str, marks: &Marks) -> Option<String> {
    for (place, _) in text.match_indices(name) {
        let before = text.get(..place)?.chars().next_back();
        let after = text.get(place + name.len()..)?;
        if before.is_some_and(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric) || after.is_empty() {
            continue;
        }
        let is_mark = |c: char| !c.is_alphanumeric() && Some(c) != marks.open;
        let value = after.trim_start_matches(is_mark);
        if let Some((value, _)) = quoted(value, marks) {
            return Some(value);
        }
        let end = value.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(value.len());
        return value.get(..end).map(str::to_owned);
    }
    None
}
