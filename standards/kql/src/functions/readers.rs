//! Texts of known shapes, read into their parts.

use std::sync::Arc;

use super::{Run, at, text};
use crate::{Decimal, Value};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "parse_csv" => |args| match at(args, 0) {
            Value::Null => Value::Null,
            _ => Value::array(record(&text(args, 0)).into_iter().map(Value::text).collect()),
        },
        "parse_version" => |args| version(&text(args, 0)).map_or(Value::Null, Value::Decimal),
        "parse_path" => |args| path(&text(args, 0)),
        "parse_command_line" => |args| match text(args, 1).to_ascii_lowercase().as_str() {
            "windows" => Value::array(windows_arguments(&text(args, 0)).into_iter().map(Value::text).collect()),
            _ => Value::Null,
        },
        "parse_xml" => |args| parse_xml(&text(args, 0)),
        _ => return None,
    })
}

/// The fields of the first record.
pub(crate) fn record(text: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(field) = fields.last_mut() else { break };
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            '\n' | '\r' if !quoted => break,
            other => field.push(other),
        }
    }
    fields
}

/// Up to four parts of up to eight digits, as one number that sorts as the version does.
fn version(text: &str) -> Option<Decimal> {
    let parts: Vec<&str> = text.trim().split('.').collect();
    if parts.len() > 4 {
        return None;
    }
    let mut digits = String::new();
    for index in 0..4 {
        let part = parts.get(index).copied().unwrap_or("0");
        if part.is_empty() || part.len() > 8 || !part.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        digits.push_str(&format!("{part:0>8}"));
    }
    digits.parse().ok()
}

fn bag<const N: usize>(pairs: [(&str, &str); N]) -> Value {
    Value::bag(pairs.map(|(name, value)| (Arc::from(name), Value::text(value))))
}

/// Scheme, drive, folder, file, extension and stream of a path of Windows or of Unix.
fn path(whole: &str) -> Value {
    let (scheme, rest) = whole.split_once("://").unwrap_or(("", whole));
    let drive = rest.len() >= 2 && rest.as_bytes().get(1) == Some(&b':');
    let root = if drive { rest.get(..2).unwrap_or("") } else { "" };
    let after = rest.get(root.len()..).unwrap_or("");
    let cut = after.rfind(['/', '\\']);
    let (folder, file) = match cut.and_then(|cut| after.split_at_checked(cut)) {
        Some((folder, file)) => (folder, file.get(1..).unwrap_or("")),
        None => ("", after),
    };
    let (file, stream) = file.split_once(':').unwrap_or((file, ""));
    let folder = rest.get(..root.len() + folder.len()).unwrap_or("");
    let last = folder.rsplit(['/', '\\']).next().unwrap_or("");
    bag([
        ("Scheme", scheme),
        ("RootPath", root),
        ("DirectoryPath", folder),
        ("DirectoryName", last),
        ("Filename", file),
        ("Extension", file.rsplit_once('.').map_or("", |(_, extension)| extension)),
        ("AlternateDataStreamName", stream),
    ])
}

/// As the Microsoft C runtime splits a command line.
fn windows_arguments(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return found;
        }
        let (mut argument, mut quoted) = (String::new(), false);
        while let Some(c) = chars.next_if(|c| quoted || !c.is_whitespace()) {
            match c {
                '\\' => {
                    let mut slashes = 1;
                    while chars.next_if_eq(&'\\').is_some() {
                        slashes += 1;
                    }
                    let escapes = chars.peek() == Some(&'"');
                    argument.push_str(&"\\".repeat(if escapes { slashes / 2 } else { slashes }));
                    if escapes && slashes % 2 == 1 {
                        argument.push('"');
                        chars.next();
                    }
                }
                '"' => quoted = !quoted,
                other => argument.push(other),
            }
        }
        found.push(argument);
    }
}

const MAX_LEVELS: usize = 64;

/// Elements as bags: attributes under `@name`, text beside others under `#text`, elements of one name as an array.
fn parse_xml(text: &str) -> Value {
    let options = roxmltree::ParsingOptions { nodes_limit: 100_000, ..roxmltree::ParsingOptions::default() };
    match roxmltree::Document::parse_with_options(text, options) {
        Ok(document) => {
            let root = document.root_element();
            Value::bag([(Arc::from(root.tag_name().name()), element(root, 0))])
        }
        Err(_) => Value::Null,
    }
}

fn element(node: roxmltree::Node<'_, '_>, level: usize) -> Value {
    if level > MAX_LEVELS {
        return Value::Null;
    }
    let mut pairs: Vec<(Arc<str>, Value)> =
        node.attributes().map(|a| (Arc::from(format!("@{}", a.name())), Value::text(a.value()))).collect();
    let mut words = String::new();
    for child in node.children() {
        if child.is_text() {
            words.push_str(child.text().unwrap_or("").trim());
        } else if child.is_element() {
            let (name, value) = (child.tag_name().name(), element(child, level + 1));
            match pairs.iter_mut().find(|(known, _)| &**known == name) {
                Some((_, Value::Array(items))) => Arc::make_mut(items).push(value),
                Some((_, first)) => *first = Value::array(vec![std::mem::take(first), value]),
                None => pairs.push((Arc::from(name), value)),
            }
        }
    }
    match (pairs.is_empty(), words.is_empty()) {
        (true, true) => Value::Null,
        (true, false) => Value::text(words),
        (false, true) => Value::bag(pairs),
        (false, false) => Value::bag(pairs.into_iter().chain([(Arc::from("#text"), Value::text(words))])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_version_is_none() {
        for text in ["", "1.2.3.4.5", "a", "1..2", "123456789"] {
            assert_eq!(version(text), None, "{text}");
        }
    }

    #[test]
    fn a_record_ends_at_its_line() {
        assert_eq!(record("a,\"b,\"\"c\"\"\",d\nx"), ["a", "b,\"c\"", "d"]);
        assert_eq!(record(""), [""]);
    }

    #[test]
    fn backslashes_before_quotes() {
        assert_eq!(windows_arguments(r#"a\b "c d" e\"f "g\\" h"#), [r"a\b", "c d", "e\"f", r"g\", "h"]);
    }

    #[test]
    fn elements_of_one_name_are_an_array() {
        let read = |text: &str| parse_xml(text).to_text();
        assert_eq!(read(r#"<a x="1"><b>t</b><b/>w</a>"#), r##"{"a":{"@x":"1","b":["t",null],"#text":"w"}}"##);
        assert_eq!(read("<a>"), "");
    }
}
