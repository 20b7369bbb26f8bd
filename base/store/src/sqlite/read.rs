//! Queries of the reader threads.

use super::{engine, number, stored, unstored};
use crate::backend::{
    BackendError, Change, Head, Link, LinkEnd, LinkQuery, LinkSet, ListQuery, Liveness, OutboxEntry, Position, Row,
    UniqueKeyOwner,
};
use crate::kind::{Deletion, IndexKey, KeyScope};
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension, ToSql, params_from_iter};
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
    let deleted_at = row.get::<_, Option<i64>>(6)?.map(Timestamp::from_micros);
    let deletion = optional(row, 7, || uuid_column(row, 7))?;
    Ok(Row {
        id: object_column(row, 0)?,
        kind: row.get(1)?,
        schema: row.get(2)?,
        version: unstored(row.get(3)?),
        created: Timestamp::from_micros(row.get(4)?),
        modified: Timestamp::from_micros(row.get(5)?),
        deleted: deletion.zip(deleted_at).map(|(id, at)| Deletion { id, at }),
        revoked: Revocation::from_u64(unstored(row.get(8)?)),
        parent: optional(row, 9, || object_column(row, 9))?,
        body: row.get(10)?,
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

pub(super) fn list(connection: &Connection, tenant: TenantId, query: &ListQuery) -> Result<Vec<Row>, BackendError> {
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(*tenant.as_bytes())];
    let mut bind = |value: Box<dyn ToSql>| {
        values.push(value);
        format!("?{}", values.len())
    };
    let kinds: Vec<String> = query.kinds.iter().map(|kind| bind(Box::new(*kind))).collect();
    let mut sql = match &query.index {
        Some(narrow) => {
            let (field, key) = (bind(Box::new(narrow.field)), bind(Box::new(narrow.key.as_bytes().to_vec())));
            format!(
                "SELECT {COLUMNS} FROM index_entries i JOIN objects o ON o.tenant = i.tenant AND o.id = i.id \
                 WHERE i.tenant = ?1 AND i.kind IN ({}) AND i.field = {field} AND i.key = {key}",
                kinds.join(", ")
            )
        }
        None => format!("SELECT {COLUMNS} FROM objects o WHERE o.tenant = ?1 AND o.kind IN ({})", kinds.join(", ")),
    };
    sql.push_str(match query.liveness {
        Liveness::Live => " AND o.deleted_at IS NULL",
        Liveness::Deleted => " AND o.deleted_at IS NOT NULL",
    });
    if let Some(after) = query.after {
        let after = bind(Box::new(*after.as_bytes()));
        sql.push_str(&format!(" AND o.id > {after}"));
    }
    let limit = bind(Box::new(i64::try_from(query.limit).unwrap_or(i64::MAX)));
    sql.push_str(&format!(" ORDER BY o.id LIMIT {limit}"));
    let mut statement = connection.prepare_cached(&sql).map_err(engine)?;
    collect(statement.query_map(params_from_iter(values), object_row).map_err(engine)?)
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
