//! The token-signing keys: listed, rotated, withdrawn.

use super::AdminCommand;
use crate::node::Node;
use crate::operator::audit;
use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault, TenantId, Timestamp};
use signet_logs::audit::{Target, activities};

/// One key as the operator sees it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyLine {
    /// Whose.
    pub(crate) tenant: TenantId,
    /// Its id.
    pub(crate) kid: String,
    /// What it signs with.
    pub(crate) algorithm: String,
    /// From when it signs.
    pub(crate) activates: Timestamp,
    /// When it was withdrawn, if it was.
    pub(crate) compromised: Option<Timestamp>,
    /// Whether it can still sign: the private half of a retired key is gone.
    pub(crate) can_sign: bool,
}

/// Lists the keys of every tenant.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ListKeys {}

impl AdminCommand for ListKeys {
    const PATH: &'static str = "/keys/list";
    type Answer = Vec<KeyLine>;

    async fn run(self, node: &Node) -> Result<Vec<KeyLine>, Failure> {
        let mut lines = Vec::new();
        for head in node.store.heads().await? {
            for key in node.signing_keys.list(head.tenant).await?.iter() {
                lines.push(KeyLine {
                    tenant: head.tenant,
                    kid: key.body.kid.clone(),
                    algorithm: key.body.algorithm.clone(),
                    activates: key.body.activates,
                    compromised: key.body.compromised,
                    can_sign: key.body.private.is_some(),
                });
            }
        }
        Ok(lines)
    }
}

/// Publishes successors of the signing keys of one tenant, or of all.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RotateKeys {
    /// Whose; everybody's if absent.
    pub(crate) tenant: Option<TenantId>,
}

/// A key that was made.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewKey {
    /// Whose.
    pub(crate) tenant: TenantId,
    /// Its id.
    pub(crate) kid: String,
}

impl AdminCommand for RotateKeys {
    const PATH: &'static str = "/keys/rotate";
    type Answer = Vec<NewKey>;

    async fn run(self, node: &Node) -> Result<Vec<NewKey>, Failure> {
        let tenants: Vec<TenantId> = node.store.heads().await?.into_iter().map(|head| head.tenant).collect();
        if let Some(tenant) = self.tenant.filter(|tenant| !tenants.contains(tenant)) {
            let message = format!("There is no tenant {tenant}; `signet keys list` names those that exist.");
            return Err(Failure::new(Fault::NotFound, "TenantNotFound", message));
        }
        let mut made = Vec::new();
        for tenant in tenants.into_iter().filter(|tenant| self.tenant.is_none_or(|only| only == *tenant)) {
            let targets = vec![Target::other(tenant.to_string(), "token-signing keys")];
            let entry = audit(&node.context, tenant, &activities::ADD_SIGNING_KEY, targets);
            let kids = node.signing_keys.rotate(tenant, None, entry).await?;
            made.extend(kids.into_iter().map(|kid| NewKey { tenant, kid }));
        }
        Ok(made)
    }
}

/// Withdraws a compromised key with everything that it signed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RevokeKey {
    /// Its id.
    pub(crate) kid: String,
}

impl AdminCommand for RevokeKey {
    const PATH: &'static str = "/keys/revoke";
    type Answer = NewKey;

    async fn run(self, node: &Node) -> Result<NewKey, Failure> {
        for head in node.store.heads().await? {
            let keys = node.signing_keys.list(head.tenant).await?;
            if keys.iter().any(|key| key.body.kid == self.kid) {
                let targets = vec![Target::other(self.kid.clone(), "token-signing key")];
                let entry = audit(&node.context, head.tenant, &activities::REVOKE_SIGNING_KEY, targets);
                let kid = node.signing_keys.revoke(head.tenant, &self.kid, entry).await?;
                return Ok(NewKey { tenant: head.tenant, kid });
            }
        }
        let message = format!("No tenant has a signing key '{}'; `signet keys list` names them.", self.kid);
        Err(Failure::new(Fault::NotFound, "KeyNotFound", message))
    }
}
