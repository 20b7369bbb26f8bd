//! What lies in the archive, and bringing it back.

use super::AdminCommand;
use crate::archive;
use crate::node::Node;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use signet_kernel::{Failure, Fault, TenantId, Timestamp};
use signet_log_archive::{list, restore};
use signet_tlog::{KeyName, Log, Signer as _};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

/// What is asked of a tenant's archive.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AskArchive {
    /// Whose. Without a tenant: of the only one there is.
    pub(crate) tenant: Option<TenantId>,
    /// Of which table.
    pub(crate) table: String,
    /// To be brought back; without it, to be listed.
    pub(crate) restore: Option<BringBack>,
}

/// What is to be brought back.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BringBack {
    /// Committed not before.
    pub(crate) from: Timestamp,
    /// Nor after.
    pub(crate) until: Timestamp,
    /// The file that it is written to, as lines of JSON.
    pub(crate) to: PathBuf,
}

/// What was found.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ArchiveAnswer {
    /// The parts, if they were asked for.
    pub(crate) parts: Vec<Value>,
    /// What came back, if that was asked for.
    pub(crate) restored: Option<Value>,
}

impl AdminCommand for AskArchive {
    const PATH: &'static str = "/archive";
    type Answer = ArchiveAnswer;

    async fn run(self, node: &Node) -> Result<ArchiveAnswer, Failure> {
        let objects = archive::objects(&node.config).map_err(Failure::bug)?;
        let objects = objects.ok_or_else(|| wrong("There is no archive: archive.url names none."))?;
        let tenants: Vec<TenantId> = node.store.heads().await?.iter().map(|head| head.tenant).collect();
        let tenant = match (self.tenant, tenants.as_slice()) {
            (Some(tenant), _) | (None, &[tenant]) => tenant,
            (None, _) => return Err(wrong("There are several tenants, or none: name one with --tenant.")),
        };
        let Some(BringBack { from, until, to }) = self.restore else {
            let parts = list(&objects, tenant, &self.table).await?;
            let parts = parts.iter().map(|part| serde_json::to_value(part).map_err(Failure::bug));
            return Ok(ArchiveAnswer { parts: parts.collect::<Result<_, _>>()?, restored: None });
        };
        // What is known of people is in it.
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to);
        let file = file.map_err(|error| wrong(&format!("{}: {error}", to.display())))?;
        let mut lines = BufWriter::new(file);
        let mut take = |row: Map<String, Value>| writeln!(lines, "{}", Value::Object(row));
        let key = |origin: &str| {
            let name = KeyName::new(origin).ok()?;
            let key = node.record_key.log_key(tenant, name).ok()?;
            Some(Log::new(origin, [key.key().clone()]))
        };
        let restored = restore(&objects, (tenant, &self.table), (from, until), &key, &mut take).await?;
        lines.flush().map_err(Failure::busy)?;
        let restored = serde_json::to_value(restored).map_err(Failure::bug)?;
        Ok(ArchiveAnswer { parts: Vec::new(), restored: Some(restored) })
    }
}

fn wrong(message: &str) -> Failure {
    Failure::new(Fault::Input, "BadRequest", message.to_owned())
}
