//! An action on one object.

use super::permitted;
use crate::body_check::drop_annotations;
use crate::entity::ActionResult;
use crate::place::{Target, nothing_here};
use crate::request::Request;
use crate::respond;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use signet_kernel::Failure;

/// POST.
pub(super) async fn call(request: &Request, owner: &Target, name: &str) -> Result<Response<Body>, Failure> {
    request.refuse_options()?;
    let (one, row) = permitted(request, owner, |one| {
        let action = one.action(name);
        action.map_or_else(Vec::new, |action| vec![one.declaration.access.update, action.callable_with()])
    })
    .await?;
    let action = one.action(name).ok_or_else(nothing_here)?;
    let mut body = request.object_if_any().await?;
    drop_annotations(&mut body);
    match action.call(&request.call, row.id, body).await? {
        ActionResult::Nothing => Ok(respond::nothing()),
        ActionResult::Object(object) => {
            let set = one.declaration.set;
            let context = format!("{}/$metadata#{set}('{}')/{name}", request.call.base_url, row.id);
            Ok(respond::object(StatusCode::OK, context, object))
        }
    }
}
