//! The links of one relation of one object.

use super::{item_context, list_context, permitted};
use crate::admission::Admitted;
use crate::body_check::bad;
use crate::catalog::{DirectoryType, Scope};
use crate::entity::{JsonMap, Relation};
use crate::expand;
use crate::listing::{Content, List, Mark, Paging, Source};
use crate::lookup::{not_found, object_id};
use crate::page_token::PageTokens;
use crate::place::{Target, nothing_here};
use crate::request::{LIST, Request};
use crate::respond;
use crate::rights::no_such_operation;
use crate::selection::Selection;
use crate::view::check_names;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::Value;
use signet_kernel::{Failure, ObjectId};
use signet_odata::{Key, object_reference};

/// The links named `name` of one object.
pub(super) struct Links<'r> {
    pub(super) request: &'r Request,
    pub(super) owner: &'r Target,
    pub(super) name: &'r str,
}

impl Links<'_> {
    /// GET: the far ends, named and typed; whole for those that the caller may read.
    pub(super) async fn objects(&self, tokens: &PageTokens, scope: &Scope) -> Result<Response<Body>, Failure> {
        let request = self.request;
        check_names(scope, "$select", request.options.select.iter().map(String::as_str))?;
        let (ends, single) = self.ends().await?;
        if single {
            return self.only_one(scope, ends).await;
        }
        request.obeys(LIST)?;
        let paging = Paging::of(request, tokens);
        let page = self.list(scope, ends)?.page(paging.mark()?, paging.top, paging.is_first()).await?;
        let context = list_context(request, &scope.context());
        Ok(respond::list(context, page.count, page.items, paging.link(page.next)))
    }

    /// GET `$count`.
    pub(super) async fn count(&self, scope: &Scope) -> Result<Response<Body>, Failure> {
        self.request.obeys(&["$filter", "$search"])?;
        let (ends, _) = self.ends().await?;
        Ok(respond::number(self.list(scope, ends)?.count(None).await?))
    }

    fn list<'l>(&'l self, scope: &'l Scope, ends: Vec<ObjectId>) -> Result<List<'l>, Failure> {
        let (request, content, source) = (self.request, Content::FarEnds(scope), Source::known(ends));
        expand::check(request, scope, &request.options.expand)?;
        let selection = Selection::of(request, scope, &request.options)?;
        Ok(List { request, options: &request.options, content, source, selection, derived: Vec::new() })
    }

    /// The one object at the far end.
    async fn only_one(&self, scope: &Scope, ends: Vec<ObjectId>) -> Result<Response<Body>, Failure> {
        self.request.obeys(&["$select", "$expand"])?;
        let page = self.list(scope, ends)?.page(Mark::default(), 1, false).await?;
        let missing = || not_found(&Key::Id(self.name.to_owned()));
        let item = page.items.into_iter().next().ok_or_else(missing)?;
        Ok(respond::object(StatusCode::OK, item_context(self.request, scope), item))
    }

    /// GET `$ref`.
    pub(super) async fn references(&self, tokens: &PageTokens) -> Result<Response<Body>, Failure> {
        let refused = |failure: Failure| match failure.target.clone() {
            Some(option) => bad(&option, format!("`{option}` does not apply to references; leave it out.")),
            None => failure,
        };
        self.request.obeys(&["$top", "$skiptoken", "$count"]).map_err(refused)?;
        let paging = Paging::of(self.request, tokens);
        let (ends, single) = self.ends().await?;
        let base_url = &self.request.call.base_url;
        let reference = |id: ObjectId| {
            let link = format!("{base_url}/directoryObjects/{id}");
            JsonMap::from_iter([("@odata.id".to_owned(), Value::from(link))])
        };
        if single {
            let end = ends.first().copied().ok_or_else(|| not_found(&Key::Id(self.name.to_owned())))?;
            return Ok(respond::object(StatusCode::OK, format!("{base_url}/$metadata#$ref"), reference(end)));
        }
        let (count, after) = (ends.len(), paging.mark()?.after);
        let mut rest = ends.into_iter().filter(|id| after.is_none_or(|after| *id > after)).peekable();
        let page: Vec<ObjectId> = rest.by_ref().take(paging.top).collect();
        let next = page.last().filter(|_| rest.peek().is_some()).map(|last| Mark::after(*last));
        let count = Some(count).filter(|_| paging.is_first() && self.request.options.count == Some(true));
        let context = format!("{base_url}/$metadata#Collection($ref)");
        Ok(respond::list(context, count, page.into_iter().map(reference).collect(), paging.link(next)))
    }

    /// The far ends in the order of their ids, for a caller that may read the object whose they are; and whether there
    /// is one at most.
    async fn ends(&self) -> Result<(Vec<ObjectId>, bool), Failure> {
        let reading = |one: &DirectoryType| one.relation(self.name).map_or_else(Vec::new, |_| one.reading());
        let Admitted { one, row, otherwise, .. } = permitted(self.request, self.owner, &reading).await?;
        if !otherwise && !self.request.sees(&one, &row).await? {
            return Err(not_found(&self.owner.key));
        }
        let relation = self.relation(&one)?;
        let mut ends = relation.ends(&self.request.call, row.id).await?;
        ends.sort_unstable();
        ends.dedup();
        Ok((ends, relation.single()))
    }

    /// PUT `$ref` of a relation that leads to one object.
    pub(super) async fn set(&self) -> Result<Response<Body>, Failure> {
        self.write(true).await
    }

    /// DELETE `$ref` of a relation that leads to one object.
    pub(super) async fn clear(&self) -> Result<Response<Body>, Failure> {
        self.request.refuse_options()?;
        let admitted = self.changeable().await?;
        let (one, row) = (&admitted.one, &admitted.row);
        let relation = self.writable(one, true)?;
        let ends = relation.ends(&self.request.call, row.id).await?;
        let end = ends.first().copied().ok_or_else(|| not_found(&Key::Id(self.name.to_owned())))?;
        relation.remove(&self.request.call_on(&admitted)?, row.id, end).await?;
        Ok(respond::nothing())
    }

    /// POST `$ref`.
    pub(super) async fn add(&self) -> Result<Response<Body>, Failure> {
        self.write(false).await
    }

    async fn write(&self, single: bool) -> Result<Response<Body>, Failure> {
        self.request.refuse_options()?;
        let admitted = self.changeable().await?;
        let (one, row) = (&admitted.one, &admitted.row);
        let relation = self.writable(one, single)?;
        let target = reference(&self.request.object().await?)?;
        relation.add(&self.request.call_on(&admitted)?, row.id, target).await?;
        Ok(respond::nothing())
    }

    /// DELETE `{id}/$ref`.
    pub(super) async fn remove(&self, id: &str) -> Result<Response<Body>, Failure> {
        self.request.refuse_options()?;
        let admitted = self.changeable().await?;
        let (one, row) = (&admitted.one, &admitted.row);
        let relation = self.writable(one, false)?;
        let target = object_id(id)?;
        if !relation.ends(&self.request.call, row.id).await?.contains(&target) {
            return Err(not_found(&Key::Id(id.to_owned())));
        }
        relation.remove(&self.request.call_on(&admitted)?, row.id, target).await?;
        Ok(respond::nothing())
    }

    /// The relation, if it is changed in this way.
    fn writable<'o>(&self, one: &'o DirectoryType, single: bool) -> Result<&'o dyn Relation, Failure> {
        let relation = self.relation(one)?;
        if relation.read_only() || relation.single() != single { Err(no_such_operation()) } else { Ok(relation) }
    }

    async fn changeable(&self) -> Result<Admitted, Failure> {
        let ways =
            |one: &DirectoryType| one.relation(self.name).map_or_else(Vec::new, |relation| one.linking(relation));
        permitted(self.request, self.owner, &ways).await
    }

    fn relation<'o>(&self, one: &'o DirectoryType) -> Result<&'o dyn Relation, Failure> {
        one.relation(self.name).ok_or_else(nothing_here)
    }
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
