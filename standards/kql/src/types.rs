//! What columns and values are.

use std::fmt;

/// The type of a column or value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as the language names them")]
pub enum Type {
    Bool,
    Int,
    Long,
    Real,
    Decimal,
    String,
    DateTime,
    TimeSpan,
    Guid,
    Dynamic,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Column {
    pub name: String,
    pub ty: Type,
}

impl Column {
    /// A column.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Self { name: name.into(), ty }
    }
}

pub(crate) const NAMES: [(&str, Type); 16] = [
    ("bool", Type::Bool),
    ("boolean", Type::Bool),
    ("int", Type::Int),
    ("long", Type::Long),
    ("real", Type::Real),
    ("double", Type::Real),
    ("decimal", Type::Decimal),
    ("string", Type::String),
    ("datetime", Type::DateTime),
    ("date", Type::DateTime),
    ("timespan", Type::TimeSpan),
    ("time", Type::TimeSpan),
    ("guid", Type::Guid),
    ("uuid", Type::Guid),
    ("uniqueid", Type::Guid),
    ("dynamic", Type::Dynamic),
];

impl Type {
    /// The type that a query calls so.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty)
    }

    /// What the language calls it.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, ty)| *ty == self).map_or("dynamic", |(name, _)| name)
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Long | Self::Real | Self::Decimal)
    }

    pub(crate) fn is_integer(self) -> bool {
        matches!(self, Self::Int | Self::Long)
    }

    pub(crate) fn is_summable(self) -> bool {
        self.is_number() || matches!(self, Self::DateTime | Self::TimeSpan)
    }

    /// The number type that holds both.
    pub(crate) fn wider(self, other: Self) -> Self {
        let rank = |ty| match ty {
            Self::Int => 0,
            Self::Long => 1,
            Self::Real => 2,
            _ => 3,
        };
        if rank(self) >= rank(other) { self } else { other }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
