//! What callers of the directory API may do besides what their permissions say.

use super::held::{acted_on_row, held_by, restricting};
use super::{ActedOn, HeldRole, RoleScope, actions_of, allows, relations_for};
use crate::membership;
use crate::permissions::DIRECTORY_WRITE_RESTRICTED;
use crate::responsibility::SPONSORS;
use async_trait::async_trait;
use signet_graph::{Call, Deed, HeldRights, OtherRights, OtherWays};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Row, TenantStore};

/// Kinds of callers that have the rights of what they own or answer for.
const RESPONSIBLE: [&str; 2] = ["user", "servicePrincipal"];
/// Kinds of callers that are agents, or speak for them.
const AGENTS: [&str; 3] = ["agentIdentity", "agentUser", "agentIdentityBlueprintPrincipal"];

/// Directory roles, and the rights of owners and sponsors.
#[derive(Debug, Clone, Copy)]
pub struct DirectoryRights {
    barred: fn(&str) -> bool,
}

impl DirectoryRights {
    /// The rights, of which agents gain nothing that they are barred from as a permission of the directory API.
    pub fn new(barred: fn(&str) -> bool) -> Self {
        Self { barred }
    }
}

#[async_trait]
impl OtherRights for DirectoryRights {
    fn declared(&self, kind: &str, deed: Deed) -> OtherWays {
        OtherWays { actions: actions_of(kind, deed), relations: relations_for(kind, deed) }
    }

    async fn held(&self, call: &Call) -> Result<Box<dyn HeldRights>, Failure> {
        let caller = &call.caller;
        Ok(Box::new(Held {
            principal: caller.object,
            is_responsible: RESPONSIBLE.contains(&caller.kind),
            barred: AGENTS.contains(&caller.kind).then_some(self.barred),
            roles: held_by(&call.store, caller.object).await?,
        }))
    }

    async fn restriction(&self, call: &Call, row: &Row) -> Result<Option<String>, Failure> {
        let lifted = call.caller.holds_any(&[DIRECTORY_WRITE_RESTRICTED]);
        if lifted || restricting(&call.store, row.id).await?.is_empty() {
            return Ok(None);
        }
        Ok(Some(format!(
            "Insufficient privileges to complete the operation. Target object is a member of a restricted management \
             administrative unit and can only be modified by administrators scoped to that administrative unit, or \
             with the permission {DIRECTORY_WRITE_RESTRICTED}."
        )))
    }
}

struct Held {
    principal: ObjectId,
    is_responsible: bool,
    barred: Option<fn(&str) -> bool>,
    roles: Vec<HeldRole>,
}

impl Held {
    fn by_role(&self, object: &ActedOn, deed: Deed) -> bool {
        actions_of(&object.kind, deed).iter().any(|action| allows(&self.roles, action, object))
    }

    /// Whether the caller is at the far end of this relation of an object, itself or, of sponsors, as a member of a
    /// group.
    async fn is_linked(&self, store: &TenantStore, row: &Row, relation: &'static str) -> Result<bool, Failure> {
        let links = match row.deleted {
            Some(_) => store.links_from_deleted(row.id, relation).await?.links,
            None => store.links_from(row.id, relation).await?.links.clone(),
        };
        let is_end = |id: ObjectId| links.iter().any(|link| link.target == id);
        if is_end(self.principal) || relation != SPONSORS || links.is_empty() {
            return Ok(is_end(self.principal));
        }
        Ok(membership::member_of(store, self.principal).await?.into_iter().any(is_end))
    }
}

#[async_trait]
impl HeldRights for Held {
    fn everywhere(&self, kind: &str, deed: Deed) -> bool {
        self.by_role(&ActedOn::collection(kind), deed)
    }

    fn partly(&self, kind: &str, deed: Deed) -> bool {
        let narrow = |role: &&HeldRole| {
            role.scope != RoleScope::Tenant || role.permissions.iter().any(|permission| permission.condition.is_some())
        };
        let actions = actions_of(kind, deed);
        self.roles.iter().filter(narrow).any(|role| actions.iter().any(|action| role.lists(action)))
    }

    fn by_links(&self, kind: &str, deed: Deed) -> bool {
        self.is_responsible && !relations_for(kind, deed).is_empty()
    }

    async fn here(&self, call: &Call, row: &Row, deed: Deed) -> Result<bool, Failure> {
        let store = &call.store;
        if !self.roles.is_empty() && self.by_role(&acted_on_row(store, self.principal, row).await?, deed) {
            return Ok(true);
        }
        if !self.is_responsible {
            return Ok(false);
        }
        for relation in relations_for(&row.kind, deed) {
            if self.is_linked(store, row, relation).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn here_though_restricted(&self, call: &Call, row: &Row, deed: Deed) -> Result<bool, Failure> {
        if self.roles.is_empty() {
            return Ok(false);
        }
        let units = restricting(&call.store, row.id).await?;
        let scoped = |role: &&HeldRole| matches!(role.scope, RoleScope::Unit(unit) if units.contains(&unit));
        let roles: Vec<HeldRole> = self.roles.iter().filter(scoped).cloned().collect();
        let object = acted_on_row(&call.store, self.principal, row).await?;
        Ok(actions_of(&object.kind, deed).iter().any(|action| allows(&roles, action, &object)))
    }

    fn may_stand_for(&self, permission: &str) -> bool {
        self.barred.is_none_or(|barred| !barred(permission))
    }
}
