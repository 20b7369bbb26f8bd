//! All types, found by name, set and stored kind.

use crate::declaration::{EntityType, Property};
use crate::entity::Entity;
use std::sync::Arc;

/// The types of the directory.
#[derive(Clone)]
pub struct Catalog {
    entities: Vec<Arc<dyn Entity>>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.entities.iter().map(|entity| entity.declaration().name)).finish()
    }
}

impl Catalog {
    /// A catalog of these types. A derived type comes with its base.
    pub fn new(entities: Vec<Arc<dyn Entity>>) -> Self {
        Self { entities }
    }

    /// Every type.
    pub fn entities(&self) -> &[Arc<dyn Entity>] {
        &self.entities
    }

    /// The type of this CSDL name, read without regard to case.
    pub(crate) fn by_name(&self, name: &str) -> Option<&Arc<dyn Entity>> {
        self.entities.iter().find(|entity| entity.declaration().name.eq_ignore_ascii_case(name))
    }

    /// The base type of an entity set.
    pub(crate) fn by_set(&self, set: &str) -> Option<&Arc<dyn Entity>> {
        self.entities.iter().find(|entity| {
            let declaration = entity.declaration();
            declaration.base.is_none() && declaration.set.eq_ignore_ascii_case(set)
        })
    }

    /// The type of a stored kind.
    pub(crate) fn by_kind(&self, kind: &str) -> Option<&Arc<dyn Entity>> {
        self.entities.iter().find(|entity| entity.declaration().kind == Some(kind))
    }

    /// Whether `entity` is of type `wanted`, or derives from it.
    pub(crate) fn is_a(&self, entity: &EntityType, wanted: &EntityType) -> bool {
        entity.name == wanted.name
            || entity.base.and_then(|base| self.by_name(base)).is_some_and(|base| self.is_a(base.declaration(), wanted))
    }

    /// The stored kinds of a type and of those that derive from it.
    pub(crate) fn kinds(&self, wanted: &EntityType, beta: bool) -> Vec<&'static str> {
        let reached = |declaration: &EntityType| self.is_a(declaration, wanted) && (beta || !declaration.beta_only);
        let declarations = self.entities.iter().map(|entity| entity.declaration());
        declarations.filter(|declaration| reached(declaration)).filter_map(|declaration| declaration.kind).collect()
    }

    /// The property of this name, its own or inherited.
    pub(crate) fn property(&self, entity: &EntityType, name: &str) -> Option<&'static Property> {
        let declared = self.by_name(entity.name)?.declaration();
        declared.properties.iter().find(|property| property.name == name).or_else(|| {
            let base = self.by_name(declared.base?)?;
            self.property(base.declaration(), name)
        })
    }

    /// Properties that are answered only when asked for, own and inherited.
    pub(crate) fn only_selected(&self, entity: &EntityType) -> Vec<&'static str> {
        let own = entity.properties.iter().filter(|property| property.only_selected).map(|property| property.name);
        let base = entity.base.and_then(|base| self.by_name(base));
        own.chain(base.map(|base| self.only_selected(base.declaration())).unwrap_or_default()).collect()
    }
}
