//! One unit of work inside the writer's transaction: check, write, append to the feed, raise the head.

use super::read::{object_row, relation_version};
use super::subtree;
use super::tally::{self, Tally};
use super::{engine, number, stored, unstored};
use crate::backend::{BackendError, ChangeOperation, Changed, CommitReceipt, Head, LinkEnd, Position, Row, Touched};
use crate::kind::{IndexKey, KeyScope};
use crate::unit::{CommitError, Conflict, Precondition, Put, UnitOfWork, Write};
use rusqlite::{Connection, OptionalExtension, Params};
use signet_kernel::{ObjectId, Revocation, TenantId, Timestamp};

/// A unit that was applied, in a transaction that is not durable yet.
pub(super) struct Applied {
    pub(super) receipt: CommitReceipt,
    pub(super) touched: Touched,
}

/// What an object is, as far as a write asks.
struct Standing {
    kind: String,
    version: u64,
    alive: bool,
}

/// The work on one unit.
pub(super) struct Application<'a> {
    pub(super) connection: &'a Connection,
    pub(super) tenant: TenantId,
    pub(super) at: Timestamp,
    /// The tenant's counter as this unit leaves it.
    pub(super) revocation: Revocation,
    pub(super) touched: Touched,
    pub(super) changed: Vec<Changed>,
    pub(super) tally: Tally,
    pub(super) affected: u64,
}

pub(super) fn apply(connection: &Connection, unit: &UnitOfWork, at: Timestamp) -> Result<Applied, CommitError> {
    let head = head(connection, unit.tenant)?;
    let revocation = if unit.revokes { head.revocation.next() } else { head.revocation };
    let mut application = Application {
        connection,
        tenant: unit.tenant,
        at,
        revocation,
        touched: Touched::default(),
        changed: Vec::new(),
        tally: Tally::default(),
        affected: 0,
    };
    unit.preconditions.iter().try_for_each(|condition| application.check(condition))?;
    unit.writes.iter().try_for_each(|write| application.write(write))?;
    let head = Head { position: Position(head.position.0 + 1), revocation, ..head };
    application.finish(unit, head)?;
    let receipt = CommitReceipt { head, affected: application.affected };
    Ok(Applied { receipt, touched: application.touched })
}

fn head(connection: &Connection, tenant: TenantId) -> Result<Head, BackendError> {
    let counters = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let found = connection
        .prepare_cached("SELECT position, revocation FROM heads WHERE tenant = ?1")
        .and_then(|mut statement| statement.query_row([tenant.as_bytes()], counters).optional())
        .map_err(engine)?;
    let (position, revocation) = match found {
        Some((position, revocation)) => (unstored(position), unstored(revocation)),
        None => {
            let epoch: u32 =
                connection.query_row("SELECT epoch FROM deployment", [], |row| row.get(0)).map_err(engine)?;
            let start = Revocation::start_of(epoch).as_u64();
            (start, start)
        }
    };
    Ok(Head { tenant, position: Position(position), revocation: Revocation::from_u64(revocation) })
}

impl Application<'_> {
    pub(super) fn execute(&self, sql: &str, values: impl Params) -> Result<usize, BackendError> {
        self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values)).map_err(engine)
    }

    pub(super) fn row(&self, id: ObjectId) -> Result<Option<Row>, BackendError> {
        let sql = format!("SELECT {} FROM objects o WHERE o.tenant = ?1 AND o.id = ?2", super::read::COLUMNS);
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement.query_row((self.tenant.as_bytes(), id.as_bytes()), object_row).optional()
            })
            .map_err(engine)
    }

    /// What an object is, without its body: reading that costs more than all else.
    fn standing(&self, id: ObjectId) -> Result<Option<Standing>, BackendError> {
        let standing = |row: &rusqlite::Row<'_>| {
            Ok(Standing { kind: row.get(0)?, version: unstored(row.get(1)?), alive: row.get(2)? })
        };
        self.connection
            .prepare_cached("SELECT kind, version, deleted_at IS NULL FROM objects WHERE tenant = ?1 AND id = ?2")
            .and_then(|mut statement| statement.query_row((self.tenant.as_bytes(), id.as_bytes()), standing).optional())
            .map_err(engine)
    }

    fn living(&self, id: ObjectId) -> Result<Standing, CommitError> {
        let standing = self.standing(id)?.filter(|standing| standing.alive);
        standing.ok_or_else(|| Conflict::NotAlive(id).into())
    }

    fn check(&self, condition: &Precondition) -> Result<(), CommitError> {
        let (holds, conflict) = match *condition {
            Precondition::Version(id, version) => {
                (self.standing(id)?.is_some_and(|standing| standing.version == version), Conflict::Version(id))
            }
            Precondition::Alive(id) => {
                (self.standing(id)?.is_some_and(|standing| standing.alive), Conflict::NotAlive(id))
            }
            Precondition::Relation(source, relation, version) => (
                relation_version(self.connection, self.tenant, source, relation)? == version,
                Conflict::Relation(source, relation),
            ),
        };
        if holds { Ok(()) } else { Err(conflict.into()) }
    }

    fn write(&mut self, write: &Write) -> Result<(), CommitError> {
        match *write {
            Write::Put(ref put) => self.put(put),
            Write::Link(source, relation, target) => self.link(source, relation, target),
            Write::Unlink(source, relation, target) => self.unlink(source, relation, target),
            Write::Revoke(id) => self.revoke(id),
            Write::Delete { root, deletion } => subtree::delete(self, root, deletion),
            Write::Restore(root) => subtree::restore(self, root),
            Write::Purge(root) => subtree::purge(self, root),
        }
    }

    fn put(&mut self, put: &Put) -> Result<(), CommitError> {
        if let Some(parent) = put.parent {
            self.living(parent).map_err(|error| match error {
                CommitError::Conflict(_) => Conflict::ParentNotAlive(put.id).into(),
                backend @ CommitError::Backend(_) => backend,
            })?;
        }
        let (tenant, id) = (self.tenant.as_bytes(), put.id.as_bytes());
        let parent = put.parent.as_ref().map(ObjectId::as_bytes);
        if put.new {
            if self.standing(put.id)?.is_some() {
                return Err(Conflict::Exists(put.id).into());
            }
            self.execute(
                "INSERT INTO objects (tenant, id, kind, schema, version, created, modified, parent, body) \
                 VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5, ?6, ?7)",
                (tenant, id, put.kind, put.schema, self.at.micros(), parent, &put.body),
            )?;
            self.tally.created(put.kind);
        } else {
            self.living(put.id)?;
            self.execute(
                "UPDATE objects SET schema = ?3, version = version + 1, modified = ?4, parent = ?5, body = ?6 \
                 WHERE tenant = ?1 AND id = ?2",
                (tenant, id, put.schema, self.at.micros(), parent, &put.body),
            )?;
        }
        self.touched.objects.push(put.id);
        self.put_index(put)?;
        self.put_keys(put)?;
        self.note(put.kind, put.id, ChangeOperation::Written);
        Ok(())
    }

    fn put_index(&mut self, put: &Put) -> Result<(), CommitError> {
        if !put.new {
            self.forget_index(put.id)?;
        }
        for (field, key) in put.index.iter() {
            self.execute(
                "INSERT OR IGNORE INTO index_entries (tenant, kind, field, key, id) VALUES (?1, ?2, ?3, ?4, ?5)",
                (self.tenant.as_bytes(), put.kind, *field, key.as_bytes(), put.id.as_bytes()),
            )?;
            self.touched.index.push((put.kind.to_owned(), (*field).to_owned(), key.clone()));
        }
        Ok(())
    }

    /// Removes an object's index rows, and notes them as stale.
    pub(super) fn forget_index(&mut self, id: ObjectId) -> Result<(), BackendError> {
        self.touch_index(id)?;
        let ends = (self.tenant.as_bytes(), id.as_bytes());
        self.execute("DELETE FROM index_entries WHERE tenant = ?1 AND id = ?2", ends).map(drop)
    }

    /// Notes an object's index rows as stale.
    pub(super) fn touch_index(&mut self, id: ObjectId) -> Result<(), BackendError> {
        let sql = "SELECT kind, field, key FROM index_entries WHERE tenant = ?1 AND id = ?2";
        let mut statement = self.connection.prepare_cached(sql).map_err(engine)?;
        let entry = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, IndexKey::bytes(row.get(2)?)));
        let rows = statement.query_map((self.tenant.as_bytes(), id.as_bytes()), entry).map_err(engine)?;
        for row in rows {
            self.touched.index.push(row.map_err(engine)?);
        }
        Ok(())
    }

    fn put_keys(&mut self, put: &Put) -> Result<(), CommitError> {
        if !put.new {
            self.forget_keys(put.id)?;
        }
        for (scope, space, key) in put.unique.iter(self.tenant) {
            let inserted = self.execute(
                "INSERT OR IGNORE INTO unique_keys (scope, space, key, tenant, id) VALUES (?1, ?2, ?3, ?4, ?5)",
                (scope.tenant_bytes(), space, key.as_bytes(), self.tenant.as_bytes(), put.id.as_bytes()),
            )?;
            if inserted == 0 {
                return Err(Conflict::KeyTaken(space).into());
            }
            self.touched.keys.push((scope, space.to_owned(), key.clone()));
        }
        Ok(())
    }

    /// Removes an object's unique keys, and notes them as stale.
    pub(super) fn forget_keys(&mut self, id: ObjectId) -> Result<(), BackendError> {
        let sql = "DELETE FROM unique_keys WHERE tenant = ?1 AND id = ?2 RETURNING scope, space, key";
        let mut statement = self.connection.prepare_cached(sql).map_err(engine)?;
        let tenant = self.tenant;
        let entry = |row: &rusqlite::Row<'_>| {
            let global = row.get_ref(0)?.as_blob()? == KeyScope::Global.tenant_bytes();
            let scope = if global { KeyScope::Global } else { KeyScope::Tenant(tenant) };
            Ok((scope, row.get(1)?, IndexKey::bytes(row.get(2)?)))
        };
        let rows = statement.query_map((tenant.as_bytes(), id.as_bytes()), entry).map_err(engine)?;
        for row in rows {
            self.touched.keys.push(row.map_err(engine)?);
        }
        Ok(())
    }

    fn link(&mut self, source: ObjectId, relation: &'static str, target: ObjectId) -> Result<(), CommitError> {
        let from = self.living(source)?;
        self.living(target)?;
        let added = self.execute(
            "INSERT OR IGNORE INTO links (tenant, source, relation, target) VALUES (?1, ?2, ?3, ?4)",
            (self.tenant.as_bytes(), source.as_bytes(), relation, target.as_bytes()),
        )?;
        self.linked(&from.kind, added, source, relation, target).map_err(Into::into)
    }

    fn unlink(&mut self, source: ObjectId, relation: &'static str, target: ObjectId) -> Result<(), CommitError> {
        let from = self.living(source)?;
        let removed = self.execute(
            "DELETE FROM links WHERE tenant = ?1 AND source = ?2 AND relation = ?3 AND target = ?4",
            (self.tenant.as_bytes(), source.as_bytes(), relation, target.as_bytes()),
        )?;
        self.linked(&from.kind, removed, source, relation, target).map_err(Into::into)
    }

    fn linked(
        &mut self,
        kind: &str,
        rows: usize,
        source: ObjectId,
        relation: &'static str,
        target: ObjectId,
    ) -> Result<(), BackendError> {
        if rows == 0 {
            return Ok(());
        }
        self.execute(
            "INSERT INTO relations (tenant, source, relation, version) VALUES (?1, ?2, ?3, 1) \
             ON CONFLICT (tenant, source, relation) DO UPDATE SET version = version + 1",
            (self.tenant.as_bytes(), source.as_bytes(), relation),
        )?;
        self.touched.links.push((LinkEnd::Source(source), relation.to_owned()));
        self.touched.links.push((LinkEnd::Target(target), relation.to_owned()));
        self.note(kind, source, ChangeOperation::Linked);
        Ok(())
    }

    fn revoke(&mut self, id: ObjectId) -> Result<(), CommitError> {
        let standing = self.standing(id)?.ok_or(Conflict::NotAlive(id))?;
        self.execute(
            "UPDATE objects SET revoked = ?3 WHERE tenant = ?1 AND id = ?2",
            (self.tenant.as_bytes(), id.as_bytes(), stored(self.revocation.as_u64())),
        )?;
        self.touched.objects.push(id);
        self.touch_index(id)?;
        self.note(&standing.kind, id, ChangeOperation::Revoked);
        Ok(())
    }

    pub(super) fn note(&mut self, kind: &str, id: ObjectId, operation: ChangeOperation) {
        self.changed.push(Changed { kind: kind.to_owned(), id: id.uuid(), operation });
    }

    /// Audit entries, the feed's row, and the head as the last act.
    fn finish(&self, unit: &UnitOfWork, head: Head) -> Result<(), CommitError> {
        tally::keep(self)?;
        let (tenant, position) = (self.tenant.as_bytes(), stored(head.position.0));
        for (ordinal, entry) in unit.audit.iter().enumerate() {
            self.execute(
                "INSERT INTO outbox (tenant, position, ordinal, at, body) VALUES (?1, ?2, ?3, ?4, ?5)",
                (tenant, position, number(ordinal), self.at.micros(), &entry.body),
            )?;
        }
        let changed = serde_json::to_string(&self.changed).map_err(|error| BackendError::Corrupt(error.to_string()))?;
        self.execute(
            "INSERT INTO changes (tenant, position, at, changed) VALUES (?1, ?2, ?3, ?4)",
            (tenant, position, self.at.micros(), changed),
        )?;
        self.execute(
            "INSERT INTO heads (tenant, position, revocation) VALUES (?1, ?2, ?3) \
             ON CONFLICT (tenant) DO UPDATE SET position = excluded.position, revocation = excluded.revocation",
            (tenant, position, stored(head.revocation.as_u64())),
        )?;
        Ok(())
    }
}
