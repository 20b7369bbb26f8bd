//! Objects in the order of an index.

use super::engine;
use super::read::{COLUMNS, object_row_from};
use super::stored;
use crate::backend::{BackendError, IndexWalk, Row};
use crate::kind::IndexKey;
use rusqlite::{Connection, OptionalExtension, Params};
use signet_kernel::{ObjectId, TenantId};
use uuid::Uuid;

type Placed = (IndexKey, Row);

/// The next objects of a walk. Of several kinds as many are read of each, and the first of all are taken.
pub(super) fn rows(connection: &Connection, tenant: TenantId, walk: &IndexWalk) -> Result<Vec<Placed>, BackendError> {
    let mut rows = Vec::new();
    for kind in &walk.kinds {
        let along = Along { connection, tenant, kind, walk };
        rows.extend(if walk.descending { along.down()? } else { along.up()? });
    }
    if walk.kinds.len() > 1 {
        rows.sort_by(|(left, one), (right, other)| {
            let keys = left.cmp(right);
            (if walk.descending { keys.reverse() } else { keys }).then_with(|| one.id.cmp(&other.id))
        });
        rows.truncate(walk.limit);
    }
    Ok(rows)
}

/// The walk through one kind.
struct Along<'w> {
    connection: &'w Connection,
    tenant: TenantId,
    kind: &'static str,
    walk: &'w IndexWalk,
}

impl Along<'_> {
    // WHY: CROSS JOIN keeps the order of the tables: the index says what comes next.
    fn read(&self, narrow: &str, order: &str, values: impl Params) -> Result<Vec<Placed>, BackendError> {
        let sql = format!(
            "SELECT i.key, {COLUMNS} FROM index_entries i CROSS JOIN objects o ON o.tenant = i.tenant AND o.id = i.id \
             WHERE i.tenant = ?1 AND i.kind = ?2 AND i.field = ?3 AND {narrow} AND o.deleted_at IS NULL \
             ORDER BY {order} LIMIT ?6"
        );
        let mut statement = self.connection.prepare_cached(&sql).map_err(engine)?;
        let placed = |row: &rusqlite::Row<'_>| Ok((IndexKey::bytes(row.get(0)?), object_row_from(row, 1)?));
        let found = statement.query_map(values, placed).map_err(engine)?;
        found.collect::<rusqlite::Result<_>>().map_err(engine)
    }

    fn up(&self) -> Result<Vec<Placed>, BackendError> {
        let (key, id) = self.walk.after.clone().unwrap_or((IndexKey::first(), ObjectId::from_uuid(Uuid::nil())));
        let limit = stored(self.walk.limit as u64);
        let values = (self.tenant.as_bytes(), self.kind, self.walk.field, key.as_bytes(), id.as_bytes(), limit);
        self.read("(i.key, i.id) > (?4, ?5)", "i.key, i.id", values)
    }

    /// Key by key: the index cannot be read downwards by key and upwards by id at once.
    fn down(&self) -> Result<Vec<Placed>, BackendError> {
        let mut rows = Vec::new();
        let mut here = self.walk.after.clone();
        loop {
            if let Some((key, id)) = &here {
                let rest = stored(self.walk.limit.saturating_sub(rows.len()) as u64);
                let values = (self.tenant.as_bytes(), self.kind, self.walk.field, key.as_bytes(), id.as_bytes(), rest);
                rows.extend(self.read("i.key = ?4 AND i.id > ?5", "i.id", values)?);
            }
            if rows.len() >= self.walk.limit {
                return Ok(rows);
            }
            let above = here.map_or_else(IndexKey::last, |(key, _)| key);
            let Some(next) = self.below(&above)? else { return Ok(rows) };
            here = Some((next, ObjectId::from_uuid(Uuid::nil())));
        }
    }

    /// The next key downwards.
    fn below(&self, key: &IndexKey) -> Result<Option<IndexKey>, BackendError> {
        let sql = "SELECT key FROM index_entries WHERE tenant = ?1 AND kind = ?2 AND field = ?3 AND key < ?4 \
                   ORDER BY key DESC LIMIT 1";
        let values = (self.tenant.as_bytes(), self.kind, self.walk.field, key.as_bytes());
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(values, |row| row.get(0)).optional())
            .map(|key| key.map(IndexKey::bytes))
            .map_err(engine)
    }
}
