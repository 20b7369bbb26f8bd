//! The deleted items: list, get, restore, purge.

use super::set::{read_back, shown, stored};
use super::{item_context, list_context};
use crate::catalog::{DirectoryType, Scope};
use crate::listing::Paging;
use crate::lookup::{Found, find, load, not_found};
use crate::page_token::PageTokens;
use crate::place::Target;
use crate::request::{LIST, Request};
use crate::respond;
use crate::rights::AnyOf;
use crate::view::check_names;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use signet_kernel::Failure;
use signet_store::Liveness;

/// Who may read a deleted object: those who could read it before, and those who may bring it back.
fn reading(one: &DirectoryType) -> [AnyOf; 2] {
    let access = one.declaration.access;
    // What cannot be deleted is not found here.
    if access.delete.is_empty() { [&[], &[]] } else { [access.delete, access.read] }
}

fn writing(one: &DirectoryType) -> [AnyOf; 1] {
    [one.declaration.access.delete]
}

/// GET of all, or of those of a type.
pub(super) async fn list(tokens: &PageTokens, request: &Request, scope: &Scope) -> Result<Response<Body>, Failure> {
    request.require(scope.types.iter().flat_map(|one| reading(one)))?;
    request.obeys(LIST)?;
    check_names(scope, "$select", request.options.select.iter().map(String::as_str))?;
    let paging = Paging::of(request, tokens);
    let scope = unnamed(scope);
    let list = stored(request, &scope, readable(request, &scope), Liveness::Deleted).await?;
    let page = list.page(paging.mark()?, paging.top, paging.is_first()).await?;
    Ok(respond::list(list_context(request, &scope.context()), page.count, page.items, paging.link(page.next)))
}

/// GET `$count`.
pub(super) async fn count(request: &Request, scope: &Scope) -> Result<Response<Body>, Failure> {
    request.require(scope.types.iter().flat_map(|one| reading(one)))?;
    request.obeys(&["$filter", "$search"])?;
    let list = stored(request, scope, readable(request, scope), Liveness::Deleted).await?;
    Ok(respond::number(list.count(None).await?))
}

fn readable(request: &Request, scope: &Scope) -> Vec<&'static str> {
    let may_read = |one: &DirectoryType| reading(one).into_iter().any(|list| request.holds(list));
    scope.types.iter().filter(|one| may_read(one)).filter_map(|one| one.declaration.kind).collect()
}

/// The same types, of which each object names its own: a deleted object does so even where the path does, since the
/// context cannot.
fn unnamed(scope: &Scope) -> Scope {
    Scope { head: None, types: scope.types.clone() }
}

/// GET of one.
pub(super) async fn get(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.obeys(&["$select", "$expand"])?;
    request.require(target.scope.types.iter().flat_map(|one| reading(one)))?;
    let found = load(&request.call, target, Liveness::Deleted).await?;
    request.require(reading(&found.0))?;
    if !request.sees(&found.0, &found.1) {
        return Err(not_found(&target.key));
    }
    answer(request, target, found).await
}

/// DELETE of one: for good.
pub(super) async fn purge(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.refuse_options()?;
    request.require(target.scope.types.iter().flat_map(|one| writing(one)))?;
    let (one, row) = load(&request.call, target, Liveness::Deleted).await?;
    request.require(writing(&one))?;
    one.entity.purge(&request.call_on(&row)?, row.id).await?;
    Ok(respond::nothing())
}

/// POST `restore`. What is already back is answered as it is, so that a client may repeat itself.
pub(super) async fn restore(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.refuse_list_options()?;
    request.require(target.scope.types.iter().flat_map(|one| writing(one)))?;
    let deleted = find(&request.call, target, Liveness::Deleted).await?;
    let Some((one, row)) = deleted else {
        let found = load(&request.call, target, Liveness::Live).await?;
        request.require(writing(&found.0))?;
        return answer(request, target, found).await;
    };
    request.require(writing(&one))?;
    one.entity.restore(&request.call_on(&row)?, row.id).await?;
    let row = read_back(request, row.id).await?;
    answer(request, target, (one, row)).await
}

async fn answer(request: &Request, target: &Target, (one, row): Found) -> Result<Response<Body>, Failure> {
    let scope = unnamed(&target.scope);
    let view = shown(request, &scope, &one, &row).await?;
    Ok(respond::object(StatusCode::OK, item_context(request, &scope), view))
}
