//! Collections that hang off one object.

use super::item::Found;
use super::list::Gathered;
use super::{Serving, no_such_method};
use crate::entity::{Contained, JsonMap};
use crate::place::{ItemPlace, nothing_here};
use crate::respond::{json, nothing, with_context, with_etag};
use crate::rights::require;
use axum::body::Body;
use axum::http::{Method, Response, StatusCode};
use serde_json::Value;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{IndexKey, IndexMatch, ListQuery, Liveness, Row};

/// The most objects that hang off one object.
const MOST: usize = 10_000;

impl Serving<'_> {
    /// The object and its own type's collection of that name.
    async fn holder(
        &self,
        owner: &ItemPlace,
        contained: &dyn Contained,
    ) -> Result<(Found, Box<dyn Contained>), Failure> {
        let found = self.find(owner).await?;
        let own = found.entity.contained().into_iter().find(|own| own.name() == contained.name());
        own.map(|own| (found, own)).ok_or_else(nothing_here)
    }

    pub(super) async fn list_contained(
        &self,
        owner: &ItemPlace,
        contained: &dyn Contained,
    ) -> Result<Response<Body>, Failure> {
        let (found, contained) = self.holder(owner, contained).await?;
        require(&self.call.caller, &[found.entity.declaration().access.read, contained.readable_with()])?;
        let mut items = contained.derived(&self.call, found.row.id).await?;
        for row in self.rows_of(contained.as_ref(), found.row.id).await? {
            items.push(self.view_contained(contained.as_ref(), &row).await?);
        }
        let context = format!("{}('{}')/{}", found.entity.declaration().set, found.row.id, contained.name());
        Ok(self.answer_list(&context, Gathered { items, next: None }))
    }

    pub(super) async fn create_contained(
        &self,
        owner: &ItemPlace,
        contained: &dyn Contained,
        sent: Body,
    ) -> Result<Response<Body>, Failure> {
        let (found, contained) = self.holder(owner, contained).await?;
        require(&self.call.caller, &[found.entity.declaration().access.update, contained.writable_with()])?;
        let body = self.sent(sent).await?;
        let id = contained.create(&self.call, found.row.id, body).await?;
        let row = self.call.store.read_row(id).await?.ok_or_else(|| Failure::bug("created and not found"))?;
        self.answer_contained(StatusCode::CREATED, contained.as_ref(), &row).await
    }

    pub(super) async fn contained_item(
        &self,
        owner: &ItemPlace,
        contained: &dyn Contained,
        key: &str,
        method: Method,
        sent: Body,
    ) -> Result<Response<Body>, Failure> {
        let (found, contained) = self.holder(owner, contained).await?;
        let parent = found.row.id;
        let access = found.entity.declaration().access;
        let contained = contained.as_ref();
        match method {
            Method::GET => {
                require(&self.call.caller, &[access.read, contained.readable_with()])?;
                let row = self.find_contained(contained, parent, key).await?;
                self.answer_contained(StatusCode::OK, contained, &row).await
            }
            Method::PATCH => {
                require(&self.call.caller, &[access.update, contained.writable_with()])?;
                let row = self.find_contained(contained, parent, key).await?;
                let body = self.sent(sent).await?;
                contained.update(&self.call, parent, row.id, body).await?;
                if !contained.update_answers_object() {
                    return Ok(nothing());
                }
                let row = self.find_contained(contained, parent, key).await?;
                self.answer_contained(StatusCode::OK, contained, &row).await
            }
            Method::DELETE => {
                require(&self.call.caller, &[access.update, contained.writable_with()])?;
                let id = self.find_contained(contained, parent, key).await?.id;
                contained.delete(&self.call, parent, id).await?;
                Ok(nothing())
            }
            _ => Err(no_such_method()),
        }
    }

    async fn rows_of(&self, contained: &dyn Contained, parent: ObjectId) -> Result<Vec<Row>, Failure> {
        let (kind, field) = contained.stored();
        let query = ListQuery {
            kinds: vec![kind],
            liveness: Liveness::Live,
            after: None,
            limit: MOST,
            index: Some(IndexMatch { field, key: IndexKey::uuid(parent.uuid()) }),
        };
        Ok(self.call.store.list(query).await?.items)
    }

    /// By object id, or by the key member of its view.
    async fn find_contained(&self, contained: &dyn Contained, parent: ObjectId, key: &str) -> Result<Row, Failure> {
        for row in self.rows_of(contained, parent).await? {
            let view = contained.view(&row)?;
            let named = view.get(contained.key()).and_then(Value::as_str);
            if row.id.to_string().eq_ignore_ascii_case(key)
                || named.is_some_and(|named| named.eq_ignore_ascii_case(key))
            {
                return Ok(row);
            }
        }
        let message = format!("There is no '{key}' among the {} of this object.", contained.name());
        Err(Failure::new(Fault::NotFound, "Request_ResourceNotFound", message))
    }

    async fn view_contained(&self, contained: &dyn Contained, row: &Row) -> Result<JsonMap, Failure> {
        let mut view = contained.view(row)?;
        contained.complete(&self.call, row, &mut view).await?;
        Ok(view)
    }

    async fn answer_contained(
        &self,
        status: StatusCode,
        contained: &dyn Contained,
        row: &Row,
    ) -> Result<Response<Body>, Failure> {
        let view = self.view_contained(contained, row).await?;
        let context = format!("{}/$metadata#{}/$entity", self.call.base_url, contained.name());
        Ok(with_etag(json(status, with_context(context, view)), row))
    }
}
