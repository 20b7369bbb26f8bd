//! Delete, restore and purge: set-based over everything that hangs off one object, a purge also over what names it, in
//! one round trip each. What
//! is found wrong afterwards rolls the transaction back; a unit that does this is alone in it.

use super::apply::Work;
use super::rows::{self, object_column, scope_column, stored};
use super::steps::{Session, Step, ask, value};
use crate::backend::{BackendError, ChangeOperation, LinkEnd};
use crate::kind::IndexKey;
use crate::unit::{CommitError, Conflict, Write};
use signet_kernel::ObjectId;
use tokio_postgres::Row;
use uuid::Uuid;

/// Above so many objects, forgetting every cached read is cheaper than naming them.
const NAMED: usize = 1_000;

const ROOT: &str = "SELECT o.kind, o.deleted_at IS NULL, o.parent IS NULL OR EXISTS (SELECT FROM objects p \
    WHERE p.tenant = o.tenant AND p.id = o.parent AND p.deleted_at IS NULL) \
    FROM objects o WHERE o.tenant = $1 AND o.id = $2";

macro_rules! living {
    ($then:expr) => {
        concat!(
            "WITH RECURSIVE subtree (id) AS (SELECT $2::uuid UNION SELECT o.id FROM objects o \
             JOIN subtree s ON o.parent = s.id WHERE o.tenant = $1 AND o.deleted_at IS NULL) ",
            $then
        )
    };
}
macro_rules! deleted {
    ($then:expr) => {
        concat!(
            "WITH RECURSIVE gone (deletion) AS (SELECT deletion FROM objects WHERE tenant = $1 AND id = $2), \
             subtree (id) AS (SELECT $2::uuid UNION SELECT o.id FROM objects o \
             JOIN subtree s ON o.parent = s.id WHERE o.tenant = $1 AND o.deletion = (SELECT deletion FROM gone)) ",
            $then
        )
    };
}
/// What a purge takes: what was deleted, and what names any of it.
macro_rules! purged {
    ($then:expr) => {
        concat!(
            "WITH RECURSIVE gone (deletion) AS (SELECT deletion FROM objects WHERE tenant = $1 AND id = $2), \
             own (id) AS (SELECT $2::uuid UNION SELECT o.id FROM objects o \
             JOIN own s ON o.parent = s.id WHERE o.tenant = $1 AND o.deletion = (SELECT deletion FROM gone)), \
             subtree (id) AS (SELECT id FROM own UNION SELECT source FROM links \
             WHERE tenant = $1 AND relation = '@names' AND target IN (SELECT id FROM own)) ",
            $then
        )
    };
}
/// The same queries over the living and over the deleted.
macro_rules! queries {
    ($subtree:ident) => {
        Queries {
            members: $subtree!("SELECT id FROM subtree LIMIT 1001"),
            index: $subtree!(
                "SELECT kind, field, key FROM index_entries \
                 WHERE tenant = $1 AND id IN (SELECT id FROM subtree LIMIT 1001)"
            ),
            links: $subtree!(
                "SELECT source, relation, target FROM links WHERE tenant = $1 AND source IN \
                 (SELECT id FROM subtree LIMIT 1001) UNION SELECT source, relation, target FROM links \
                 WHERE tenant = $1 AND target IN (SELECT id FROM subtree LIMIT 1001)"
            ),
            bump: $subtree!(
                "UPDATE relations r SET version = r.version + 1 FROM (SELECT DISTINCT source, relation FROM links \
                 WHERE tenant = $1 AND target IN (SELECT id FROM subtree)) l \
                 WHERE r.tenant = $1 AND r.source = l.source AND r.relation = l.relation"
            ),
        }
    };
}

struct Queries {
    members: &'static str,
    index: &'static str,
    links: &'static str,
    /// The sets that lose or regain a member by this change like any other.
    bump: &'static str,
}

const LIVING: Queries = queries!(living);
const DELETED: Queries = queries!(deleted);
const PURGED: Queries = queries!(purged);

const DELETE: &str = living!(
    "UPDATE objects SET deleted_at = $4, deletion = $3, revoked = $5, version = version + 1, modified = $4 \
     WHERE tenant = $1 AND deleted_at IS NULL AND id IN (SELECT id FROM subtree) RETURNING 1"
);
const RESTORE: &str = deleted!(
    "UPDATE objects SET deleted_at = NULL, deletion = NULL, version = version + 1, modified = $3 WHERE tenant = $1 \
     AND deletion = (SELECT deletion FROM gone) AND id IN (SELECT id FROM subtree) RETURNING 1"
);
const KEYS: &str = purged!(
    "SELECT scope, space, key FROM unique_keys WHERE tenant = $1 AND id IN (SELECT id FROM subtree LIMIT 1001)"
);
/// What names the deleted is found by its links, and so goes before them.
const PURGE_NAMING: &str = purged!(
    "DELETE FROM objects WHERE tenant = $1 AND id IN (SELECT id FROM subtree EXCEPT SELECT id FROM own) \
     RETURNING kind, id"
);
const PURGE: [&str; 5] = [
    purged!("DELETE FROM index_entries WHERE tenant = $1 AND id IN (SELECT id FROM subtree)"),
    purged!("DELETE FROM unique_keys WHERE tenant = $1 AND id IN (SELECT id FROM subtree)"),
    purged!("DELETE FROM relations WHERE tenant = $1 AND source IN (SELECT id FROM subtree)"),
    purged!("DELETE FROM links WHERE tenant = $1 AND source IN (SELECT id FROM subtree)"),
    deleted!("DELETE FROM links WHERE tenant = $1 AND target IN (SELECT id FROM subtree)"),
];
const PURGE_OBJECTS: &str = deleted!(
    "DELETE FROM objects WHERE tenant = $1 AND deletion = (SELECT deletion FROM gone) \
     AND id IN (SELECT id FROM subtree) RETURNING 1"
);

/// Applies a write on a subtree; others are not its business.
pub(super) async fn write(session: &Session, work: &mut Work, write: &Write) -> Result<(), CommitError> {
    match *write {
        Write::Delete { root, deletion } => delete(session, work, root, deletion).await,
        Write::Restore(root) => restore(session, work, root).await,
        Write::Purge(root) => purge(session, work, root).await,
        Write::Put(_) | Write::Link(..) | Write::Unlink(..) | Write::Revoke(_) => Ok(()),
    }
}

async fn delete(session: &Session, work: &mut Work, root: ObjectId, deletion: Uuid) -> Result<(), CommitError> {
    let mut steps = looks(work, &LIVING, root);
    let revocation = stored(work.revocation.as_u64());
    let [tenant, id] = at(work, root);
    steps.push(Step::of(DELETE, [tenant, id, value(deletion), value(work.at.micros()), value(revocation)]));
    let mut answers = ask(session, &steps).await?;
    count(work, answers.pop());
    let found = Root::read(answers.first())?.filter(|found| found.live).ok_or(Conflict::NotAlive(root))?;
    touch(work, answers)?;
    work.note(&found.kind, root, ChangeOperation::Deleted);
    Ok(())
}

async fn restore(session: &Session, work: &mut Work, root: ObjectId) -> Result<(), CommitError> {
    let mut steps = looks(work, &DELETED, root);
    let [tenant, id] = at(work, root);
    steps.push(Step::of(RESTORE, [tenant, id, value(work.at.micros())]));
    let mut answers = ask(session, &steps).await?;
    count(work, answers.pop());
    let found = Root::read(answers.first())?.filter(|found| !found.live).ok_or(Conflict::NotDeleted(root))?;
    if !found.parent_lives {
        return Err(Conflict::ParentNotAlive(root).into());
    }
    touch(work, answers)?;
    work.note(&found.kind, root, ChangeOperation::Restored);
    Ok(())
}

async fn purge(session: &Session, work: &mut Work, root: ObjectId) -> Result<(), CommitError> {
    let mut steps = looks(work, &PURGED, root);
    steps.push(Step::of(KEYS, at(work, root)));
    steps.push(Step::of(PURGE_NAMING, at(work, root)));
    steps.extend(PURGE.iter().map(|sql| Step::of(sql, at(work, root))));
    steps.push(Step::of(PURGE_OBJECTS, at(work, root)));
    let mut answers = ask(session, &steps).await?;
    count(work, answers.pop());
    answers.truncate(answers.len() - PURGE.len());
    let naming = answers.pop().unwrap_or_default();
    let keys = answers.pop().unwrap_or_default();
    let found = Root::read(answers.first())?.filter(|found| !found.live).ok_or(Conflict::NotDeleted(root))?;
    for row in &keys {
        let key = (scope_column(row, 0)?, rows::get(row, 1)?, IndexKey::bytes(rows::get(row, 2)?));
        work.touched.keys.push(key);
    }
    for row in &naming {
        work.note(&rows::get::<String>(row, 0)?, object_column(row, 1)?, ChangeOperation::Purged);
    }
    count(work, Some(naming));
    touch(work, answers)?;
    work.note(&found.kind, root, ChangeOperation::Purged);
    Ok(())
}

fn at(work: &Work, root: ObjectId) -> [super::steps::Value; 2] {
    [value(work.tenant.uuid()), value(root.uuid())]
}

/// Root, members, index rows, links, and the sets bumped: in this order.
fn looks(work: &Work, queries: &Queries, root: ObjectId) -> Vec<Step> {
    [ROOT, queries.members, queries.index, queries.links, queries.bump].map(|sql| Step::of(sql, at(work, root))).into()
}

struct Root {
    kind: String,
    live: bool,
    parent_lives: bool,
}

impl Root {
    fn read(rows: Option<&Vec<Row>>) -> Result<Option<Self>, BackendError> {
        let Some(row) = rows.and_then(|rows| rows.first()) else { return Ok(None) };
        Ok(Some(Self { kind: rows::get(row, 0)?, live: rows::get(row, 1)?, parent_lives: rows::get(row, 2)? }))
    }
}

fn count(work: &mut Work, changed: Option<Vec<Row>>) {
    work.affected += changed.map_or(0, |rows| rows.len() as u64);
}

/// Notes what is stale when a subtree comes or goes: its objects, their index rows, and link sets at either end.
fn touch(work: &mut Work, answers: Vec<Vec<Row>>) -> Result<(), BackendError> {
    let mut answers = answers.into_iter().skip(1);
    let mut next = || answers.next().unwrap_or_default();
    let (members, index, links) = (next(), next(), next());
    if members.len() > NAMED {
        work.touched.everything = true;
        return Ok(());
    }
    for row in &members {
        work.touched.objects.push(object_column(row, 0)?);
    }
    for row in &index {
        let entry = (rows::get(row, 0)?, rows::get(row, 1)?, IndexKey::bytes(rows::get(row, 2)?));
        work.touched.index.push(entry);
    }
    for row in &links {
        let relation: String = rows::get(row, 1)?;
        work.touched.links.push((LinkEnd::Source(object_column(row, 0)?), relation.clone()));
        work.touched.links.push((LinkEnd::Target(object_column(row, 2)?), relation));
    }
    Ok(())
}
