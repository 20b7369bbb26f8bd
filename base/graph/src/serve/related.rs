//! Relations: who is linked, and `$ref`.

use super::Serving;
use super::item::Found;
use super::list::Gathered;
use crate::entity::{JsonMap, Relation};
use crate::place::ItemPlace;
use crate::respond::nothing;
use crate::rights::require;
use axum::body::Body;
use axum::http::Response;
use serde_json::Value;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_odata::object_reference;

impl Serving<'_> {
    /// The object and its own type's relation of that name.
    async fn owner_of(
        &self,
        owner: &ItemPlace,
        relation: &dyn Relation,
    ) -> Result<(Found, Box<dyn Relation>), Failure> {
        let found = self.find(owner).await?;
        let own = found.entity.relations().into_iter().find(|own| own.name() == relation.name());
        own.map(|own| (found, own)).ok_or_else(crate::place::nothing_here)
    }

    pub(super) async fn list_related(
        &self,
        owner: &ItemPlace,
        relation: &dyn Relation,
        reference: bool,
    ) -> Result<Response<Body>, Failure> {
        let (found, relation) = self.owner_of(owner, relation).await?;
        require(&self.call.caller, &[found.entity.declaration().access.read])?;
        let options = self.options()?;
        let links = self.call.store.links_from(found.row.id, relation.name()).await?;
        let targets: Vec<ObjectId> = links.links.iter().map(|link| link.target).collect();
        let mut items = Vec::new();
        if reference {
            items.extend(targets.iter().map(|id| {
                let mut item = JsonMap::new();
                item.insert("@odata.id".to_owned(), format!("{}/directoryObjects/{id}", self.call.base_url).into());
                item
            }));
        } else {
            for row in self.call.store.read_rows(&targets).await? {
                items.extend(self.view_of(&row, &options.select).await?);
            }
        }
        let context = if reference { "Collection($ref)" } else { "directoryObjects" };
        Ok(self.answer_list(context, Gathered { items, next: None }))
    }

    pub(super) async fn add_related(
        &self,
        owner: &ItemPlace,
        relation: &dyn Relation,
        sent: Body,
    ) -> Result<Response<Body>, Failure> {
        let (found, relation) = self.owner_of(owner, relation).await?;
        require(&self.call.caller, &[found.entity.declaration().access.update, relation.writable_with()])?;
        let body = self.sent(sent).await?;
        let target = body.get("@odata.id").and_then(Value::as_str).and_then(object_reference).ok_or_else(|| {
            let message =
                "Send {\"@odata.id\": \"https://…/v1.0/users/{id}\"}: a reference that ends in the object's id.";
            Failure::new(Fault::Input, "Request_BadRequest", message).with_target("@odata.id")
        })?;
        relation.add(&self.call, found.row.id, target).await?;
        Ok(nothing())
    }

    pub(super) async fn remove_related(
        &self,
        owner: &ItemPlace,
        relation: &dyn Relation,
        target: &str,
    ) -> Result<Response<Body>, Failure> {
        let (found, relation) = self.owner_of(owner, relation).await?;
        require(&self.call.caller, &[found.entity.declaration().access.update, relation.writable_with()])?;
        let target = target.parse().map_err(|_| {
            Failure::new(Fault::Input, "Request_BadRequest", format!("Invalid object identifier '{target}'."))
        })?;
        relation.remove(&self.call, found.row.id, target).await?;
        Ok(nothing())
    }
}
