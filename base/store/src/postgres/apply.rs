//! One unit of work against what the batch holds: the rules, without the database. What SQLite's writer does row
//! by row is decided here in memory.

use super::held::{Entry, Held};
use crate::backend::{ChangeOperation, Changed, CommitReceipt, LinkEnd, Position, Touched};
use crate::unit::{AuditEntry, Conflict, Precondition, Put, UnitOfWork, Write};
use signet_kernel::{ObjectId, Revocation, TenantId, Timestamp};

/// The work on one unit, and what it came to.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) tenant: TenantId,
    pub(super) at: Timestamp,
    /// The tenant's counter as this unit leaves it.
    pub(super) revocation: Revocation,
    pub(super) touched: Touched,
    pub(super) changed: Vec<Changed>,
    pub(super) affected: u64,
}

/// A unit that was applied, in a transaction that is not durable yet.
#[derive(Debug)]
pub(super) struct Applied {
    pub(super) at: Timestamp,
    pub(super) receipt: CommitReceipt,
    pub(super) touched: Touched,
    pub(super) changed: Vec<Changed>,
    pub(super) audit: Vec<AuditEntry>,
}

/// Applies a unit without writes on subtrees; a refused one leaves no trace.
pub(super) fn apply(held: &mut Held, unit: &UnitOfWork, at: Timestamp) -> Result<Applied, Conflict> {
    let mut work = Work::on(held, unit, at);
    let done = work.check(held, unit).and_then(|()| work.writes(held, &unit.writes));
    match done {
        Ok(()) => Ok(work.finish(held, unit)),
        Err(conflict) => {
            held.discard();
            Err(conflict)
        }
    }
}

impl Work {
    pub(super) fn on(held: &Held, unit: &UnitOfWork, at: Timestamp) -> Self {
        let before = held.revocations.get(&unit.tenant);
        Self {
            tenant: unit.tenant,
            at,
            revocation: if unit.revokes { before.next() } else { before },
            touched: Touched::default(),
            changed: Vec::new(),
            affected: 0,
        }
    }

    /// Raises the head: the unit stands.
    pub(super) fn finish(self, held: &mut Held, unit: &UnitOfWork) -> Applied {
        let mut head = held.head(self.tenant);
        head.position = Position(head.position.0 + 1);
        head.revocation = self.revocation;
        held.positions.set(self.tenant, head.position);
        held.revocations.set(self.tenant, head.revocation);
        held.accept();
        Applied {
            at: self.at,
            receipt: CommitReceipt { head, affected: self.affected },
            touched: self.touched,
            changed: self.changed,
            audit: unit.audit.clone(),
        }
    }

    pub(super) fn check(&self, held: &Held, unit: &UnitOfWork) -> Result<(), Conflict> {
        for condition in &unit.preconditions {
            let (holds, conflict) = match *condition {
                Precondition::Version(id, version) => {
                    (self.entry(held, id).is_some_and(|entry| entry.version == version), Conflict::Version(id))
                }
                Precondition::Alive(id) => (self.live(held, id).is_ok(), Conflict::NotAlive(id)),
                Precondition::Relation(source, relation, version) => {
                    let set = (self.tenant, source, relation.to_owned());
                    (held.relations.get(&set) == version, Conflict::Relation(source, relation))
                }
            };
            if !holds {
                return Err(conflict);
            }
        }
        Ok(())
    }

    /// Applies writes other than those on subtrees.
    pub(super) fn writes(&mut self, held: &mut Held, writes: &[Write]) -> Result<(), Conflict> {
        writes.iter().try_for_each(|write| match *write {
            Write::Put(ref put) => self.put(held, put),
            Write::Link(source, relation, target) => self.link(held, source, relation, target, true),
            Write::Unlink(source, relation, target) => self.link(held, source, relation, target, false),
            Write::Revoke(id) => self.revoke(held, id),
            Write::Delete { .. } | Write::Restore(_) | Write::Purge(_) => Ok(()),
        })
    }

    fn entry(&self, held: &Held, id: ObjectId) -> Option<Entry> {
        held.objects.get(&(self.tenant, id))
    }

    fn live(&self, held: &Held, id: ObjectId) -> Result<Entry, Conflict> {
        self.entry(held, id).filter(|entry| entry.deleted.is_none()).ok_or(Conflict::NotAlive(id))
    }

    fn put(&mut self, held: &mut Held, put: &Put) -> Result<(), Conflict> {
        if let Some(parent) = put.parent {
            self.live(held, parent).map_err(|_| Conflict::ParentNotAlive(put.id))?;
        }
        let entry = if put.new {
            if self.entry(held, put.id).is_some() {
                return Err(Conflict::Exists(put.id));
            }
            Entry {
                kind: put.kind.to_owned(),
                schema: put.schema,
                version: 1,
                created: self.at,
                modified: self.at,
                deleted: None,
                revoked: Revocation::default(),
                parent: put.parent,
                body: Some(put.body.clone()),
            }
        } else {
            let before = self.live(held, put.id)?;
            Entry {
                schema: put.schema,
                version: before.version + 1,
                modified: self.at,
                parent: put.parent,
                body: Some(put.body.clone()),
                ..before
            }
        };
        held.objects.set((self.tenant, put.id), Some(entry));
        self.touched.objects.push(put.id);
        self.put_index(held, put);
        self.put_keys(held, put)?;
        self.note(put.kind, put.id, ChangeOperation::Written);
        Ok(())
    }

    fn put_index(&mut self, held: &mut Held, put: &Put) {
        let place = (self.tenant, put.id);
        self.touched.index.extend(held.index.get(&place));
        let entry = |(field, key): &(&'static str, _)| (put.kind.to_owned(), (*field).to_owned(), Clone::clone(key));
        let rows: std::collections::HashSet<_> = put.index.iter().map(entry).collect();
        self.touched.index.extend(rows.iter().cloned());
        held.index.set(place, rows);
    }

    fn put_keys(&mut self, held: &mut Held, put: &Put) -> Result<(), Conflict> {
        let place = (self.tenant, put.id);
        for row in held.keys.get(&place) {
            held.owners.set(row.clone(), None);
            self.touched.keys.push(row);
        }
        let mut rows = std::collections::HashSet::new();
        for (scope, space, key) in put.unique.iter(self.tenant) {
            let row = (scope, space.to_owned(), key.clone());
            if held.owners.get(&row).is_some() {
                return Err(Conflict::KeyTaken(space));
            }
            held.owners.set(row.clone(), Some(place));
            self.touched.keys.push(row.clone());
            rows.insert(row);
        }
        held.keys.set(place, rows);
        Ok(())
    }

    fn link(
        &mut self,
        held: &mut Held,
        source: ObjectId,
        relation: &'static str,
        target: ObjectId,
        wanted: bool,
    ) -> Result<(), Conflict> {
        let from = self.live(held, source)?;
        if wanted {
            self.live(held, target)?;
        }
        let set = (self.tenant, source, relation.to_owned());
        let link = (set.clone(), target);
        if held.links.get(&link) == wanted {
            return Ok(());
        }
        held.links.set(link, wanted);
        let version = held.relations.get(&set) + 1;
        held.relations.set(set, version);
        self.touched.links.push((LinkEnd::Source(source), relation.to_owned()));
        self.touched.links.push((LinkEnd::Target(target), relation.to_owned()));
        self.note(&from.kind, source, ChangeOperation::Linked);
        Ok(())
    }

    fn revoke(&mut self, held: &mut Held, id: ObjectId) -> Result<(), Conflict> {
        let entry = self.entry(held, id).ok_or(Conflict::NotAlive(id))?;
        let kind = entry.kind.clone();
        held.objects.set((self.tenant, id), Some(Entry { revoked: self.revocation, ..entry }));
        self.touched.objects.push(id);
        self.touched.index.extend(held.index.get(&(self.tenant, id)));
        self.note(&kind, id, ChangeOperation::Revoked);
        Ok(())
    }

    pub(super) fn note(&mut self, kind: &str, id: ObjectId, operation: ChangeOperation) {
        self.changed.push(Changed { kind: kind.to_owned(), id: id.uuid(), operation });
    }
}
