//! What an agent identity is created under.

use crate::AgentIdentity;
use crate::refusal::AgentRefused;
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_graph::Call;
use signet_kernel::{AppId, Failure};
use signet_store::{Kind, Object, Precondition, UnitOfWork};
use std::sync::Arc;

/// Permissions to create agents under any blueprint.
const ANYWHERE: &[&str] = &["AgentIdentity.Create.All", "AgentIdentity.ReadWrite.All"];

/// A blueprint and its principal, both fit to have agents.
#[derive(Debug)]
pub(crate) struct Parent {
    pub(crate) blueprint: Arc<Object<Blueprint>>,
    pub(crate) principal: Arc<Object<BlueprintPrincipal>>,
}

impl Parent {
    /// The parent that `caller` may create an agent under.
    pub(crate) async fn find(call: &Call, app_id: AppId) -> Result<Self, Failure> {
        let (store, caller) = (&call.store, &call.caller);
        if caller.kind == AgentIdentity::NAME {
            return Err(AgentRefused::AgentCreatesAgent.into());
        }
        let blueprint = Blueprint::find_by_app_id(store, app_id).await?;
        let blueprint = blueprint.ok_or(AgentRefused::NotABlueprint(app_id))?;
        if !caller.holds_any(ANYWHERE) && caller.parent != Some(blueprint.id.object()) {
            return Err(AgentRefused::NotOwnBlueprint.into());
        }
        let principal = BlueprintPrincipal::find_by_app_id(store, app_id).await?;
        let principal = principal.ok_or(AgentRefused::NoPrincipal(app_id))?;
        if blueprint.body.application.is_disabled || !principal.body.account_enabled {
            return Err(AgentRefused::ParentDisabled(app_id).into());
        }
        Ok(Self { blueprint, principal })
    }

    /// Has the commit refused if either was switched off or removed in between.
    pub(crate) fn expect(&self, unit: &mut UnitOfWork) {
        unit.expect(Precondition::Version(self.blueprint.id.object(), self.blueprint.version));
        unit.expect(Precondition::Version(self.principal.id.object(), self.principal.version));
    }
}
