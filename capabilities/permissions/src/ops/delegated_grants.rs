//! Grants a client delegated permissions of a resource, changes which, and takes them away.

use crate::blocked::is_scope_blocked_for_agents;
use crate::{ConsentType, DelegatedGrant, DelegatedRefused, Resource, trail};
use signet_agents::{AgentIdentity, AgentUser};
use signet_directory::User;
use signet_directory::body::not_found;
use signet_directory::check_if_match;
use signet_graph::Call;
use signet_kernel::{Caller, Failure, ObjectId};
use signet_policies::{Permission, PermissionType, check_grants};
use signet_store::{Id, IndexKey, Kind, TenantStore, UnitOfWork};

/// Grants `new`. Blueprints and agents never give rights, whatever they hold.
pub async fn grant_delegated(call: &Call, new: DelegatedGrant) -> Result<ObjectId, Failure> {
    refuse_agents(&call.caller)?;
    call.store.run(|| attempt_grant(call, &new)).await.map(|(id, _)| id)
}

/// Grants other scopes than before. Where one is taken away, what the client holds is void.
pub async fn change_delegated(call: &Call, id: ObjectId, scope: String) -> Result<(), Failure> {
    refuse_agents(&call.caller)?;
    call.store.run(|| attempt_change(call, id, &scope)).await.map(drop)
}

/// Takes a grant away, and with it every token issued to its client.
pub async fn remove_delegated(call: &Call, id: ObjectId) -> Result<(), Failure> {
    refuse_agents(&call.caller)?;
    call.store.run(|| attempt_removal(call, id)).await.map(drop)
}

fn refuse_agents(caller: &Caller) -> Result<(), DelegatedRefused> {
    if caller.parent.is_some() { Err(DelegatedRefused::CallerIsAgent) } else { Ok(()) }
}

async fn attempt_grant(call: &Call, new: &DelegatedGrant) -> Result<(UnitOfWork, ObjectId), Failure> {
    let store = &call.store;
    let client = service_principal(store, "clientId", new.client_id).await?;
    let resource = service_principal(store, "resourceId", new.resource_id).await?;
    check_principal(store, new).await?;
    let body = DelegatedGrant { scope: checked(&new.scope, &client, &resource)?, ..new.clone() };
    check_scopes(call, new.client_id, &resource, body.scope.split(' ')).await?;
    refuse_duplicate(store, &body).await?;

    let id = store.context().new_object_id();
    let mut unit = store.unit();
    unit.create(Id::<DelegatedGrant>::of(id), &body).name(id, new.resource_id);
    if let Some(user) = new.principal_id {
        unit.name(id, user);
    }
    for entry in trail::delegated(call, &client, Some(&resource), (None, Some(&body))).await? {
        unit.audit(entry);
    }
    Ok((unit, id))
}

async fn attempt_change(call: &Call, id: ObjectId, scope: &str) -> Result<(UnitOfWork, ()), Failure> {
    let found = call.store.find(Id::<DelegatedGrant>::of(id)).await?.ok_or_else(|| not_found(id))?;
    check_if_match(call, &found)?;
    let client = service_principal(&call.store, "clientId", found.body.client_id).await?;
    let resource = service_principal(&call.store, "resourceId", found.body.resource_id).await?;
    let body = DelegatedGrant { scope: checked(scope, &client, &resource)?, ..found.body.clone() };
    let added = body.scope.split(' ').filter(|value| !found.body.scope.split(' ').any(|held| held == *value));
    check_scopes(call, body.client_id, &resource, added).await?;
    let mut unit = call.store.unit();
    unit.update(&found, &body);
    if found.body.is_narrowed_by(&body) {
        unit.revoke(body.client_id);
    }
    for entry in trail::delegated(call, &client, Some(&resource), (Some(&found.body), Some(&body))).await? {
        unit.audit(entry);
    }
    Ok((unit, ()))
}

/// Refuses scopes that the tenant's permission grant policies do not let the caller grant.
async fn check_scopes(
    call: &Call,
    client: ObjectId,
    resource: &Resource,
    values: impl Iterator<Item = &str>,
) -> Result<(), Failure> {
    let id = |value: &str| {
        resource.scopes().iter().find(|scope| scope.value.as_deref() == Some(value)).map(|scope| scope.id)
    };
    let scopes: Vec<Permission<'_>> =
        values.map(|value| Permission { kind: PermissionType::Delegated, value, id: id(value) }).collect();
    check_grants(call, client, resource.app_id, &scopes).await
}

async fn attempt_removal(call: &Call, id: ObjectId) -> Result<(UnitOfWork, ()), Failure> {
    let found = call.store.find(Id::<DelegatedGrant>::of(id)).await?.ok_or_else(|| not_found(id))?;
    check_if_match(call, &found)?;
    let client = service_principal(&call.store, "clientId", found.body.client_id).await?;
    let mut unit = call.store.unit();
    // A grant has no place in the deleted items: the same one may be made again at once.
    unit.delete(&found, call.store.context().new_uuid()).purge(id).revoke(found.body.client_id);
    let resource = Resource::find(&call.store, found.body.resource_id).await?;
    for entry in trail::delegated(call, &client, resource.as_ref(), (Some(&found.body), None)).await? {
        unit.audit(entry);
    }
    Ok((unit, ()))
}

async fn service_principal(store: &TenantStore, member: &'static str, id: ObjectId) -> Result<Resource, Failure> {
    let found = Resource::find(store, id).await?;
    found.ok_or_else(|| DelegatedRefused::NoSuchServicePrincipal { member, id }.into())
}

async fn check_principal(store: &TenantStore, new: &DelegatedGrant) -> Result<(), Failure> {
    match (new.consent_type, new.principal_id) {
        (ConsentType::AllPrincipals, None) => Ok(()),
        (ConsentType::Principal, Some(id)) => {
            let person = store.find(Id::<User>::of(id)).await?.is_some();
            if person || store.find(Id::<AgentUser>::of(id)).await?.is_some() {
                return Ok(());
            }
            Err(DelegatedRefused::NoSuchUser(id).into())
        }
        _ => Err(DelegatedRefused::PrincipalMismatch.into()),
    }
}

/// The scope values, each once, if `client` may hold them.
fn checked(scope: &str, client: &Resource, resource: &Resource) -> Result<String, DelegatedRefused> {
    let mut values: Vec<&str> = Vec::new();
    for value in scope.split(' ').filter(|value| !value.is_empty()) {
        // SPEC: RFC 6749 3.3: a scope value is made of visible characters without quote and backslash.
        if !value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\') {
            return Err(DelegatedRefused::Scope);
        }
        if client.kind() == AgentIdentity::NAME && is_scope_blocked_for_agents(resource.app_id, value) {
            return Err(DelegatedRefused::BlockedForAgents(value.to_owned()));
        }
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if values.is_empty() { Err(DelegatedRefused::Scope) } else { Ok(values.join(" ")) }
}

async fn refuse_duplicate(store: &TenantStore, new: &DelegatedGrant) -> Result<(), Failure> {
    let client = IndexKey::uuid(new.client_id.uuid());
    let held = store.all_by_index::<DelegatedGrant>(DelegatedGrant::CLIENT, &client).await?;
    let same = |held: &DelegatedGrant| held.resource_id == new.resource_id && held.principal_id == new.principal_id;
    match held.iter().find(|object| same(&object.body)) {
        Some(object) => Err(DelegatedRefused::Exists(object.id.object()).into()),
        None => Ok(()),
    }
}
