//! What a part is called, and what is said of it.

use serde::{Deserialize, Serialize};
use signet_kernel::{TenantId, Timestamp};
use signet_transparency_log::RangeProof;

/// The beginning of every name.
const FOLDER: &str = "logs";
const PROOF: &str = ".proof.json";

/// A part of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Its name, without what it ends in.
    pub name: String,
    /// The table.
    pub table: String,
    /// The day on which the first of its records was committed.
    pub date: String,
    /// The leaf of the first.
    pub first_leaf: u64,
}

/// What is said of a part, beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct About {
    pub(crate) tenant: TenantId,
    pub(crate) table: String,
    pub(crate) records: u64,
    /// When the first and the last were committed.
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// First leaf and number of each range, as its tombstone has them.
    pub(crate) ranges: Vec<(u64, u64)>,
    pub(crate) entries_hash: String,
    pub(crate) proof: RangeProof,
}

/// The folder of a tenant's table.
pub(crate) fn folder(tenant: TenantId, table: &str) -> String {
    format!("{FOLDER}/{tenant}/{table}")
}

impl Part {
    pub(crate) fn new(tenant: TenantId, table: &str, first: Timestamp, first_leaf: u64) -> Self {
        let at = first.to_string();
        let date = at.split('T').next().unwrap_or_default().to_owned();
        let name = format!("{}/date={date}/{first_leaf:020}", folder(tenant, table));
        Self { name, table: table.to_owned(), date, first_leaf }
    }

    /// The part that a proof's name is of.
    pub(crate) fn of_proof(name: &str) -> Option<Self> {
        let name = name.strip_suffix(PROOF)?;
        let mut parts = name.rsplit('/');
        let first_leaf = parts.next()?.parse().ok()?;
        let date = parts.next()?.strip_prefix("date=")?.to_owned();
        let table = parts.next()?.to_owned();
        Some(Self { name: name.to_owned(), table, date, first_leaf })
    }

    pub(crate) fn rows(&self) -> String {
        format!("{}.parquet", self.name)
    }

    pub(crate) fn proof(&self) -> String {
        format!("{}{PROOF}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_a_part_is_of_and_nothing_that_differs_when_it_is_written_again() {
        let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(7));
        let part = Part::new(tenant, "AuditLogs", Timestamp::from_seconds(1_795_255_200), 42);
        assert!(part.name.ends_with("/AuditLogs/date=2026-11-21/00000000000000000042"), "{}", part.name);
        assert_eq!(Part::of_proof(&part.proof()), Some(part.clone()));
        assert_eq!(Part::of_proof(&part.rows()), None);
    }
}
