//! What each method does at each place. One file per kind of place.

mod action;
mod contained;
mod deleted;
mod delta;
mod item;
mod related;
mod set;

use crate::admission::{Admitted, WaysOf};
use crate::catalog::{DirectoryType, Scope};
use crate::lookup::not_found;
use crate::page_token::PageTokens;
use crate::place::{Ends, Place, Target, nothing_here};
use crate::request::Request;
use crate::rights::no_such_operation;
use axum::body::Body;
use axum::http::{Method, Response};
use signet_kernel::Failure;
use signet_store::Liveness;

/// Does what `method` asks at `place`, which takes that method.
pub(crate) async fn serve(
    tokens: &PageTokens,
    request: &Request,
    method: &Method,
    place: &Place,
) -> Result<Response<Body>, Failure> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    match (place, method) {
        (Place::Set(scope), &Method::GET) => set::list(tokens, request, scope).await,
        (Place::Set(scope), &Method::POST) => set::create(request, scope).await,
        (Place::Item(target), &Method::GET) => item::get(request, target).await,
        (Place::Item(target), &Method::PATCH) => item::update(request, target).await,
        (Place::Item(target), &Method::DELETE) => item::delete(request, target).await,
        (Place::Related { owner, name, ends }, _) => related(tokens, request, method, (owner, name, ends)).await,
        (Place::Contained { owner, name, key }, _) => {
            let collection = contained::Collection { request, owner, name };
            match (key, method) {
                (None, &Method::GET) => collection.list(tokens).await,
                (None, &Method::POST) => collection.create().await,
                (Some(key), &Method::GET) => collection.get(key).await,
                (Some(key), &Method::PATCH) => collection.update(key).await,
                (Some(key), &Method::DELETE) => collection.delete(key).await,
                _ => Err(no_such_operation()),
            }
        }
        (Place::Action { owner, name }, &Method::POST | &Method::GET) => {
            action::call(request, method, owner, name).await
        }
        (Place::SetAction { scope, name }, &Method::POST) => action::call_of_set(request, scope, name).await,
        (Place::ByIds(scope), &Method::POST) => action::by_ids(request, scope).await,
        (Place::Delta(scope), &Method::GET) => delta::changes(tokens, request, scope).await,
        (Place::Count(place), &Method::GET) => count(request, place).await,
        (Place::DeletedSet(scope), &Method::GET) => deleted::list(tokens, request, scope).await,
        (Place::Deleted(target), &Method::GET) => deleted::get(request, target).await,
        (Place::Deleted(target), &Method::DELETE) => deleted::purge(request, target).await,
        (Place::Restore(target), &Method::POST) => deleted::restore(request, target).await,
        _ => Err(no_such_operation()),
    }
}

/// GET `$count` of a list.
async fn count(request: &Request, place: &Place) -> Result<Response<Body>, Failure> {
    match place {
        Place::Set(scope) => set::count(request, scope).await,
        Place::DeletedSet(scope) => deleted::count(request, scope).await,
        Place::Related { owner, name, ends: Ends::Objects(scope) } => {
            related::Links { request, owner, name }.count(scope).await
        }
        Place::Contained { owner, name, key: None } => contained::Collection { request, owner, name }.count().await,
        _ => Err(nothing_here()),
    }
}

async fn related(
    tokens: &PageTokens,
    request: &Request,
    method: &Method,
    (owner, name, ends): (&Target, &str, &Ends),
) -> Result<Response<Body>, Failure> {
    let links = related::Links { request, owner, name };
    match (ends, method) {
        (Ends::Objects(scope), &Method::GET) => links.objects(tokens, scope).await,
        (Ends::References, &Method::GET) => links.references(tokens).await,
        (Ends::References, &Method::POST) => links.add().await,
        (Ends::References, &Method::PUT) => links.set().await,
        (Ends::References, &Method::DELETE) => links.clear().await,
        (Ends::Reference(id), &Method::DELETE) => links.remove(id).await,
        _ => Err(no_such_operation()),
    }
}

/// The live object that a target names, once the caller may do what one of these ways leads to, for some type there,
/// and then for this one.
async fn permitted(request: &Request, target: &Target, ways: WaysOf<'_>) -> Result<Admitted, Failure> {
    let found = request.reach(target, Liveness::Live, ways).await?;
    let found = found.ok_or_else(|| not_found(&target.key))?;
    let ways = ways(&found.0);
    // The path reaches a type that has what it names, and this object is of another.
    if ways.is_empty() {
        return Err(nothing_here());
    }
    request.admit(found, &ways).await
}

/// The context of one object in a scope, with what `$select` left of it. A cast is not in it: the object names its
/// type.
fn item_context(request: &Request, scope: &Scope) -> String {
    let set = scope.head.as_ref().map_or("directoryObjects", |head| head.declaration.set);
    format!("{}/$metadata#{set}{}/$entity", request.call.base_url, chosen(request))
}

/// The context of a list.
fn list_context(request: &Request, name: &str) -> String {
    format!("{}/$metadata#{name}{}", request.call.base_url, chosen(request))
}

fn chosen(request: &Request) -> String {
    let select = &request.options.select;
    if select.is_empty() { String::new() } else { format!("({})", select.join(",")) }
}

/// The address of an object, in the set that its type shares with its base.
fn location(request: &Request, one: &DirectoryType, id: &str) -> String {
    format!("{}/{}/{id}", request.call.base_url, one.declaration.set)
}
