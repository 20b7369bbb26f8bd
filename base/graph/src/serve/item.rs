//! One object: get, update, delete, and create by key.

use super::action::answer;
use super::set::{create_one, read_back, shown, type_to_create};
use super::{item_context, permitted};
use crate::admission::Admitted;
use crate::body_check::{Purpose, bad, drop_annotations, members};
use crate::catalog::DirectoryType;
use crate::entity::JsonMap;
use crate::lookup::{Found, not_found};
use crate::place::Target;
use crate::precondition::{is_known, on_missing};
use crate::request::Request;
use crate::respond;
use crate::view::{check_names, only};
use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::Value;
use signet_kernel::{Failure, ObjectId};
use signet_odata::Key;
use signet_store::{Liveness, Row};

/// GET.
pub(super) async fn get(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.obeys(&["$select", "$expand"])?;
    if !target.scope.is_stored() {
        request.obeys(&["$select"])?;
        return get_outside(request, target).await;
    }
    let Admitted { one, row, otherwise, .. } = permitted(request, target, &|one| one.reading()).await?;
    if !otherwise && !request.sees(&one, &row).await? {
        return Err(not_found(&target.key));
    }
    let view = shown(request, &target.scope, &one, &row).await?;
    if is_known(&request.headers, row.version) && is_of_version(&one, &row, &view)? {
        return Ok(respond::not_modified(row.version));
    }
    Ok(respond::object(StatusCode::OK, item_context(request, &target.scope), view))
}

/// Whether all that is answered of an object is of its version: nothing expanded or derived from other objects is.
fn is_of_version(one: &DirectoryType, row: &Row, view: &JsonMap) -> Result<bool, Failure> {
    const OF_EVERY_OBJECT: [&str; 3] = ["id", "createdDateTime", "deletedDateTime"];
    let own = one.entity.view(row)?;
    let fixed = |name: &str| name.starts_with('@') || OF_EVERY_OBJECT.contains(&name);
    let missing = |name: &str, value: &Value| value.is_null() && !own.contains_key(name);
    Ok(view.iter().all(|(name, value)| fixed(name) || missing(name, value) || own.get(name) == Some(value)))
}

/// An object that the store does not hold.
async fn get_outside(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.require_list(&target.scope.types.iter().flat_map(|one| one.reading()).collect::<Vec<_>>()).await?;
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
    if !target.scope.is_stored() {
        return update_only(request, target).await;
    }
    let upsert = request.preferences.create_if_missing && matches!(target.key, Key::Alternate { .. });
    let creating = |one: &DirectoryType| if upsert { one.creating() } else { Vec::new() };
    let any = |one: &DirectoryType| one.updating().into_iter().chain(creating(one)).collect();
    match request.reach(target, Liveness::Live, &any).await? {
        Some(found) => update_found(request, target, found).await,
        None if upsert => create_missing(request, target).await,
        None => Err(not_found(&target.key)),
    }
}

/// PATCH of the only object of its type.
async fn update_only(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    let one = target.scope.head.as_ref().filter(|one| one.entity.is_singleton());
    let one = one.ok_or_else(|| not_found(&target.key))?;
    let call = request.admit_everywhere(&one.updating()).await?;
    let id = if let Key::Id(id) = &target.key { id.as_str() } else { "" };
    one.entity.item(&call, id).await.ok_or_else(|| not_found(&target.key))??;
    let mut body = request.object().await?;
    check_type(one, &body)?;
    drop_annotations(&mut body);
    members(one, &body, Purpose::Update)?;
    let tenant = ObjectId::from_uuid(call.store.id().uuid());
    let call = match call.store.read_row(tenant).await? {
        Some(row) => request.conditioned(call, &row)?,
        None => call,
    };
    one.entity.update(&call, tenant, body).await?;
    if !request.preferences.representation {
        return Ok(respond::nothing());
    }
    let item = one.entity.item(&call, "").await.ok_or_else(|| not_found(&target.key))??;
    Ok(respond::representation(item_context(request, &target.scope), only(item, &request.options.select)))
}

async fn update_found(request: &Request, target: &Target, found: Found) -> Result<Response<Body>, Failure> {
    let ways = found.0.updating();
    let admitted = request.admit(found, &ways).await?;
    let (one, row) = (&admitted.one, &admitted.row);
    let mut body = request.object().await?;
    check_type(one, &body)?;
    drop_annotations(&mut body);
    if let Key::Alternate { name, value } = &target.key {
        agree(&body, name, value)?;
        body.shift_remove(name);
    }
    members(one, &body, Purpose::Update)?;
    let call = request.admit_changes(&admitted, &body).await?;
    one.entity.update(&request.conditioned(call, row)?, row.id, body).await?;
    if !request.preferences.representation {
        return Ok(respond::nothing());
    }
    let row = read_back(request, row.id).await?;
    if !request.sees(one, &row).await? {
        return Ok(respond::nothing());
    }
    let view = shown(request, &target.scope, one, &row).await?;
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

/// DELETE; with `preview=true`, only what it would take along.
pub(super) async fn delete(request: &Request, target: &Target) -> Result<Response<Body>, Failure> {
    request.refuse_options()?;
    let previews = previews(&request.query)?;
    let admitted = permitted(request, target, &|one| one.deleting()).await?;
    if previews {
        return preview(request, &admitted).await;
    }
    admitted.one.entity.delete(&request.call_on(&admitted)?, admitted.row.id).await?;
    Ok(respond::nothing())
}

/// Whether the query asks for a preview.
fn previews(query: &str) -> Result<bool, Failure> {
    let values: Vec<&str> = query.split('&').filter_map(|pair| pair.strip_prefix("preview=")).collect();
    match values.as_slice() {
        [] | ["false"] => Ok(false),
        ["true"] => Ok(true),
        _ => Err(bad("preview", "'preview' is true or false; nothing was deleted.")),
    }
}

async fn preview(request: &Request, admitted: &Admitted) -> Result<Response<Body>, Failure> {
    let Admitted { one, row, .. } = admitted;
    let Some(preview) = one.actions.iter().find(|action| action.previews_delete()) else {
        let message = "What a delete of this object takes along cannot be told; nothing was deleted.";
        return Err(bad("preview", message));
    };
    let result = preview.call(&request.call_on(admitted)?, row.id, JsonMap::new()).await?;
    Ok(answer(request, &format!("{}('{}')/{}", one.declaration.set, row.id, preview.name()), result))
}
