//! What each method does at each place.

mod contained;
mod deleted;
mod item;
mod list;
mod related;

use crate::entity::{Call, Entity, JsonMap};
use crate::place::Place;
use crate::router::Graph;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Response};
use signet_kernel::{Failure, Fault};
use signet_odata::QueryOptions;
use signet_store::Row;
use signet_web::body;
use std::sync::Arc;

/// What is asked, besides the path.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) beta: bool,
}

/// One request being served.
pub(crate) struct Serving<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) call: Call,
    pub(crate) request: Request<'a>,
}

/// The method does not exist here.
fn no_such_method() -> Failure {
    Failure::new(Fault::Method, "Request_BadRequest", "This address does not take this method.")
}

impl Serving<'_> {
    pub(crate) async fn serve(self, place: Place, sent: Body) -> Result<Response<Body>, Failure> {
        let method = self.request.method.clone();
        match (place, method) {
            (Place::Collection(entity), Method::GET) => self.list(&entity).await,
            (Place::Collection(entity), Method::POST) => self.create(entity, sent).await,
            (Place::Item(item), Method::GET) => self.get(&item).await,
            (Place::Item(item), Method::PATCH) => self.update(&item, sent).await,
            (Place::Item(item), Method::DELETE) => self.delete(&item).await,
            (Place::Related { owner, relation, target: None, reference }, Method::GET) => {
                self.list_related(&owner, relation.as_ref(), reference).await
            }
            (Place::Related { owner, relation, target: None, reference: true }, Method::POST) => {
                self.add_related(&owner, relation.as_ref(), sent).await
            }
            (Place::Related { owner, relation, target: Some(target), reference: true }, Method::DELETE) => {
                self.remove_related(&owner, relation.as_ref(), &target).await
            }
            (Place::Contained { owner, contained, key: None }, Method::GET) => {
                self.list_contained(&owner, contained.as_ref()).await
            }
            (Place::Contained { owner, contained, key: None }, Method::POST) => {
                self.create_contained(&owner, contained.as_ref(), sent).await
            }
            (Place::Contained { owner, contained, key: Some(key) }, method) => {
                self.contained_item(&owner, contained.as_ref(), &key, method, sent).await
            }
            (Place::Action { owner, action }, Method::POST) => self.act(&owner, action.as_ref(), sent).await,
            (Place::DeletedItems(entity), Method::GET) => self.list_deleted(entity.as_ref()).await,
            (Place::DeletedItem { id, restore: false }, Method::GET) => self.get_deleted(&id).await,
            (Place::DeletedItem { id, restore: false }, Method::DELETE) => self.purge(&id).await,
            (Place::DeletedItem { id, restore: true }, Method::POST) => self.restore(&id).await,
            _ => Err(no_such_method()),
        }
    }

    /// The system query options.
    fn options(&self) -> Result<QueryOptions, Failure> {
        QueryOptions::parse(self.request.query).map_err(|error| {
            Failure::new(Fault::Input, "Request_UnsupportedQuery", format!("The query cannot be answered: {error}."))
        })
    }

    /// The JSON object that was sent.
    async fn sent(&self, sent: Body) -> Result<JsonMap, Failure> {
        crate::checks::object(body::read_json(self.request.headers, sent, body::DEFAULT_LIMIT).await?)
    }

    /// Whether `Prefer` names `preference`.
    fn prefers(&self, preference: &str) -> bool {
        let values = self.request.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(preference))
    }

    /// A stored object as its own type shows it, narrowed to what is selected.
    async fn view(&self, entity: &dyn Entity, row: &Row, select: &[String]) -> Result<JsonMap, Failure> {
        let mut view = entity.view(row)?;
        entity.complete(&self.call, row, &mut view).await?;
        let declaration = entity.declaration();
        for name in declaration.incompatible {
            view.insert((*name).to_owned(), serde_json::Value::Null);
        }
        if select.is_empty() {
            for name in self.graph.catalog.only_selected(declaration) {
                view.shift_remove(name);
            }
        } else {
            self.check_select(entity, select)?;
            view.retain(|name, _| select.iter().any(|wanted| wanted == name) || name == "id");
        }
        Ok(with_type(declaration.name, declaration.base.is_some(), view))
    }

    fn check_select(&self, entity: &dyn Entity, select: &[String]) -> Result<(), Failure> {
        const EVERYWHERE: [&str; 3] = ["id", "deletedDateTime", "createdDateTime"];
        let declaration = entity.declaration();
        let known = |name: &str| {
            // A list of a base type may select what only some of its objects have.
            let of_family = |other: &Arc<dyn Entity>| {
                other.declaration().set == declaration.set
                    && (self.graph.catalog.property(other.declaration(), name).is_some()
                        || other.declaration().incompatible.contains(&name))
            };
            EVERYWHERE.contains(&name) || self.graph.catalog.entities().iter().any(of_family)
        };
        match select.iter().find(|name| !known(name)) {
            None => Ok(()),
            Some(name) => Err(Failure::new(
                Fault::Input,
                "Request_BadRequest",
                format!("Could not find a property named '{name}' on type 'microsoft.graph.{}'.", declaration.name),
            )
            .with_target("$select")),
        }
    }
}

/// Puts `@odata.type` in front of an object of a derived type.
fn with_type(name: &str, derived: bool, view: JsonMap) -> JsonMap {
    if !derived {
        return view;
    }
    let mut typed = JsonMap::new();
    typed.insert("@odata.type".to_owned(), format!("#microsoft.graph.{name}").into());
    typed.extend(view);
    typed
}
