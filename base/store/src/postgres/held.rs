//! What a batch knows of the database. Its tenants are locked, so what it knows stays true until it ends.

use super::ledger::Ledger;
use crate::backend::{Head, Position};
use crate::kind::{Deletion, IndexKey, KeyScope};
use crate::unit::{Precondition, Put, UnitOfWork, Write};
use signet_kernel::{ObjectId, Revocation, TenantId, Timestamp};
use std::collections::HashSet;

/// An object of a tenant.
pub(super) type Place = (TenantId, ObjectId);
/// Kind, field, key.
pub(super) type IndexRow = (String, String, IndexKey);
/// Scope, space, key.
pub(super) type KeyRow = (KeyScope, String, IndexKey);
/// Tenant, source, relation.
pub(super) type Set = (TenantId, ObjectId, String);

/// An object but for its body, which is there only if a unit of the batch wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: String,
    pub(super) schema: u32,
    pub(super) version: u64,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) deleted: Option<Deletion>,
    pub(super) revoked: Revocation,
    pub(super) parent: Option<ObjectId>,
    pub(super) body: Option<Vec<u8>>,
}

/// Rows by what they are.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) positions: Ledger<TenantId, Position>,
    pub(super) revocations: Ledger<TenantId, Revocation>,
    pub(super) objects: Ledger<Place, Option<Entry>>,
    pub(super) index: Ledger<Place, HashSet<IndexRow>>,
    pub(super) keys: Ledger<Place, HashSet<KeyRow>>,
    pub(super) owners: Ledger<KeyRow, Option<Place>>,
    pub(super) relations: Ledger<Set, u64>,
    pub(super) links: Ledger<(Set, ObjectId), bool>,
}

impl Held {
    pub(super) fn head(&self, tenant: TenantId) -> Head {
        Head { tenant, position: self.positions.get(&tenant), revocation: self.revocations.get(&tenant) }
    }

    /// The present unit stands.
    pub(super) fn accept(&mut self) {
        self.positions.accept();
        self.revocations.accept();
        self.objects.accept();
        self.index.accept();
        self.keys.accept();
        self.owners.accept();
        self.relations.accept();
        self.links.accept();
    }

    /// The present unit never was.
    pub(super) fn discard(&mut self) {
        self.positions.discard();
        self.revocations.discard();
        self.objects.discard();
        self.index.discard();
        self.keys.discard();
        self.owners.discard();
        self.relations.discard();
        self.links.discard();
    }
}

/// What units refer to, to be loaded before they are applied.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) objects: HashSet<Place>,
    /// Those whose index rows are asked for.
    pub(super) indexed: HashSet<Place>,
    /// Those whose unique keys are asked for.
    pub(super) keyed: HashSet<Place>,
    pub(super) owners: HashSet<KeyRow>,
    pub(super) relations: HashSet<Set>,
    pub(super) links: HashSet<(Set, ObjectId)>,
}

impl Wanted {
    pub(super) fn preconditions(&mut self, unit: &UnitOfWork) {
        for condition in &unit.preconditions {
            match *condition {
                Precondition::Version(id, _) | Precondition::Alive(id) => {
                    self.objects.insert((unit.tenant, id));
                }
                Precondition::Relation(source, relation, _) => {
                    self.relations.insert((unit.tenant, source, relation.to_owned()));
                }
            }
        }
    }

    /// What these writes refer to; those on subtrees see to themselves.
    pub(super) fn writes(&mut self, tenant: TenantId, writes: &[Write]) {
        for write in writes {
            match *write {
                Write::Put(ref put) => self.put(tenant, put),
                Write::Link(source, relation, target) | Write::Unlink(source, relation, target) => {
                    self.objects.extend([(tenant, source), (tenant, target)]);
                    let set = (tenant, source, relation.to_owned());
                    self.links.insert((set.clone(), target));
                    self.relations.insert(set);
                }
                Write::Revoke(id) => {
                    self.objects.insert((tenant, id));
                    self.indexed.insert((tenant, id));
                }
                Write::Delete { .. } | Write::Restore(_) | Write::Purge(_) => {}
            }
        }
    }

    fn put(&mut self, tenant: TenantId, put: &Put) {
        self.objects.insert((tenant, put.id));
        self.objects.extend(put.parent.map(|parent| (tenant, parent)));
        if !put.new {
            self.indexed.insert((tenant, put.id));
            self.keyed.insert((tenant, put.id));
        }
        let key = |(scope, space, key): (KeyScope, &str, &IndexKey)| (scope, space.to_owned(), key.clone());
        self.owners.extend(put.unique.iter(tenant).map(key));
    }
}
