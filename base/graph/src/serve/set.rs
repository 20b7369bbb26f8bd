//! An entity set: list and create.

use super::{item_context, list_context, location};
use crate::body_check::{Purpose, bad, drop_annotations, members};
use crate::catalog::{DirectoryType, Scope};
use crate::entity::{JsonMap, PageRequest};
use crate::expand;
use crate::listing::{Content, List, Paging, narrowed};
use crate::page_token::PageTokens;
use crate::place::nothing_here;
use crate::request::{LIST, Request};
use crate::respond;
use crate::selection::Selection;
use crate::view::{Naming, check_names, only, selected, whole};
use axum::body::Body;
use axum::http::Response;
use serde_json::Value;
use signet_kernel::{Failure, ObjectId};
use signet_odata::type_name;
use signet_store::{Liveness, Row};
use std::sync::Arc;

/// GET: the objects of those types that the caller may read.
pub(super) async fn list(tokens: &PageTokens, request: &Request, scope: &Scope) -> Result<Response<Body>, Failure> {
    may_list(request, scope).await?;
    let paging = Paging::of(request, tokens);
    let context = list_context(request, &scope.context());
    if !scope.is_stored() {
        return list_outside(request, scope, &paging, context).await;
    }
    request.obeys(LIST)?;
    check_names(scope, "$select", request.options.select.iter().map(String::as_str))?;
    let page = objects(request, scope).await?.page(paging.mark()?, paging.top, paging.is_first()).await?;
    Ok(respond::list(context, page.count, page.items, paging.link(page.next)))
}

/// GET `$count`.
pub(super) async fn count(request: &Request, scope: &Scope) -> Result<Response<Body>, Failure> {
    may_list(request, scope).await?;
    if !scope.is_stored() {
        return Err(nothing_here());
    }
    request.obeys(&["$filter", "$search"])?;
    Ok(respond::number(objects(request, scope).await?.count(None).await?))
}

async fn may_list(request: &Request, scope: &Scope) -> Result<(), Failure> {
    request.require_list(&scope.types.iter().flat_map(|one| one.reading()).collect::<Vec<_>>()).await
}

/// The kinds of a scope of which the caller may read objects.
pub(super) async fn readable(request: &Request, scope: &Scope) -> Result<Vec<&'static str>, Failure> {
    let mut kinds = Vec::new();
    for one in &scope.types {
        if request.may_list(&one.reading()).await? {
            kinds.extend(one.declaration.kind);
        }
    }
    Ok(kinds)
}

async fn objects<'r>(request: &'r Request, scope: &'r Scope) -> Result<List<'r>, Failure> {
    stored(request, scope, readable(request, scope).await?, Liveness::Live).await
}

/// The objects of some kinds.
pub(super) async fn stored<'r>(
    request: &'r Request,
    scope: &'r Scope,
    kinds: Vec<&'static str>,
    state: Liveness,
) -> Result<List<'r>, Failure> {
    expand::check(request, scope, &request.options.expand)?;
    let selection = Selection::of(request, scope, &request.options)?;
    let source = narrowed(&request.call.store, scope, kinds, state, &selection.constraints()).await?;
    let content = Content::Objects(scope, state);
    Ok(List { request, options: &request.options, content, source, selection, derived: Vec::new() })
}

/// A list that the store does not hold.
async fn list_outside(
    request: &Request,
    scope: &Scope,
    paging: &Paging<'_>,
    context: String,
) -> Result<Response<Body>, Failure> {
    request.obeys(&["$select", "$filter", "$top", "$skiptoken"])?;
    check_names(scope, "$select", request.options.select.iter().map(String::as_str))?;
    let wanted = PageRequest { filter: request.options.filter.clone(), top: paging.top, after: paging.after()? };
    let Some(head) = &scope.head else { return Err(nothing_here()) };
    let page = head.entity.page(&request.call, &wanted).await.ok_or_else(nothing_here)??;
    let items = page.items.into_iter().map(|item| only(item, &request.options.select)).collect();
    Ok(respond::list(context, None, items, page.next.map(|after| paging.next_link(&after))))
}

/// POST: the type is the body's `@odata.type`, else the path's.
pub(super) async fn create(request: &Request, scope: &Scope) -> Result<Response<Body>, Failure> {
    request.admit_everywhere(&scope.types.iter().flat_map(|one| one.creating()).collect::<Vec<_>>()).await?;
    request.refuse_list_options()?;
    let body = request.object().await?;
    let one = type_to_create(scope, &body)?;
    create_one(request, scope, &one, body).await
}

/// Creates an object of a type, of which the caller's rights are checked here.
pub(super) async fn create_one(
    request: &Request,
    scope: &Scope,
    one: &Arc<DirectoryType>,
    mut body: JsonMap,
) -> Result<Response<Body>, Failure> {
    let call = request.admit_everywhere(&one.creating()).await?;
    drop_annotations(&mut body);
    members(one, &body, Purpose::Create)?;
    let id = one.entity.create(&call, body).await?;
    let row = read_back(request, id).await?;
    let view = shown(request, scope, one, &row).await?;
    Ok(respond::created(&location(request, one, &wire_id(one, &row)?), item_context(request, scope), view))
}

/// What clients call an object: by its own name, where its type has such names.
fn wire_id(one: &DirectoryType, row: &Row) -> Result<String, Failure> {
    let name = if one.is_named() { one.entity.view(row)?.shift_remove("id") } else { None };
    Ok(name.as_ref().and_then(Value::as_str).map_or_else(|| row.id.to_string(), str::to_owned))
}

/// An object that was just written.
pub(super) async fn read_back(request: &Request, id: ObjectId) -> Result<Row, Failure> {
    let row = request.call.store.read_row(id).await?;
    row.ok_or_else(|| Failure::bug(format!("object {id} was written and is not there")))
}

/// An object as the answer to a request at a place of this scope.
pub(super) async fn shown(
    request: &Request,
    scope: &Scope,
    one: &DirectoryType,
    row: &Row,
) -> Result<JsonMap, Failure> {
    let naming = if scope.head.is_none() { Naming::Always } else { Naming::WhenDerived };
    check_names(scope, "$select", request.options.select.iter().map(String::as_str))?;
    expand::check(request, scope, &request.options.expand)?;
    let call = request.call_to_show(one, row).await?;
    let mut view = selected(whole(&call, one, row, naming).await?, one, &request.options.select);
    expand::add(request, one, row, &request.options.expand, &mut view).await?;
    Ok(view)
}

/// The type that a create's body and path agree on.
pub(super) fn type_to_create(scope: &Scope, body: &JsonMap) -> Result<Arc<DirectoryType>, Failure> {
    const TYPE: &str = "@odata.type";
    let named = match body.get(TYPE) {
        Some(annotation) => {
            let name = annotation.as_str().and_then(type_name);
            let found = name.and_then(|name| scope.by_name(name));
            found.ok_or_else(|| bad(TYPE, format!("{annotation} is not a type of this path.")))?
        }
        None => scope.head.as_ref().ok_or_else(nothing_here)?,
    };
    if named.declaration.kind.is_some() {
        return Ok(named.clone());
    }
    let choices: Vec<Value> = scope
        .types
        .iter()
        .filter(|one| one.declaration.kind.is_some())
        .map(|one| format!("#microsoft.graph.{}", one.declaration.name).into())
        .collect();
    Err(bad(TYPE, format!("Name the type to create in '@odata.type': one of {}.", Value::Array(choices))))
}
