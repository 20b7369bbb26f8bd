//! Creates a blueprint: what agents will be stamped from.

use super::create_principal::{creators, stamp};
use crate::rules::{BlueprintRules, take_ceiling};
use crate::{Blueprint, BlueprintPrincipal};
use signet_directory::Application;
use signet_directory::body::JsonMap;
use signet_directory::quota::check_quota;
use signet_directory::responsibility::{
    Thing, audited, changes, check_owners, link_people, sponsors_of_new, target_with,
};
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_logs::audit::activities::{ADD_APPLICATION, ADD_SERVICE_PRINCIPAL};
use signet_store::{Id, Kind, UnitOfWork};

/// A blueprint that does not exist yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBlueprint {
    /// Who shall answer for it; at least one, unless the caller is a person who does so.
    pub sponsors: Vec<ObjectId>,
    /// Who may change it, besides the caller.
    pub owners: Vec<ObjectId>,
    /// Whether its principal shall be created with it.
    pub with_principal: bool,
    /// `displayName` and any other property of applications, and `permissionCeiling`.
    pub members: JsonMap,
}

/// Creates it, and its principal if that is wanted, in one transaction.
pub async fn create_blueprint(call: &Call, rules: &BlueprintRules, new: NewBlueprint) -> Result<ObjectId, Failure> {
    Blueprint::refuse_incompatible(&new.members)?;
    call.store.run(|| attempt(call, rules, &new)).await.map(|(id, _)| id)
}

async fn attempt(call: &Call, rules: &BlueprintRules, new: &NewBlueprint) -> Result<(UnitOfWork, ObjectId), Failure> {
    check_quota(&call.store, Blueprint::NAME).await?;
    let sponsors = sponsors_of_new(call, Blueprint::NAME, &new.sponsors).await?;
    let owners = check_owners(&call.store, &creators(call, &new.owners).await?).await?;
    let id = Id::<Blueprint>::of(call.store.context().new_object_id());
    let mut members = new.members.clone();
    let permission_ceiling = take_ceiling(&mut members)?.flatten();
    let application = Application::create(call, &rules.own, id.object(), members).await?;
    let body = Blueprint { permission_ceiling, application };
    body.check(rules)?;

    let answerable: Vec<ObjectId> = sponsors.iter().map(|sponsor| sponsor.id.object()).collect();
    let mut unit = call.store.unit();
    unit.create(id, &body);
    link_people(&mut unit, id.object(), &sponsors, &owners);
    let created = changes(None, Some(&signet_directory::body::members(&body)));
    let target = target_with(&Thing::new(id.object(), &body), answerable.iter().copied()).with_modified(created);
    unit.audit(audited(call, &ADD_APPLICATION, vec![target]));
    if new.with_principal {
        add_principal(call, &mut unit, id, &body, &owners)?;
    }
    Ok((unit, id.object()))
}

fn add_principal(
    call: &Call,
    unit: &mut UnitOfWork,
    blueprint: Id<Blueprint>,
    of: &Blueprint,
    owners: &[ObjectId],
) -> Result<(), Failure> {
    let id = Id::<BlueprintPrincipal>::of(call.store.context().new_object_id());
    let body = stamp(blueprint, of, &call.caller, JsonMap::new())?;
    unit.create(id, &body);
    link_people(unit, id.object(), &[], owners);
    let created = changes(None, Some(&signet_directory::body::members(&body)));
    let target = target_with(&Thing::new(id.object(), &body), []).with_modified(created);
    unit.audit(audited(call, &ADD_SERVICE_PRINCIPAL, vec![target]));
    Ok(())
}
