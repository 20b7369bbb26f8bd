//! What a log is called.

use signet_kernel::TenantId;
use signet_tlog::{KeyError, KeyName};
use std::fmt;

/// The epoch of a deployment that was never restored.
pub const FIRST_EPOCH: u64 = 1;

/// The origin of a log, which is its key's name too: `<host>/<tenant>/log`. After a restore it is another log, for what
/// was restored may be smaller than what was signed: `…/log/<epoch>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogName {
    host: String,
    tenant: TenantId,
    epoch: u64,
}

impl LogName {
    /// The log of a tenant in an epoch of the deployment at `host`.
    pub fn new(host: impl Into<String>, tenant: TenantId, epoch: u64) -> Self {
        Self { host: host.into(), tenant, epoch }
    }

    /// As the name of the key that signs for it.
    pub fn key_name(&self) -> Result<KeyName, KeyError> {
        KeyName::new(self.to_string())
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/log", self.host, self.tenant)?;
        if self.epoch == FIRST_EPOCH { Ok(()) } else { write!(f, "/{}", self.epoch) }
    }
}
