//! Resource paths: `/servicePrincipals(appId='…')/microsoft.graph.agentIdentity/sponsors/$ref`.

use crate::constant::is_guid;
use crate::escape::decode;

/// The namespace of every type, and the alias that the schema gives it (OData CSDL 5.2), which the Graph SDKs use.
const NAMESPACES: [&str; 2] = ["microsoft.graph.", "graph."];
/// The longest path: set, key, cast, relation, key and `$ref` have room, and little else.
const MAX_SEGMENTS: usize = 12;

/// Why a path is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A broken escape.
    #[error("the path contains a broken percent-escape")]
    Escape,
    /// Parentheses or quotes that do not match.
    #[error("the key in `{0}` is not of the form (name='value')")]
    Key(String),
    /// Too long, or with an empty segment.
    #[error("the path has too many segments, or an empty one")]
    Shape,
}

/// A key in parentheses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// `('id')`
    Id(String),
    /// `(appId='…')`
    Alternate {
        /// The property.
        name: String,
        /// Its value.
        value: String,
    },
}

/// One part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A name, or an id: which of them only the reader's types can tell.
    Name(String),
    /// A name with a key.
    Keyed(String, Key),
    /// `microsoft.graph.{type}`, without the namespace.
    Cast(String),
    /// `$ref`
    Reference,
    /// `$count`
    Count,
    /// `$value`
    Value,
    /// `delta()`, without the namespace: a function without parameters.
    Call(String),
    /// `$batch`, `$metadata` and others.
    Other(String),
}

/// A resource path, without the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Its parts.
    pub segments: Vec<Segment>,
}

impl Path {
    /// Reads a path as it was sent: still percent-encoded, with or without a slash at either end.
    pub fn parse(path: &str) -> Result<Self, PathError> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        if parts.len() > MAX_SEGMENTS || parts.contains(&"") {
            return Err(PathError::Shape);
        }
        let segments = parts.into_iter().map(segment).collect::<Result<_, _>>()?;
        Ok(Self { segments })
    }
}

fn segment(part: &str) -> Result<Segment, PathError> {
    let text = decode(part, false).ok_or(PathError::Escape)?;
    if let Some(name) = text.strip_suffix("()").filter(|name| !name.is_empty() && !name.contains(['(', ')'])) {
        return Ok(Segment::Call(cast(name).unwrap_or(name).to_owned()));
    }
    if let Some(cast) = cast(&text) {
        return Ok(Segment::Cast(cast.to_owned()));
    }
    Ok(match text.as_str() {
        "$ref" => Segment::Reference,
        "$count" => Segment::Count,
        "$value" => Segment::Value,
        other if other.starts_with('$') => Segment::Other(text),
        other => match other.split_once('(') {
            None => Segment::Name(text),
            Some((name, rest)) => Segment::Keyed(name.to_owned(), key(rest).ok_or(PathError::Key(text.clone()))?),
        },
    })
}

/// The type of a cast segment; the namespace is read without regard to case, as Graph does.
pub(crate) fn cast(text: &str) -> Option<&str> {
    let text = text.strip_prefix('#').unwrap_or(text);
    NAMESPACES.iter().find_map(|namespace| {
        let (head, name) = text.split_at_checked(namespace.len())?;
        (head.eq_ignore_ascii_case(namespace) && !name.is_empty()).then_some(name)
    })
}

fn key(rest: &str) -> Option<Key> {
    let inner = rest.strip_suffix(')')?;
    if let Some(id) = quoted(inner).or_else(|| bare(inner)) {
        return Some(Key::Id(id));
    }
    let (name, value) = inner.split_once('=')?;
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let value = quoted(value).or_else(|| bare(value))?;
    plain.then(|| Key::Alternate { name: name.to_owned(), value })
}

/// A GUID or a number, without quotes.
fn bare(text: &str) -> Option<String> {
    let number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (number || is_guid(text)).then(|| text.to_owned())
}

/// A string in single quotes, doubled inside.
fn quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let parts: Vec<&str> = inner.split("''").collect();
    parts.iter().all(|part| !part.contains('\'')).then(|| parts.join("'"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Segment {
        Segment::Name(text.to_owned())
    }

    #[test]
    fn reads_every_form_that_clients_send() {
        let parsed = |path| Path::parse(path).unwrap().segments;
        assert_eq!(
            parsed("/applications/1/microsoft.graph.agentIdentityBlueprint/sponsors/2/$ref"),
            [
                name("applications"),
                name("1"),
                Segment::Cast("agentIdentityBlueprint".to_owned()),
                name("sponsors"),
                name("2"),
                Segment::Reference,
            ]
        );
        let key = Key::Alternate { name: "uniqueName".to_owned(), value: "it's".to_owned() };
        assert_eq!(
            parsed("applications(uniqueName='it''s')"),
            [Segment::Keyed("applications".to_owned(), key.clone())]
        );
        assert_eq!(
            parsed("applications%28uniqueName=%27it%27%27s%27%29"),
            [Segment::Keyed("applications".to_owned(), key)]
        );
        for cast in ["x/Microsoft.Graph.AgentIdentity", "x/graph.AgentIdentity"] {
            assert_eq!(parsed(cast), [name("x"), Segment::Cast("AgentIdentity".to_owned())], "{cast}");
        }
        let id = "4c390976-b2b7-42e0-9187-c6be3bead001".to_owned();
        assert_eq!(
            parsed("users(4c390976-b2b7-42e0-9187-c6be3bead001)"),
            [Segment::Keyed("users".to_owned(), Key::Id(id))]
        );
        assert_eq!(parsed("users/microsoft.graph.delta()"), [name("users"), Segment::Call("delta".to_owned())]);
        assert_eq!(parsed("users/$count"), [name("users"), Segment::Count]);
        assert_eq!(parsed("users/1/photo/$value"), [name("users"), name("1"), name("photo"), Segment::Value]);
        assert_eq!(parsed("a%2527"), [name("a%27")]);
        assert_eq!(parsed("users('7')"), [Segment::Keyed("users".to_owned(), Key::Id("7".to_owned()))]);
    }

    #[test]
    fn a_quote_in_a_key_is_doubled_and_nothing_else_stands_for_one() {
        let quotes = |count| "'".repeat(count);
        for (text, value) in [(quotes(2), ""), (quotes(4), "'"), (quotes(6), "''"), ("'a\0b'".to_owned(), "a\0b")] {
            assert_eq!(quoted(&text).as_deref(), Some(value), "{text}");
        }
        for wrong in [String::new(), quotes(1), quotes(3), quotes(5), "'a'b'".to_owned(), "a'".to_owned()] {
            assert_eq!(quoted(&wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-z/()='%0-9$#.é]{0,60}") {
            let _ = Path::parse(&text);
        }

        #[test]
        fn any_key_survives_quoting_and_escaping(value in "\\PC{1,20}") {
            let escaped: String =
                value.replace('\'', "''").bytes().map(|byte| format!("%{byte:02X}")).collect();
            let key = Key::Alternate { name: "k".to_owned(), value };
            let path = Path::parse(&format!("s(k='{escaped}')")).unwrap();
            prop_assert_eq!(path.segments, [Segment::Keyed("s".to_owned(), key)]);
        }
    }

    #[test]
    fn broken_paths_are_refused() {
        for wrong in
            ["", "/", "a//b", "a(b", "a(b='c)", "a(b='c'd')", "a(='c')", "()", "a(b)", "a(b=c)", "a/%zz", "a/%ff"]
        {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Path::parse(&"a/".repeat(20)).is_err());
    }
}
