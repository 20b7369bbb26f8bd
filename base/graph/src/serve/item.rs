//! One object: get, update, delete, and create by key.

use super::set::{create_one, read_back, shown, type_to_create};
use super::{item_context, permitted};
use crate::body_check::{Purpose, bad, drop_annotations, may_update, members};
use crate::catalog::DirectoryType;
use crate::entity::JsonMap;
use crate::lookup::{Found, find, not_found};
use crate::place::Target;
use crate::precondition::on_missing;
use crate::request::Request;
use crate::respond;
use crate::rights::AnyOf;
use crate::view::{check_names, only};
use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::Value;
use signet_kernel::Failure;
use signet_odata::Key;
use signet_store::Liveness;

fn reading(one: &DirectoryType) -> [AnyOf; 1] {
    [one.declaration.access.read]
}

/// GET.
pub(super) async fn get(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.obeys(&["$select", "$expand"])?;
    if !target.scope.is_stored() {
        request.obeys(&["$select"])?;
        return get_outside(request, target).await;
    }
    let (one, row) = permitted(request, target, reading).await?;
    if !request.sees(&one, &row) {
        return Err(not_found(&target.key));
    }
    let view = shown(request, &target.scope, &one, &row).await?;
    Ok(respond::object(StatusCode::OK, item_context(request, &target.scope), view))
}

/// An object that the store does not hold.
async fn get_outside(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.require(target.scope.types.iter().flat_map(|one| reading(one)))?;
    check_names(&target.scope, "$select", request.options.select.iter().map(String::as_str))?;
    let missing = || not_found(&target.key);
    let (Some(head), Key::Id(id)) = (&target.scope.head, &target.key) else { return Err(missing()) };
    let item = head.entity.item(&request.call, id).await.ok_or_else(missing)??;
    let item = only(item, &request.options.select);
    Ok(respond::object(StatusCode::OK, item_context(request, &target.scope), item))
}

/// PATCH: changes the object, or creates it if it is missing, named by an alternate key, and the client wants that.
pub(super) async fn update(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.refuse_list_options()?;
    let upsert = request.preferences.create_if_missing && matches!(target.key, Key::Alternate { .. });
    let creating = |one: &DirectoryType| upsert.then_some(one.declaration.access.create);
    let any = |one: &DirectoryType| one.update_permissions().chain(creating(one)).collect::<Vec<_>>();
    request.require(target.scope.types.iter().flat_map(|one| any(one)))?;
    match find(&request.call, target, Liveness::Live).await? {
        Some(found) => update_found(request, target, found).await,
        None if upsert => create_missing(request, target).await,
        None => Err(not_found(&target.key)),
    }
}

async fn update_found(request: &Request, target: &Target, (one, row): Found) -> Result<Response<Body>, Failure> {
    request.require(one.update_permissions())?;
    let mut body = request.object().await?;
    check_type(&one, &body)?;
    drop_annotations(&mut body);
    if let Key::Alternate { name, value } = &target.key {
        agree(&body, name, value)?;
        body.shift_remove(name);
    }
    members(&one, &body, Purpose::Update)?;
    may_update(&one, &request.call.caller, &body)?;
    one.entity.update(&request.call_on(&row)?, row.id, body).await?;
    if !request.preferences.representation {
        return Ok(respond::nothing());
    }
    let row = read_back(request, row.id).await?;
    if !request.sees(&one, &row) {
        return Ok(respond::nothing());
    }
    let view = shown(request, &target.scope, &one, &row).await?;
    Ok(respond::representation(item_context(request, &target.scope), view))
}

async fn create_missing(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    on_missing(&request.headers)?;
    let mut body = request.object().await?;
    let one = type_to_create(&target.scope, &body)?;
    if let Key::Alternate { name, value } = &target.key {
        agree(&body, name, value)?;
        body.insert(name.clone(), value.clone().into());
    }
    create_one(request, &target.scope, &one, body).await
}

/// Refuses a body that gives the key of the path another value.
fn agree(body: &JsonMap, name: &str, value: &str) -> Result<(), Failure> {
    let same = |held: &Value| held.as_str().is_some_and(|held| held.to_lowercase() == value.to_lowercase());
    if body.get(name).is_none_or(same) {
        return Ok(());
    }
    Err(bad(name, format!("The body gives '{name}' another value than the path.")))
}

/// Refuses a body that says the object is of a type that it is not.
fn check_type(one: &DirectoryType, body: &JsonMap) -> Result<(), Failure> {
    let Some(annotation) = body.get("@odata.type") else { return Ok(()) };
    let name = annotation.as_str().and_then(signet_odata::type_name);
    if name.is_some_and(|name| one.has_type(name)) {
        return Ok(());
    }
    Err(bad("@odata.type", format!("The object is a {}, not {annotation}.", one.declaration.name)))
}

/// DELETE.
pub(super) async fn delete(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.refuse_options()?;
    let (one, row) = permitted(request, target, |one| [one.declaration.access.delete]).await?;
    one.entity.delete(&request.call_on(&row)?, row.id).await?;
    Ok(respond::nothing())
}
