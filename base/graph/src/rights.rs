//! Whether the caller may do what it asks: by a permission that it holds, or by another right.

mod other;

pub use other::{Deed, HeldRights, OtherRights, OtherWays};

use crate::catalog::DirectoryType;
use crate::declaration::{Property, PropertyType};
use crate::entity::{Action, Contained, JsonMap, Relation};
use signet_kernel::{Caller, Failure, Fault};

/// A list of permissions of which any one suffices.
pub(crate) type AnyOf = &'static [&'static str];

/// A way to be let in: by any one of these permissions, or by another right to do this to objects of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) kind: &'static str,
    pub(crate) deed: Deed,
    pub(crate) permissions: AnyOf,
}

/// Whether the caller holds a permission that lets it in.
pub(crate) fn holds_one(caller: &Caller, ways: &[Way]) -> bool {
    ways.iter().any(|way| caller.holds_any(way.permissions))
}

/// Refuses a caller for whom none of these ways is open; the sentence names the permissions that would do.
pub(crate) fn denied(ways: &[Way]) -> Failure {
    let mut names: Vec<&str> = ways.iter().flat_map(|way| way.permissions.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return no_such_operation();
    }
    let message = format!(
        "Insufficient privileges to complete the operation. One of these permissions would do: {}.",
        names.join(", ")
    );
    Failure::new(Fault::Rights, "Authorization_RequestDenied", message)
}

/// Nobody may do this to objects of this type.
pub(crate) fn no_such_operation() -> Failure {
    Failure::new(
        Fault::Method,
        "Request_BadRequest",
        "This path does not take this method; the Allow header names those it takes.",
    )
}

/// The ways to each operation on objects of a type. None of them has a permission where there is no such operation.
impl DirectoryType {
    fn ways(&self, ways: &[(Deed, AnyOf)]) -> Vec<Way> {
        let kind = self.declaration.kind.unwrap_or(self.declaration.name);
        ways.iter().map(|&(deed, permissions)| Way { kind, deed, permissions }).collect()
    }

    /// Whether a permission lets its holders change something of objects of this type, or remove them.
    pub(crate) fn lets_write(&self, permission: &str) -> bool {
        let access = self.declaration.access;
        let properties = self.properties.iter().map(|property| property.writable_with);
        let relations = self.relations.iter().map(|relation| relation.writable_with());
        let contained = self.contained.iter().map(|contained| contained.writable_with());
        let actions = self.actions.iter().filter(|action| !action.only_reads()).map(|action| action.callable_with());
        let lists = [access.create, access.update, access.delete].into_iter();
        let mut lists = lists.chain(properties).chain(relations).chain(contained).chain(actions);
        lists.any(|list| list.contains(&permission))
    }

    pub(crate) fn reading(&self) -> Vec<Way> {
        self.ways(&[(Deed::Read, self.declaration.access.read)])
    }

    pub(crate) fn creating(&self) -> Vec<Way> {
        self.ways(&[(Deed::Create, self.declaration.access.create)])
    }

    pub(crate) fn deleting(&self) -> Vec<Way> {
        self.ways(&[(Deed::Delete, self.declaration.access.delete)])
    }

    pub(crate) fn restoring(&self) -> Vec<Way> {
        self.ways(&[(Deed::Restore, self.declaration.access.delete)])
    }

    pub(crate) fn purging(&self) -> Vec<Way> {
        self.ways(&[(Deed::Purge, self.declaration.access.delete)])
    }

    /// Who may read a deleted object: those who could read it before, and those who may bring it back. What cannot be
    /// deleted is not found there.
    pub(crate) fn reading_deleted(&self) -> Vec<Way> {
        let access = self.declaration.access;
        if access.delete.is_empty() {
            return Vec::new();
        }
        self.ways(&[(Deed::Restore, access.delete), (Deed::Read, access.read)])
    }

    /// The ways to change something of an object.
    pub(crate) fn updating(&self) -> Vec<Way> {
        let writable = self.properties.iter().filter(|property| !property.read_only);
        let mut ways: Vec<Way> = writable.flat_map(|property| self.changing(property, None)).collect();
        if ways.is_empty() {
            ways = self.ways(&[(Deed::Update(""), self.declaration.access.update)]);
        }
        ways
    }

    /// The ways to change one property; to this value, if it is known.
    pub(crate) fn changing(&self, property: &Property, value: Option<&serde_json::Value>) -> Vec<Way> {
        let (any, name) = (self.declaration.access.update, property.name);
        if any.is_empty() {
            return Vec::new();
        }
        let deeds = match (property.kind, value.map(serde_json::Value::as_bool)) {
            (PropertyType::Boolean, Some(Some(on))) => vec![Deed::Turn(name, on)],
            (PropertyType::Boolean, None) => vec![Deed::Turn(name, true), Deed::Turn(name, false)],
            _ => vec![Deed::Update(name)],
        };
        deeds.into_iter().flat_map(|deed| self.ways(&[(deed, any), (deed, property.writable_with)])).collect()
    }

    /// The ways to change every member that a body names, one list of ways for each member.
    pub(crate) fn changing_all<'b>(&self, body: &'b JsonMap) -> Vec<(&'b str, Vec<Way>)> {
        let declared = |name: &str| self.properties.iter().find(|property| property.name == name);
        let ways = |name: &str, value| match declared(name) {
            Some(property) => self.changing(property, Some(value)),
            None => self.ways(&[(Deed::Update(""), self.declaration.access.update)]),
        };
        body.iter().map(|(name, value)| (name.as_str(), ways(name, value))).collect()
    }

    /// The way to see a property that takes a permission of its own.
    pub(crate) fn seeing(&self, property: &Property) -> Way {
        let kind = self.declaration.kind.unwrap_or(self.declaration.name);
        Way { kind, deed: Deed::ReadPart(property.name), permissions: property.readable_with }
    }

    pub(crate) fn linking(&self, relation: &dyn Relation) -> Vec<Way> {
        let deed = Deed::ChangePart(relation.name());
        let any = if relation.only_writable_with() { &[][..] } else { self.declaration.access.update };
        self.ways(&[(deed, any), (deed, relation.writable_with())])
    }

    pub(crate) fn reading_part(&self, contained: &dyn Contained) -> Vec<Way> {
        let own = (Deed::ReadPart(contained.name()), contained.readable_with());
        self.ways(&[(Deed::Read, self.declaration.access.read), own])
    }

    pub(crate) fn changing_part(&self, contained: &dyn Contained) -> Vec<Way> {
        let deed = Deed::ChangePart(contained.name());
        let any = if contained.only_writable_with() { &[][..] } else { self.declaration.access.update };
        self.ways(&[(deed, any), (deed, contained.writable_with())])
    }

    pub(crate) fn calling(&self, action: &dyn Action) -> Vec<Way> {
        let (access, deed) = (self.declaration.access, Deed::Call(action.name()));
        let general = if action.only_reads() { (Deed::Read, access.read) } else { (deed, access.update) };
        let general = if action.only_callable_with() { (deed, &[][..]) } else { general };
        self.ways(&[general, (deed, action.callable_with())])
    }

    pub(crate) fn calling_of_set(&self, name: &'static str, permissions: AnyOf) -> Vec<Way> {
        self.ways(&[(Deed::Call(name), permissions)])
    }
}
