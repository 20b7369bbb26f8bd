//! Stamps an agent identity from a blueprint.

use crate::AgentIdentity;
use crate::parent::Parent;
use crate::refusal::AgentRefused;
use serde_json::json;
use signet_directory::body::{JsonMap, check_display_name, members, typed};
use signet_directory::quota::check_quota;
use signet_directory::responsibility::{
    Thing, audited, changes, check_owners, link_people, sponsors_of_new, target_with,
};
use signet_directory::{ServicePrincipalType, sign};
use signet_graph::Call;
use signet_kernel::{AppId, Caller, Failure, ObjectId};
use signet_logs::audit::activities::ADD_SERVICE_PRINCIPAL;
use signet_store::{Id, Kind, UnitOfWork};

/// An agent identity that does not exist yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAgent {
    /// Client id of the blueprint.
    pub blueprint: AppId,
    /// Who shall answer for it; at least one.
    pub sponsors: Vec<ObjectId>,
    /// Who may change it.
    pub owners: Vec<ObjectId>,
    /// `displayName`, and optionally `accountEnabled`, `tags` and the like.
    pub members: JsonMap,
}

/// Creates it. Its parent may have been created by the call before.
pub async fn create_agent(call: &Call, new: NewAgent) -> Result<ObjectId, Failure> {
    call.store.run(|| attempt(call, &new)).await.map(|(id, _)| id)
}

async fn attempt(call: &Call, new: &NewAgent) -> Result<(UnitOfWork, ObjectId), Failure> {
    let parent = Parent::find(call, new.blueprint).await?;
    AgentRefused::refuse_credentials(&new.members)?;
    check_quota(&call.store, AgentIdentity::NAME).await?;
    let sponsors = sponsors_of_new(call, AgentIdentity::NAME, &new.sponsors).await?;
    let owners = check_owners(&call.store, &new.owners).await?;

    let id = Id::<AgentIdentity>::of(call.store.context().new_object_id());
    let body = body(&parent, &call.caller, id, new.members.clone())?;
    check_display_name(&body.display_name)?;
    parent.blueprint.body.check_agent_name(&call.store, &body.display_name).await?;
    let mut unit = call.store.unit();
    parent.expect(&mut unit);
    unit.create(id, &body);
    link_people(&mut unit, id.object(), &sponsors, &owners);
    let thing = Thing::new(id.object(), &body).of_blueprint(parent.blueprint.id.object());
    let answerable = sponsors.iter().map(|sponsor| sponsor.id.object());
    let target = target_with(&thing, answerable).with_modified(changes(None, Some(&members(&body))));
    unit.audit(audited(call, &ADD_SERVICE_PRINCIPAL, vec![target]));
    Ok((unit, id.object()))
}

fn body(
    parent: &Parent,
    caller: &Caller,
    id: Id<AgentIdentity>,
    mut members: JsonMap,
) -> Result<AgentIdentity, Failure> {
    members.retain(|_, value| !value.is_null());
    members.entry("accountEnabled").or_insert(true.into());
    members.insert("appId".to_owned(), id.to_string().into());
    members.insert("principal".to_owned(), parent.principal.id.to_string().into());
    let blueprint = parent.blueprint.body.application.app_id;
    members.insert("agentIdentityBlueprintId".to_owned(), blueprint.to_string().into());
    sign(&mut members, caller);
    members.insert("createdByAppId".to_owned(), caller.app.to_string().into());
    members.insert("servicePrincipalType".to_owned(), json!(ServicePrincipalType::ServiceIdentity));
    typed(members)
}
