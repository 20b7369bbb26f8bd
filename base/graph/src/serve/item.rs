//! One object: get, create, change, delete, act.

use super::{Serving, with_type};
use crate::checks::{may_update, members};
use crate::entity::{Action, ActionResult, Entity, JsonMap};
use crate::place::{ItemPlace, nothing_here};
use crate::respond::{json, nothing, with_context, with_etag};
use crate::rights::require;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::Value;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_odata::{Key, type_name};
use signet_store::{IndexKey, Row};
use std::sync::Arc;

fn absent(key: &str) -> Failure {
    let message =
        format!("Resource '{key}' does not exist or one of its queried reference-property objects are not present.");
    Failure::new(Fault::NotFound, "Request_ResourceNotFound", message)
}

/// A stored object with the type it is of.
pub(super) struct Found {
    pub(super) entity: Arc<dyn Entity>,
    pub(super) row: Row,
}

impl Serving<'_> {
    /// The living object at a place, if it is of the place's type and the caller may see it.
    pub(super) async fn find(&self, item: &ItemPlace) -> Result<Found, Failure> {
        let id = self.id_of(item).await?.ok_or_else(|| absent(&key_text(&item.key)))?;
        let row = self.call.store.read_row(id).await?.filter(|row| row.deleted.is_none());
        let found = row.and_then(|row| {
            let entity = self.graph.catalog.by_kind(&row.kind)?.clone();
            Some(Found { entity, row })
        });
        let reached = |found: &Found| {
            let declaration = found.entity.declaration();
            self.graph.catalog.is_a(declaration, item.entity.declaration())
                && (self.request.beta || !declaration.beta_only)
                && found.entity.visible(&self.call, &found.row)
        };
        found.filter(reached).ok_or_else(|| absent(&key_text(&item.key)))
    }

    async fn id_of(&self, item: &ItemPlace) -> Result<Option<ObjectId>, Failure> {
        let (name, value) = match &item.key {
            Key::Id(id) => {
                let malformed =
                    || Failure::new(Fault::Input, "Request_BadRequest", format!("Invalid object identifier '{id}'."));
                return id.parse().map(Some).map_err(|_| malformed());
            }
            Key::Alternate { name, value } => (name, value),
        };
        let spaces = self.graph.catalog.entities().iter().filter(|entity| {
            self.graph.catalog.is_a(entity.declaration(), item.entity.declaration())
                || self.graph.catalog.is_a(item.entity.declaration(), entity.declaration())
        });
        let mut known = false;
        for (_, space) in spaces.flat_map(|entity| entity.declaration().alternate_keys).filter(|(key, _)| key == name) {
            known = true;
            for key in alternate_keys(value) {
                if let Some(id) = self.call.store.find_key_anywhere(space, &key).await? {
                    return Ok(Some(id));
                }
            }
        }
        if known { Ok(None) } else { Err(nothing_here()) }
    }

    pub(super) async fn get(&self, item: &ItemPlace) -> Result<Response<Body>, Failure> {
        require(&self.call.caller, &[item.entity.declaration().access.read])?;
        if let Key::Id(id) = &item.key
            && let Some(found) = item.entity.item(&self.call, id).await
        {
            let context = self.entity_context(item.entity.declaration().set);
            return Ok(json(StatusCode::OK, with_context(context, found?)));
        }
        let found = self.find(item).await?;
        let options = self.options()?;
        self.answer(StatusCode::OK, &found, &options.select).await
    }

    pub(super) async fn create(&self, entity: Arc<dyn Entity>, sent: Body) -> Result<Response<Body>, Failure> {
        let body = self.sent(sent).await?;
        let entity = self.created_type(entity, &body)?;
        self.create_of(&entity, body).await
    }

    async fn create_of(&self, entity: &Arc<dyn Entity>, mut body: JsonMap) -> Result<Response<Body>, Failure> {
        require(&self.call.caller, &[entity.declaration().access.create])?;
        members(&self.graph.catalog, entity.as_ref(), &mut body)?;
        let id = entity.create(&self.call, body).await?;
        let row = self.call.store.read_row(id).await?.ok_or_else(|| Failure::bug("created and not found"))?;
        self.answer(StatusCode::CREATED, &Found { entity: entity.clone(), row }, &[]).await
    }

    /// The type to create: the one that `@odata.type` names, if it is the address's or derives from it.
    fn created_type(&self, entity: Arc<dyn Entity>, body: &JsonMap) -> Result<Arc<dyn Entity>, Failure> {
        let Some(annotation) = body.get("@odata.type") else { return Ok(entity) };
        let named = annotation.as_str().and_then(type_name).and_then(|name| self.graph.catalog.by_name(name));
        let fits = |named: &&Arc<dyn Entity>| {
            let declaration = named.declaration();
            self.graph.catalog.is_a(declaration, entity.declaration()) && (self.request.beta || !declaration.beta_only)
        };
        named.filter(fits).cloned().ok_or_else(|| {
            let message = format!("'{annotation}' is not a type that can be created at this address.");
            Failure::new(Fault::Input, "Request_BadRequest", message).with_target("@odata.type")
        })
    }

    pub(super) async fn update(&self, item: &ItemPlace, sent: Body) -> Result<Response<Body>, Failure> {
        let mut body = self.sent(sent).await?;
        let found = match self.find(item).await {
            Err(failure) if failure.fault == Fault::NotFound && self.prefers("create-if-missing") => {
                return self.upsert(item, body, failure).await;
            }
            found => found?,
        };
        self.check_version(&found.row)?;
        members(&self.graph.catalog, found.entity.as_ref(), &mut body)?;
        may_update(&self.graph.catalog, found.entity.declaration(), &self.call.caller, &body)?;
        found.entity.update(&self.call, found.row.id, body).await?;
        if self.prefers("return=representation") {
            let found = self.find(item).await?;
            return self.answer(StatusCode::OK, &found, &[]).await;
        }
        Ok(nothing())
    }

    /// Creates what an alternate key names and nobody has.
    async fn upsert(&self, item: &ItemPlace, mut body: JsonMap, absent: Failure) -> Result<Response<Body>, Failure> {
        let Key::Alternate { name, value } = &item.key else { return Err(absent) };
        body.insert(name.clone(), Value::String(value.clone()));
        let entity = self.created_type(item.entity.clone(), &body)?;
        self.create_of(&entity, body).await
    }

    pub(super) async fn delete(&self, item: &ItemPlace) -> Result<Response<Body>, Failure> {
        let found = self.find(item).await?;
        require(&self.call.caller, &[found.entity.declaration().access.delete])?;
        self.check_version(&found.row)?;
        found.entity.delete(&self.call, found.row.id).await?;
        Ok(nothing())
    }

    pub(super) async fn act(
        &self,
        owner: &ItemPlace,
        action: &dyn Action,
        sent: Body,
    ) -> Result<Response<Body>, Failure> {
        let found = self.find(owner).await?;
        // The type of the object decides: an agent refuses what its base type offers, and says why.
        let own = found.entity.actions().into_iter().find(|own| own.name() == action.name());
        let action: &dyn Action = own.as_deref().unwrap_or(action);
        require(&self.call.caller, &[found.entity.declaration().access.update, action.callable_with()])?;
        let body = self.sent(sent).await?;
        match action.call(&self.call, found.row.id, body).await? {
            ActionResult::Nothing => Ok(nothing()),
            ActionResult::Object(object) => {
                let context = format!("{}/$metadata#{}", self.call.base_url, action.name());
                Ok(json(StatusCode::OK, with_context(context, object)))
            }
        }
    }

    pub(super) async fn answer(
        &self,
        status: StatusCode,
        found: &Found,
        select: &[String],
    ) -> Result<Response<Body>, Failure> {
        let view = self.view(found.entity.as_ref(), &found.row, select).await?;
        let context = self.entity_context(found.entity.declaration().set);
        Ok(with_etag(json(status, with_context(context, view)), &found.row))
    }

    fn entity_context(&self, set: &str) -> String {
        format!("{}/$metadata#{set}/$entity", self.call.base_url)
    }

    fn check_version(&self, row: &Row) -> Result<(), Failure> {
        match self.call.if_match {
            Some(version) if version != row.version => Err(Failure::new(
                Fault::Precondition,
                "Request_PreconditionFailed",
                "Somebody changed the object since the ETag in If-Match was answered; read it again.",
            )
            .with_target("If-Match")),
            _ => Ok(()),
        }
    }

    /// An object of another type, named and typed: for relations.
    pub(super) async fn view_of(&self, row: &Row, select: &[String]) -> Result<Option<JsonMap>, Failure> {
        let Some(entity) = self.graph.catalog.by_kind(&row.kind) else { return Ok(None) };
        let view = self.view(entity.as_ref(), row, select).await?;
        let view =
            if view.contains_key("@odata.type") { view } else { with_type(entity.declaration().name, true, view) };
        Ok(Some(view))
    }
}

fn key_text(key: &Key) -> String {
    match key {
        Key::Id(id) => id.clone(),
        Key::Alternate { name, value } => format!("{name}='{value}'"),
    }
}

/// A key is kept as a GUID if it is one, else as text.
fn alternate_keys(value: &str) -> Vec<IndexKey> {
    let guid = value.parse::<ObjectId>().ok().map(|id| IndexKey::uuid(id.uuid()));
    guid.into_iter().chain([IndexKey::text(value)]).collect()
}
