//! `effectivePermissions` of an agent identity: what it holds, where each comes from, and what was given and does not
//! reach it. Computed when asked, kept nowhere.

use crate::holder::{Held, held_by_agent};
use crate::{Judged, Provenance, Resource, judged};
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_agents::{AgentIdentity, may_see};
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_directory::body::not_found;
use signet_graph::{Action, ActionResult, Call, JsonMap};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, Object};
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Debug, Clone, Copy)]
struct EffectivePermissions;

/// The function, to hang off agent identities.
pub fn effective_permissions() -> Box<dyn Action> {
    Box::new(EffectivePermissions)
}

/// An agent with all that it hangs off.
struct Chain {
    agent: Arc<Object<AgentIdentity>>,
    principal: Arc<Object<BlueprintPrincipal>>,
    blueprint: Arc<Object<Blueprint>>,
}

#[async_trait]
impl Action for EffectivePermissions {
    fn name(&self) -> &'static str {
        "effectivePermissions"
    }

    fn is_function(&self) -> bool {
        true
    }

    async fn call(&self, call: &Call, id: ObjectId, _body: JsonMap) -> Result<ActionResult, Failure> {
        let chain = Chain::find(call, id).await?;
        let held = held_by_agent(&call.store, &chain.agent, &chain.blueprint).await?;
        let mut answer = JsonMap::new();
        answer.insert("agentId".to_owned(), id.to_string().into());
        answer.insert("blueprintId".to_owned(), chain.blueprint.id.to_string().into());
        answer.insert("switchedOffBy".to_owned(), chain.switched_off_by());
        answer.insert("value".to_owned(), permissions(call, &chain, &held).await?.into());
        Ok(ActionResult::Object(answer))
    }
}

impl Chain {
    async fn find(call: &Call, id: ObjectId) -> Result<Self, Failure> {
        let agent = call.store.find(Id::<AgentIdentity>::of(id)).await?.ok_or_else(|| not_found(id))?;
        if !may_see(call, &agent.body) {
            return Err(not_found(id));
        }
        let principal = call.store.find(Id::<BlueprintPrincipal>::of(agent.body.principal)).await?;
        let principal = principal.ok_or_else(|| not_found(agent.body.principal))?;
        let blueprint = call.store.find(Id::<Blueprint>::of(principal.body.blueprint)).await?;
        let blueprint = blueprint.ok_or_else(|| not_found(principal.body.blueprint))?;
        Ok(Self { agent, principal, blueprint })
    }

    /// What keeps it from getting any token at all.
    fn switched_off_by(&self) -> Value {
        let parts = [
            (!self.agent.body.account_enabled, "agentIdentity"),
            (!self.principal.body.account_enabled, "agentIdentityBlueprintPrincipal"),
            (self.blueprint.body.application.is_disabled, "agentIdentityBlueprint"),
        ];
        parts.into_iter().filter_map(|(off, kind)| off.then_some(kind)).collect()
    }
}

async fn permissions(call: &Call, chain: &Chain, held: &Held) -> Result<Vec<Value>, Failure> {
    let (own, passed_on, rules) = held.bodies();
    let ceiling = chain.blueprint.body.permission_ceiling.as_deref();
    let resources: BTreeSet<ObjectId> = own.iter().chain(&passed_on).map(|held| held.resource_id).collect();
    let mut all = Vec::new();
    for id in resources {
        // A resource that is gone takes its roles along: nothing of it is held.
        let Some(resource) = Resource::find(&call.store, id).await? else { continue };
        let judged = judged(resource.resource_roles(), &own, &passed_on, &rules, ceiling);
        all.extend(judged.map(|judged| shown(chain, &resource, held, &judged)));
    }
    Ok(all)
}

fn shown(chain: &Chain, resource: &Resource, held: &Held, judged: &Judged<'_>) -> Value {
    let (source, holder, holder_name) = match judged.provenance {
        Provenance::Own => ("own", chain.agent.id.object(), &chain.agent.body.display_name),
        Provenance::Inherited => ("inherited", chain.principal.id.object(), &chain.principal.body.display_name),
    };
    let through = (judged.provenance == Provenance::Inherited).then(
        || json!({"blueprintId": chain.blueprint.id.to_string(), "inheritablePermission": resource.app_id.to_string()}),
    );
    json!({
        "permissionType": "application",
        "value": judged.value,
        "appRoleId": judged.assignment.app_role_id.to_string(),
        "resourceId": resource.id.to_string(),
        "resourceAppId": resource.app_id.to_string(),
        "resourceDisplayName": resource.display_name,
        "isEffective": judged.withheld.is_none(),
        "source": source,
        "assignmentId": held.id_of(judged.assignment).map(|id| id.to_string()),
        "assignedTo": {"id": holder.to_string(), "displayName": holder_name},
        "inheritedThrough": through,
        "withheld": judged.withheld.map(|why| json!({"code": why.code(), "message": why.sentence()})),
    })
}
