//! Gives a blueprint its presence in the tenant: from then on it gets tokens and has agents.

use crate::refusal::BlueprintRefused;
use crate::{Blueprint, BlueprintPrincipal};
use serde_json::json;
use signet_directory::body::{JsonMap, check_display_name, members, typed};
use signet_directory::responsibility::{
    Thing, audited, changes, check_owners, check_sponsors, creator, link_people, target_with,
};
use signet_directory::{ServicePrincipalType, sign};
use signet_graph::Call;
use signet_kernel::{AppId, Caller, Failure, ObjectId};
use signet_logs::audit::activities::ADD_SERVICE_PRINCIPAL;
use signet_store::{Id, UnitOfWork};

/// A blueprint principal that does not exist yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPrincipal {
    /// Client id of the blueprint.
    pub app_id: AppId,
    /// Who shall answer for it; may be nobody, since the blueprint has a sponsor.
    pub sponsors: Vec<ObjectId>,
    /// Who may change it, besides the caller.
    pub owners: Vec<ObjectId>,
    /// `accountEnabled`, `tags` and the like.
    pub members: JsonMap,
}

/// Creates it. Its parent may have been created by the call before.
pub async fn create_principal(call: &Call, new: NewPrincipal) -> Result<ObjectId, Failure> {
    call.store.run(|| attempt(call, &new)).await.map(|(id, _)| id)
}

async fn attempt(call: &Call, new: &NewPrincipal) -> Result<(UnitOfWork, ObjectId), Failure> {
    let blueprint = Blueprint::find_by_app_id(&call.store, new.app_id).await?;
    let blueprint = blueprint.ok_or(BlueprintRefused::NotABlueprint(new.app_id))?;
    if BlueprintPrincipal::find_by_app_id(&call.store, new.app_id).await?.is_some() {
        return Err(BlueprintRefused::PrincipalExists(new.app_id).into());
    }
    let sponsors = match new.sponsors.as_slice() {
        [] => Vec::new(),
        sponsors => check_sponsors(&call.store, sponsors).await?,
    };
    let owners = check_owners(&call.store, &creators(call, &new.owners).await?).await?;
    let body = stamp(blueprint.id, &blueprint.body, &call.caller, new.members.clone())?;
    check_display_name(&body.display_name)?;
    let id = Id::<BlueprintPrincipal>::of(call.store.context().new_object_id());
    let mut unit = call.store.unit();
    unit.create(id, &body);
    link_people(&mut unit, id.object(), &sponsors, &owners);
    let answerable = sponsors.iter().map(|sponsor| sponsor.id.object());
    let target = target_with(&Thing::new(id.object(), &body), answerable);
    let target = target.with_modified(changes(None, Some(&members(&body))));
    unit.audit(audited(call, &ADD_SERVICE_PRINCIPAL, vec![target]));
    Ok((unit, id.object()))
}

/// The principal of a blueprint.
pub(super) fn stamp(
    id: Id<Blueprint>,
    blueprint: &Blueprint,
    creator: &Caller,
    mut members: JsonMap,
) -> Result<BlueprintPrincipal, Failure> {
    members.retain(|_, value| !value.is_null());
    members.entry("accountEnabled").or_insert(true.into());
    members.entry("displayName").or_insert(blueprint.application.display_name.clone().into());
    members.insert("appId".to_owned(), blueprint.application.app_id.to_string().into());
    sign(&mut members, creator);
    members.insert("blueprint".to_owned(), id.to_string().into());
    members.insert("servicePrincipalType".to_owned(), json!(ServicePrincipalType::Application));
    typed(members)
}

/// The owners that were named, and the caller if it can be one: who creates a thing may change it.
pub(super) async fn creators(call: &Call, named: &[ObjectId]) -> Result<Vec<ObjectId>, Failure> {
    Ok(named.iter().copied().chain(creator(call).await?).collect())
}
