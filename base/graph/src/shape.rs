//! What the objects of a scope have, as expressions ask for it.

use crate::catalog::{DirectoryType, Scope};
use crate::declaration::PropertyType;
use signet_odata::{Edm, Kind, Property, Shape};
use std::sync::Arc;

/// Members that every stored object has, whatever its type declares.
const EVERYWHERE: [(&str, Edm); 3] =
    [("id", Edm::Guid), ("createdDateTime", Edm::Moment), ("deletedDateTime", Edm::Moment)];

/// The properties and relations of the types of a scope.
pub(crate) struct ScopeShape {
    types: Vec<Arc<DirectoryType>>,
    casts: Vec<ScopeShape>,
    /// What the far ends of relations have; they have no relations themselves.
    ends: Option<Box<ScopeShape>>,
    name: Option<&'static str>,
}

impl ScopeShape {
    /// The shape of a scope, whose relations lead to anything.
    pub(crate) fn new(scope: &Scope, everything: &Scope) -> Self {
        let leaf = || Self::without_casts(everything.types.clone(), None, None);
        let ends = || Some(Box::new(Self { casts: casts(&everything.types, &|| None), ..leaf() }));
        let casts = casts(&scope.types, &ends);
        Self { casts, ..Self::without_casts(scope.types.clone(), ends(), None) }
    }

    fn without_casts(types: Vec<Arc<DirectoryType>>, ends: Option<Box<Self>>, name: Option<&'static str>) -> Self {
        Self { types, casts: Vec::new(), ends, name }
    }
}

fn casts(types: &[Arc<DirectoryType>], ends: &dyn Fn() -> Option<Box<ScopeShape>>) -> Vec<ScopeShape> {
    let one = |head: &Arc<DirectoryType>| {
        let name = head.declaration.name;
        let narrowed = types.iter().filter(|one| one.is_a(name)).cloned().collect();
        ScopeShape::without_casts(narrowed, ends(), Some(name))
    };
    types.iter().map(one).collect()
}

impl Shape for ScopeShape {
    fn property<'s>(&'s self, name: &'s str) -> Option<Property<'s>> {
        let named = name == "id" && !self.types.is_empty() && self.types.iter().all(|one| one.is_named());
        if let Some((name, edm)) = EVERYWHERE.into_iter().find(|(known, _)| *known == name && !named) {
            return Some(Property::new(name, Kind::Primitive(edm)));
        }
        if let Some(found) = self.types.iter().find_map(|one| one.property(name)) {
            return Some(declared(found.name, found.kind));
        }
        if self.types.iter().any(|one| one.declaration.incompatible.contains(&name)) {
            return Some(Property::new(name, Kind::Untyped));
        }
        let ends = self.ends.as_deref()?;
        let relation = self.types.iter().find_map(|one| one.relation(name))?;
        let property = Property::new(relation.name(), Kind::Structured(ends)).related();
        Some(if relation.single() { property } else { property.many() })
    }

    fn cast(&self, type_name: &str) -> Option<&dyn Shape> {
        let found = self.casts.iter().find(|cast| cast.name.is_some_and(|name| name.eq_ignore_ascii_case(type_name)));
        found.map(|found| found as &dyn Shape)
    }

    fn type_names(&self) -> Vec<&str> {
        self.types.iter().map(|one| one.declaration.name).collect()
    }
}

fn declared(name: &'static str, kind: PropertyType) -> Property<'static> {
    let one = |edm| Property::new(name, Kind::Primitive(edm));
    match kind {
        PropertyType::String(_) => one(Edm::String),
        PropertyType::Boolean => one(Edm::Boolean),
        PropertyType::Int32 => one(Edm::Integer),
        PropertyType::Guid => one(Edm::Guid),
        PropertyType::DateTime => one(Edm::Moment),
        PropertyType::Binary => one(Edm::Binary),
        PropertyType::Complex(_) => Property::new(name, Kind::Untyped),
        PropertyType::Strings => one(Edm::String).many(),
        PropertyType::Guids => one(Edm::Guid).many(),
        PropertyType::Complexes(_) => Property::new(name, Kind::Untyped).many(),
    }
}
