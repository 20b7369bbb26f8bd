//! What only the owner of the open data directory can tell the doctor.

use super::AdminCommand;
use crate::node::Node;
use serde::{Deserialize, Serialize};
use signet_directory::{Application, DIRECTORY_APP_ID, ServicePrincipal};
use signet_kernel::{Failure, TenantId, Timestamp};
use signet_permissions::AppRoleAssignment;
use signet_store::{Id, IndexKey, TenantStore};
use std::collections::BTreeSet;

/// Asks for it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Inspect {}

/// A secret of an application that may administer the directory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdminSecret {
    /// Whose.
    pub(crate) tenant: TenantId,
    /// The application's name.
    pub(crate) application: String,
    /// When its last secret ends.
    pub(crate) expires: Timestamp,
}

/// What was found.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Inspection {
    /// Whether a restored backup waits to be confirmed.
    pub(crate) restored_unconfirmed: bool,
    /// Whether the record takes what is written.
    pub(crate) record_healthy: bool,
    /// How many tenants there are.
    pub(crate) tenants: usize,
    /// Of every application that holds a permission of the directory API and proves itself by secrets alone.
    pub(crate) admin_secrets: Vec<AdminSecret>,
}

impl AdminCommand for Inspect {
    const PATH: &'static str = "/inspect";
    type Answer = Inspection;

    async fn run(self, node: &Node) -> Result<Inspection, Failure> {
        let (mut admin_secrets, heads) = (Vec::new(), node.store.heads().await?);
        for head in &heads {
            admin_secrets.extend(of_tenant(&node.store.tenant(head.tenant)).await?);
        }
        Ok(Inspection {
            restored_unconfirmed: node.is_restored_unconfirmed(),
            record_healthy: node.record.healthy(),
            tenants: heads.len(),
            admin_secrets,
        })
    }
}

async fn of_tenant(store: &TenantStore) -> Result<Vec<AdminSecret>, Failure> {
    let key = IndexKey::uuid(DIRECTORY_APP_ID.uuid());
    let Some(directory) = store.find_key(ServicePrincipal::APP_ID, &key).await? else { return Ok(Vec::new()) };
    let key = IndexKey::uuid(directory.uuid());
    let assignments = store.all_by_index::<AppRoleAssignment>(AppRoleAssignment::RESOURCE, &key).await?;
    let principals: BTreeSet<_> = assignments.iter().map(|assignment| assignment.body.principal_id).collect();
    let mut found = Vec::new();
    for principal in principals {
        let Some(principal) = store.find(Id::<ServicePrincipal>::of(principal)).await? else { continue };
        let Some(application) = principal.body.application else { continue };
        let Some(application) = store.find(Id::<Application>::of(application)).await? else { continue };
        let last = application.body.password_credentials.iter().map(|password| password.end_date_time).max();
        if let (Some(expires), true) = (last, application.body.key_credentials.is_empty()) {
            let name = application.body.display_name.clone();
            found.push(AdminSecret { tenant: store.id(), application: name, expires });
        }
    }
    Ok(found)
}
