//! Every operation there is, from the declarations: for tests that walk them all, and for documentation.

use crate::catalog::{Catalog, DirectoryType};
use crate::rights::AnyOf;
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
    /// The type.
    pub entity: &'static str,
    /// Only under `/beta`.
    pub beta_only: bool,
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
    all
}

struct Paths<'a> {
    one: &'a DirectoryType,
    all: &'a mut Vec<Operation>,
}

impl Paths<'_> {
    fn add(&mut self, method: Method, path: String, lists: &[AnyOf]) {
        let mut permissions: Vec<&'static str> = Vec::new();
        for permission in lists.iter().flat_map(|list| list.iter().copied()) {
            if !permissions.contains(&permission) {
                permissions.push(permission);
            }
        }
        if !permissions.is_empty() {
            let declaration = self.one.declaration;
            let (entity, beta_only) = (declaration.name, declaration.beta_only);
            self.all.push(Operation { method, path, permissions, entity, beta_only });
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
        let (declaration, updating) = (self.one.declaration, self.one.update_permissions().collect::<Vec<_>>());
        let set = format!("/{}{}", declaration.set, self.cast());
        self.add(Method::GET, set.clone(), &[declaration.access.read]);
        if declaration.kind.is_some() {
            self.add(Method::GET, format!("{set}/$count"), &[declaration.access.read]);
            self.add(Method::GET, format!("{set}/delta"), &[declaration.access.read]);
            self.add(Method::POST, set, &[declaration.access.create]);
        }
        let keyed = |key: &str| format!("/{}({key}='{{{key}}}'){}", declaration.set, self.cast());
        let by_key = declaration.alternate_keys.iter().map(|(key, _)| keyed(key));
        for path in [self.item()].into_iter().chain(by_key).collect::<Vec<_>>() {
            self.add(Method::GET, path.clone(), &[declaration.access.read]);
            self.add(Method::PATCH, path.clone(), &updating);
            self.add(Method::DELETE, path, &[declaration.access.delete]);
        }
    }

    fn deleted_items(&mut self) {
        let declaration = self.one.declaration;
        let delete = declaration.access.delete;
        if declaration.kind.is_none() || delete.is_empty() {
            return;
        }
        let list = format!("/directory/deletedItems/microsoft.graph.{}", declaration.name);
        let item = "/directory/deletedItems/{id}".to_owned();
        self.add(Method::GET, list, &[delete, declaration.access.read]);
        self.add(Method::GET, item.clone(), &[delete, declaration.access.read]);
        self.add(Method::DELETE, item.clone(), &[delete]);
        self.add(Method::POST, format!("{item}/restore"), &[delete]);
    }

    fn relations(&mut self) {
        let access = self.one.declaration.access;
        for relation in &self.one.relations {
            let path = format!("{}/{}", self.item(), relation.name());
            let writing = [access.update, relation.writable_with()];
            self.add(Method::GET, path.clone(), &[access.read]);
            self.add(Method::GET, format!("{path}/$ref"), &[access.read]);
            match (relation.read_only(), relation.single()) {
                (true, _) => {}
                (false, true) => {
                    self.add(Method::PUT, format!("{path}/$ref"), &writing);
                    self.add(Method::DELETE, format!("{path}/$ref"), &writing);
                }
                (false, false) => {
                    self.add(Method::POST, format!("{path}/$ref"), &writing);
                    self.add(Method::DELETE, format!("{path}/{{id}}/$ref"), &writing);
                }
            }
            if !relation.single() {
                self.add(Method::GET, format!("{path}/$count"), &[access.read]);
            }
        }
    }

    fn contained(&mut self) {
        let access = self.one.declaration.access;
        for contained in &self.one.contained {
            let path = format!("{}/{}", self.item(), contained.name());
            let item = format!("{path}/{{{}}}", contained.key());
            let reading = [access.read, contained.readable_with()];
            let writing = [access.update, contained.writable_with()];
            self.add(Method::GET, path.clone(), &reading);
            self.add(Method::GET, format!("{path}/$count"), &reading);
            self.add(Method::POST, path, &writing);
            self.add(Method::GET, item.clone(), &reading);
            self.add(Method::PATCH, item.clone(), &writing);
            self.add(Method::DELETE, item, &writing);
        }
    }

    fn actions(&mut self) {
        for action in &self.one.actions {
            let path = format!("{}/{}", self.item(), action.name());
            let method = if action.is_function() { Method::GET } else { Method::POST };
            self.add(method, path, &self.one.calling(action.as_ref()));
        }
        for action in &self.one.set_actions {
            let set = if action.of_all_objects() { "directoryObjects" } else { self.one.declaration.set };
            let cast = if action.of_all_objects() { String::new() } else { self.cast() };
            self.add(Method::POST, format!("/{set}{cast}/{}", action.name()), &[action.callable_with()]);
        }
    }
}
