//! What a path names.

use crate::catalog::{Catalog, DirectoryType, Scope};
use crate::entity::Write;
use crate::version::Version;
use axum::http::Method;
use signet_kernel::{Failure, Fault};
use signet_odata::{Key, Path, Segment};
use std::collections::VecDeque;

/// A path, understood: types are known, objects are not looked up yet.
pub(crate) enum Place {
    /// A set, perhaps narrowed to a type.
    Set(Scope),
    /// One object.
    Item(Target),
    /// The far ends of a relation of one object.
    Related { owner: Target, name: String, ends: Ends },
    /// What hangs off one object; one of them, if a key follows.
    Contained { owner: Target, name: String, key: Option<String> },
    /// An action on one object.
    Action { owner: Target, name: String },
    /// An action on a set, or on all objects.
    SetAction { scope: Scope, name: String },
    /// Many objects by their ids.
    ByIds(Scope),
    /// The number of objects in a list.
    Count(Box<Place>),
    /// What changed in a set.
    Delta(Scope),
    /// The deleted items, perhaps narrowed to a type.
    DeletedSet(Scope),
    /// One deleted item.
    Deleted(Target),
    /// The action that brings it back.
    Restore(Target),
}

/// One object, by key.
pub(crate) struct Target {
    pub(crate) scope: Scope,
    pub(crate) key: Key,
}

/// Which far ends of a relation, and what of them.
pub(crate) enum Ends {
    /// The objects that are of a type in this scope.
    Objects(Scope),
    /// References to all: `$ref`.
    References,
    /// The link to one: `{id}/$ref`.
    Reference(String),
}

impl Place {
    /// The types it reaches: for what belongs to an object, that object's.
    pub(crate) fn scope(&self) -> &Scope {
        match self {
            Self::Set(scope)
            | Self::SetAction { scope, .. }
            | Self::ByIds(scope)
            | Self::Delta(scope)
            | Self::DeletedSet(scope) => scope,
            Self::Count(place) => place.scope(),
            Self::Item(target) | Self::Deleted(target) | Self::Restore(target) => &target.scope,
            Self::Related { owner, .. } | Self::Contained { owner, .. } | Self::Action { owner, .. } => &owner.scope,
        }
    }

    /// Whether it holds many objects, which can be counted.
    fn is_list(&self) -> bool {
        matches!(
            self,
            Self::Set(_)
                | Self::DeletedSet(_)
                | Self::Related { ends: Ends::Objects(_), .. }
                | Self::Contained { key: None, .. }
        )
    }

    /// The methods that something at this place takes.
    pub(crate) fn methods(&self) -> Vec<Method> {
        match self {
            Self::Set(scope) => declared(scope, &[(Method::GET, reads), (Method::POST, creates)]),
            Self::Item(target) if target.scope.head.is_none() => vec![Method::GET],
            Self::Item(target) => {
                declared(&target.scope, &[(Method::GET, reads), (Method::PATCH, updates), (Method::DELETE, deletes)])
            }
            Self::Related { ends: Ends::Objects(_), .. } | Self::DeletedSet(_) => vec![Method::GET],
            Self::Count(_) | Self::Delta(_) => vec![Method::GET],
            Self::Related { owner, name, ends: Ends::References } => of_references(owner, name),
            Self::Related { ends: Ends::Reference(_), .. } => vec![Method::DELETE],
            Self::Contained { owner, name, key: None } => of_contained(owner, name, &[(Method::POST, Write::Create)]),
            Self::Contained { owner, name, key: Some(_) } => {
                of_contained(owner, name, &[(Method::PATCH, Write::Update), (Method::DELETE, Write::Delete)])
            }
            Self::Action { owner, name } => of_actions(owner, name),
            Self::SetAction { .. } | Self::ByIds(_) | Self::Restore(_) => vec![Method::POST],
            Self::Deleted(_) => vec![Method::GET, Method::DELETE],
        }
    }
}

/// GET, and those of the writes that what hangs off an object under this name takes, whichever type of object it is.
fn of_contained(owner: &Target, name: &str, writes: &[(Method, Write)]) -> Vec<Method> {
    let contained = || owner.scope.types.iter().filter_map(|one| one.contained(name));
    let taken = |write: &Write| contained().any(|contained| !contained.refuses().contains(write));
    let writes = writes.iter().filter(|(_, write)| taken(write)).map(|(method, _)| method.clone());
    std::iter::once(Method::GET).chain(writes).collect()
}

/// How actions of this name are called.
fn of_actions(owner: &Target, name: &str) -> Vec<Method> {
    let mut methods = Vec::new();
    for action in owner.scope.types.iter().filter_map(|one| one.action(name)) {
        let method = if action.is_function() { Method::GET } else { Method::POST };
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    methods
}

/// What `$ref` of a relation takes, whichever type of object it turns out to leave.
fn of_references(owner: &Target, name: &str) -> Vec<Method> {
    let relations = || owner.scope.types.iter().filter_map(|one| one.relation(name));
    let mut methods = vec![Method::GET];
    if relations().any(|relation| !relation.read_only() && !relation.single()) {
        methods.push(Method::POST);
    }
    if relations().any(|relation| !relation.read_only() && relation.single()) {
        methods.extend([Method::PUT, Method::DELETE]);
    }
    methods
}

type Declares = fn(&DirectoryType) -> bool;

fn declared(scope: &Scope, methods: &[(Method, Declares)]) -> Vec<Method> {
    let some_type = |declares: &Declares| scope.types.iter().any(|one| declares(one));
    methods.iter().filter(|(_, declares)| some_type(declares)).map(|(method, _)| method.clone()).collect()
}

fn reads(one: &DirectoryType) -> bool {
    !one.declaration.access.read.is_empty()
}

fn creates(one: &DirectoryType) -> bool {
    !one.declaration.access.create.is_empty()
}

fn updates(one: &DirectoryType) -> bool {
    one.updating().iter().any(|way| !way.permissions.is_empty())
}

fn deletes(one: &DirectoryType) -> bool {
    !one.declaration.access.delete.is_empty()
}

/// There is nothing at this path.
pub(crate) fn nothing_here() -> Failure {
    Failure::new(Fault::NotFound, "Request_ResourceNotFound", "There is nothing at this path; check its spelling.")
}

/// Understands a path, given as it was sent, without its version.
pub(crate) fn locate(catalog: &Catalog, path: &str, version: Version) -> Result<Place, Failure> {
    let mut path = Path::parse(path).map_err(|error| {
        Failure::new(Fault::Input, "Request_BadRequest", format!("The address cannot be read: {error}."))
    })?;
    let counts = path.segments.pop_if(|last| *last == Segment::Count).is_some();
    let mut reader = Reader { catalog, version, rest: path.segments.into() };
    let place = reader.place()?;
    if !reader.rest.is_empty() || (counts && !place.is_list()) {
        return Err(nothing_here());
    }
    Ok(if counts { Place::Count(Box::new(place)) } else { place })
}

struct Reader<'c> {
    catalog: &'c Catalog,
    version: Version,
    rest: VecDeque<Segment>,
}

impl Reader<'_> {
    fn next_name(&mut self) -> Option<String> {
        match self.rest.pop_front() {
            Some(Segment::Name(name)) => Some(name),
            Some(other) => {
                self.rest.push_front(other);
                None
            }
            None => None,
        }
    }

    fn take_reference(&mut self) -> bool {
        let found = self.rest.front() == Some(&Segment::Reference);
        if found {
            self.rest.pop_front();
        }
        found
    }

    /// The function `delta`, as its last part.
    fn take_delta(&mut self) -> bool {
        self.take_last(|name| name.eq_ignore_ascii_case("delta")).is_some()
    }

    fn take_set_action(&mut self, scope: &Scope, of_all_objects: bool) -> Option<String> {
        let known = |name: &str| scope.types.iter().any(|one| one.set_action(name, of_all_objects).is_some());
        self.take_last(known)
    }

    /// The last part, if it is a name that is wanted: with its namespace and parentheses or without.
    fn take_last(&mut self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let Some(Segment::Name(name) | Segment::Call(name) | Segment::Cast(name)) = self.rest.front() else {
            return None;
        };
        let name = name.clone();
        if self.rest.len() != 1 || !wanted(&name) {
            return None;
        }
        self.rest.clear();
        Some(name)
    }

    /// The part of `scope` that a cast segment, if there is one, leaves.
    fn take_cast(&mut self, scope: Scope) -> Result<Scope, Failure> {
        let Some(Segment::Cast(name)) = self.rest.front() else { return Ok(scope) };
        let narrowed = self.catalog.narrowed(&scope, name).ok_or_else(nothing_here)?;
        self.rest.pop_front();
        Ok(narrowed)
    }

    fn place(&mut self) -> Result<Place, Failure> {
        match self.rest.pop_front() {
            Some(Segment::Name(name)) => match name.to_ascii_lowercase().as_str() {
                "directory" if self.names_deleted_items() => self.deleted_items(),
                "directoryobjects" if self.take_delta() => Ok(Place::Delta(self.catalog.everything(self.version))),
                "directoryobjects" => {
                    let everything = self.catalog.everything(self.version);
                    if self.take_last(|name| name.eq_ignore_ascii_case("getByIds")).is_some() {
                        return Ok(Place::ByIds(everything));
                    }
                    if let Some(name) = self.take_set_action(&everything, true) {
                        return Ok(Place::SetAction { scope: everything, name });
                    }
                    let id = self.next_name().ok_or_else(nothing_here)?;
                    self.at_item(everything, Key::Id(id))
                }
                _ => self.in_set(&name),
            },
            Some(Segment::Keyed(name, key)) if name.eq_ignore_ascii_case("directoryObjects") => {
                self.at_item(self.catalog.everything(self.version), key)
            }
            Some(Segment::Keyed(name, key)) => {
                let scope = self.catalog.set(&name, self.version).ok_or_else(nothing_here)?;
                self.at_item(scope, key)
            }
            _ => Err(nothing_here()),
        }
    }

    /// The set whose name begins so, with the key in the part that ends it. A name has as many parts as its type
    /// declares: `auditLogs/signIns`, `roleManagement/directory/roleDefinitions`.
    fn take_set(&mut self, first: &str) -> Result<(Scope, Option<Key>), Failure> {
        if let Some(scope) = self.catalog.set(first, self.version) {
            return Ok((scope, None));
        }
        let mut name = first.to_owned();
        loop {
            let (next, key) = match self.rest.pop_front() {
                Some(Segment::Name(next)) => (next, None),
                Some(Segment::Keyed(next, key)) => (next, Some(key)),
                _ => return Err(nothing_here()),
            };
            name = format!("{name}/{next}");
            match (self.catalog.set(&name, self.version), key) {
                (Some(scope), key) => return Ok((scope, key)),
                (None, Some(_)) => return Err(nothing_here()),
                (None, None) => {}
            }
        }
    }

    fn in_set(&mut self, first: &str) -> Result<Place, Failure> {
        let (scope, key) = self.take_set(first)?;
        if let Some(key) = key {
            return self.at_item(scope, key);
        }
        if let Some(head) = scope.head.clone().filter(|head| head.entity.is_singleton()) {
            let listed = self.version == Version::Beta && head.entity.is_listed_in_beta();
            return match listed.then(|| self.next_name()) {
                None => self.at_item(scope, Key::Id(String::new())),
                Some(Some(id)) => self.at_item(scope, Key::Id(id)),
                Some(None) => Ok(Place::Set(scope)),
            };
        }
        if self.take_delta() {
            return Ok(Place::Delta(scope));
        }
        if let Some(name) = self.take_set_action(&scope, false) {
            return Ok(Place::SetAction { scope, name });
        }
        let scope = self.take_cast(scope)?;
        if self.take_delta() {
            return Ok(Place::Delta(scope));
        }
        if let Some(name) = self.take_set_action(&scope, false) {
            return Ok(Place::SetAction { scope, name });
        }
        match self.next_name() {
            Some(id) => self.at_item(scope, Key::Id(id)),
            None => Ok(Place::Set(scope)),
        }
    }

    fn at_item(&mut self, scope: Scope, key: Key) -> Result<Place, Failure> {
        // An action may be written with its namespace, which makes it look like a cast.
        let named = matches!(self.rest.front(), Some(Segment::Cast(name)) if scope.by_name(name).is_none());
        let scope = if named { scope } else { self.take_cast(scope)? };
        let owner = Target { scope, key };
        match self.rest.pop_front() {
            None => Ok(Place::Item(owner)),
            Some(Segment::Name(name)) => self.member(owner, name),
            Some(Segment::Cast(name) | Segment::Call(name)) if has_action(&owner, &name) => {
                Ok(Place::Action { owner, name })
            }
            Some(Segment::Keyed(name, key)) => self.member_by_key(owner, name, key),
            Some(_) => Err(nothing_here()),
        }
    }

    /// A relation, a contained collection or an action of some type that the path reaches.
    fn member(&mut self, owner: Target, name: String) -> Result<Place, Failure> {
        if has_relation(&owner, &name) {
            return self.related(owner, name);
        }
        if has_contained(&owner, &name) {
            let key = self.next_name();
            return Ok(Place::Contained { owner, name, key });
        }
        if has_action(&owner, &name) { Ok(Place::Action { owner, name }) } else { Err(nothing_here()) }
    }

    fn related(&mut self, owner: Target, name: String) -> Result<Place, Failure> {
        let ends = if let Some(id) = self.next_name() {
            if !self.take_reference() {
                return Err(nothing_here());
            }
            Ends::Reference(id)
        } else if self.take_reference() {
            Ends::References
        } else {
            Ends::Objects(self.take_cast(self.catalog.everything(self.version))?)
        };
        Ok(Place::Related { owner, name, ends })
    }

    /// `federatedIdentityCredentials(name='x')`, `sponsors('id')/$ref`.
    fn member_by_key(&mut self, owner: Target, name: String, key: Key) -> Result<Place, Failure> {
        let is_key_of = |wanted: &str| {
            owner.scope.types.iter().filter_map(|one| one.contained(&name)).any(|contained| contained.key() == wanted)
        };
        match key {
            Key::Id(id) if has_relation(&owner, &name) && self.take_reference() => {
                Ok(Place::Related { owner, name, ends: Ends::Reference(id) })
            }
            Key::Id(id) if has_contained(&owner, &name) => Ok(Place::Contained { owner, name, key: Some(id) }),
            Key::Alternate { name: member, value } if is_key_of(&member) => {
                Ok(Place::Contained { owner, name, key: Some(value) })
            }
            _ => Err(nothing_here()),
        }
    }

    fn names_deleted_items(&self) -> bool {
        matches!(self.rest.front(), Some(Segment::Name(name)) if name.eq_ignore_ascii_case("deletedItems"))
    }

    fn deleted_items(&mut self) -> Result<Place, Failure> {
        self.rest.pop_front();
        let scope = self.take_cast(self.catalog.everything(self.version))?;
        let Some(id) = self.next_name() else { return Ok(Place::DeletedSet(scope)) };
        let target = Target { scope, key: Key::Id(id) };
        match self.rest.pop_front() {
            None => Ok(Place::Deleted(target)),
            Some(Segment::Name(verb) | Segment::Cast(verb)) if verb == "restore" => Ok(Place::Restore(target)),
            Some(_) => Err(nothing_here()),
        }
    }
}

fn has_relation(owner: &Target, name: &str) -> bool {
    owner.scope.types.iter().any(|one| one.relation(name).is_some())
}

fn has_contained(owner: &Target, name: &str) -> bool {
    owner.scope.types.iter().any(|one| one.contained(name).is_some())
}

fn has_action(owner: &Target, name: &str) -> bool {
    owner.scope.types.iter().any(|one| one.action(name).is_some())
}
