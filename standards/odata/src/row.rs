//! The objects that expressions are evaluated on.

use crate::scalar::Scalar;
use crate::scan::{RawItems, RawJson, same_name};
use crate::shape::Edm;
use crate::temporal;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A value in an object, wherever it is kept.
#[derive(Debug, Clone, Copy)]
pub enum Node<'v> {
    /// Absent or null.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A string.
    Text(&'v str),
    /// A collection of which only the size is known: enough for `$count` and `any()`.
    Size(usize),
    /// JSON that was parsed.
    Value(&'v Value),
    /// JSON that was not.
    Raw(RawJson<'v>),
}

impl<'v> Node<'v> {
    /// The member of an object.
    pub(crate) fn get(self, name: &str) -> Self {
        match self {
            Self::Value(Value::Object(members)) => members.get(name).map_or(Self::Null, Node::Value),
            Self::Raw(raw) => raw.get(name).map_or(Self::Null, Node::Raw),
            _ => Self::Null,
        }
    }

    /// The items of a collection; a value that is none has none.
    pub(crate) fn items(self) -> Items<'v> {
        match self {
            Self::Value(Value::Array(items)) => Items::Values(items.iter()),
            Self::Raw(raw) => Items::Raw(raw.items()),
            _ => Items::None,
        }
    }

    /// How many items a collection has.
    pub(crate) fn size(self) -> usize {
        if let Self::Size(size) = self { size } else { self.items().count() }
    }

    /// The value as one of a declared type, where it is; as what JSON says, where none is declared.
    pub(crate) fn scalar(self, edm: Option<Edm>) -> Scalar<'v> {
        let plain = match self {
            Self::Null => Scalar::Null,
            Self::Boolean(value) => Scalar::Boolean(value),
            Self::Integer(value) => Scalar::Integer(value),
            Self::Text(text) => Scalar::Text(Cow::Borrowed(text)),
            Self::Size(_) => Scalar::Structure,
            Self::Value(value) => of_value(value),
            Self::Raw(raw) => of_raw(raw),
        };
        match (edm, &plain) {
            (Some(edm), Scalar::Text(text)) if !edm.is_text() => read_as(text, edm),
            _ => plain,
        }
    }

    /// The name of the object's type, without namespace.
    pub(crate) fn type_name(self) -> Option<String> {
        let Scalar::Text(annotation) = self.scalar(None) else { return None };
        Some(annotation.rsplit('.').next().unwrap_or_default().trim_start_matches('#').to_owned())
    }
}

fn of_value(value: &Value) -> Scalar<'_> {
    match value {
        Value::Null => Scalar::Null,
        Value::Bool(value) => Scalar::Boolean(*value),
        Value::Number(number) => {
            let inexact = || number.as_f64().map_or(Scalar::Null, Scalar::Number);
            number.as_i64().map_or_else(inexact, Scalar::Integer)
        }
        Value::String(text) => Scalar::Text(Cow::Borrowed(text)),
        Value::Array(_) | Value::Object(_) => Scalar::Structure,
    }
}

fn of_raw(raw: RawJson<'_>) -> Scalar<'_> {
    match raw.0.first() {
        Some(b'"') => raw.text().map_or(Scalar::Null, Scalar::Text),
        Some(b't') => Scalar::Boolean(true),
        Some(b'f') => Scalar::Boolean(false),
        Some(b'{' | b'[') => Scalar::Structure,
        Some(b'-' | b'0'..=b'9') => {
            let Ok(text) = std::str::from_utf8(raw.0) else { return Scalar::Null };
            let inexact = || text.parse().map_or(Scalar::Null, Scalar::Number);
            text.parse().map_or_else(|_| inexact(), Scalar::Integer)
        }
        _ => Scalar::Null,
    }
}

/// A text as a value of a declared type; null if it is none.
pub(crate) fn read_as<'t>(text: &str, edm: Edm) -> Scalar<'t> {
    match edm {
        Edm::String | Edm::Guid | Edm::Enumeration => Some(Scalar::Text(Cow::Owned(text.to_owned()))),
        Edm::Boolean => text.parse().ok().map(Scalar::Boolean),
        Edm::Integer => text.parse().ok().map(Scalar::Integer),
        Edm::Number => text.parse().ok().map(Scalar::Number),
        Edm::Date => temporal::date(text).map(Scalar::Date),
        Edm::Moment => temporal::moment(text).map(Scalar::Moment),
        Edm::TimeOfDay => temporal::time_of_day(text).map(Scalar::TimeOfDay),
        Edm::Duration => temporal::duration(text).map(Scalar::Duration),
        Edm::Binary => crate::constant::decode(text).map(|bytes| Scalar::Bytes(Cow::Owned(bytes))),
    }
    .unwrap_or(Scalar::Null)
}

/// The items of a collection.
pub(crate) enum Items<'v> {
    None,
    Values(std::slice::Iter<'v, Value>),
    Raw(RawItems<'v>),
}

impl<'v> Iterator for Items<'v> {
    type Item = Node<'v>;

    fn next(&mut self) -> Option<Node<'v>> {
        match self {
            Self::None => None,
            Self::Values(items) => items.next().map(Node::Value),
            Self::Raw(items) => items.next().map(Node::Raw),
        }
    }
}

/// An object that an expression can be evaluated on.
pub trait Row {
    /// The value of a member or relation, `@odata.type` included; [`Node::Null`] if there is none.
    fn member(&self, name: &str) -> Node<'_>;
}

impl Row for Map<String, Value> {
    fn member(&self, name: &str) -> Node<'_> {
        self.get(name).map_or(Node::Null, Node::Value)
    }
}

impl Row for Value {
    fn member(&self, name: &str) -> Node<'_> {
        Node::Value(self).get(name)
    }
}

/// The members of one object that an expression asks for: found in one pass over its JSON, or set.
#[derive(Debug)]
pub struct Fields<'r> {
    found: Vec<(&'r str, Node<'r>)>,
}

impl<'r> Fields<'r> {
    /// Looks for these members in a JSON object, and stops when all are found. The first of two members of one name
    /// counts.
    pub fn scan(names: &'r [String], body: &'r [u8]) -> Self {
        let mut fields = Self { found: Vec::with_capacity(names.len()) };
        if names.is_empty() {
            return fields;
        }
        for (written, value) in RawJson::new(body).members() {
            if let Some(name) = names.iter().find(|name| same_name(written, name))
                && fields.find(name).is_none()
            {
                fields.found.push((name, Node::Raw(value)));
                if fields.found.len() == names.len() {
                    break;
                }
            }
        }
        fields
    }

    /// Sets a member, whatever the JSON says of it.
    pub fn set(&mut self, name: &'r str, node: Node<'r>) {
        self.found.retain(|(known, _)| *known != name);
        self.found.push((name, node));
    }

    fn find(&self, name: &str) -> Option<Node<'r>> {
        self.found.iter().find(|(known, _)| *known == name).map(|(_, node)| *node)
    }
}

impl Row for Fields<'_> {
    fn member(&self, name: &str) -> Node<'_> {
        self.find(name).unwrap_or(Node::Null)
    }
}
