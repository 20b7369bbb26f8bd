//! Queries of the readers.

use super::connect::Repeatable;
use super::follower::HEADS;
use super::rows::{self, get, number, object_column, object_columns, scope_of, stored, tenant_column};
use super::steps::{Step, value};
use crate::backend::{
    BackendError, Change, Head, IndexRange, IndexWalk, Link, LinkEnd, LinkQuery, LinkSet, ListQuery, Liveness,
    NeededLink, OutboxEntry, Position, Row, UniqueKeyOwner,
};
use crate::kind::{IndexKey, KeyScope};
use crate::sweep::{NEEDED, RULES};
use signet_kernel::{ObjectId, TenantId, Timestamp};
use uuid::Uuid;

const OBJECTS: &str =
    concat!("SELECT ", object_columns!(), " FROM objects o WHERE o.tenant = $1 AND o.id = ANY($2::uuid[])");

// One ordered read of an index for each kind, so that a page costs a page however many objects there are.
macro_rules! list {
    ($alive:literal) => {
        concat!(
            "SELECT o.* FROM unnest($2::text[]) k (kind) CROSS JOIN LATERAL (SELECT ",
            object_columns!(),
            " FROM objects o WHERE o.tenant = $1 AND o.kind = k.kind AND o.id > $3 AND o.deleted_at IS ",
            $alive,
            " ORDER BY o.id LIMIT $4::bigint) o ORDER BY o.id LIMIT $4::bigint"
        )
    };
}
macro_rules! list_by_index {
    ($alive:literal) => {
        concat!(
            "SELECT ",
            object_columns!(),
            " FROM index_entries i JOIN objects o ON o.tenant = i.tenant AND o.id = i.id \
             WHERE i.tenant = $1 AND i.kind = ANY($2::text[]) AND i.id > $3 AND i.field = $5 AND i.key = $6 \
             AND o.deleted_at IS ",
            $alive,
            " ORDER BY o.id LIMIT $4::bigint"
        )
    };
}

// Up, an index is read in its order. Down, it gives the keys in order, and the few ids of each key are sorted.
macro_rules! walk_part {
    ($narrow:literal, $order:literal) => {
        concat!(
            "(SELECT ",
            object_columns!(),
            ", i.key FROM index_entries i JOIN objects o ON o.tenant = i.tenant AND o.id = i.id \
             WHERE i.tenant = $1 AND i.kind = k.kind AND i.field = $3 AND ",
            $narrow,
            " AND o.deleted_at IS NULL ORDER BY ",
            $order,
            " LIMIT $6::bigint)"
        )
    };
}
const WALK_UP: &str = concat!(
    "SELECT w.* FROM unnest($2::text[]) k (kind) CROSS JOIN LATERAL ",
    walk_part!("(i.key, i.id) > ($4::bytea, $5::uuid)", "i.key, i.id"),
    " w ORDER BY w.key, w.id LIMIT $6::bigint"
);
const WALK_DOWN: &str = concat!(
    "SELECT w.* FROM unnest($2::text[]) k (kind) CROSS JOIN LATERAL (",
    walk_part!("i.key = $4::bytea AND i.id > $5::uuid", "i.id"),
    " UNION ALL ",
    walk_part!("i.key < $4::bytea", "i.key DESC, i.id"),
    ") w ORDER BY w.key DESC, w.id LIMIT $6::bigint"
);

macro_rules! links {
    ($near:literal, $far:literal, $alive:literal) => {
        concat!(
            "SELECT l.source, l.target FROM links l \
             JOIN objects n ON n.tenant = l.tenant AND n.id = l.",
            $near,
            " AND n.deleted_at IS ",
            $alive,
            " JOIN objects f ON f.tenant = l.tenant AND f.id = l.",
            $far,
            " AND f.deleted_at IS NULL WHERE l.tenant = $1 AND l.",
            $near,
            " = $2 AND l.relation = $3 ORDER BY l.",
            $far
        )
    };
}

const RELATION: &str = "SELECT version FROM relations WHERE tenant = $1 AND source = $2 AND relation = $3";
const KEY_OWNER: &str = "SELECT tenant, id FROM unique_keys WHERE scope = $1 AND space = $2 AND key = $3";
const CHANGES: &str = "SELECT position, at, changed FROM changes WHERE tenant = $1 AND position > $2 \
    ORDER BY position LIMIT $3::bigint";
const OUTBOX: &str = "SELECT tenant, position, ordinal, at, body FROM outbox \
    ORDER BY tenant, position, ordinal LIMIT $1::bigint";
const CLEAR_OUTBOX: &str = "DELETE FROM outbox WHERE tenant = $1 AND position <= $2";
// A root is a deleted object whose parent did not go with the same deletion.
const EXPIRED: &str = "SELECT o.tenant, o.id FROM objects o \
    LEFT JOIN objects p ON p.tenant = o.tenant AND p.id = o.parent AND p.deletion = o.deletion \
    WHERE o.deleted_at IS NOT NULL AND o.deleted_at < $1 AND p.id IS NULL ORDER BY o.deleted_at LIMIT $2::bigint";

const COUNT_LIVE: &str = "SELECT count(*) FROM objects WHERE tenant = $1 AND kind = ANY($2::text[]) \
    AND deleted_at IS NULL";
const COUNT_DELETED: &str = "SELECT count(*) FROM objects WHERE tenant = $1 AND kind = ANY($2::text[]) \
    AND deleted_at IS NOT NULL";
const IDS_IN_RANGE: &str = "SELECT i.id FROM unnest($2::text[]) k (kind) CROSS JOIN LATERAL (SELECT id \
    FROM index_entries WHERE tenant = $1 AND kind = k.kind AND field = $3 AND key >= $4 \
    AND ($5::bytea IS NULL OR key <= $5) ORDER BY key LIMIT $6::bigint) i LIMIT $6::bigint";
// The oldest of each tenant: positions and times rise together.
const FORGET_CHANGES: &str = "DELETE FROM changes c USING (SELECT h.tenant, o.position FROM heads h \
    CROSS JOIN LATERAL (SELECT position FROM changes WHERE tenant = h.tenant ORDER BY position LIMIT $2::bigint) o) w \
    WHERE c.tenant = w.tenant AND c.position = w.position AND c.at < $1 RETURNING 1";

fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) async fn objects(from: &Repeatable, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Row>, BackendError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    from.one(Step::of(OBJECTS, [value(tenant.uuid()), value(ids)])).await?.iter().map(rows::object).collect()
}

pub(super) async fn list(from: &Repeatable, tenant: TenantId, query: &ListQuery) -> Result<Vec<Row>, BackendError> {
    let kinds: Vec<&'static str> = query.kinds.clone();
    let after = query.after.map_or(Uuid::nil(), ObjectId::uuid);
    let common = [value(tenant.uuid()), value(kinds), value(after), value(limit(query.limit))];
    let step = match (&query.index, query.liveness) {
        (None, Liveness::Live) => Step::of(list!("NULL"), common),
        (None, Liveness::Deleted) => Step::of(list!("NOT NULL"), common),
        (Some(narrow), liveness) => {
            let sql = match liveness {
                Liveness::Live => list_by_index!("NULL"),
                Liveness::Deleted => list_by_index!("NOT NULL"),
            };
            let [tenant, kinds, after, limit] = common;
            let key = value(narrow.key.as_bytes().to_vec());
            Step::of(sql, [tenant, kinds, after, limit, value(narrow.field), key])
        }
    };
    from.one(step).await?.iter().map(rows::object).collect()
}

/// The next objects of a walk along an index.
pub(super) async fn walk(
    from: &Repeatable,
    tenant: TenantId,
    walk: &IndexWalk,
) -> Result<Vec<(IndexKey, Row)>, BackendError> {
    let start = || (if walk.descending { IndexKey::last() } else { IndexKey::first() }, Uuid::nil());
    let (key, id) = walk.after.as_ref().map_or_else(start, |(key, id)| (key.clone(), id.uuid()));
    let (sql, key) = (if walk.descending { WALK_DOWN } else { WALK_UP }, value(key.as_bytes().to_vec()));
    let place = [value(tenant.uuid()), value(walk.kinds.clone()), value(walk.field)];
    let [tenant, kinds, field] = place;
    let rows = from.one(Step::of(sql, [tenant, kinds, field, key, value(id), value(limit(walk.limit))])).await?;
    rows.iter().map(|row| Ok((IndexKey::bytes(get(row, rows::OBJECT_COLUMNS)?), rows::object(row)?))).collect()
}

pub(super) async fn count(
    from: &Repeatable,
    tenant: TenantId,
    kinds: &[&'static str],
    liveness: Liveness,
) -> Result<u64, BackendError> {
    let sql = match liveness {
        Liveness::Live => COUNT_LIVE,
        Liveness::Deleted => COUNT_DELETED,
    };
    let rows = from.one(Step::of(sql, [value(tenant.uuid()), value(kinds.to_vec())])).await?;
    rows.first().map_or(Ok(0), |row| number(row, 0))
}

pub(super) async fn ids_in_range(
    from: &Repeatable,
    tenant: TenantId,
    kinds: &[&'static str],
    range: &IndexRange,
    at_most: usize,
) -> Result<Vec<ObjectId>, BackendError> {
    let first = range.from.as_ref().map_or_else(Vec::new, |key| key.as_bytes().to_vec());
    let last = range.to.as_ref().map(|key| key.as_bytes().to_vec());
    let place = [value(tenant.uuid()), value(kinds.to_vec()), value(range.field)];
    let [tenant, kinds, field] = place;
    let step = Step::of(IDS_IN_RANGE, [tenant, kinds, field, value(first), value(last), value(limit(at_most))]);
    from.one(step).await?.iter().map(|row| object_column(row, 0)).collect()
}

pub(super) async fn forget_changes(from: &Repeatable, before: Timestamp, at_most: usize) -> Result<u64, BackendError> {
    let step = Step::of(FORGET_CHANGES, [value(before.micros()), value(limit(at_most))]);
    Ok(from.one(step).await?.len() as u64)
}

/// Answers the rules of [`crate::sweep`], one question after the other.
pub(super) async fn contradictions(
    from: &Repeatable,
    tenant: TenantId,
    needed: &[NeededLink],
    at_most: usize,
) -> Result<Vec<String>, BackendError> {
    let mut found = Vec::new();
    let common = || (value(tenant.uuid()), value(limit(at_most)));
    for rule in &RULES {
        let (tenant, most) = common();
        for row in from.one(Step::of(rule.sql, [tenant, most])).await? {
            found.push(format!("{} {}", object_column(&row, 0)?, rule.said));
        }
    }
    for NeededLink { kind, relation } in needed {
        let (tenant, most) = common();
        for row in from.one(Step::of(NEEDED, [tenant, most, value(*kind), value(*relation)])).await? {
            found.push(format!("{}, of kind {kind}, has no {relation}", object_column(&row, 0)?));
        }
    }
    Ok(found)
}

pub(super) async fn links(from: &Repeatable, tenant: TenantId, query: &LinkQuery) -> Result<LinkSet, BackendError> {
    let (sql, end) = match (query.end, query.liveness) {
        (LinkEnd::Source(id), Liveness::Live) => (links!("source", "target", "NULL"), id),
        (LinkEnd::Source(id), Liveness::Deleted) => (links!("source", "target", "NOT NULL"), id),
        (LinkEnd::Target(id), Liveness::Live) => (links!("target", "source", "NULL"), id),
        (LinkEnd::Target(id), Liveness::Deleted) => (links!("target", "source", "NOT NULL"), id),
    };
    let values = || [value(tenant.uuid()), value(end.uuid()), value(query.relation)];
    if matches!(query.end, LinkEnd::Target(_)) {
        return Ok(LinkSet { version: 0, links: read_links(&from.one(Step::of(sql, values())).await?)? });
    }
    // The version first: should the set change in between, the version is the older one and a commit on it fails.
    let answers = from.ask(&[Step::of(RELATION, values()), Step::of(sql, values())]).await?;
    let [version, links] = answers.as_slice() else { return Ok(LinkSet::default()) };
    let version = version.first().map_or(Ok(0), |row| number(row, 0))?;
    Ok(LinkSet { version, links: read_links(links)? })
}

fn read_links(rows: &[tokio_postgres::Row]) -> Result<Vec<Link>, BackendError> {
    let link = |row| Ok(Link { source: object_column(row, 0)?, target: object_column(row, 1)? });
    rows.iter().map(link).collect()
}

pub(super) async fn key_owner(
    from: &Repeatable,
    scope: KeyScope,
    space: &str,
    key: &IndexKey,
) -> Result<Option<UniqueKeyOwner>, BackendError> {
    let values = [value(scope_of(scope)), value(space.to_owned()), value(key.as_bytes().to_vec())];
    let rows = from.one(Step::of(KEY_OWNER, values)).await?;
    let owner = |row| Ok(UniqueKeyOwner { tenant: tenant_column(row, 0)?, id: object_column(row, 1)? });
    rows.first().map(owner).transpose()
}

pub(super) async fn changes(
    from: &Repeatable,
    tenant: TenantId,
    after: Position,
    at_most: usize,
) -> Result<Vec<Change>, BackendError> {
    let values = [value(tenant.uuid()), value(stored(after.0)), value(limit(at_most))];
    let change = |row: &tokio_postgres::Row| {
        let changed = serde_json::from_str(get(row, 2)?).map_err(|error| BackendError::Corrupt(error.to_string()))?;
        Ok(Change { position: Position(number(row, 0)?), at: Timestamp::from_micros(get(row, 1)?), changed })
    };
    from.one(Step::of(CHANGES, values)).await?.iter().map(change).collect()
}

pub(super) async fn heads(from: &Repeatable) -> Result<Vec<Head>, BackendError> {
    from.one(Step::plain(HEADS)).await?.iter().map(rows::head).collect()
}

pub(super) async fn outbox(from: &Repeatable, at_most: usize) -> Result<Vec<OutboxEntry>, BackendError> {
    let entry = |row: &tokio_postgres::Row| {
        Ok(OutboxEntry {
            tenant: tenant_column(row, 0)?,
            position: Position(number(row, 1)?),
            ordinal: rows::small(row, 2)?,
            at: Timestamp::from_micros(get(row, 3)?),
            body: get(row, 4)?,
        })
    };
    from.one(Step::of(OUTBOX, [value(limit(at_most))])).await?.iter().map(entry).collect()
}

pub(super) async fn clear_outbox(from: &Repeatable, tenant: TenantId, up_to: Position) -> Result<(), BackendError> {
    from.one(Step::of(CLEAR_OUTBOX, [value(tenant.uuid()), value(stored(up_to.0))])).await.map(drop)
}

pub(super) async fn expired(
    from: &Repeatable,
    before: Timestamp,
    at_most: usize,
) -> Result<Vec<(TenantId, ObjectId)>, BackendError> {
    let root = |row| Ok((tenant_column(row, 0)?, object_column(row, 1)?));
    from.one(Step::of(EXPIRED, [value(before.micros()), value(limit(at_most))])).await?.iter().map(root).collect()
}
