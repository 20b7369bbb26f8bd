//! Queries of the reader threads.

use super::{engine, number, stored, tally, unstored};
use crate::backend::{
    BackendError, Change, Head, IndexMatch, IndexRange, Link, LinkEnd, LinkQuery, LinkSet, ListQuery, Liveness,
    NeededLink, OutboxEntry, Position, Row, UniqueKeyOwner,
};
use crate::kind::{Deletion, IndexKey, KeyScope};
use crate::sweep::{NEEDED, RULES};
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension, ToSql};
use signet_kernel::{ObjectId, Revocation, TenantId, Timestamp};
use uuid::Uuid;

pub(super) const COLUMNS: &str =
    "o.id, o.kind, o.schema, o.version, o.created, o.modified, o.deleted_at, o.deletion, o.revoked, o.parent, o.body";

fn uuid_column(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    let bytes = row.get_ref(column)?.as_blob()?;
    Uuid::from_slice(bytes)
        .map_err(|_| rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(FromSqlError::InvalidType)))
}

pub(super) fn object_column(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<ObjectId> {
    uuid_column(row, column).map(ObjectId::from_uuid)
}

pub(super) fn tenant_column(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<TenantId> {
    uuid_column(row, column).map(TenantId::from_uuid)
}

fn optional<T>(
    row: &rusqlite::Row<'_>,
    column: usize,
    read: impl FnOnce() -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    if row.get_ref(column)? == rusqlite::types::ValueRef::Null { Ok(None) } else { read().map(Some) }
}

pub(super) fn object_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    object_row_from(row, 0)
}

/// An object whose [`COLUMNS`] start at one.
pub(super) fn object_row_from(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Row> {
    let deleted_at = row.get::<_, Option<i64>>(at + 6)?.map(Timestamp::from_micros);
    let deletion = optional(row, at + 7, || uuid_column(row, at + 7))?;
    Ok(Row {
        id: object_column(row, at)?,
        kind: row.get(at + 1)?,
        schema: row.get(at + 2)?,
        version: unstored(row.get(at + 3)?),
        created: Timestamp::from_micros(row.get(at + 4)?),
        modified: Timestamp::from_micros(row.get(at + 5)?),
        deleted: deletion.zip(deleted_at).map(|(id, at)| Deletion { id, at }),
        revoked: Revocation::from_u64(unstored(row.get(at + 8)?)),
        parent: optional(row, at + 9, || object_column(row, at + 9))?,
        body: row.get(at + 10)?,
    })
}

fn collect<T>(rows: impl Iterator<Item = rusqlite::Result<T>>) -> Result<Vec<T>, BackendError> {
    rows.collect::<rusqlite::Result<_>>().map_err(engine)
}

pub(super) fn objects(connection: &Connection, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Row>, BackendError> {
    let sql = format!("SELECT {COLUMNS} FROM objects o WHERE o.tenant = ?1 AND o.id = ?2");
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let one = |id: &ObjectId| statement.query_row((tenant.as_bytes(), id.as_bytes()), object_row).optional();
    ids.iter().map(one).filter_map(Result::transpose).collect::<rusqlite::Result<_>>().map_err(engine)
}

macro_rules! list {
    ($index:literal, $alive:literal) => {
        concat!(
            "SELECT o.id, o.kind, o.schema, o.version, o.created, o.modified, o.deleted_at, o.deletion, o.revoked, \
             o.parent, o.body FROM objects o INDEXED BY ",
            $index,
            " WHERE o.tenant = ?1 AND o.kind = ?2 AND o.id > ?3 AND o.id <= ?4 AND o.deleted_at IS ",
            $alive,
            " ORDER BY o.id LIMIT ?5"
        )
    };
}
// WHY: where nearly every object is of the kind, the objects one after the other cost less than an index that names each.
const LIST_MOST: &str = "SELECT o.id, o.kind, o.schema, o.version, o.created, o.modified, o.deleted_at, o.deletion, \
    o.revoked, o.parent, o.body FROM objects o NOT INDEXED WHERE o.tenant = ?1 AND o.kind = ?2 AND o.id > ?3 AND o.id <= ?4 \
    AND o.deleted_at IS NULL ORDER BY o.id LIMIT ?5";
/// From so many rows on it is asked whether the kind is most of what there is.
const MANY: usize = 1_000;
// WHY: CROSS JOIN keeps the order of the tables; without it the planner reads all objects of the tenant in order of id.
macro_rules! list_by_index {
    ($alive:literal) => {
        concat!(
            "SELECT o.id, o.kind, o.schema, o.version, o.created, o.modified, o.deleted_at, o.deletion, o.revoked, \
             o.parent, o.body FROM index_entries i CROSS JOIN objects o ON o.tenant = i.tenant AND o.id = i.id \
             WHERE i.tenant = ?1 AND i.kind = ?2 AND i.id > ?3 AND i.id <= ?4 AND i.field = ?6 AND i.key = ?7 \
             AND o.deleted_at IS ",
            $alive,
            " ORDER BY i.id LIMIT ?5"
        )
    };
}

/// One ordered read of an index for each kind, none further than the page can still reach.
pub(super) fn list(connection: &Connection, tenant: TenantId, query: &ListQuery) -> Result<Vec<Row>, BackendError> {
    let (after, mut last) = (query.after.map_or(Uuid::nil(), ObjectId::uuid), Uuid::max());
    let mut rows: Vec<Row> = Vec::new();
    for kind in &query.kinds {
        let common = (tenant.as_bytes(), *kind, after.as_bytes(), last.as_bytes(), stored(query.limit as u64));
        rows.extend(list_kind(connection, query, common)?);
        if query.kinds.len() > 1 {
            rows.sort_unstable_by_key(|row| row.id);
            rows.truncate(query.limit);
            last = rows.last().filter(|_| rows.len() == query.limit).map_or(last, |row| row.id.uuid());
        }
    }
    Ok(rows)
}

fn list_kind(
    connection: &Connection,
    query: &ListQuery,
    (tenant, kind, after, last, limit): (&[u8; 16], &str, &[u8; 16], &[u8; 16], i64),
) -> Result<Vec<Row>, BackendError> {
    let sql = match (&query.index, query.liveness) {
        (None, Liveness::Live) if query.limit >= MANY && tally::is_most(connection, tenant, kind)? => LIST_MOST,
        (None, Liveness::Live) => list!("objects_by_kind", "NULL"),
        (None, Liveness::Deleted) => list!("objects_deleted_by_kind", "NOT NULL"),
        (Some(_), Liveness::Live) => list_by_index!("NULL"),
        (Some(_), Liveness::Deleted) => list_by_index!("NOT NULL"),
    };
    let mut statement = connection.prepare_cached(sql).map_err(engine)?;
    match &query.index {
        None => collect(statement.query_map((tenant, kind, after, last, limit), object_row).map_err(engine)?),
        Some(IndexMatch { field, key }) => {
            let values = (tenant, kind, after, last, limit, field, key.as_bytes());
            collect(statement.query_map(values, object_row).map_err(engine)?)
        }
    }
}

pub(super) fn ids_in_range(
    connection: &Connection,
    tenant: TenantId,
    kinds: &[&'static str],
    range: &IndexRange,
    limit: usize,
) -> Result<Vec<ObjectId>, BackendError> {
    let sql = "SELECT id FROM index_entries WHERE tenant = ?1 AND kind = ?2 AND field = ?3 AND key >= ?4 \
               AND (?5 IS NULL OR key <= ?5) LIMIT ?6";
    let bounded = "SELECT id FROM index_entries WHERE tenant = ?1 AND kind = ?2 AND field = ?3 AND key >= ?4 \
                   AND key <= ?5 LIMIT ?6";
    let (from, to) =
        (range.from.as_ref().map_or(&[][..], IndexKey::as_bytes), range.to.as_ref().map(IndexKey::as_bytes));
    let mut statement = connection.prepare_cached(if to.is_some() { bounded } else { sql }).map_err(engine)?;
    let mut ids = Vec::new();
    for kind in kinds {
        let rest = stored(limit.saturating_sub(ids.len()) as u64);
        let values = (tenant.as_bytes(), *kind, range.field, from, to, rest);
        let found = statement.query_map(values, |row| object_column(row, 0)).map_err(engine)?;
        ids.extend(collect(found)?);
    }
    Ok(ids)
}

pub(super) fn links(connection: &Connection, tenant: TenantId, query: &LinkQuery) -> Result<LinkSet, BackendError> {
    let (near, far, end) = match query.end {
        LinkEnd::Source(id) => ("source", "target", id),
        LinkEnd::Target(id) => ("target", "source", id),
    };
    let alive = match query.liveness {
        Liveness::Live => "NULL",
        Liveness::Deleted => "NOT NULL",
    };
    // The version first: should the set change in between, the version is the older one and a commit on it fails.
    let version = match query.end {
        LinkEnd::Source(source) => relation_version(connection, tenant, source, query.relation)?,
        LinkEnd::Target(_) => 0,
    };
    let sql = format!(
        "SELECT l.source, l.target FROM links l \
         JOIN objects n ON n.tenant = l.tenant AND n.id = l.{near} AND n.deleted_at IS {alive} \
         JOIN objects f ON f.tenant = l.tenant AND f.id = l.{far} AND f.deleted_at IS NULL \
         WHERE l.tenant = ?1 AND l.{near} = ?2 AND l.relation = ?3 ORDER BY l.{far}"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    let link = |row: &rusqlite::Row<'_>| Ok(Link { source: object_column(row, 0)?, target: object_column(row, 1)? });
    let rows = statement.query_map((tenant.as_bytes(), end.as_bytes(), query.relation), link).map_err(engine)?;
    Ok(LinkSet { version, links: collect(rows)? })
}

pub(super) fn relation_version(
    connection: &Connection,
    tenant: TenantId,
    source: ObjectId,
    relation: &str,
) -> Result<u64, BackendError> {
    connection
        .prepare_cached("SELECT version FROM relations WHERE tenant = ?1 AND source = ?2 AND relation = ?3")
        .and_then(|mut statement| {
            statement.query_row((tenant.as_bytes(), source.as_bytes(), relation), |row| row.get(0)).optional()
        })
        .map(|version| version.map_or(0, unstored))
        .map_err(engine)
}

pub(super) fn key_owner(
    connection: &Connection,
    scope: KeyScope,
    space: &str,
    key: &IndexKey,
) -> Result<Option<UniqueKeyOwner>, BackendError> {
    let owner =
        |row: &rusqlite::Row<'_>| Ok(UniqueKeyOwner { tenant: tenant_column(row, 0)?, id: object_column(row, 1)? });
    connection
        .prepare_cached("SELECT tenant, id FROM unique_keys WHERE scope = ?1 AND space = ?2 AND key = ?3")
        .and_then(|mut statement| statement.query_row((scope.tenant_bytes(), space, key.as_bytes()), owner).optional())
        .map_err(engine)
}

pub(super) fn changes(
    connection: &Connection,
    tenant: TenantId,
    after: Position,
    limit: usize,
) -> Result<Vec<Change>, BackendError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT position, at, changed FROM changes WHERE tenant = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
        )
        .map_err(engine)?;
    let raw = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?));
    let rows = statement.query_map((tenant.as_bytes(), stored(after.0), number(limit)), raw).map_err(engine)?;
    let decode = |(position, at, changed): (i64, i64, String)| {
        let changed = serde_json::from_str(&changed).map_err(|error| BackendError::Corrupt(error.to_string()))?;
        Ok(Change { position: Position(unstored(position)), at: Timestamp::from_micros(at), changed })
    };
    collect(rows)?.into_iter().map(decode).collect()
}

pub(super) fn heads(connection: &Connection) -> Result<Vec<Head>, BackendError> {
    let mut statement = connection.prepare_cached("SELECT tenant, position, revocation FROM heads").map_err(engine)?;
    let head = |row: &rusqlite::Row<'_>| {
        Ok(Head {
            tenant: tenant_column(row, 0)?,
            position: Position(unstored(row.get(1)?)),
            revocation: Revocation::from_u64(unstored(row.get(2)?)),
        })
    };
    collect(statement.query_map([], head).map_err(engine)?)
}

pub(super) fn outbox(connection: &Connection, limit: usize) -> Result<Vec<OutboxEntry>, BackendError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT tenant, position, ordinal, at, body FROM outbox ORDER BY tenant, position, ordinal LIMIT ?1",
        )
        .map_err(engine)?;
    let entry = |row: &rusqlite::Row<'_>| {
        Ok(OutboxEntry {
            tenant: tenant_column(row, 0)?,
            position: Position(unstored(row.get(1)?)),
            ordinal: row.get(2)?,
            at: Timestamp::from_micros(row.get(3)?),
            body: row.get(4)?,
        })
    };
    collect(statement.query_map([number(limit)], entry).map_err(engine)?)
}

pub(super) fn expired(
    connection: &Connection,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<(TenantId, ObjectId)>, BackendError> {
    // A root is a deleted object whose parent did not go with the same deletion.
    let mut statement = connection
        .prepare_cached(
            "SELECT o.tenant, o.id FROM objects o \
             LEFT JOIN objects p ON p.tenant = o.tenant AND p.id = o.parent AND p.deletion = o.deletion \
             WHERE o.deleted_at IS NOT NULL AND o.deleted_at < ?1 AND p.id IS NULL ORDER BY o.deleted_at LIMIT ?2",
        )
        .map_err(engine)?;
    let root = |row: &rusqlite::Row<'_>| Ok((tenant_column(row, 0)?, object_column(row, 1)?));
    collect(statement.query_map((before.micros(), number(limit)), root).map_err(engine)?)
}

/// Answers the rules of [`crate::sweep`], one question after the other.
pub(super) fn contradictions(
    connection: &Connection,
    tenant: TenantId,
    needed: &[NeededLink],
    limit: usize,
) -> Result<Vec<String>, BackendError> {
    let mut found = Vec::new();
    for rule in &RULES {
        let mut statement = connection.prepare(rule.sql).map_err(engine)?;
        let values = (tenant.as_bytes(), number(limit));
        let ids = collect(statement.query_map(values, |row| object_column(row, 0)).map_err(engine)?)?;
        found.extend(ids.iter().map(|id| format!("{id} {}", rule.said)));
    }
    for NeededLink { kind, relation } in needed {
        let mut statement = connection.prepare(NEEDED).map_err(engine)?;
        let values: [(&str, &dyn ToSql); 4] =
            [("$1", &tenant.as_bytes()), ("$2", &number(limit)), ("$3", kind), ("$4", relation)];
        let ids = collect(statement.query_map(&values[..], |row| object_column(row, 0)).map_err(engine)?)?;
        found.extend(ids.iter().map(|id| format!("{id}, of kind {kind}, has no {relation}")));
    }
    found.extend(tally::contradictions(connection, tenant)?);
    Ok(found)
}
