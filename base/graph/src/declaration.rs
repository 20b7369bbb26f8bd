//! What a capability declares about a type of the directory.

/// The type of a property, as in CSDL. Checked before an operation sees a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyType {
    /// `Edm.String`, at most so many characters.
    String(usize),
    /// `Edm.Boolean`.
    Boolean,
    /// `Edm.Int32`.
    Int32,
    /// `Edm.Guid`, or an id that CSDL calls a string.
    Guid,
    /// `Edm.DateTimeOffset`.
    DateTime,
    /// `Edm.Binary`, base64 on the wire.
    Binary,
    /// A complex type of this name; its members are checked by the operation.
    Complex(&'static str),
    /// A collection of strings.
    Strings,
    /// A collection of GUIDs.
    Guids,
    /// A collection of a complex type of this name.
    Complexes(&'static str),
}

/// A property of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property {
    /// Its name on the wire, and in the stored body.
    pub name: &'static str,
    /// Its type.
    pub kind: PropertyType,
    /// Set by the server alone; a client that sends it is refused.
    pub read_only: bool,
    /// Answered only when `$select` names it.
    pub only_selected: bool,
    /// Permissions that suffice to change this property, besides those that allow any update of the type.
    pub writable_with: &'static [&'static str],
    /// Permissions of which one is needed to see this property, besides what it takes to read the object.
    /// [`Entity::complete`](crate::Entity::complete) shows it to callers who hold one.
    pub readable_with: &'static [&'static str],
    /// Derived when asked, or kept in another shape than shown: lists look for it in the view, not in the body.
    pub computed: bool,
    /// The field of the kind's index that holds its value, whatever the object's state.
    pub index: Option<&'static str>,
    /// Whether every object has a row in that index, so that a list can be read in its order.
    pub ordered: bool,
    /// Looked through by a `$search` that names no property. Of a type that says it of none, `displayName` and
    /// `description` are.
    pub searched: bool,
}

impl Property {
    /// A property that clients may read and write.
    pub const fn new(name: &'static str, kind: PropertyType) -> Self {
        Self {
            name,
            kind,
            read_only: false,
            only_selected: false,
            writable_with: &[],
            readable_with: &[],
            computed: false,
            index: None,
            ordered: false,
            searched: false,
        }
    }

    /// The same, derived when asked by [`Entity::complete`](crate::Entity::complete), or kept in another shape than
    /// [`Entity::view`](crate::Entity::view) shows.
    #[must_use]
    pub const fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// The same, indexed by the kind under the property's own name: a text by `IndexKey::text`, a GUID by `uuid`, and
    /// so on.
    #[must_use]
    pub const fn indexed(mut self) -> Self {
        self.index = Some(self.name);
        self
    }

    /// The same, indexed by the kind under this field.
    #[must_use]
    pub const fn indexed_as(mut self, field: &'static str) -> Self {
        self.index = Some(field);
        self
    }

    /// The same, a text that every object of the type has in its index: a list in its order reads the index.
    #[must_use]
    pub const fn ordered(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// The same, looked through by `$search`.
    #[must_use]
    pub const fn searched(mut self) -> Self {
        self.searched = true;
        self
    }

    /// Whether a list finds its value in the stored body, where it lies as it is shown. Complex values may be kept in
    /// another shape: with hashes, say.
    pub(crate) const fn lies_in_body(&self) -> bool {
        !self.computed && !matches!(self.kind, PropertyType::Complex(_) | PropertyType::Complexes(_))
    }

    /// The same, set by the server alone.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The same, answered only on request.
    #[must_use]
    pub const fn only_selected(mut self) -> Self {
        self.only_selected = true;
        self
    }

    /// The same, seen only with one of these permissions.
    #[must_use]
    pub const fn readable_with(mut self, permissions: &'static [&'static str]) -> Self {
        self.readable_with = permissions;
        self
    }

    /// The same, changeable with any of these permissions too.
    #[must_use]
    pub const fn writable_with(mut self, permissions: &'static [&'static str]) -> Self {
        self.writable_with = permissions;
        self
    }
}

/// The permissions (any one of each list suffices) that an application needs for each operation. An empty list
/// means that the operation does not exist for the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Access {
    /// Read one and list.
    pub read: &'static [&'static str],
    /// Create. The operation may narrow it: a permission that only reaches one's own children.
    pub create: &'static [&'static str],
    /// Change any property, contained object or relation. Properties may add narrower permissions.
    pub update: &'static [&'static str],
    /// Delete, read from the deleted items, restore, purge.
    pub delete: &'static [&'static str],
}

/// A type of the directory.
#[derive(Debug, Clone, Copy)]
pub struct EntityType {
    /// Its CSDL name, also the cast segment after `microsoft.graph.`: `agentIdentity`.
    pub name: &'static str,
    /// The type it derives from: `servicePrincipal`. Properties are inherited.
    pub base: Option<&'static str>,
    /// The entity set it is found in: `servicePrincipals`. Derived types share their base's.
    pub set: &'static str,
    /// The stored kind; `None` for a type that only has derived ones.
    pub kind: Option<&'static str>,
    /// Its own properties, without the inherited ones and without `id` and `deletedDateTime`.
    pub properties: &'static [Property],
    /// Inherited properties that do not exist on this type: null on read, refused on write with `code`.
    pub incompatible: &'static [&'static str],
    /// The error code for those.
    pub incompatible_code: &'static str,
    /// Alternate keys: (property, unique key space of the store). `(appId='…')` finds an object by them. A type whose
    /// objects are named by a text has the key `id`, declares the property, and its view holds it.
    pub alternate_keys: &'static [(&'static str, &'static str)],
    /// Who may do what.
    pub access: Access,
    /// Only answered under `/beta`.
    pub beta_only: bool,
}
