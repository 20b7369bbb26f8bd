//! Actions and functions: on one object, on a set, on all objects.

use super::permitted;
use crate::body_check::{bad, drop_annotations};
use crate::catalog::{DirectoryType, Scope};
use crate::entity::{ActionResult, JsonMap};
use crate::listing::{Content, List, Mark, Source};
use crate::place::{Target, nothing_here};
use crate::request::Request;
use crate::respond;
use crate::rights::{denied, no_such_operation};
use crate::selection::Selection;
use crate::view::check_names;
use axum::body::Body;
use axum::http::{Method, Response, StatusCode};
use serde_json::Value;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_odata::type_name;
use signet_store::Liveness;

/// Ids that one request may ask for.
const MOST_IDS: usize = 1_000;

/// POST of an action, GET of a function.
pub(super) async fn call(
    request: &Request,
    method: &Method,
    owner: &Target,
    name: &str,
) -> Result<Response<Body>, Failure> {
    request.refuse_options()?;
    let ways = |one: &DirectoryType| one.action(name).map_or_else(Vec::new, |action| one.calling(action));
    let admitted = permitted(request, owner, &ways).await?;
    let (one, row) = (&admitted.one, &admitted.row);
    let action = one.action(name).ok_or_else(nothing_here)?;
    if action.is_function() != (method == Method::GET) {
        return Err(no_such_operation());
    }
    let body = if action.is_function() { JsonMap::new() } else { body(request).await? };
    let result = action.call(&request.call_on(&admitted)?, row.id, body).await?;
    Ok(answer(request, &format!("{}('{}')/{name}", one.declaration.set, row.id), result))
}

/// POST of an action on a set, or on all objects.
pub(super) async fn call_of_set(request: &Request, scope: &Scope, name: &str) -> Result<Response<Body>, Failure> {
    request.refuse_options()?;
    let of_all_objects = scope.head.is_none();
    let declared = |one: &DirectoryType| {
        let action = one.set_action(name, of_all_objects);
        action.map_or_else(Vec::new, |action| one.calling_of_set(action.name(), action.callable_with()))
    };
    let mut refused = denied(&scope.types.iter().flat_map(|one| declared(one)).collect::<Vec<_>>());
    for one in &scope.types {
        let Some(action) = one.set_action(name, of_all_objects) else { continue };
        match request.admit_everywhere(&declared(one)).await {
            Ok(call) => {
                let result = action.call(&call, body(request).await?).await?;
                return Ok(answer(request, &format!("{}/{name}", scope.context()), result));
            }
            Err(failure) if failure.fault == Fault::Rights => {}
            Err(failure) => refused = failure,
        }
    }
    Err(refused)
}

async fn body(request: &Request) -> Result<JsonMap, Failure> {
    let mut body = request.object_if_any().await?;
    drop_annotations(&mut body);
    Ok(body)
}

pub(super) fn answer(request: &Request, what: &str, result: ActionResult) -> Response<Body> {
    let context = |what: &str| format!("{}/$metadata#{what}", request.call.base_url);
    match result {
        ActionResult::Nothing => respond::nothing(),
        ActionResult::Object(object) => respond::object(StatusCode::OK, context(what), object),
    }
}

/// POST `getByIds`: the objects with these ids that the caller may read.
pub(super) async fn by_ids(request: &Request, everything: &Scope) -> Result<Response<Body>, Failure> {
    request.require_list(&everything.types.iter().flat_map(|one| one.reading()).collect::<Vec<_>>()).await?;
    request.obeys(&["$select"])?;
    check_names(everything, "$select", request.options.select.iter().map(String::as_str))?;
    let body = body(request).await?;
    let wanted = || bad("ids", format!("'ids' is a list of 1 to {MOST_IDS} GUIDs."));
    let ids = body.get("ids").and_then(Value::as_array).filter(|ids| (1..=MOST_IDS).contains(&ids.len()));
    let ids: Option<Vec<ObjectId>> =
        ids.ok_or_else(wanted)?.iter().map(|id| id.as_str().and_then(|id| id.parse().ok())).collect();
    let scope = of_types(everything, body.get("types"))?;
    let list = List {
        request,
        options: &request.options,
        content: Content::Objects(&scope, Liveness::Live),
        source: Source::known(ids.ok_or_else(wanted)?),
        selection: Selection::of(request, &scope, &request.options)?,
        derived: Vec::new(),
    };
    let page = list.page(Mark::default(), MOST_IDS, false).await?;
    Ok(respond::list(format!("{}/$metadata#directoryObjects", request.call.base_url), None, page.items, None))
}

/// The types that are named, with those that derive from them; all, if none is.
fn of_types(everything: &Scope, names: Option<&Value>) -> Result<Scope, Failure> {
    let unnamed = |types| Scope { head: None, types };
    let names = match names {
        None | Some(Value::Null) => return Ok(unnamed(everything.types.clone())),
        Some(Value::Array(names)) if names.is_empty() => return Ok(unnamed(everything.types.clone())),
        Some(names) => names.as_array().ok_or_else(|| bad("types", "'types' is a list of names of types."))?,
    };
    let mut types = Vec::new();
    for name in names {
        let text = name.as_str().ok_or_else(|| bad("types", "'types' is a list of names of types."))?;
        let text = type_name(text).unwrap_or(text);
        if text.eq_ignore_ascii_case("directoryObject") {
            return Ok(unnamed(everything.types.clone()));
        }
        let head = everything.by_name(text).ok_or_else(|| bad("types", format!("There is no type '{text}'.")))?;
        types.extend(everything.types.iter().filter(|one| one.is_a(head.declaration.name)).cloned());
    }
    Ok(unnamed(types))
}
