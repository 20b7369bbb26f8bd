//! Gives an agent identity its account among people.

use super::agent_user_trail::described;
use crate::{AgentIdentity, AgentUser, AgentUserRefused, reach};
use signet_blueprints::Blueprint;
use signet_directory::body::{JsonMap, members, typed};
use signet_directory::responsibility::{Sponsor, Thing, audited, changes, check_sponsors, link_people};
use signet_directory::sign;
use signet_graph::Call;
use signet_kernel::{Caller, Failure, ObjectId};
use signet_logs::audit::activities::ADD_USER;
use signet_store::{Id, Object, TenantStore, UnitOfWork};
use std::sync::Arc;

/// An agent user that does not exist yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAgentUser {
    /// The agent identity's object id.
    pub parent: ObjectId,
    /// Who shall answer for it; may be nobody, since the agent identity has a sponsor.
    pub sponsors: Vec<ObjectId>,
    /// `displayName`, `userPrincipalName`, `mailNickname`, `accountEnabled`, and any other property of users.
    pub members: JsonMap,
}

/// Creates it. Its parent may have been created by the call before.
pub async fn create_agent_user(call: &Call, new: NewAgentUser) -> Result<ObjectId, Failure> {
    AgentUser::refuse_sign_in(&new.members)?;
    call.store.run(|| attempt(call, &new)).await.map(|(id, _)| id)
}

async fn attempt(call: &Call, new: &NewAgentUser) -> Result<(UnitOfWork, ObjectId), Failure> {
    let agent = parent(&call.store, new.parent).await?;
    reach::require(&call.caller, agent.body.agent_identity_blueprint_id)?;
    let slot = free_slot(&call.store, new.parent, limit(&call.store, &agent.body).await?).await?;
    let sponsors = sponsors(call, &new.sponsors).await?;
    let body = AgentUser { slot, ..body(new, &agent.body, &call.caller)? };
    body.check()?;

    let id = Id::<AgentUser>::of(call.store.context().new_object_id());
    let mut unit = call.store.unit();
    unit.create(id, &body);
    link_people(&mut unit, id.object(), &sponsors, &[]);
    let blueprint = Thing::find_of(&call.store, &agent).await?.blueprint;
    let answerable = sponsors.iter().map(|sponsor| sponsor.id.object());
    let target = described(id.object(), &body).in_chain(blueprint, answerable);
    unit.audit(audited(call, &ADD_USER, vec![target.with_modified(changes(None, Some(&members(&body))))]));
    Ok((unit, id.object()))
}

async fn parent(store: &TenantStore, id: ObjectId) -> Result<Arc<Object<AgentIdentity>>, Failure> {
    let found = store.find(Id::<AgentIdentity>::of(id)).await?;
    found.ok_or_else(|| AgentUserRefused::NotAnAgent(id).into())
}

/// The first place for one more user of an agent identity, whose blueprint allows so many. The store keeps two at once
/// from both taking it; this says which users there are.
async fn free_slot(store: &TenantStore, parent: ObjectId, limit: u32) -> Result<u32, Failure> {
    let mut refused = AgentUserRefused::NoneAllowed(parent);
    for slot in 0..limit {
        let Some(user) = store.find_key(AgentUser::PARENT, &AgentUser::slot_key(parent, slot)).await? else {
            return Ok(slot);
        };
        refused = match store.find(Id::<AgentUser>::of(user)).await? {
            Some(_) => AgentUserRefused::Exists { parent, user, limit },
            None => AgentUserRefused::Deleted { parent, user },
        };
    }
    Err(refused.into())
}

async fn limit(store: &TenantStore, agent: &AgentIdentity) -> Result<u32, Failure> {
    let blueprint = Blueprint::find_by_app_id(store, agent.agent_identity_blueprint_id).await?;
    Ok(blueprint.map_or(1, |blueprint| blueprint.body.agent_user_limit()))
}

async fn sponsors(call: &Call, named: &[ObjectId]) -> Result<Vec<Sponsor>, Failure> {
    if named.is_empty() { Ok(Vec::new()) } else { check_sponsors(&call.store, named).await }
}

fn body(new: &NewAgentUser, agent: &AgentIdentity, creator: &Caller) -> Result<AgentUser, Failure> {
    let mut members = new.members.clone();
    members.retain(|_, value| !value.is_null());
    sign(&mut members, creator);
    members.insert(AgentUser::PARENT.to_owned(), new.parent.to_string().into());
    members.insert("blueprintAppId".to_owned(), agent.agent_identity_blueprint_id.to_string().into());
    typed(members)
}
