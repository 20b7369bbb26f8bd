//! All that bears on what an agent holds: what was given to it and to its blueprint's principal, what the blueprint
//! passes on, and what of all this is only supposed.

use crate::holder::{assignments, bodies, grants, rules};
use crate::{
    AppRoleAssignment, DelegatedGrant, InheritablePermission, Judged, JudgedScope, Resource, judged, judged_scopes,
};
use signet_agents::{AgentIdentity, may_see};
use signet_blueprints::{Blueprint, BlueprintPrincipal};
use signet_directory::body::not_found;
use signet_graph::Call;
use signet_kernel::{Failure, ObjectId};
use signet_store::{BackendError, Id, Object, TenantStore};
use std::collections::BTreeSet;
use std::sync::Arc;

/// An agent with all that it hangs off.
pub(crate) struct Chain {
    pub(crate) agent: Arc<Object<AgentIdentity>>,
    pub(crate) principal: Arc<Object<BlueprintPrincipal>>,
    pub(crate) blueprint: Arc<Object<Blueprint>>,
}

impl Chain {
    /// The agent of this id, if the caller may see it.
    pub(crate) async fn find(call: &Call, id: ObjectId) -> Result<Self, Failure> {
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
}

/// What one principal was given.
struct Gifts {
    roles: Arc<Vec<Object<AppRoleAssignment>>>,
    scopes: Arc<Vec<Object<DelegatedGrant>>>,
}

impl Gifts {
    async fn of(store: &TenantStore, principal: ObjectId) -> Result<Self, BackendError> {
        Ok(Self { roles: assignments(store, principal).await?, scopes: grants(store, principal).await? })
    }
}

/// What is taken to be there as well, though it is not.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Supposed {
    pub(crate) roles: Vec<AppRoleAssignment>,
    pub(crate) scopes: Vec<DelegatedGrant>,
    /// Each stands in the place of the one there is for its resource.
    pub(crate) rules: Vec<InheritablePermission>,
    /// In the place of the one there is.
    pub(crate) ceiling: Option<Option<Vec<String>>>,
}

/// What was given, and what is supposed.
pub(crate) struct Given<'c> {
    chain: &'c Chain,
    own: Gifts,
    passed_on: Gifts,
    rules: Arc<Vec<Object<InheritablePermission>>>,
}

impl<'c> Given<'c> {
    pub(crate) async fn to(store: &TenantStore, chain: &'c Chain) -> Result<Self, BackendError> {
        Ok(Self {
            chain,
            own: Gifts::of(store, chain.agent.id.object()).await?,
            passed_on: Gifts::of(store, chain.principal.id.object()).await?,
            rules: rules(store, chain.blueprint.id.object()).await?,
        })
    }

    /// The id of an assignment that is stored.
    pub(crate) fn assignment_id(&self, assignment: &AppRoleAssignment) -> Option<ObjectId> {
        let mut all = self.own.roles.iter().chain(self.passed_on.roles.iter());
        all.find(|object| object.body == *assignment).map(|object| object.id.object())
    }

    /// The id of a grant that is stored.
    pub(crate) fn grant_id(&self, grant: &DelegatedGrant) -> Option<ObjectId> {
        let mut all = self.own.scopes.iter().chain(self.passed_on.scopes.iter());
        all.find(|object| object.body == *grant).map(|object| object.id.object())
    }

    /// The resources that anything of it names.
    pub(crate) async fn resources(&self, store: &TenantStore, supposed: &Supposed) -> Result<Vec<Resource>, Failure> {
        let stored = [&self.own, &self.passed_on].into_iter().flat_map(|gifts| {
            let roles = gifts.roles.iter().map(|role| role.body.resource_id);
            roles.chain(gifts.scopes.iter().map(|grant| grant.body.resource_id))
        });
        let roles = supposed.roles.iter().map(|role| role.resource_id);
        let scopes = supposed.scopes.iter().map(|grant| grant.resource_id);
        let ids: BTreeSet<ObjectId> = stored.chain(roles).chain(scopes).collect();
        let mut resources = Vec::with_capacity(ids.len());
        for id in ids {
            // A resource that is gone takes its permissions along: nothing of it is held.
            resources.extend(Resource::find(store, id).await?);
        }
        Ok(resources)
    }

    /// Hands what each application permission and each scope of a resource comes to, to `each`, with the rule by which
    /// the resource's permissions are passed on, if there is one.
    pub(crate) fn judge(
        &self,
        resource: &Resource,
        supposed: &Supposed,
        mut each: impl FnMut(Verdict<'_>, Option<&InheritablePermission>),
    ) {
        let (agent, principal) = (self.chain.agent.id.object(), self.chain.principal.id.object());
        let rules = with(&[], supposed.rules.iter().chain(bodies(&self.rules)));
        let rule = rules.iter().find(|rule| rule.resource_app_id == resource.app_id).copied();
        let stored = self.chain.blueprint.body.permission_ceiling.as_ref();
        let ceiling = supposed.ceiling.as_ref().map_or(stored, Option::as_ref).map(Vec::as_slice);

        let roles_of = |id| supposed.roles.iter().filter(move |role| role.principal_id == id);
        let (own, passed_on) =
            (with(&self.own.roles, roles_of(agent)), with(&self.passed_on.roles, roles_of(principal)));
        judged(resource.resource_roles(), &own, &passed_on, &rules, ceiling)
            .for_each(|judged| each(Verdict::Role(judged), rule));

        let scopes_of = |id| supposed.scopes.iter().filter(move |grant| grant.client_id == id);
        let own = with(&self.own.scopes, scopes_of(agent));
        let passed_on = with(&self.passed_on.scopes, scopes_of(principal));
        judged_scopes(resource.resource_scopes(), &own, &passed_on, &rules, ceiling)
            .for_each(|judged| each(Verdict::Scope(judged), rule));
    }
}

/// What is stored, then what is supposed.
fn with<'a, K>(stored: &'a [Object<K>], supposed: impl Iterator<Item = &'a K>) -> Vec<&'a K> {
    bodies(stored).into_iter().chain(supposed).collect()
}

/// What one application permission, or one scope, comes to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verdict<'a> {
    Role(Judged<'a>),
    Scope(JudgedScope<'a>),
}
