//! Defines custom roles, and lists the built-in ones in a tenant.

use super::load;
use crate::activities::{ADD_ROLE_DEFINITION, DELETE_ROLE_DEFINITION, UPDATE_ROLE_DEFINITION};
use crate::body::{JsonMap, bad_request, denied, members, patched, typed};
use crate::responsibility::{audited, changes, named_target};
use crate::roles::{BuiltInRole, RoleAssignment, RoleDefinition, built_in_roles};
use signet_graph::Call;
use signet_kernel::{Failure, Fault, ObjectId};
use signet_store::{Id, IndexKey, TenantStore, UnitOfWork};

/// Has a new tenant keep the built-in roles, so that they are listed.
pub fn add_built_in_roles(unit: &mut UnitOfWork) {
    for role in built_in_roles() {
        unit.create(Id::of(role.id()), &RoleDefinition::of_built_in(role));
    }
}

/// Keeps the built-in roles in a tenant that may have been made without some of them; those that are there as they
/// should be stay.
pub async fn seed_built_in_roles(store: &TenantStore) -> Result<(), Failure> {
    let missing = missing_built_in_roles(store).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let attempt = || async {
        let mut unit = store.unit();
        for role in &missing {
            let wanted = RoleDefinition::of_built_in(role);
            match store.find_any(Id::<RoleDefinition>::of(role.id())).await? {
                None => drop(unit.create(Id::of(role.id()), &wanted)),
                Some(found) => drop(unit.update(&found, &wanted)),
            }
        }
        Ok::<_, Failure>((unit, ()))
    };
    store.run(attempt).await.map(drop)
}

/// The built-in roles that a tenant does not keep, or not as they are now.
async fn missing_built_in_roles(store: &TenantStore) -> Result<Vec<&'static BuiltInRole>, Failure> {
    let ids: Vec<ObjectId> = built_in_roles().iter().map(BuiltInRole::id).collect();
    let rows = store.read_rows(&ids).await?;
    let is_kept = |role: &BuiltInRole| {
        let row = rows.iter().find(|row| row.id == role.id());
        let kept = row.and_then(|row| serde_json::from_slice::<RoleDefinition>(&row.body).ok());
        kept == Some(RoleDefinition::of_built_in(role))
    };
    Ok(built_in_roles().iter().filter(|role| !is_kept(role)).collect())
}

/// Defines a custom role.
pub async fn create_role_definition(call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
    let attempt = || async {
        let mut body = body.clone();
        body.retain(|_, value| !value.is_null());
        let mut role: RoleDefinition = typed(body)?;
        role.check()?;
        let id = call.store.context().new_object_id();
        role.is_built_in = false;
        role.template_id = role.template_id.or_else(|| Some(id.to_string()));
        let mut unit = call.store.unit();
        unit.create(Id::of(id), &role);
        let target = named_target(id, &role).with_modified(changes(None, Some(&members(&role))));
        unit.audit(audited(call, &ADD_ROLE_DEFINITION, vec![target]));
        Ok::<_, Failure>((unit, id))
    };
    call.store.run(attempt).await.map(|(id, _)| id)
}

/// Writes `patch` over the custom role `id`. Disabled, it allows nothing.
pub async fn update_role_definition(call: &Call, id: ObjectId, patch: JsonMap) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<RoleDefinition>(call, id).await?;
        refuse_built_in(&found.body)?;
        let role = patched(&found.body, patch.clone())?;
        role.check()?;
        if role.template_id != found.body.template_id {
            return Err(bad_request("templateId", "'templateId' cannot be changed."));
        }
        let mut unit = call.store.unit();
        unit.update(&found, &role);
        let modified = changes(Some(&members(&found.body)), Some(&members(&role)));
        unit.audit(audited(call, &UPDATE_ROLE_DEFINITION, vec![named_target(id, &role).with_modified(modified)]));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

/// Deletes the custom role `id`, which nobody has any more.
pub async fn delete_role_definition(call: &Call, id: ObjectId) -> Result<(), Failure> {
    let attempt = || async {
        let found = load::<RoleDefinition>(call, id).await?;
        refuse_built_in(&found.body)?;
        let key = IndexKey::uuid(id.uuid());
        if !call.store.all_by_index::<RoleAssignment>(RoleAssignment::DEFINITION, &key).await?.is_empty() {
            let message = "The role is assigned; remove its assignments first.";
            return Err(Failure::new(Fault::Conflict, "Request_BadRequest", message));
        }
        let mut unit = call.store.unit();
        unit.delete(&found, call.store.context().new_uuid());
        unit.audit(audited(call, &DELETE_ROLE_DEFINITION, vec![named_target(id, &found.body)]));
        Ok((unit, ()))
    };
    call.store.run(attempt).await.map(drop)
}

fn refuse_built_in(role: &RoleDefinition) -> Result<(), Failure> {
    if role.is_built_in {
        Err(denied("A built-in role is neither changed nor deleted; define a custom one."))
    } else {
        Ok(())
    }
}
