//! What a resource has: declared by whoever serves it, asked by whoever reads an expression about it.

/// A primitive type, as far as expressions tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edm {
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Byte` to `Edm.Int64`
    Integer,
    /// `Edm.Decimal`, `Edm.Double`, `Edm.Single`
    Number,
    /// `Edm.String`, and ids that CSDL calls strings.
    String,
    /// `Edm.Guid`
    Guid,
    /// An enumeration, its members as strings.
    Enumeration,
    /// `Edm.Date`
    Date,
    /// `Edm.DateTimeOffset`
    Moment,
    /// `Edm.TimeOfDay`
    TimeOfDay,
    /// `Edm.Duration`
    Duration,
    /// `Edm.Binary`, base64 in JSON.
    Binary,
}

impl Edm {
    /// The type of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let (namespace, name) = name.split_once('.')?;
        if !namespace.eq_ignore_ascii_case("Edm") {
            return None;
        }
        Some(match name.to_ascii_lowercase().as_str() {
            "boolean" => Self::Boolean,
            "byte" | "sbyte" | "int16" | "int32" | "int64" => Self::Integer,
            "decimal" | "double" | "single" => Self::Number,
            "string" => Self::String,
            "guid" => Self::Guid,
            "date" => Self::Date,
            "datetimeoffset" => Self::Moment,
            "timeofday" => Self::TimeOfDay,
            "duration" => Self::Duration,
            "binary" => Self::Binary,
            _ => return None,
        })
    }

    /// Whether values are kept as text.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::String | Self::Guid | Self::Enumeration)
    }

    /// Whether values are numbers.
    pub(crate) fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Number)
    }
}

/// What a property holds, or each item of a collection.
#[derive(Clone, Copy)]
pub enum Kind<'s> {
    /// One value.
    Primitive(Edm),
    /// An object with properties of its own.
    Structured(&'s dyn Shape),
    /// Anything: open types and dictionaries. Compared as what it is compared with.
    Untyped,
}

/// A property or relation.
#[derive(Clone, Copy)]
pub struct Property<'s> {
    /// Its name as bodies spell it.
    pub name: &'s str,
    /// What it holds.
    pub kind: Kind<'s>,
    /// Whether it holds many.
    pub collection: bool,
    /// Whether `$filter` and `$orderby` may name it.
    pub filterable: bool,
    /// Whether it leads to other objects, which whoever evaluates has to fetch.
    pub relation: bool,
}

impl<'s> Property<'s> {
    /// A property that holds one value and may be filtered by.
    pub const fn new(name: &'s str, kind: Kind<'s>) -> Self {
        Self { name, kind, collection: false, filterable: true, relation: false }
    }

    /// The same, many.
    #[must_use]
    pub const fn many(mut self) -> Self {
        self.collection = true;
        self
    }

    /// The same, led to by links.
    #[must_use]
    pub const fn related(mut self) -> Self {
        self.relation = true;
        self
    }

    /// The same, but expressions may not name it.
    #[must_use]
    pub const fn not_filterable(mut self) -> Self {
        self.filterable = false;
        self
    }
}

/// What objects of a type, or of several in one list, have.
pub trait Shape {
    /// The property or relation of this name. An implementation may overlook case.
    fn property<'s>(&'s self, name: &'s str) -> Option<Property<'s>>;

    /// What objects seen as this type have: a type that derives from this one, or this one.
    fn cast(&self, type_name: &str) -> Option<&dyn Shape>;

    /// The names, without namespace, of the types whose objects have this shape: derived ones included.
    fn type_names(&self) -> Vec<&str>;
}

/// Objects of which nothing is known: every name may be a property, of any type. Their own types are not known either.
#[derive(Debug, Clone, Copy)]
pub struct Undeclared;

impl Shape for Undeclared {
    fn property<'s>(&'s self, name: &'s str) -> Option<Property<'s>> {
        Some(Property::new(name, Kind::Untyped))
    }

    fn cast(&self, _type_name: &str) -> Option<&dyn Shape> {
        None
    }

    fn type_names(&self) -> Vec<&str> {
        Vec::new()
    }
}
