//! How many objects of each kind live and how many lie in the deleted items: kept, so that nobody has to count them.
//!
//! A unit notes what it does to the numbers, and writes them once, in its own transaction.

use super::apply::Application;
use super::{engine, unstored};
use crate::backend::{BackendError, Liveness};
use rusqlite::Connection;
use signet_kernel::TenantId;
use std::collections::BTreeMap;

/// What a unit does to the numbers of a tenant's objects.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<String, (i64, i64)>);

impl Tally {
    pub(super) fn created(&mut self, kind: &str) {
        self.add(kind, (1, 0));
    }

    pub(super) fn deleted(&mut self, kind: &str) {
        self.add(kind, (-1, 1));
    }

    pub(super) fn restored(&mut self, kind: &str) {
        self.add(kind, (1, -1));
    }

    pub(super) fn purged(&mut self, kind: &str, state: Liveness) {
        self.add(kind, if state == Liveness::Live { (-1, 0) } else { (0, -1) });
    }

    fn add(&mut self, kind: &str, (live, deleted): (i64, i64)) {
        if let Some(sum) = self.0.get_mut(kind) {
            *sum = (sum.0 + live, sum.1 + deleted);
        } else {
            self.0.insert(kind.to_owned(), (live, deleted));
        }
    }
}

/// Writes what a unit did to the numbers.
pub(super) fn keep(work: &Application<'_>) -> Result<(), BackendError> {
    let sql = "INSERT INTO counts (tenant, kind, live, deleted) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (tenant, kind) \
               DO UPDATE SET live = live + excluded.live, deleted = deleted + excluded.deleted";
    for (kind, (live, deleted)) in &work.tally.0 {
        work.execute(sql, (work.tenant.as_bytes(), kind, live, deleted))?;
    }
    Ok(())
}

/// How many objects of these kinds there are.
pub(super) fn count(
    connection: &Connection,
    tenant: TenantId,
    kinds: &[&'static str],
    liveness: Liveness,
) -> Result<u64, BackendError> {
    let sql = match liveness {
        Liveness::Live => "SELECT ifnull(sum(live), 0) FROM counts WHERE tenant = ?1 AND kind = ?2",
        Liveness::Deleted => "SELECT ifnull(sum(deleted), 0) FROM counts WHERE tenant = ?1 AND kind = ?2",
    };
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    kinds.iter().try_fold(0, |sum, kind| {
        let counted: i64 = statement.query_row((tenant.as_bytes(), *kind), |row| row.get(0)).map_err(engine)?;
        Ok(sum + unstored(counted))
    })
}

/// Whether at least three of four objects of the tenant are living ones of this kind.
pub(super) fn is_most(connection: &Connection, tenant: &[u8; 16], kind: &str) -> Result<bool, BackendError> {
    let sql = "SELECT ifnull(4 * sum(live) FILTER (WHERE kind = ?2) >= 3 * sum(live + deleted), 0) FROM counts \
               WHERE tenant = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    statement.query_row((tenant, kind), |row| row.get(0)).map_err(engine)
}

/// What is wrong with the numbers, as sentences.
pub(super) fn contradictions(connection: &Connection, tenant: TenantId) -> Result<Vec<String>, BackendError> {
    let sql = "SELECT k.kind, sum(k.live), sum(k.deleted), sum(k.kept_live), sum(k.kept_deleted) FROM ( \
               SELECT kind, deleted_at IS NULL AS live, deleted_at IS NOT NULL AS deleted, 0 AS kept_live, 0 AS kept_deleted \
               FROM objects WHERE tenant = ?1 \
               UNION ALL SELECT kind, 0, 0, live, deleted FROM counts WHERE tenant = ?1) k \
               GROUP BY k.kind HAVING sum(k.live) <> sum(k.kept_live) OR sum(k.deleted) <> sum(k.kept_deleted)";
    let mut statement = connection.prepare(sql).map_err(engine)?;
    let sentence = |row: &rusqlite::Row<'_>| {
        let (kind, live, deleted): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (kept_live, kept_deleted): (i64, i64) = (row.get(3)?, row.get(4)?);
        Ok(format!(
            "there are {live} of kind {kind} and {deleted} deleted ones, and {kept_live} and {kept_deleted} are counted"
        ))
    };
    let found = statement.query_map([tenant.as_bytes()], sentence).map_err(engine)?;
    found.collect::<rusqlite::Result<_>>().map_err(engine)
}
