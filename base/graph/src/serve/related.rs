//! The links of one relation of one object.

use super::{list_context, permitted};
use crate::body_check::bad;
use crate::catalog::{DirectoryType, Scope};
use crate::entity::{JsonMap, Relation};
use crate::listing::{PageOf, Paging, filter};
use crate::lookup::{Found, in_scope, not_found, object_id};
use crate::page_token::PageTokens;
use crate::place::{Target, nothing_here};
use crate::request::Request;
use crate::respond;
use crate::rights::AnyOf;
use crate::view::{Naming, check_names, named, only, selected, whole};
use axum::body::Body;
use axum::http::Response;
use serde_json::Value;
use signet_kernel::{Failure, ObjectId};
use signet_odata::{Filter, Key, object_reference};
use signet_store::{LinkSet, Liveness};
use std::collections::HashMap;
use std::sync::Arc;

/// Far ends read at a time.
const CHUNK: usize = 100;

/// The links named `name` of one object.
pub(super) struct Links<'r> {
    pub(super) request: &'r Request,
    pub(super) owner: &'r Target,
    pub(super) name: &'r str,
}

impl Links<'_> {
    /// GET: the far ends, named and typed; whole for those that the caller may read.
    pub(super) async fn objects(&self, tokens: &PageTokens, scope: &Scope) -> Result<Response<Body>, Failure> {
        check_names(scope, "$select", self.request.options.select.iter().map(String::as_str))?;
        let filter = filter(self.request, scope)?;
        let paging = Paging::of(self.request, tokens);
        let links = self.links().await?;
        let (items, next) = self.page(&links, scope, &paging, filter.as_ref()).await?;
        let context = list_context(self.request, &scope.context());
        Ok(respond::list(context, items, next.map(|after| paging.next_link(after))))
    }

    async fn page(
        &self,
        links: &LinkSet,
        scope: &Scope,
        paging: &Paging<'_>,
        filter: Option<&Filter>,
    ) -> Result<PageOf<ObjectId>, Failure> {
        let mut after = paging.after_object()?;
        let targets: Vec<ObjectId> = remaining(links, after).collect();
        let mut items = Vec::new();
        for chunk in targets.chunks(CHUNK) {
            let rows = self.request.call.store.read_rows(chunk).await?;
            let mut rows: HashMap<ObjectId, _> = rows.into_iter().map(|row| (row.id, row)).collect();
            for id in chunk {
                if items.len() >= paging.top {
                    return Ok((items, after));
                }
                after = Some(*id);
                let found = rows.remove(id).and_then(|row| in_scope(scope, row, Liveness::Live));
                let Some(found) = found else { continue };
                items.extend(self.shown(found, filter).await?);
            }
        }
        Ok((items, None))
    }

    async fn shown(&self, (one, row): Found, filter: Option<&Filter>) -> Result<Option<JsonMap>, Failure> {
        let Request { call, options, .. } = self.request;
        let readable = self.request.sees(&one, &row);
        let view = if readable { whole(call, &one, &row, Naming::Always).await? } else { named(&one, &row)? };
        if filter.is_some_and(|filter| !filter.matches(&view)) {
            return Ok(None);
        }
        Ok(Some(if readable { selected(view, &one, &options.select) } else { only(view, &options.select) }))
    }

    /// GET `$ref`.
    pub(super) async fn references(&self, tokens: &PageTokens) -> Result<Response<Body>, Failure> {
        if let Some(option) = ["$select", "$filter"].into_iter().find(|option| self.gives(option)) {
            return Err(bad(option, format!("`{option}` does not apply to references; leave it out.")));
        }
        let paging = Paging::of(self.request, tokens);
        let links = self.links().await?;
        let base_url = &self.request.call.base_url;
        let mut rest = remaining(&links, paging.after_object()?).peekable();
        let page: Vec<ObjectId> = rest.by_ref().take(paging.top).collect();
        let next = page.last().filter(|_| rest.peek().is_some()).map(|last| paging.next_link(last));
        let reference = |id: &ObjectId| {
            let link = format!("{base_url}/directoryObjects/{id}");
            JsonMap::from_iter([("@odata.id".to_owned(), Value::from(link))])
        };
        let context = format!("{base_url}/$metadata#Collection($ref)");
        Ok(respond::list(context, page.iter().map(reference).collect(), next))
    }

    fn gives(&self, option: &str) -> bool {
        let options = &self.request.options;
        if option == "$select" { !options.select.is_empty() } else { options.filter.is_some() }
    }

    /// The links, for a caller that may read the object they leave.
    async fn links(&self) -> Result<Arc<LinkSet>, Failure> {
        let reading = |one: &DirectoryType| one.relation(self.name).map(|_| one.declaration.access.read);
        let (one, row) = permitted(self.request, self.owner, reading).await?;
        if !self.request.sees(&one, &row) {
            return Err(not_found(&self.owner.key));
        }
        let relation = one.relation(self.name).ok_or_else(nothing_here)?;
        Ok(self.request.call.store.links_from(row.id, relation.name()).await?)
    }

    /// POST `$ref`.
    pub(super) async fn add(&self) -> Result<Response<Body>, Failure> {
        self.request.refuse_options()?;
        let (one, row) = self.changeable().await?;
        let relation = self.relation(&one)?;
        let target = reference(&self.request.object().await?)?;
        relation.add(&self.request.call, row.id, target).await?;
        Ok(respond::nothing())
    }

    /// DELETE `{id}/$ref`.
    pub(super) async fn remove(&self, id: &str) -> Result<Response<Body>, Failure> {
        self.request.refuse_options()?;
        let (one, row) = self.changeable().await?;
        let relation = self.relation(&one)?;
        let target = object_id(id)?;
        let links = self.request.call.store.links_from(row.id, relation.name()).await?;
        if !links.links.iter().any(|link| link.target == target) {
            return Err(not_found(&Key::Id(id.to_owned())));
        }
        relation.remove(&self.request.call, row.id, target).await?;
        Ok(respond::nothing())
    }

    async fn changeable(&self) -> Result<Found, Failure> {
        permitted(self.request, self.owner, |one| -> Vec<AnyOf> {
            let relation = one.relation(self.name);
            relation.map_or_else(Vec::new, |relation| vec![one.declaration.access.update, relation.writable_with()])
        })
        .await
    }

    fn relation<'o>(&self, one: &'o DirectoryType) -> Result<&'o dyn Relation, Failure> {
        one.relation(self.name).ok_or_else(nothing_here)
    }
}

/// The far ends after one of them, in the order of their ids.
fn remaining(links: &LinkSet, after: Option<ObjectId>) -> impl Iterator<Item = ObjectId> {
    links.links.iter().map(|link| link.target).filter(move |id| after.is_none_or(|after| *id > after))
}

/// The object that a body refers to.
fn reference(body: &JsonMap) -> Result<ObjectId, Failure> {
    const MEMBER: &str = "@odata.id";
    if let Some(name) = body.keys().find(|name| !name.starts_with("@odata.")) {
        return Err(bad(name, format!("Invalid property '{name}'.")));
    }
    let id = body.get(MEMBER).and_then(Value::as_str).and_then(object_reference);
    id.ok_or_else(|| bad(MEMBER, "'@odata.id' is a reference such as \"https://…/v1.0/directoryObjects/{id}\"."))
}
