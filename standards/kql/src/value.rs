//! Values as they flow through a query.

mod convert;
mod decimal;
mod json;
mod order;
mod time;

pub use decimal::{Decimal, NotDecimal};

pub(crate) use convert::{as_decimal, as_long, as_long_exact, as_real, convert, to_text};
pub(crate) use json::{parse_json, write_json};
pub(crate) use order::{compare, equal, key};
pub(crate) use time::{
    Civil, civil, days_of, format_datetime, format_timespan, parse_datetime, parse_timespan, ticks_of,
};

use std::sync::Arc;

/// Hundreds of nanoseconds in a second.
pub(crate) const SECOND: i64 = 10_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// A value. What a dynamic column holds is one of these too.
///
/// A text that is missing is empty, not null; a date is hundreds of nanoseconds since the year 1.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "named as the language names them")]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Long(i64),
    Real(f64),
    Decimal(Decimal),
    String(Arc<str>),
    DateTime(i64),
    TimeSpan(i64),
    Guid(u128),
    Array(Arc<Vec<Value>>),
    /// Names and values in the order in which they came; a name stands once.
    Bag(Arc<Vec<(Arc<str>, Value)>>),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    pub(crate) fn array(items: Vec<Value>) -> Self {
        Self::Array(Arc::new(items))
    }

    /// A bag; of several values under one name the last stands, where the first stood.
    pub(crate) fn bag(pairs: impl IntoIterator<Item = (Arc<str>, Value)>) -> Self {
        let mut kept: Vec<(Arc<str>, Value)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for (name, value) in pairs {
            match places.get(&name).and_then(|place: &usize| kept.get_mut(*place)) {
                Some(old) => old.1 = value,
                None => {
                    places.insert(name.clone(), kept.len());
                    kept.push((name, value));
                }
            }
        }
        Self::Bag(Arc::new(kept))
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value of a text in JSON; what is no JSON is a text.
    pub fn from_json(text: &str) -> Self {
        parse_json(text)
    }

    /// What the language prints.
    pub fn to_text(&self) -> String {
        to_text(self)
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn member(&self, name: &str) -> Value {
        match self {
            Self::Bag(pairs) => pairs.iter().find(|pair| &*pair.0 == name).map_or(Self::Null, |pair| pair.1.clone()),
            _ => Self::Null,
        }
    }

    pub(crate) fn element(&self, index: i64) -> Value {
        let Self::Array(items) = self else { return Self::Null };
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let index = if index < 0 { index + length } else { index };
        usize::try_from(index).ok().and_then(|index| items.get(index)).cloned().unwrap_or_default()
    }

    /// Whether this holds no more than so many bytes, nested no deeper than so many levels. What is shared is counted
    /// as often as it is met; no more than what is allowed is looked at.
    pub(crate) fn fits(&self, bytes: &mut usize, levels: usize) -> bool {
        let mut take = |amount: usize| {
            let left = bytes.checked_sub(amount);
            *bytes = left.unwrap_or(0);
            left.is_some()
        };
        match self {
            Self::String(text) => take(text.len()),
            Self::Array(items) => {
                levels > 0 && take(24 * items.len()) && items.iter().all(|item| item.fits(bytes, levels - 1))
            }
            Self::Bag(pairs) => {
                let names: usize = pairs.iter().map(|(name, _)| name.len() + 48).sum();
                levels > 0 && take(names) && pairs.iter().all(|(_, value)| value.fits(bytes, levels - 1))
            }
            _ => true,
        }
    }

    /// Bytes that this holds beside itself, about.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::String(text) => text.len(),
            Self::Array(items) => items.iter().map(|item| item.weight() + 24).sum(),
            Self::Bag(pairs) => pairs.iter().map(|pair| pair.0.len() + pair.1.weight() + 48).sum(),
            _ => 0,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Long(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
