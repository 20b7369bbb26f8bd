//! Gives an application its presence in the tenant: from then on it gets tokens, and tokens are issued for it.

use crate::body::{JsonMap, bound, members, typed};
use crate::creation::sign;
use crate::responsibility::{OWNERS, Thing, audited, changes, check_owners, link_people, target_with};
use crate::service_principal::PrincipalRefused;
use crate::{Application, ServicePrincipal, ServicePrincipalType, check_display_name};
use serde_json::{Value, json};
use signet_graph::Call;
use signet_kernel::{AppId, Caller, Failure, ObjectId};
use signet_logs::audit::activities::ADD_SERVICE_PRINCIPAL;
use signet_store::{Id, IndexKey, Object, UnitOfWork};
use std::sync::Arc;

/// Creates the service principal of the application that `appId` names.
pub async fn create_service_principal(call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
    call.store.run(|| attempt(call, body.clone())).await.map(|(id, _)| id)
}

async fn attempt(call: &Call, mut body: JsonMap) -> Result<(UnitOfWork, ObjectId), Failure> {
    let owners = bound(&mut body, OWNERS)?.unwrap_or_default();
    let owners = check_owners(&call.store, &owners).await?;
    let application = application(call, &body).await?;
    let key = IndexKey::uuid(application.body.app_id.uuid());
    if call.store.find_key(ServicePrincipal::APP_ID, &key).await?.is_some() {
        return Err(PrincipalRefused::Exists(application.body.app_id).into());
    }
    let principal = stamp(&application, &call.caller, body)?;
    check_display_name(&principal.display_name)?;

    let id = call.store.context().new_object_id();
    let mut unit = call.store.unit();
    unit.create(Id::of(id), &principal);
    link_people(&mut unit, id, &[], &owners);
    let target = target_with(&Thing::new(id, &principal), []);
    let modified = changes(None, Some(&members(&principal)));
    unit.audit(audited(call, &ADD_SERVICE_PRINCIPAL, vec![target.with_modified(modified)]));
    Ok((unit, id))
}

async fn application(call: &Call, body: &JsonMap) -> Result<Arc<Object<Application>>, Failure> {
    let app_id = body.get("appId").and_then(Value::as_str).ok_or(PrincipalRefused::NoAppId)?;
    let app_id: AppId = app_id.parse().map_err(|_| PrincipalRefused::NoAppId)?;
    let found = call.store.find_key(Application::APP_ID, &IndexKey::uuid(app_id.uuid())).await?;
    let id = found.ok_or(PrincipalRefused::NoApplication(app_id))?;
    if let Some(application) = call.store.find(Id::<Application>::of(id)).await? {
        return Ok(application);
    }
    let row = call.store.read_row(id).await?.filter(|row| row.deleted.is_none());
    Err(match row {
        Some(_) => PrincipalRefused::NotAnApplication(app_id).into(),
        None => PrincipalRefused::NoApplication(app_id).into(),
    })
}

fn stamp(application: &Object<Application>, creator: &Caller, mut body: JsonMap) -> Result<ServicePrincipal, Failure> {
    body.retain(|_, value| !value.is_null());
    body.insert("appId".to_owned(), application.body.app_id.to_string().into());
    sign(&mut body, creator);
    body.insert("createdByAppId".to_owned(), creator.app.to_string().into());
    body.insert("application".to_owned(), application.id.to_string().into());
    body.insert("servicePrincipalType".to_owned(), json!(ServicePrincipalType::Application));
    body.entry("displayName").or_insert(application.body.display_name.clone().into());
    body.entry("accountEnabled").or_insert(true.into());
    typed(body)
}
