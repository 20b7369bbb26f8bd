//! What must be well before requests may come, looked at again and again.

use crate::node::Node;
use signet_web::management::Health;
use std::path::Path;

const STARTED: &str = "started";
const RECORD: &str = "record";
const DISK: &str = "disk";
const ISSUING: &str = "issuing";
const VIEW: &str = "view";

/// Every check.
pub(super) const CHECKS: [&str; 5] = [STARTED, RECORD, DISK, ISSUING, VIEW];

/// Below this, the last commits are still possible and new requests are not wanted.
const LEAST_FREE: u64 = 64 * 1024 * 1024;

const UNCONFIRMED: &str = "restored: no token is issued until `signet restore --confirm`";

/// Nothing is well yet.
pub(super) fn health() -> Health {
    Health::starting(&CHECKS)
}

/// The listeners answer.
pub(super) fn started(health: &Health, node: &Node) {
    look(health, node);
    health.set_ready(STARTED, Ok(()));
}

/// No request is wanted any more.
pub(super) fn stopping(health: &Health) {
    health.stopping(STARTED);
}

/// Looks at the record, the disk, and whether tokens are issued.
pub(super) fn look(health: &Health, node: &Node) {
    let record = if node.record.healthy() { Ok(()) } else { Err("the record cannot be written".to_owned()) };
    health.set_ready(RECORD, record);
    health.set_ready(DISK, disk(node.data.path()));
    look_at_view(health, node);
}

/// Whether what other nodes change is seen here within the bound, and whether one of them restored or confirmed.
pub(super) fn look_at_view(health: &Health, node: &Node) {
    let unconfirmed = node.is_restored_unconfirmed();
    node.server.set_issuing(!unconfirmed);
    let issuing = if unconfirmed { Err(UNCONFIRMED.to_owned()) } else { Ok(()) };
    health.set_ready(ISSUING, issuing);
    health.set_ready(VIEW, super::view_age::trouble(node).map_or(Ok(()), Err));
}

fn disk(path: &Path) -> Result<(), String> {
    match free_bytes(path) {
        Ok(free) if free < LEAST_FREE => Err(format!("{} MiB are free where the data lies; make room", free >> 20)),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("cannot look at the disk: {error}")),
    }
}

/// What is left for this process where `path` lies.
pub(crate) fn free_bytes(path: &Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(path)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
