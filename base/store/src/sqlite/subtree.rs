//! Delete, restore and purge: set-based over everything that hangs off one object; a purge also over what names it.

use super::apply::Application;
use super::read::object_column;
use super::{engine, stored};
use crate::backend::{BackendError, ChangeOperation, LinkEnd, Liveness};
use crate::unit::{CommitError, Conflict};
use rusqlite::{OptionalExtension, Params};
use signet_kernel::ObjectId;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Above so many objects, forgetting every cached read is cheaper than naming them.
const NAMED: usize = 1_000;

// WHY: CROSS JOIN keeps the order of the tables, and everything after is done object by object by its key: with a
// subtree inside another statement the planner reads the whole tenant, also for a single leaf. INDEXED BY, because without
// it the planner takes the key of the table, and reads the whole tenant for each member.
const LIVING: &str = "WITH RECURSIVE subtree (id) AS (SELECT ?2 UNION SELECT o.id FROM subtree s \
    CROSS JOIN objects o INDEXED BY objects_by_parent ON o.tenant = ?1 AND o.parent = s.id AND o.deleted_at IS NULL)";

/// What a purge takes: what was deleted, and what names any of it.
const PURGED: &str = "WITH RECURSIVE own (id) AS (SELECT ?2 UNION SELECT o.id FROM own s \
    CROSS JOIN objects o INDEXED BY objects_by_parent ON o.tenant = ?1 AND o.parent = s.id AND +o.deletion = ?3), \
    subtree (id) AS (SELECT id FROM own UNION \
    SELECT l.source FROM own CROSS JOIN links l ON l.tenant = ?1 AND l.target = own.id AND l.relation = '@names')";

const DELETED: &str = "WITH RECURSIVE subtree (id) AS (SELECT ?2 UNION SELECT o.id FROM subtree s \
    CROSS JOIN objects o INDEXED BY objects_by_parent ON o.tenant = ?1 AND o.parent = s.id AND +o.deletion = ?3)";

/// The sets that lose or regain a member by a change of the subtree change like any other.
fn bump_sets(work: &Application<'_>, members: &[ObjectId]) -> Result<(), BackendError> {
    let sets = "SELECT source, relation FROM links WHERE tenant = ?1 AND target = ?2";
    let set = |row: &rusqlite::Row<'_>| Ok((object_column(row, 0)?, row.get::<_, String>(1)?));
    let mut bumped = BTreeSet::new();
    for id in members {
        let mut statement = work.connection.prepare_cached(sets).map_err(engine)?;
        let rows = statement.query_map((work.tenant.as_bytes(), id.as_bytes()), set).map_err(engine)?;
        for row in rows {
            bumped.insert(row.map_err(engine)?);
        }
    }
    for (source, relation) in bumped {
        let sql = "UPDATE relations SET version = version + 1 WHERE tenant = ?1 AND source = ?2 AND relation = ?3";
        work.execute(sql, (work.tenant.as_bytes(), source.as_bytes(), relation))?;
    }
    Ok(())
}

pub(super) fn delete(work: &mut Application<'_>, root: ObjectId, deletion: Uuid) -> Result<(), CommitError> {
    let row = work.row(root)?.filter(|row| row.deleted.is_none()).ok_or(Conflict::NotAlive(root))?;
    let going = members(work, LIVING, root, None)?;
    touch(work, &going)?;
    bump_sets(work, &going)?;
    let sql = "UPDATE objects SET deleted_at = ?4, deletion = ?3, revoked = ?5, version = version + 1, modified = ?4 \
               WHERE tenant = ?1 AND id = ?2 RETURNING kind, deleted_at IS NULL";
    let (tenant, revocation) = (work.tenant, stored(work.revocation.as_u64()));
    for id in &going {
        let values = (tenant.as_bytes(), id.as_bytes(), deletion.as_bytes(), work.at.micros(), revocation);
        if let Some((kind, _)) = affected(work, sql, values)? {
            work.tally.deleted(&kind);
        }
    }
    work.note(&row.kind, root, ChangeOperation::Deleted);
    Ok(())
}

pub(super) fn restore(work: &mut Application<'_>, root: ObjectId) -> Result<(), CommitError> {
    let row = work.row(root)?.ok_or(Conflict::NotDeleted(root))?;
    let deletion = row.deleted.ok_or(Conflict::NotDeleted(root))?.id;
    if let Some(parent) = row.parent
        && work.row(parent)?.is_none_or(|parent| parent.deleted.is_some())
    {
        return Err(Conflict::ParentNotAlive(root).into());
    }
    // Named while the deletion still marks them: the same objects come back that went.
    let coming = members(work, DELETED, root, Some(deletion))?;
    touch(work, &coming)?;
    bump_sets(work, &coming)?;
    let sql = "UPDATE objects SET deleted_at = NULL, deletion = NULL, version = version + 1, modified = ?3 \
               WHERE tenant = ?1 AND id = ?2 RETURNING kind, deleted_at IS NULL";
    let tenant = work.tenant;
    for id in &coming {
        let values = (tenant.as_bytes(), id.as_bytes(), work.at.micros());
        if let Some((kind, _)) = affected(work, sql, values)? {
            work.tally.restored(&kind);
        }
    }
    work.note(&row.kind, root, ChangeOperation::Restored);
    Ok(())
}

pub(super) fn purge(work: &mut Application<'_>, root: ObjectId) -> Result<(), CommitError> {
    let row = work.row(root)?.ok_or(Conflict::NotDeleted(root))?;
    let deletion = row.deleted.ok_or(Conflict::NotDeleted(root))?.id;
    let own: BTreeSet<ObjectId> = members(work, DELETED, root, Some(deletion))?.into_iter().collect();
    let going = members(work, PURGED, root, Some(deletion))?;
    touch(work, &going)?;
    bump_sets(work, &going)?;
    let tenant = work.tenant;
    let removal = "DELETE FROM objects WHERE tenant = ?1 AND id = ?2 RETURNING kind, deleted_at IS NULL";
    for id in going {
        if !own.contains(&id)
            && let Some(naming) = work.row(id)?
        {
            work.note(&naming.kind, id, ChangeOperation::Purged);
        }
        work.forget_index(id)?;
        work.forget_keys(id)?;
        let ends = (tenant.as_bytes(), id.as_bytes());
        work.execute("DELETE FROM links WHERE tenant = ?1 AND source = ?2", ends)?;
        work.execute("DELETE FROM links WHERE tenant = ?1 AND target = ?2", ends)?;
        work.execute("DELETE FROM relations WHERE tenant = ?1 AND source = ?2", ends)?;
        if let Some((kind, lived)) = affected(work, removal, ends)? {
            work.tally.purged(&kind, if lived { Liveness::Live } else { Liveness::Deleted });
        }
    }
    work.note(&row.kind, root, ChangeOperation::Purged);
    Ok(())
}

/// Changes one object by a statement that answers its kind and whether it lives; nothing if it is not there.
fn affected(
    work: &mut Application<'_>,
    sql: &str,
    values: impl Params,
) -> Result<Option<(String, bool)>, BackendError> {
    let kind = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let mut statement = work.connection.prepare_cached(sql).map_err(engine)?;
    let found = statement.query_row(values, kind).optional().map_err(engine)?;
    work.affected += u64::from(found.is_some());
    Ok(found)
}

/// Notes what is stale when a subtree comes or goes: its objects, their index rows, and link sets at either end.
fn touch(work: &mut Application<'_>, members: &[ObjectId]) -> Result<(), BackendError> {
    if members.len() > NAMED {
        work.touched.everything = true;
        return Ok(());
    }
    for id in members {
        work.touch_index(*id)?;
        touch_links(work, *id, "SELECT source, relation, target FROM links WHERE tenant = ?1 AND source = ?2")?;
        touch_links(work, *id, "SELECT source, relation, target FROM links WHERE tenant = ?1 AND target = ?2")?;
        work.touched.objects.push(*id);
    }
    Ok(())
}

fn touch_links(work: &mut Application<'_>, id: ObjectId, sql: &str) -> Result<(), BackendError> {
    let mut statement = work.connection.prepare_cached(sql).map_err(engine)?;
    let link = |row: &rusqlite::Row<'_>| Ok((object_column(row, 0)?, row.get::<_, String>(1)?, object_column(row, 2)?));
    let rows = statement.query_map((work.tenant.as_bytes(), id.as_bytes()), link).map_err(engine)?;
    for row in rows {
        let (source, relation, target) = row.map_err(engine)?;
        work.touched.links.push((LinkEnd::Source(source), relation.clone()));
        work.touched.links.push((LinkEnd::Target(target), relation));
    }
    Ok(())
}

fn members(
    work: &Application<'_>,
    subtree: &str,
    root: ObjectId,
    deletion: Option<Uuid>,
) -> Result<Vec<ObjectId>, BackendError> {
    let sql = format!("{subtree} SELECT id FROM subtree WHERE ?3 IS ?3");
    let mut statement = work.connection.prepare_cached(&sql).map_err(engine)?;
    let deletion = deletion.as_ref().map(|deletion| deletion.as_bytes().as_slice());
    let values = (work.tenant.as_bytes(), root.as_bytes(), deletion);
    let rows = statement.query_map(values, |row| object_column(row, 0)).map_err(engine)?;
    rows.collect::<rusqlite::Result<_>>().map_err(engine)
}
