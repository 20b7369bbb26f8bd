//! Every operation there is, from the declarations: for tests that walk them all, and for documentation.

use crate::catalog::{Catalog, DirectoryType};
use crate::declaration::PropertyType;
use crate::entity::Write;
use crate::rights::{Deed, OtherRights, OtherWays, Way};
use crate::signature::{Answer, Parameter, Signature};
use OperationKind::{
    Call, Count, Create, Delete, Delta, Link, List, ListReferences, Read, ReadReference, Restore, Unlink, Update,
};
use axum::http::Method;

/// One method at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The method.
    pub method: Method,
    /// The path without its version, with `{…}` where a key stands.
    pub path: String,
    /// Permissions of which any one lets a caller in; the operation may ask for more.
    pub permissions: Vec<&'static str>,
    /// Actions of directory roles of which any one lets a caller in too, where it reaches the object.
    pub actions: Vec<String>,
    /// Relations of the object whose far ends are let in too: `owners`.
    pub relations: Vec<&'static str>,
    /// What these are derived from: the kind, and what is done.
    deeds: Vec<(&'static str, Deed)>,
    /// The type.
    pub entity: &'static str,
    /// What it does.
    pub kind: OperationKind,
    /// The type of the objects that it is about: that of a contained collection, where it is about one.
    pub subject: &'static str,
    /// Only under `/beta`.
    pub beta_only: bool,
    /// Only under `/v1.0`.
    pub released_only: bool,
    /// Of a call, what it takes and answers, if its action says so.
    pub signature: Option<Signature>,
}

impl Operation {
    /// The same, with what other rights let a caller in.
    pub(crate) fn with(mut self, other: &dyn OtherRights) -> Self {
        for (kind, deed) in &self.deeds {
            let OtherWays { actions, relations } = other.declared(kind, *deed);
            self.actions.extend(actions);
            self.relations.extend(relations);
        }
        self.actions.sort_unstable();
        self.actions.dedup();
        self.relations.sort_unstable();
        self.relations.dedup();
        self
    }
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Lists objects.
    List,
    /// Counts them.
    Count,
    /// Lists what changed.
    Delta,
    /// Creates one.
    Create,
    /// Reads one.
    Read,
    /// Changes one.
    Update,
    /// Deletes one, or purges one that is deleted.
    Delete,
    /// Brings one back.
    Restore,
    /// Lists references to far ends.
    ListReferences,
    /// Reads the reference to the one far end.
    ReadReference,
    /// Adds a link, or sets the one there is.
    Link,
    /// Removes a link.
    Unlink,
    /// Calls an action or a function.
    Call,
}

pub(crate) fn operations(catalog: &Catalog) -> Vec<Operation> {
    let mut all = Vec::new();
    for one in catalog.types() {
        let mut paths = Paths { one, all: &mut all };
        paths.set_and_items();
        paths.deleted_items();
        paths.relations();
        paths.contained();
        paths.actions();
    }
    of_all_objects(catalog, &mut all);
    all
}

/// What `getByIds` takes and answers.
const BY_IDS: Signature = Signature::answering(Answer::Collection(PropertyType::Complexes(ANY)))
    .taking(&[Parameter::required("ids", PropertyType::Guids), Parameter::optional("types", PropertyType::Strings)]);

/// The type that all stored ones derive from.
pub(crate) const ANY: &str = "directoryObject";

/// What is asked of objects of every type at once.
fn of_all_objects(catalog: &Catalog, all: &mut Vec<Operation>) {
    let kept = catalog.types().iter().filter(|one| one.declaration.kind.is_some() && !one.declaration.beta_only);
    let ways: Vec<Way> = kept.flat_map(|one| one.reading()).collect();
    let permissions = distinct(&ways);
    let asked = [
        (Read, Method::GET, "/directoryObjects/{id}", None),
        (Delta, Method::GET, "/directoryObjects/delta", None),
        (Call, Method::POST, "/directoryObjects/getByIds", Some(BY_IDS)),
    ];
    all.extend(asked.map(|(kind, method, path, signature)| Operation {
        method,
        path: path.to_owned(),
        permissions: permissions.clone(),
        entity: ANY,
        kind,
        subject: ANY,
        beta_only: false,
        released_only: false,
        signature,
        actions: Vec::new(),
        relations: Vec::new(),
        deeds: deeds(&ways),
    }));
}

/// Each permission of these ways once, in their order.
fn distinct(ways: &[Way]) -> Vec<&'static str> {
    let mut permissions: Vec<&'static str> = Vec::new();
    for permission in ways.iter().flat_map(|way| way.permissions.iter().copied()) {
        if !permissions.contains(&permission) {
            permissions.push(permission);
        }
    }
    permissions
}

fn deeds(ways: &[Way]) -> Vec<(&'static str, Deed)> {
    let open = ways.iter().filter(|way| !way.permissions.is_empty());
    open.map(|way| (way.kind, way.deed)).collect()
}

struct Paths<'a> {
    one: &'a DirectoryType,
    all: &'a mut Vec<Operation>,
}

impl Paths<'_> {
    fn add(&mut self, kind: OperationKind, path: String, ways: &[Way]) {
        self.add_about(self.one.declaration.name, (kind, method_of(kind)), path, ways);
    }

    fn add_about(
        &mut self,
        subject: &'static str,
        (kind, method): (OperationKind, Method),
        path: String,
        ways: &[Way],
    ) {
        let permissions = distinct(ways);
        if !permissions.is_empty() {
            let declaration = self.one.declaration;
            let (entity, beta_only) = (declaration.name, declaration.beta_only);
            self.all.push(Operation {
                method,
                path,
                permissions,
                actions: Vec::new(),
                relations: Vec::new(),
                deeds: deeds(ways),
                entity,
                kind,
                subject,
                beta_only,
                released_only: false,
                signature: None,
            });
        }
    }

    /// `/microsoft.graph.{type}` for a derived type.
    fn cast(&self) -> String {
        let declaration = self.one.declaration;
        declaration.base.map_or_else(String::new, |_| format!("/microsoft.graph.{}", declaration.name))
    }

    fn item(&self) -> String {
        format!("/{}/{{id}}{}", self.one.declaration.set, self.cast())
    }

    fn set_and_items(&mut self) {
        let (declaration, updating) = (self.one.declaration, self.one.updating());
        let set = format!("/{}{}", declaration.set, self.cast());
        let read = self.one.reading();
        if self.one.entity.is_singleton() {
            return self.singleton(&set, (&read, &updating));
        }
        self.add(List, set.clone(), &read);
        if declaration.kind.is_some() {
            self.add(Count, format!("{set}/$count"), &read);
            self.add(Delta, format!("{set}/delta"), &read);
            self.add(Create, set, &self.one.creating());
        }
        let keyed = |key: &str| format!("/{}({key}='{{{key}}}'){}", declaration.set, self.cast());
        let by_key = declaration.alternate_keys.iter().map(|(key, _)| *key).filter(|key| *key != "id").map(keyed);
        for path in [self.item()].into_iter().chain(by_key).collect::<Vec<_>>() {
            self.add(Read, path.clone(), &read);
            self.add(Update, path.clone(), &updating);
            self.add(Delete, path, &self.one.deleting());
        }
    }

    /// One object at the path of its set; under `/beta` perhaps a list of one.
    fn singleton(&mut self, set: &str, (read, updating): (&[Way], &[Way])) {
        let first = self.all.len();
        self.add(Read, set.to_owned(), read);
        self.add(Update, set.to_owned(), updating);
        if self.one.entity.is_listed_in_beta() {
            self.all.iter_mut().skip(first).for_each(|added| added.released_only = true);
            let (listed, item) = (self.all.len(), format!("{set}/{{id}}"));
            self.add(List, set.to_owned(), read);
            self.add(Read, item.clone(), read);
            self.add(Update, item, updating);
            self.all.iter_mut().skip(listed).for_each(|added| added.beta_only = true);
        }
    }

    fn deleted_items(&mut self) {
        let declaration = self.one.declaration;
        if declaration.kind.is_none() || declaration.access.delete.is_empty() {
            return;
        }
        let list = format!("/directory/deletedItems/microsoft.graph.{}", declaration.name);
        let item = "/directory/deletedItems/{id}".to_owned();
        self.add(List, list, &self.one.reading_deleted());
        self.add(Read, item.clone(), &self.one.reading_deleted());
        self.add(Delete, item.clone(), &self.one.purging());
        self.add(Restore, format!("{item}/restore"), &self.one.restoring());
    }

    fn relations(&mut self) {
        let one = self.one;
        for relation in &one.relations {
            let path = format!("{}/{}", self.item(), relation.name());
            let (reading, writing) = (one.reading(), one.linking(relation.as_ref()));
            let (subject, reference) = (relation.target(), format!("{path}/$ref"));
            let about = |kind| (kind, method_of(kind));
            if relation.single() {
                self.add_about(subject, about(Read), path, &reading);
                self.add_about(subject, about(ReadReference), reference.clone(), &reading);
                if !relation.read_only() {
                    self.add_about(subject, (Link, Method::PUT), reference.clone(), &writing);
                    self.add_about(subject, about(Unlink), reference, &writing);
                }
                continue;
            }
            self.add_about(subject, about(List), path.clone(), &reading);
            self.add_about(subject, about(ListReferences), reference.clone(), &reading);
            if !relation.read_only() {
                self.add_about(subject, about(Link), reference, &writing);
                self.add_about(subject, about(Unlink), format!("{path}/{{id}}/$ref"), &writing);
            }
            self.add_about(subject, about(Count), format!("{path}/$count"), &reading);
        }
    }

    fn contained(&mut self) {
        let one = self.one;
        for contained in &one.contained {
            let path = format!("{}/{}", self.item(), contained.name());
            let item = format!("{path}/{{{}}}", contained.key());
            let (reading, writing) = (one.reading_part(contained.as_ref()), one.changing_part(contained.as_ref()));
            let mut add = |kind, path: &str, ways: &[Way]| {
                let write = match kind {
                    Create => Some(Write::Create),
                    Update => Some(Write::Update),
                    Delete => Some(Write::Delete),
                    _ => None,
                };
                if write.is_some_and(|write| contained.refuses().contains(&write)) {
                    return;
                }
                self.add_about(contained.type_name(), (kind, method_of(kind)), path.to_owned(), ways);
            };
            add(List, &path, &reading);
            add(Count, &format!("{path}/$count"), &reading);
            add(Create, &path, &writing);
            add(Read, &item, &reading);
            add(Update, &item, &writing);
            add(Delete, &item, &writing);
        }
    }

    fn actions(&mut self) {
        let one = self.one;
        for action in &one.actions {
            let path = format!("{}/{}", self.item(), action.name());
            let method = if action.is_function() { Method::GET } else { Method::POST };
            self.call(method, path, &one.calling(action.as_ref()), action.signature());
        }
        for action in &one.set_actions {
            let set = if action.of_all_objects() { "directoryObjects" } else { one.declaration.set };
            let cast = if action.of_all_objects() { String::new() } else { self.cast() };
            let path = format!("/{set}{cast}/{}", action.name());
            let ways = one.calling_of_set(action.name(), action.callable_with());
            self.call(Method::POST, path, &ways, action.signature());
        }
    }

    fn call(&mut self, method: Method, path: String, ways: &[Way], signature: Option<Signature>) {
        let before = self.all.len();
        self.add_about(self.one.declaration.name, (Call, method), path, ways);
        self.all.iter_mut().skip(before).for_each(|added| added.signature = signature);
    }
}

/// How an operation is asked for, unless its place says otherwise.
fn method_of(kind: OperationKind) -> Method {
    match kind {
        List | Count | Delta | Read | ListReferences | ReadReference => Method::GET,
        Create | Restore | Link | Call => Method::POST,
        Update => Method::PATCH,
        Delete | Unlink => Method::DELETE,
    }
}
