//! All types, with what they inherit, found by name, set and stored kind.

use crate::declaration::{EntityType, Property};
use crate::entity::{Action, Contained, Entity, Relation, SetAction};
use crate::signature::ComplexType;
use crate::version::Version;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A type with what it inherits, as the router works with it. Made once, at the start.
pub(crate) struct DirectoryType {
    pub(crate) entity: Arc<dyn Entity>,
    pub(crate) declaration: &'static EntityType,
    /// Its own properties, then the inherited ones that it does not declare again.
    pub(crate) properties: Vec<&'static Property>,
    /// Those of them that take a permission of their own to be seen.
    pub(crate) guarded: Vec<&'static Property>,
    pub(crate) relations: Vec<Box<dyn Relation>>,
    pub(crate) contained: Vec<Box<dyn Contained>>,
    pub(crate) actions: Vec<Box<dyn Action>>,
    pub(crate) set_actions: Vec<Box<dyn SetAction>>,
    /// The types of values that are declared anywhere, by name.
    values: Arc<Values>,
    /// Its own name, its base's, and so on.
    lineage: Vec<&'static str>,
}

/// The types of values by name.
type Values = BTreeMap<&'static str, &'static ComplexType>;

impl DirectoryType {
    fn new(entity: &Arc<dyn Entity>, all: &[Arc<dyn Entity>], values: &Arc<Values>) -> Self {
        let declaration = entity.declaration();
        let (mut lineage, mut properties) = (Vec::new(), Vec::<&'static Property>::new());
        let mut next = Some(declaration);
        while let Some(ancestor) = next.filter(|ancestor| !lineage.contains(&ancestor.name)) {
            lineage.push(ancestor.name);
            for property in ancestor.properties {
                if !properties.iter().any(|known| known.name == property.name) {
                    properties.push(property);
                }
            }
            let base = ancestor.base.and_then(|base| all.iter().find(|entity| entity.declaration().name == base));
            next = base.map(|entity| entity.declaration());
        }
        let guarded = properties.iter().copied().filter(|known| !known.readable_with.is_empty()).collect();
        Self {
            guarded,
            values: values.clone(),
            entity: entity.clone(),
            declaration,
            properties,
            relations: entity.relations(),
            contained: entity.contained(),
            actions: entity.actions(),
            set_actions: entity.set_actions(),
            lineage,
        }
    }

    /// Whether it is the type of this name, or derives from it.
    pub(crate) fn is_a(&self, name: &str) -> bool {
        self.lineage.contains(&name)
    }

    /// The same, read without regard to case.
    pub(crate) fn has_type(&self, name: &str) -> bool {
        self.lineage.iter().any(|ancestor| ancestor.eq_ignore_ascii_case(name))
    }

    /// The property of this name, its own or inherited.
    /// What values of a type hold, if that is declared.
    pub(crate) fn value(&self, name: &str) -> Option<&'static ComplexType> {
        self.values.get(name).copied()
    }

    pub(crate) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name == name).copied()
    }

    pub(crate) fn relation(&self, name: &str) -> Option<&dyn Relation> {
        self.relations.iter().find(|relation| relation.name() == name).map(Box::as_ref)
    }

    pub(crate) fn contained(&self, name: &str) -> Option<&dyn Contained> {
        self.contained.iter().find(|contained| contained.name() == name).map(Box::as_ref)
    }

    pub(crate) fn action(&self, name: &str) -> Option<&dyn Action> {
        self.actions.iter().find(|action| action.name() == name).map(Box::as_ref)
    }

    pub(crate) fn set_action(&self, name: &str, of_all_objects: bool) -> Option<&dyn SetAction> {
        let mut actions = self.set_actions.iter().map(Box::as_ref);
        actions.find(|action| action.name() == name && action.of_all_objects() == of_all_objects)
    }

    /// Whether its objects are named by a text on the wire, which is their `id` there.
    pub(crate) fn is_named(&self) -> bool {
        self.declaration.alternate_keys.iter().any(|(key, _)| *key == "id")
    }
}

/// The types that a place reaches: one and those that derive from it, or all.
#[derive(Clone)]
pub(crate) struct Scope {
    /// The type that the path names; none for `directoryObjects` and the like.
    pub(crate) head: Option<Arc<DirectoryType>>,
    pub(crate) types: Vec<Arc<DirectoryType>>,
}

impl Scope {
    /// The type of a stored kind.
    pub(crate) fn of_kind(&self, kind: &str) -> Option<&Arc<DirectoryType>> {
        self.types.iter().find(|one| one.declaration.kind == Some(kind))
    }

    /// The type of this CSDL name, read without regard to case.
    pub(crate) fn by_name(&self, name: &str) -> Option<&Arc<DirectoryType>> {
        self.types.iter().find(|one| one.declaration.name.eq_ignore_ascii_case(name))
    }

    /// Whether all its objects are named by a text on the wire, which is their `id` there.
    pub(crate) fn is_named(&self) -> bool {
        !self.types.is_empty() && self.types.iter().all(|one| one.is_named())
    }

    /// Whether its objects are kept in the store.
    pub(crate) fn is_stored(&self) -> bool {
        self.types.iter().any(|one| one.declaration.kind.is_some())
    }

    /// Whether an object's type is more than the path says.
    pub(crate) fn is_polymorphic(&self) -> bool {
        self.head.is_none() || self.types.len() > 1
    }

    /// What its answers' context calls it.
    pub(crate) fn context(&self) -> String {
        match self.head.as_ref().map(|head| head.declaration) {
            None => "directoryObjects".to_owned(),
            Some(head) if head.base.is_none() => head.set.to_owned(),
            Some(head) => format!("{}/microsoft.graph.{}", head.set, head.name),
        }
    }
}

/// The types of the directory.
pub(crate) struct Catalog {
    types: Vec<Arc<DirectoryType>>,
}

impl Catalog {
    pub(crate) fn new(entities: &[Arc<dyn Entity>]) -> Self {
        let values = entities.iter().flat_map(|entity| entity.complex_types()).map(|known| (known.name, known));
        let values = Arc::new(values.collect());
        Self { types: entities.iter().map(|entity| Arc::new(DirectoryType::new(entity, entities, &values))).collect() }
    }

    pub(crate) fn types(&self) -> &[Arc<DirectoryType>] {
        &self.types
    }

    /// Every type that a version shows.
    pub(crate) fn everything(&self, version: Version) -> Scope {
        let shown = self.types.iter().filter(|one| version.shows(one.declaration));
        Scope { head: None, types: shown.cloned().collect() }
    }

    /// An entity set, by the type that all in it derive from.
    pub(crate) fn set(&self, set: &str, version: Version) -> Option<Scope> {
        let head = self
            .types
            .iter()
            .find(|one| one.declaration.base.is_none() && one.declaration.set.eq_ignore_ascii_case(set))?;
        self.narrowed(&self.everything(version), head.declaration.name)
    }

    /// The part of a scope that is of the type of this name, read without regard to case.
    pub(crate) fn narrowed(&self, scope: &Scope, name: &str) -> Option<Scope> {
        let head = scope.by_name(name)?;
        let types = scope.types.iter().filter(|one| one.is_a(head.declaration.name)).cloned().collect();
        Some(Scope { head: Some(head.clone()), types })
    }
}
