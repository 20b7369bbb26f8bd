//! Rules that come with the program. They are objects of each tenant, which may change or disable them; a later version
//! leaves those alone that are there.
//!
//! A credential that is added to a blueprint needs no rule: the alert is raised with the change itself.

use crate::rule::{AlertRule, Evaluation};
use signet_alerts::Severity;
use signet_kernel::{Context, Failure};
use signet_logs::audit::{self, Target};
use signet_store::{CommitError, Conflict, Id, IndexKey, Kind, TenantStore};

/// A rule that comes with the program.
pub(crate) struct BuiltIn {
    name: &'static str,
    display_name: &'static str,
    description: &'static str,
    severity: Severity,
    is_enabled: bool,
    evaluation: Evaluation,
    frequency: u32,
    period: u32,
    suppress: u32,
    group_by: &'static [&'static str],
    query: &'static str,
}

const DAY: u32 = 24 * 60;

pub(crate) const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: "credentialExpiring",
        display_name: "A credential is about to expire",
        description: "The {{CredentialType}} '{{DisplayName}}' of '{{SubjectName}}' ends at {{EndDateTime}}.",
        severity: Severity::Medium,
        is_enabled: true,
        evaluation: Evaluation::Scheduled,
        frequency: 60,
        period: 60,
        suppress: 7 * DAY,
        group_by: &["KeyId"],
        query: include_str!("built_in/credential_expiring.kql"),
    },
    BuiltIn {
        name: "agentBlocked",
        display_name: "An agent was blocked",
        description: "'{{SubjectName}}' was blocked by '{{Actor}}'.",
        severity: Severity::Medium,
        is_enabled: true,
        evaluation: Evaluation::Streaming,
        frequency: 5,
        period: 5,
        suppress: 5,
        group_by: &["SubjectId"],
        query: include_str!("built_in/agent_blocked.kql"),
    },
    BuiltIn {
        name: "failedRequests",
        display_name: "Requests for tokens fail again and again",
        description: "{{Failures}} of {{Requests}} requests of '{{SubjectName}}' failed within ten minutes, the last one since: {{Why}}",
        severity: Severity::High,
        is_enabled: true,
        evaluation: Evaluation::Scheduled,
        frequency: 1,
        period: 10,
        suppress: 60,
        group_by: &["Client"],
        query: include_str!("built_in/failed_requests.kql"),
    },
    BuiltIn {
        name: "permissionChanged",
        display_name: "What an agent may do was changed",
        description: "{{OperationName}} by '{{Actor}}': {{SubjectName}}",
        severity: Severity::Medium,
        is_enabled: true,
        evaluation: Evaluation::Streaming,
        frequency: 5,
        period: 5,
        suppress: 5,
        group_by: &["SubjectId", "OperationName", "Actor"],
        query: include_str!("built_in/permission_changed.kql"),
    },
    BuiltIn {
        name: "roleChanged",
        display_name: "A directory role was given or taken",
        description: "{{OperationName}} '{{Role}}' by '{{Actor}}': {{SubjectName}}",
        severity: Severity::High,
        is_enabled: true,
        evaluation: Evaluation::Streaming,
        frequency: 5,
        period: 5,
        suppress: 5,
        group_by: &["SubjectId", "OperationName", "Role", "Actor"],
        query: include_str!("built_in/role_changed.kql"),
    },
    BuiltIn {
        name: "outsideDeployment",
        display_name: "Agents were changed by other than the deployment's identity",
        description: "{{OperationName}} by '{{Actor}}', who deploys nothing here: {{SubjectName}}",
        severity: Severity::High,
        // Until somebody says in its query who deploys.
        is_enabled: false,
        evaluation: Evaluation::Streaming,
        frequency: 5,
        period: 5,
        suppress: 5,
        group_by: &["SubjectId", "Actor"],
        query: include_str!("built_in/outside_deployment.kql"),
    },
    BuiltIn {
        name: "sponsorMissing",
        display_name: "Nobody answers for an agent",
        description: "'{{SubjectName}}' has no sponsor whose account is turned on.",
        severity: Severity::Medium,
        is_enabled: true,
        evaluation: Evaluation::Scheduled,
        frequency: 60,
        period: 60,
        suppress: DAY,
        group_by: &["SubjectId"],
        query: include_str!("built_in/sponsor_missing.kql"),
    },
];

impl BuiltIn {
    fn rule(&self) -> AlertRule {
        AlertRule {
            display_name: self.display_name.to_owned(),
            description: Some(self.description.to_owned()),
            query: self.query.to_owned(),
            severity: self.severity,
            is_enabled: self.is_enabled,
            evaluation: self.evaluation,
            frequency_in_minutes: self.frequency,
            period_in_minutes: self.period,
            threshold: 0,
            group_by: self.group_by.iter().map(|name| (*name).to_owned()).collect(),
            suppress_for_minutes: self.suppress,
            built_in: Some(self.name.to_owned()),
            other: serde_json::Map::new(),
        }
    }
}

/// Gives a tenant the rules that it does not have.
pub(crate) async fn seed(store: &TenantStore) -> Result<(), Failure> {
    for built_in in BUILT_IN {
        if store.find_key(AlertRule::BUILT_IN, &IndexKey::exact(built_in.name)).await?.is_some() {
            continue;
        }
        let (rule, id) = (built_in.rule(), store.context().new_object_id());
        let mut unit = store.unit();
        unit.create(Id::of(id), &rule);
        unit.audit(entry(store.context(), store, Target::new(AlertRule::NAME, id, rule.display_name.clone())));
        match store.commit(unit).await {
            // Another node was first.
            Ok(_) | Err(CommitError::Conflict(Conflict::KeyTaken(_))) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn entry(context: &Context, store: &TenantStore, target: Target) -> signet_store::AuditEntry {
    let by = crate::raise::program(store.id(), context.new_uuid());
    audit::success(&by, context.now(), context.new_uuid(), &crate::ops::ADD, vec![target], &[])
}

#[cfg(test)]
mod tests;
