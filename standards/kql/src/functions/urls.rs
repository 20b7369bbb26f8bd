use std::{collections::BTreeMap, sync::Arc};

use super::{Run, text};
use crate::Value;

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "url_decode" => |args| decoded(&text(args, 0)).into(),
        "url_encode" => |args| encoded(&text(args, 0), "-_.~").replace("%20", "+").into(),
        "url_encode_component" => |args| encoded(&text(args, 0), "-_.~").into(),
        "parse_url" | "parseurl" => |args| parse_url(&text(args, 0)),
        "parse_urlquery" | "parseurlquery" => |args| {
            let query = text(args, 0);
            bag([("Query Parameters", parameters(query.trim_start_matches('?')))])
        },
        _ => return None,
    })
}

fn bag<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::bag(pairs.map(|(name, value)| (Arc::from(name), value)))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str, plain: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || (byte.is_ascii() && plain.contains(c)) {
            out.push(c);
        } else {
            out.push_str(&format!("%{byte:02x}"));
        }
    }
    out
}

/// The parameters by name; one that comes again has all its values, one without a name or a value is left out.
fn parameters(query: &str) -> Value {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !name.is_empty() && !value.is_empty() {
            found.entry(decoded(name)).or_default().push(Value::text(decoded(value)));
        }
    }
    let values = |mut values: Vec<Value>| match (values.len(), values.pop()) {
        (1, Some(value)) => value,
        (_, last) => Value::array(values.into_iter().chain(last).collect::<Vec<_>>()),
    };
    Value::bag(found.into_iter().map(|(name, all)| (Arc::from(name), values(all))).collect::<Vec<_>>())
}

/// Scheme, user, host, port, path, query and fragment; all empty where there is no scheme.
fn parse_url(url: &str) -> Value {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let bare = rest.split_once('/').is_some_and(|(_, path)| path.is_empty());
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at_checked(slash).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    let path = if bare { "" } else { path };
    let named = authority.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?, host)));
    let ((name, password), host) = named.unwrap_or((("", ""), authority));
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|c| c.is_ascii_digit()) => (host, port),
        _ => (host, ""),
    };
    bag([
        ("Scheme", scheme.into()),
        ("Host", host.into()),
        ("Port", port.into()),
        ("Path", path.into()),
        ("Username", name.into()),
        ("Password", password.into()),
        ("Query Parameters", parameters(query)),
        ("Fragment", fragment.into()),
    ])
}
