//! What an action takes and answers, for those who read about the API.

use crate::declaration::{Property, PropertyType};

/// A type that only occurs as a value. [`PropertyType::Complex`] and [`PropertyType::Complexes`] name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComplexType {
    /// Its CSDL name.
    pub name: &'static str,
    /// Its members; it may have others.
    pub properties: &'static [Property],
}

/// A member of an action's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: PropertyType,
    /// Whether the action is refused without it.
    pub required: bool,
}

impl Parameter {
    /// A member that may be left out.
    pub const fn optional(name: &'static str, kind: PropertyType) -> Self {
        Self { name, kind, required: false }
    }

    /// A member that must be there.
    pub const fn required(name: &'static str, kind: PropertyType) -> Self {
        Self { name, kind, required: true }
    }
}

/// What a call answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// 204, nothing.
    Nothing,
    /// One value of a complex type, its members beside `@odata.context`.
    Complex(&'static ComplexType),
    /// A collection of this type, in `value`: one of the plural types.
    Collection(PropertyType),
}

/// What an action or a function takes and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The members of the body; a function has none.
    pub takes: &'static [Parameter],
    /// What it answers when it is done.
    pub answers: Answer,
    /// Complex types that it names, apart from the answer's own.
    pub types: &'static [ComplexType],
}

impl Signature {
    /// Takes nothing and answers this.
    pub const fn answering(answers: Answer) -> Self {
        Self { takes: &[], answers, types: &[] }
    }

    /// The same, taking these.
    #[must_use]
    pub const fn taking(mut self, takes: &'static [Parameter]) -> Self {
        self.takes = takes;
        self
    }

    /// The same, with the complex types that it names.
    #[must_use]
    pub const fn with_types(mut self, types: &'static [ComplexType]) -> Self {
        self.types = types;
        self
    }

    /// Every complex type that it brings.
    pub(crate) fn complex_types(self) -> impl Iterator<Item = &'static ComplexType> {
        let own = if let Answer::Complex(own) = self.answers { Some(own) } else { None };
        own.into_iter().chain(self.types)
    }

    /// The types of what it takes and answers.
    pub(crate) fn kinds(self) -> impl Iterator<Item = PropertyType> {
        let answered = if let Answer::Collection(kind) = self.answers { Some(kind) } else { None };
        self.takes.iter().map(|known| known.kind).chain(answered)
    }
}
