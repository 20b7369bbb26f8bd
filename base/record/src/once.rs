//! What may be used once: kept in the commit of the record that used it, so that no other, on any node, uses it again.

use crate::queue::Job;
use aws_lc_rs::digest::{Context, SHA256};
use signet_kernel::{TenantId, Timestamp};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// The hash of what is used up.
pub(crate) type Key = [u8; 32];

/// What a record uses up in its tenant. A record that comes second is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    pub(crate) key: Key,
    pub(crate) by: Uuid,
    pub(crate) until: Timestamp,
}

impl Once {
    /// The thing that `name` names, part by part; used by `by`, who may use it again; remembered at least `until`.
    pub fn of(name: &[&str], by: Uuid, until: Timestamp) -> Self {
        let mut hash = Context::new(&SHA256);
        for part in name {
            hash.update(&part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.iter_mut().zip(hash.finish().as_ref()).for_each(|(to, from)| *to = *from);
        Self { key, by, until }
    }
}

/// Few enough that no record waits long behind it.
pub(crate) const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// What the records of a batch want to use, each once, in the order in which everyone locks it. Of two in one batch
/// that want the same, the first has it.
pub(crate) type Wanted = BTreeMap<(TenantId, Key), Once>;

pub(crate) fn wanted(jobs: &[Job]) -> Wanted {
    let mut wanted = Wanted::new();
    for entry in jobs.iter().map(|job| &job.entry) {
        if let Some(once) = entry.once {
            wanted.entry((entry.tenant, once.key)).or_insert(once);
        }
    }
    wanted
}

/// What a batch has got of it.
pub(crate) type Got = HashSet<(TenantId, Key, Uuid)>;

/// Whether a record may not use what it wants.
pub(crate) fn is_used(got: &Got, job: &Job) -> bool {
    job.entry.once.is_some_and(|once| !got.contains(&(job.entry.tenant, once.key, once.by)))
}
