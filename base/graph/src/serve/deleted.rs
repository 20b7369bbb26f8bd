//! The deleted items: what can be brought back, for thirty days.

use super::Serving;
use super::item::Found;
use crate::entity::Entity;
use crate::respond::nothing;
use crate::rights::require;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::Liveness;
use std::sync::Arc;

impl Serving<'_> {
    pub(super) async fn list_deleted(&self, entity: Option<&Arc<dyn Entity>>) -> Result<Response<Body>, Failure> {
        let options = self.options()?;
        let gathered = match entity {
            Some(entity) => {
                require(&self.call.caller, &[entity.declaration().access.read, entity.declaration().access.delete])?;
                self.stored_page(entity, Liveness::Deleted, &options).await?
            }
            None => {
                let readable =
                    self.graph.catalog.entities().iter().map(|entity| entity.declaration()).filter(|declaration| {
                        require(&self.call.caller, &[declaration.access.read, declaration.access.delete]).is_ok()
                            && (self.request.beta || !declaration.beta_only)
                    });
                let kinds: Vec<_> = readable.filter_map(|declaration| declaration.kind).collect();
                self.gather(kinds, Liveness::Deleted, &options).await?
            }
        };
        Ok(self.answer_list("directoryObjects", gathered))
    }

    pub(super) async fn get_deleted(&self, id: &str) -> Result<Response<Body>, Failure> {
        let found = self.find_any(id).await?;
        if found.row.deleted.is_none() {
            return Err(absent(id));
        }
        let access = found.entity.declaration().access;
        require(&self.call.caller, &[access.read, access.delete])?;
        self.answer(StatusCode::OK, &found, &[]).await
    }

    pub(super) async fn purge(&self, id: &str) -> Result<Response<Body>, Failure> {
        let found = self.find_any(id).await?;
        if found.row.deleted.is_none() {
            return Err(absent(id));
        }
        require(&self.call.caller, &[found.entity.declaration().access.delete])?;
        found.entity.purge(&self.call, found.row.id).await?;
        Ok(nothing())
    }

    /// Brings an object back with what went with it. What is back already, because its parent was restored, is
    /// answered as it is: scripts that restore one by one go on working.
    pub(super) async fn restore(&self, id: &str) -> Result<Response<Body>, Failure> {
        let found = self.find_any(id).await?;
        require(&self.call.caller, &[found.entity.declaration().access.delete])?;
        if found.row.deleted.is_some() {
            found.entity.restore(&self.call, found.row.id).await?;
        }
        let row = self.call.store.read_row(found.row.id).await?.ok_or_else(|| absent(id))?;
        self.answer(StatusCode::OK, &Found { entity: found.entity, row }, &[]).await
    }

    /// The object, deleted or not.
    async fn find_any(&self, id: &str) -> Result<Found, Failure> {
        let parsed: ObjectId = id.parse().map_err(|_| {
            Failure::new(Fault::Input, "Request_BadRequest", format!("Invalid object identifier '{id}'."))
        })?;
        let row = self.call.store.read_row(parsed).await?.ok_or_else(|| absent(id))?;
        let entity = self.graph.catalog.by_kind(&row.kind).ok_or_else(|| absent(id))?.clone();
        if entity.visible(&self.call, &row) { Ok(Found { entity, row }) } else { Err(absent(id)) }
    }
}

fn absent(id: &str) -> Failure {
    let message =
        format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
    Failure::new(Fault::NotFound, "Request_ResourceNotFound", message)
}
