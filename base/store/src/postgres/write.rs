//! The rows that a batch changed, as a few statements over arrays.

use super::apply::Applied;
use super::held::{Entry, Held, IndexRow, KeyRow, Place, Set};
use super::load::{ADD_GATES, key_rows, link_rows};
use super::rows::{scope_of, stored, text_set};
use super::steps::{Step, value};
use super::touched;
use crate::backend::BackendError;
use signet_kernel::ObjectId;
use uuid::Uuid;

const ADD_OBJECTS: &str = "INSERT INTO objects \
    (tenant, id, kind, schema, version, created, modified, revoked, parent, body) \
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
    $8::bigint[], $9::uuid[], $10::bytea[])";
const CHANGE_OBJECTS: &str = "UPDATE objects o SET schema = w.schema, version = w.version, modified = w.modified, \
    revoked = w.revoked, parent = w.parent, body = COALESCE(w.body, o.body) \
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::uuid[], $8::bytea[]) \
    w (tenant, id, schema, version, modified, revoked, parent, body) WHERE o.tenant = w.tenant AND o.id = w.id";
const REMOVE_INDEX: &str = "DELETE FROM index_entries e \
    USING unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::uuid[]) w (tenant, kind, field, key, id) \
    WHERE e.tenant = w.tenant AND e.kind = w.kind AND e.field = w.field AND e.key = w.key AND e.id = w.id";
const ADD_INDEX: &str = "INSERT INTO index_entries (tenant, kind, field, key, id) \
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::uuid[])";
const REMOVE_KEYS: &str = "DELETE FROM unique_keys k \
    USING unnest($1::uuid[], $2::text[], $3::bytea[]) w (scope, space, key) \
    WHERE k.scope = w.scope AND k.space = w.space AND k.key = w.key";
const ADD_KEYS: &str = "INSERT INTO unique_keys (scope, space, key, tenant, id) \
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[], $5::uuid[])";
const REMOVE_LINKS: &str = "DELETE FROM links l \
    USING unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[]) w (tenant, source, relation, target) \
    WHERE l.tenant = w.tenant AND l.source = w.source AND l.relation = w.relation AND l.target = w.target";
const ADD_LINKS: &str = "INSERT INTO links (tenant, source, relation, target) \
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[])";
const PUT_RELATIONS: &str = "INSERT INTO relations (tenant, source, relation, version) \
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) \
    ON CONFLICT (tenant, source, relation) DO UPDATE SET version = excluded.version";
const ADD_OUTBOX: &str = "INSERT INTO outbox (tenant, position, ordinal, at, body) \
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])";
const ADD_CHANGES: &str = "INSERT INTO changes (tenant, position, at, revocation, changed, touched, batch) \
    SELECT w.*, $7::uuid FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[]) w";
// INVARIANT: the gates first, then the counters, each in the order of the tenants, as records pass and hold them.
const SHUT_GATES: &str = "SELECT FROM gates WHERE tenant = ANY($1::uuid[]) ORDER BY tenant FOR UPDATE";
const LOCK_COUNTERS: &str = "SELECT FROM revocations WHERE tenant = ANY($1::uuid[]) ORDER BY tenant FOR UPDATE";
const RAISE_COUNTERS: &str = "UPDATE revocations r SET counter = w.counter \
    FROM unnest($1::uuid[], $2::bigint[]) w (tenant, counter) WHERE r.tenant = w.tenant";
const RAISE_HEADS: &str = "UPDATE heads h SET position = w.position \
    FROM unnest($1::uuid[], $2::bigint[]) w (tenant, position) WHERE h.tenant = w.tenant";

/// The directory's rows as the accepted units leave them.
pub(super) fn rows(held: &Held) -> Vec<Step> {
    let mut steps = Vec::new();
    objects(held, &mut steps);
    index(held, &mut steps);
    keys(held, &mut steps);
    links(held, &mut steps);
    steps
}

/// Audit entries, the feed's rows, and the heads as the last act.
pub(super) fn feed(held: &Held, applied: &[Applied], batch: Uuid) -> Result<Vec<Step>, BackendError> {
    let mut steps = Vec::new();
    outbox(applied, &mut steps);
    steps.push(changes(applied, batch)?);
    let counters: Vec<_> =
        held.revocations.changes().map(|(tenant, _, to)| (tenant.uuid(), stored(to.as_u64()))).collect();
    if !counters.is_empty() {
        let (tenants, counters): (Vec<Uuid>, Vec<i64>) = counters.into_iter().unzip();
        // A program that does not know gates may have made the tenant.
        steps.push(Step::of(ADD_GATES, [value(tenants.clone())]));
        steps.push(Step::of(SHUT_GATES, [value(tenants.clone())]));
        steps.push(Step::of(LOCK_COUNTERS, [value(tenants.clone())]));
        steps.push(Step::of(RAISE_COUNTERS, [value(tenants), value(counters)]));
    }
    let (tenants, positions): (Vec<Uuid>, Vec<i64>) =
        held.positions.changes().map(|(tenant, _, to)| (tenant.uuid(), stored(to.0))).unzip();
    steps.push(Step::of(RAISE_HEADS, [value(tenants), value(positions)]));
    Ok(steps)
}

fn objects(held: &Held, steps: &mut Vec<Step>) {
    let (mut added, mut changed) = (Vec::<(&Place, &Entry)>::new(), Vec::<(&Place, &Entry)>::new());
    for (place, before, after) in held.objects.changes() {
        if let Some(after) = after {
            if before.is_none() { &mut added } else { &mut changed }.push((place, after));
        }
    }
    if !added.is_empty() {
        steps.push(Step::of(
            ADD_OBJECTS,
            [
                column(&added, |(place, _)| place.0.uuid()),
                column(&added, |(place, _)| place.1.uuid()),
                column(&added, |(_, entry)| entry.kind.clone()),
                column(&added, |(_, entry)| i64::from(entry.schema)),
                column(&added, |(_, entry)| stored(entry.version)),
                column(&added, |(_, entry)| entry.created.micros()),
                column(&added, |(_, entry)| entry.modified.micros()),
                column(&added, |(_, entry)| stored(entry.revoked.as_u64())),
                column(&added, |(_, entry)| entry.parent.map(ObjectId::uuid)),
                column(&added, |(_, entry)| entry.body.clone()),
            ],
        ));
    }
    if !changed.is_empty() {
        steps.push(Step::of(
            CHANGE_OBJECTS,
            [
                column(&changed, |(place, _)| place.0.uuid()),
                column(&changed, |(place, _)| place.1.uuid()),
                column(&changed, |(_, entry)| i64::from(entry.schema)),
                column(&changed, |(_, entry)| stored(entry.version)),
                column(&changed, |(_, entry)| entry.modified.micros()),
                column(&changed, |(_, entry)| stored(entry.revoked.as_u64())),
                column(&changed, |(_, entry)| entry.parent.map(ObjectId::uuid)),
                column(&changed, |(_, entry)| entry.body.clone()),
            ],
        ));
    }
}

fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> super::steps::Value
where
    Vec<T>: tokio_postgres::types::ToSql + Send + Sync + 'static,
{
    value(rows.iter().map(of).collect::<Vec<T>>())
}

fn index(held: &Held, steps: &mut Vec<Step>) {
    let (mut removed, mut added) = (Vec::<(Place, IndexRow)>::new(), Vec::<(Place, IndexRow)>::new());
    for (place, before, after) in held.index.changes() {
        removed.extend(before.difference(after).map(|row| (*place, row.clone())));
        added.extend(after.difference(&before).map(|row| (*place, row.clone())));
    }
    for (sql, rows) in [(REMOVE_INDEX, removed), (ADD_INDEX, added)] {
        if !rows.is_empty() {
            steps.push(Step::of(
                sql,
                [
                    column(&rows, |(place, _)| place.0.uuid()),
                    column(&rows, |(_, row)| row.0.clone()),
                    column(&rows, |(_, row)| row.1.clone()),
                    column(&rows, |(_, row)| row.2.as_bytes().to_vec()),
                    column(&rows, |(place, _)| place.1.uuid()),
                ],
            ));
        }
    }
}

fn keys(held: &Held, steps: &mut Vec<Step>) {
    let (mut removed, mut added): (Vec<KeyRow>, Vec<(KeyRow, Place)>) = (Vec::new(), Vec::new());
    for (row, before, after) in held.owners.changes() {
        removed.extend(before.map(|_| row.clone()));
        added.extend(after.map(|place| (row.clone(), place)));
    }
    // In one order on every node, so that two that race for the same keys do not wait for each other in a ring.
    added.sort_by_key(|((scope, space, key), _)| (scope.tenant_bytes(), space.clone(), key.clone()));
    if !removed.is_empty() {
        steps.push(key_rows(REMOVE_KEYS, removed.iter()));
    }
    if !added.is_empty() {
        steps.push(Step::of(
            ADD_KEYS,
            [
                column(&added, |((scope, _, _), _)| scope_of(*scope)),
                column(&added, |((_, space, _), _)| space.clone()),
                column(&added, |((_, _, key), _)| key.as_bytes().to_vec()),
                column(&added, |(_, place)| place.0.uuid()),
                column(&added, |(_, place)| place.1.uuid()),
            ],
        ));
    }
}

fn links(held: &Held, steps: &mut Vec<Step>) {
    let pick = |wanted: bool| -> Vec<(Set, ObjectId)> {
        held.links.changes().filter(|(_, _, after)| **after == wanted).map(|(link, _, _)| link.clone()).collect()
    };
    for (sql, rows) in [(REMOVE_LINKS, pick(false)), (ADD_LINKS, pick(true))] {
        if !rows.is_empty() {
            steps.push(link_rows(sql, rows.iter()));
        }
    }
    let versions: Vec<(&Set, u64)> = held.relations.changes().map(|(set, _, version)| (set, *version)).collect();
    if !versions.is_empty() {
        let (tenants, sources, relations) = text_set(versions.iter().map(|(set, _)| *set));
        let versions = column(&versions, |(_, version)| stored(*version));
        steps.push(Step::of(PUT_RELATIONS, [value(tenants), value(sources), value(relations), versions]));
    }
}

fn outbox(applied: &[Applied], steps: &mut Vec<Step>) {
    let rows: Vec<(&Applied, i64, &Vec<u8>)> = applied
        .iter()
        .flat_map(|unit| (0..).zip(&unit.audit).map(move |(ordinal, entry)| (unit, ordinal, &entry.body)))
        .collect();
    if !rows.is_empty() {
        steps.push(Step::of(
            ADD_OUTBOX,
            [
                column(&rows, |(unit, _, _)| unit.receipt.head.tenant.uuid()),
                column(&rows, |(unit, _, _)| stored(unit.receipt.head.position.0)),
                column(&rows, |(_, ordinal, _)| *ordinal),
                column(&rows, |(unit, _, _)| unit.at.micros()),
                column(&rows, |(_, _, body)| (*body).clone()),
            ],
        ));
    }
}

fn changes(applied: &[Applied], batch: Uuid) -> Result<Step, BackendError> {
    let (mut changed, mut stale) = (Vec::with_capacity(applied.len()), Vec::with_capacity(applied.len()));
    for unit in applied {
        changed.push(serde_json::to_string(&unit.changed).map_err(|error| BackendError::Corrupt(error.to_string()))?);
        stale.push(touched::to_text(&unit.touched)?);
    }
    Ok(Step::of(
        ADD_CHANGES,
        [
            column(applied, |unit| unit.receipt.head.tenant.uuid()),
            column(applied, |unit| stored(unit.receipt.head.position.0)),
            column(applied, |unit| unit.at.micros()),
            column(applied, |unit| stored(unit.receipt.head.revocation.as_u64())),
            value(changed),
            value(stale),
            value(batch),
        ],
    ))
}
