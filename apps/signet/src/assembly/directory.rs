//! The directory API: every type of every capability, behind one router.

use super::refused_writes::RefusedWrites;
use super::{alert_rules, log_retention};
use crate::command_error::CommandError;
use crate::node::Node;
use crate::telemetry::TracedCallers;
use axum::Router;
use signet_agents::{AgentEntity, AgentUsers};
use signet_alert_rules::AlertRules;
use signet_alerts::Alerts;
use signet_blueprints::{BlueprintEntity, BlueprintPrincipalEntity, BlueprintRules};
use signet_credentials::OwnAddresses;
use signet_credentials::http::CredentialChangeRequests;
use signet_directory::DIRECTORY_APP_ID;
use signet_directory::http::{
    AdministrativeUnits, Applications, AttributeDefinitions, AttributeSets, DirectoryRoles, Groups, Organizations,
    OrphanedObjects, RoleAssignments, RoleDefinitions, ServicePrincipals, Users,
};
use signet_directory::ops::seed_built_in_roles;
use signet_directory::roles::DirectoryRights;
use signet_exports::DeadLetters;
use signet_graph::{
    Authenticate, Contained, Entity, GraphOptions, GraphRouter, OnAnswered, OnWriteRefused, OtherRights,
};
use signet_log_queries::{LogFunctions, Watchlists};
use signet_log_retention::{LegalHolds, LogTables};
use signet_logs::{directory_audits, sign_ins};
use signet_permissions::catalogue::directory_roles;
use signet_permissions::is_blocked_for_agents;
use signet_permissions::{DelegatedGrants, directory_scopes, oauth2_permission_grants, preview_permissions};
use signet_permissions::{agent_deletion_preview, blueprint_deletion_preview, principal_deletion_preview};
use signet_permissions::{
    app_role_assigned_to, app_role_assignments, blocked_permission, effective_permissions, inheritable_permissions,
};
use signet_permissions::{inherited_app_role_assignments, inherited_oauth2_permission_grants};
use signet_policies::{AppManagementPolicies, AuthorizationPolicies, DefaultAppManagement, PermissionGrantPolicies};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// The routes under `/v1.0` and `/beta`.
pub(super) fn routes(
    node: &Arc<Node>,
    refused: RefusedWrites,
    on_answered: OnAnswered,
) -> Result<Router, CommandError> {
    let refused: OnWriteRefused = Arc::new(move |caller, write, failure| refused.note(caller, write, failure));
    // The same on every node and after every restart, so that a client may page on.
    let token_key = node.record_key.derived("page tokens").map_err(CommandError::failed)?;
    Ok(router(node, authenticate(node), token_key, (Some(refused), Some(on_answered))).into_router())
}

fn router(
    node: &Node,
    authenticate: Arc<dyn Authenticate>,
    token_key: [u8; 32],
    (on_write_refused, on_answered): (Option<OnWriteRefused>, Option<OnAnswered>),
) -> GraphRouter {
    let public_url = node.server.public_url().as_str().to_owned();
    let other_rights: Option<Arc<dyn OtherRights>> = Some(Arc::new(DirectoryRights::new(barred_to_agents)));
    let options = GraphOptions { public_url, token_key, authenticate, other_rights, on_write_refused, on_answered };
    GraphRouter::new(&entities(node), options)
}

/// What an agent may never hold, however obtained: by a role or by owning something no more than as a permission.
fn barred_to_agents(permission: &str) -> bool {
    is_blocked_for_agents(DIRECTORY_APP_ID, permission)
}

/// Gives tenants that were made by an earlier version the built-in roles of this one. What fails is tried again at the
/// next start: roles are decided by the program, and only listed from the store.
pub(super) async fn seed_roles(node: &Node) {
    let tenants = match node.store.heads().await {
        Ok(heads) => heads,
        Err(failure) => return tracing::warn!(%failure, "the built-in roles could not be looked for"),
    };
    for tenant in tenants {
        if let Err(failure) = seed_built_in_roles(&node.store.tenant(tenant.tenant)).await {
            tracing::warn!(%failure, tenant = %tenant.tenant, "the built-in roles could not be kept");
        }
    }
}

pub(super) fn authenticate(node: &Node) -> Arc<dyn Authenticate> {
    match node.config.telemetry.otlp_endpoint {
        Some(_) => Arc::new(TracedCallers(node.server.clone())),
        None => Arc::new(node.server.clone()),
    }
}

fn entities(node: &Node) -> Vec<Arc<dyn Entity>> {
    let own = OwnAddresses::new([node.server.public_url().as_str()]);
    let rules = BlueprintRules { own: own.clone(), blocked: blocked_permission };
    let assignments: Vec<fn() -> Box<dyn Contained>> =
        vec![app_role_assignments, app_role_assigned_to, oauth2_permission_grants];
    vec![
        Arc::new(Users),
        Arc::new(Groups),
        Arc::new(AdministrativeUnits),
        Arc::new(RoleDefinitions),
        Arc::new(RoleAssignments),
        Arc::new(DirectoryRoles),
        Arc::new(AttributeSets),
        Arc::new(AttributeDefinitions),
        Arc::new(Organizations),
        Arc::new(OrphanedObjects),
        Arc::new(DefaultAppManagement),
        Arc::new(AppManagementPolicies),
        Arc::new(AuthorizationPolicies),
        Arc::new(PermissionGrantPolicies),
        Arc::new(CredentialChangeRequests),
        Arc::new(Alerts),
        Arc::new(AlertRules::new(alert_rules::queries(node))),
        Arc::new(DeadLetters),
        Arc::new(Applications::new(own)),
        Arc::new(ServicePrincipals::new(directory_roles, assignments.clone()).with_directory_scopes(directory_scopes)),
        Arc::new(
            BlueprintEntity::new(rules, vec![inheritable_permissions]).with_actions(vec![blueprint_deletion_preview]),
        ),
        Arc::new(BlueprintPrincipalEntity::new(assignments.clone()).with_actions(vec![principal_deletion_preview])),
        Arc::new(AgentEntity::new(assignments).with_actions(vec![
            effective_permissions,
            preview_permissions,
            inherited_app_role_assignments,
            inherited_oauth2_permission_grants,
            agent_deletion_preview,
        ])),
        Arc::new(AgentUsers),
        Arc::new(DelegatedGrants),
        Arc::new(LogFunctions::default()),
        Arc::new(Watchlists::default()),
        Arc::new(LogTables::new(log_retention::settings(&node.config))),
        Arc::new(LegalHolds),
        Arc::new(sign_ins(node.record.clone())),
        Arc::new(directory_audits(node.record.clone(), node.audit.clone())),
    ]
}
