//! The deleted items: list, get, restore, purge.

use super::set::{read_back, shown, stored};
use super::{item_context, list_context};
use crate::catalog::{DirectoryType, Scope};
use crate::listing::Paging;
use crate::lookup::{Found, load, not_found};
use crate::page_token::PageTokens;
use crate::place::Target;
use crate::request::{LIST, Request};
use crate::respond;
use crate::rights::Way;
use crate::view::check_names;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use signet_kernel::Failure;
use signet_store::Liveness;

fn reading(scope: &Scope) -> Vec<Way> {
    scope.types.iter().flat_map(|one| one.reading_deleted()).collect()
}

/// GET of all, or of those of a type.
pub(super) async fn list(tokens: &PageTokens, request: &Request, scope: &Scope) -> Result<Response<Body>, Failure> {
    request.require_list(&reading(scope)).await?;
    request.obeys(LIST)?;
    check_names(scope, "$select", request.options.select.iter().map(String::as_str))?;
    let paging = Paging::of(request, tokens);
    let scope = unnamed(scope);
    let list = stored(request, &scope, readable(request, &scope).await?, Liveness::Deleted).await?;
    let page = list.page(paging.mark()?, paging.top, paging.is_first()).await?;
    Ok(respond::list(list_context(request, &scope.context()), page.count, page.items, paging.link(page.next)))
}

/// GET `$count`.
pub(super) async fn count(request: &Request, scope: &Scope) -> Result<Response<Body>, Failure> {
    request.require_list(&reading(scope)).await?;
    request.obeys(&["$filter", "$search"])?;
    let list = stored(request, scope, readable(request, scope).await?, Liveness::Deleted).await?;
    Ok(respond::number(list.count(None).await?))
}

async fn readable(request: &Request, scope: &Scope) -> Result<Vec<&'static str>, Failure> {
    let mut kinds = Vec::new();
    for one in &scope.types {
        if request.may_list(&one.reading_deleted()).await? {
            kinds.extend(one.declaration.kind);
        }
    }
    Ok(kinds)
}

/// The same types, of which each object names its own: a deleted object does so even where the path does, since the
/// context cannot.
fn unnamed(scope: &Scope) -> Scope {
    Scope { head: None, types: scope.types.clone() }
}

/// GET of one.
pub(super) async fn get(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.obeys(&["$select", "$expand"])?;
    let ways = |one: &DirectoryType| one.reading_deleted();
    let found = request.reach(target, Liveness::Deleted, &ways).await?.ok_or_else(|| not_found(&target.key))?;
    let ways = ways(&found.0);
    let admitted = request.admit(found, &ways).await?;
    if !admitted.otherwise && !request.sees(&admitted.one, &admitted.row).await? {
        return Err(not_found(&target.key));
    }
    answer(request, target, (admitted.one, admitted.row)).await
}

/// DELETE of one: for good.
pub(super) async fn purge(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.refuse_options()?;
    let ways = |one: &DirectoryType| one.purging();
    let found = request.reach(target, Liveness::Deleted, &ways).await?.ok_or_else(|| not_found(&target.key))?;
    let ways = ways(&found.0);
    let admitted = request.admit(found, &ways).await?;
    admitted.one.entity.purge(&request.call_on(&admitted)?, admitted.row.id).await?;
    Ok(respond::nothing())
}

/// POST `restore`. What is already back is answered as it is, so that a client may repeat itself.
pub(super) async fn restore(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.refuse_list_options()?;
    let ways = |one: &DirectoryType| one.restoring();
    let Some(found) = request.reach(target, Liveness::Deleted, &ways).await? else {
        let found = load(&request.call, target, Liveness::Live).await?;
        let ways = ways(&found.0);
        let admitted = request.admit(found, &ways).await?;
        return answer(request, target, (admitted.one, admitted.row)).await;
    };
    let ways = ways(&found.0);
    let admitted = request.admit(found, &ways).await?;
    admitted.one.entity.restore(&request.call_on(&admitted)?, admitted.row.id).await?;
    let row = read_back(request, admitted.row.id).await?;
    answer(request, target, (admitted.one, row)).await
}

async fn answer(request: &Request, target: &Target, (one, row): Found) -> Result<Response<Body>, Failure> {
    let scope = unnamed(&target.scope);
    let view = shown(request, &scope, &one, &row).await?;
    Ok(respond::object(StatusCode::OK, item_context(request, &scope), view))
}
