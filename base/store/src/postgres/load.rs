//! Locks a batch's tenants and loads what its units refer to, in one round trip.

use super::feed::{Entry as FeedEntry, Feed};
use super::held::{Entry, Held, IndexRow, KeyRow, Place, Set, Wanted};
use super::rows::{self, scope_column, scope_of, stored, tenant_column, text_set};
use super::steps::{Session, Step, ask, value};
use crate::backend::{BackendError, Position};
use crate::kind::{Deletion, IndexKey};
use signet_kernel::{ObjectId, Revocation, TenantId, Timestamp};
use std::collections::BTreeSet;
use tokio_postgres::Row;
use uuid::Uuid;

/// More missed commits than this are not told one by one.
const MISSED: i64 = 1_000;

// INVARIANT: tenants are locked in the order of their ids, first of all: no two batches wait for each other's,
// and every statement after this one sees all that was committed before the lock was had.
const LOCK: &str = "SELECT tenant, position FROM heads WHERE tenant = ANY($1::uuid[]) ORDER BY tenant FOR UPDATE";
const ADD_HEADS: &str = "INSERT INTO heads (tenant, position) SELECT t, (SELECT epoch << 40 FROM deployment) \
    FROM unnest($1::uuid[]) t ORDER BY t ON CONFLICT (tenant) DO NOTHING";
const ADD_COUNTERS: &str = "INSERT INTO revocations (tenant, counter) SELECT t, (SELECT epoch << 40 FROM deployment) \
    FROM unnest($1::uuid[]) t ORDER BY t ON CONFLICT (tenant) DO NOTHING";
pub(super) const ADD_GATES: &str =
    "INSERT INTO gates (tenant) SELECT t FROM unnest($1::uuid[]) t ORDER BY t ON CONFLICT (tenant) DO NOTHING";
const COUNTERS: &str = "SELECT tenant, counter FROM revocations WHERE tenant = ANY($1::uuid[])";
pub(super) const CHANGES: &str = "SELECT c.tenant, c.position, c.revocation, c.touched \
    FROM unnest($1::uuid[], $2::bigint[]) w (tenant, told) CROSS JOIN LATERAL \
    (SELECT * FROM changes WHERE tenant = w.tenant AND position > w.told ORDER BY position LIMIT $3::bigint) c \
    ORDER BY c.tenant, c.position";
const OBJECTS: &str = "SELECT o.tenant, o.id, o.kind, o.schema, o.version, o.created, o.modified, o.deleted_at, \
    o.deletion, o.revoked, o.parent \
    FROM unnest($1::uuid[], $2::uuid[]) w (tenant, id) JOIN objects o ON o.tenant = w.tenant AND o.id = w.id";
const INDEX: &str = "SELECT e.tenant, e.id, e.kind, e.field, e.key \
    FROM unnest($1::uuid[], $2::uuid[]) w (tenant, id) JOIN index_entries e ON e.tenant = w.tenant AND e.id = w.id";
const KEYS: &str = "SELECT k.scope, k.space, k.key, k.tenant, k.id \
    FROM unnest($1::uuid[], $2::uuid[]) w (tenant, id) JOIN unique_keys k ON k.tenant = w.tenant AND k.id = w.id";
const OWNERS: &str = "SELECT k.scope, k.space, k.key, k.tenant, k.id \
    FROM unnest($1::uuid[], $2::text[], $3::bytea[]) w (scope, space, key) \
    JOIN unique_keys k ON k.scope = w.scope AND k.space = w.space AND k.key = w.key";
const RELATIONS: &str = "SELECT r.tenant, r.source, r.relation, r.version \
    FROM unnest($1::uuid[], $2::uuid[], $3::text[]) w (tenant, source, relation) \
    JOIN relations r ON r.tenant = w.tenant AND r.source = w.source AND r.relation = w.relation";
const LINKS: &str = "SELECT l.tenant, l.source, l.relation, l.target \
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[]) w (tenant, source, relation, target) \
    JOIN links l ON l.tenant = w.tenant AND l.source = w.source AND l.relation = w.relation AND l.target = w.target";

/// A query, and where a row of its answer goes.
struct Load {
    step: Step,
    read: fn(&mut Held, &Row) -> Result<(), BackendError>,
}

/// Begins the transaction. What comes back beside the rows are the commits of these tenants that this node has
/// not told of yet: they come before whatever this batch commits.
pub(super) async fn begin(
    session: &Session,
    feed: &Feed,
    tenants: &BTreeSet<TenantId>,
    wanted: &Wanted,
) -> Result<(Held, Vec<FeedEntry>), BackendError> {
    let loads = loads(wanted);
    let mut opening = vec![Step::plain("BEGIN")];
    opening.extend(locks(feed, tenants));
    let mut answers = send_all(session, opening, &loads).await?;
    answers.remove(0);
    if answers.first().is_none_or(|locked| locked.len() < tenants.len()) {
        // A tenant's first commit. If another node makes the rows too, this waits for it.
        let all = || value(ids(tenants));
        let rows = [Step::of(ADD_HEADS, [all()]), Step::of(ADD_COUNTERS, [all()]), Step::of(ADD_GATES, [all()])];
        ask(session, &rows).await?;
        answers = send_all(session, locks(feed, tenants), &loads).await?;
    }
    let mut held = Held::default();
    let mut answers = answers.into_iter();
    for row in answers.next().unwrap_or_default() {
        let (tenant, position) = (tenant_column(&row, 0)?, Position(rows::number(&row, 1)?));
        feed.refuses_past_of(tenant, position)?;
        *held.positions.load(tenant) = position;
    }
    for row in answers.next().unwrap_or_default() {
        *held.revocations.load(tenant_column(&row, 0)?) = Revocation::from_u64(rows::number(&row, 1)?);
    }
    let missed = answers.next().unwrap_or_default().iter().map(rows::feed_entry).collect::<Result<_, _>>()?;
    read(&mut held, &loads, answers)?;
    Ok((held, missed))
}

/// Loads more of the tenants that are locked already.
pub(super) async fn load(session: &Session, held: &mut Held, wanted: &Wanted) -> Result<(), BackendError> {
    let loads = loads(wanted);
    let answers = send_all(session, Vec::new(), &loads).await?;
    read(held, &loads, answers.into_iter())
}

async fn send_all(session: &Session, mut steps: Vec<Step>, loads: &[Load]) -> Result<Vec<Vec<Row>>, BackendError> {
    steps.extend(loads.iter().map(|load| load.step.clone()));
    ask(session, &steps).await
}

fn read(held: &mut Held, loads: &[Load], answers: impl Iterator<Item = Vec<Row>>) -> Result<(), BackendError> {
    for (load, rows) in loads.iter().zip(answers) {
        rows.iter().try_for_each(|row| (load.read)(held, row))?;
    }
    Ok(())
}

fn ids(tenants: &BTreeSet<TenantId>) -> Vec<Uuid> {
    tenants.iter().map(|tenant| tenant.uuid()).collect()
}

fn locks(feed: &Feed, tenants: &BTreeSet<TenantId>) -> Vec<Step> {
    let told: Vec<i64> = tenants.iter().map(|tenant| stored(feed.told(*tenant).0)).collect();
    vec![
        Step::of(LOCK, [value(ids(tenants))]),
        Step::of(COUNTERS, [value(ids(tenants))]),
        Step::of(CHANGES, [value(ids(tenants)), value(told), value(MISSED)]),
    ]
}

fn loads(wanted: &Wanted) -> Vec<Load> {
    let mut loads = Vec::new();
    let mut add = |absent: bool, step: &dyn Fn() -> Step, read| {
        if !absent {
            loads.push(Load { step: step(), read });
        }
    };
    add(wanted.objects.is_empty(), &|| places(OBJECTS, &wanted.objects), read_object);
    add(wanted.indexed.is_empty(), &|| places(INDEX, &wanted.indexed), read_index);
    add(wanted.keyed.is_empty(), &|| places(KEYS, &wanted.keyed), read_key);
    add(wanted.owners.is_empty(), &|| key_rows(OWNERS, wanted.owners.iter()), read_owner);
    add(wanted.relations.is_empty(), &|| sets(RELATIONS, wanted.relations.iter()), read_relation);
    add(wanted.links.is_empty(), &|| link_rows(LINKS, wanted.links.iter()), read_link);
    loads
}

fn places<'a>(sql: &'static str, places: impl IntoIterator<Item = &'a Place>) -> Step {
    let (tenants, ids): (Vec<Uuid>, Vec<Uuid>) =
        places.into_iter().map(|(tenant, id)| (tenant.uuid(), id.uuid())).unzip();
    Step::of(sql, [value(tenants), value(ids)])
}

/// A step over unique keys: scope, space, key.
pub(super) fn key_rows<'a>(sql: &'static str, rows: impl Iterator<Item = &'a KeyRow>) -> Step {
    let (mut scopes, mut spaces, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for (scope, space, key) in rows {
        scopes.push(scope_of(*scope));
        spaces.push(space.clone());
        keys.push(key.as_bytes().to_vec());
    }
    Step::of(sql, [value(scopes), value(spaces), value(keys)])
}

fn sets<'a>(sql: &'static str, sets: impl Iterator<Item = &'a Set>) -> Step {
    let (tenants, sources, relations) = text_set(sets);
    Step::of(sql, [value(tenants), value(sources), value(relations)])
}

/// A step over links: tenant, source, relation, target.
pub(super) fn link_rows<'a>(sql: &'static str, rows: impl Iterator<Item = &'a (Set, ObjectId)>) -> Step {
    let (sets, targets): (Vec<&Set>, Vec<Uuid>) = rows.map(|(set, target)| (set, target.uuid())).unzip();
    let (tenants, sources, relations) = text_set(sets.into_iter());
    Step::of(sql, [value(tenants), value(sources), value(relations), value(targets)])
}

fn place(row: &Row, at: usize) -> Result<Place, BackendError> {
    Ok((tenant_column(row, at)?, rows::object_column(row, at + 1)?))
}

fn read_object(held: &mut Held, row: &Row) -> Result<(), BackendError> {
    let deleted_at = rows::get::<Option<i64>>(row, 7)?.map(Timestamp::from_micros);
    let deletion = rows::get::<Option<Uuid>>(row, 8)?;
    *held.objects.load(place(row, 0)?) = Some(Entry {
        kind: rows::get(row, 2)?,
        schema: rows::small(row, 3)?,
        version: rows::number(row, 4)?,
        created: Timestamp::from_micros(rows::get(row, 5)?),
        modified: Timestamp::from_micros(rows::get(row, 6)?),
        deleted: deletion.zip(deleted_at).map(|(id, at)| Deletion { id, at }),
        revoked: Revocation::from_u64(rows::number(row, 9)?),
        parent: rows::get::<Option<Uuid>>(row, 10)?.map(ObjectId::from_uuid),
        body: None,
    });
    Ok(())
}

fn read_index(held: &mut Held, row: &Row) -> Result<(), BackendError> {
    let entry: IndexRow = (rows::get(row, 2)?, rows::get(row, 3)?, IndexKey::bytes(rows::get(row, 4)?));
    held.index.load(place(row, 0)?).insert(entry);
    Ok(())
}

fn key_row(row: &Row) -> Result<(KeyRow, Place), BackendError> {
    let key = (scope_column(row, 0)?, rows::get(row, 1)?, IndexKey::bytes(rows::get(row, 2)?));
    Ok((key, place(row, 3)?))
}

fn read_key(held: &mut Held, row: &Row) -> Result<(), BackendError> {
    let (key, place) = key_row(row)?;
    held.keys.load(place).insert(key.clone());
    *held.owners.load(key) = Some(place);
    Ok(())
}

fn read_owner(held: &mut Held, row: &Row) -> Result<(), BackendError> {
    let (key, place) = key_row(row)?;
    *held.owners.load(key) = Some(place);
    Ok(())
}

fn set(row: &Row) -> Result<Set, BackendError> {
    let (tenant, source) = place(row, 0)?;
    Ok((tenant, source, rows::get(row, 2)?))
}

fn read_relation(held: &mut Held, row: &Row) -> Result<(), BackendError> {
    *held.relations.load(set(row)?) = rows::number(row, 3)?;
    Ok(())
}

fn read_link(held: &mut Held, row: &Row) -> Result<(), BackendError> {
    *held.links.load((set(row)?, rows::object_column(row, 3)?)) = true;
    Ok(())
}
