//! The same units on both backends: same answers, same feed, same objects, and the same told as stale.

use crate::CLUSTER;
use crate::node::{Node, Notes};
use crate::suite::{Fixture, Note};
use proptest::prelude::*;
use signet_kernel::ObjectId;
use signet_store::{
    AuditEntry, CommitError, CommitReceipt, Id, ListQuery, Liveness, Object, Position, PostgresOptions, Precondition,
    SqliteBackend, SqliteOptions, Store, Touched,
};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

const SLOTS: u8 = 6;

#[derive(Debug, Clone, Copy)]
enum Step {
    Create(u8, u8, Option<u8>),
    Update(u8, u8, Option<u8>),
    Delete(u8),
    Restore(u8),
    Purge(u8),
    Link(u8, u8),
    Unlink(u8, u8),
    Revoke(u8),
    Alive(u8),
    Set(u8, u64),
    Audit,
    /// Looks at an object, so that later updates and deletions are based on it as it is now.
    Look(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let slot = || 0..SLOTS;
    prop_oneof![
        4 => (slot(), 0..8_u8, proptest::option::weighted(0.3, slot())).prop_map(|(a, b, c)| Step::Create(a, b, c)),
        3 => (slot(), 0..8_u8, proptest::option::weighted(0.2, slot())).prop_map(|(a, b, c)| Step::Update(a, b, c)),
        2 => slot().prop_map(Step::Delete),
        2 => slot().prop_map(Step::Restore),
        1 => slot().prop_map(Step::Purge),
        3 => (slot(), slot()).prop_map(|(a, b)| Step::Link(a, b)),
        1 => (slot(), slot()).prop_map(|(a, b)| Step::Unlink(a, b)),
        1 => slot().prop_map(Step::Revoke),
        1 => slot().prop_map(Step::Alive),
        1 => (slot(), 0..3_u64).prop_map(|(a, b)| Step::Set(a, b)),
        1 => Just(Step::Audit),
        5 => slot().prop_map(Step::Look),
    ]
}

fn id(slot: u8) -> Id<Note> {
    Id::of(ObjectId::from_uuid(Uuid::from_u128(u128::from(slot) + 1)))
}

fn body(title: u8, parent: Option<u8>) -> Note {
    let name = if title < 2 { format!("world:{title}") } else { title.to_string() };
    let colour = (!title.is_multiple_of(3)).then(|| format!("colour {}", title % 3));
    Note { inside: parent.map(|slot| id(slot).object()), colour, ..Note::titled(&name) }
}

struct Side {
    store: Store,
    notes: Arc<Notes>,
    seen: HashMap<u8, Arc<Object<Note>>>,
}

impl Side {
    async fn commit(&mut self, fixture: &Fixture, number: usize, steps: &[Step]) -> Result<CommitReceipt, CommitError> {
        let store = self.store.tenant(fixture.tenant);
        let mut unit = store.unit();
        for step in steps {
            match *step {
                Step::Create(slot, title, parent) => drop(unit.create(id(slot), &body(title, parent))),
                Step::Update(slot, title, parent) => {
                    if let Some(seen) = self.seen.get(&slot) {
                        unit.update(seen, &body(title, parent));
                    }
                }
                Step::Delete(slot) => {
                    if let Some(seen) = self.seen.get(&slot) {
                        unit.delete(seen, Uuid::from_u128(number as u128 + 1_000));
                    }
                }
                Step::Restore(slot) => drop(unit.restore(id(slot).object())),
                Step::Purge(slot) => drop(unit.purge(id(slot).object())),
                Step::Link(from, to) => drop(unit.link(id(from).object(), "next", id(to).object())),
                Step::Unlink(from, to) => drop(unit.unlink(id(from).object(), "next", id(to).object())),
                Step::Revoke(slot) => drop(unit.revoke(id(slot).object())),
                Step::Alive(slot) => drop(unit.expect(Precondition::Alive(id(slot).object()))),
                Step::Set(slot, version) => {
                    unit.expect(Precondition::Relation(id(slot).object(), "next", version));
                }
                Step::Audit => drop(unit.audit(AuditEntry { body: vec![1] })),
                Step::Look(slot) => {
                    if let Some(found) = store.find_any(id(slot)).await.unwrap() {
                        self.seen.insert(slot, found);
                    }
                }
            }
        }
        store.commit(unit).await
    }

    /// All that can be read.
    async fn read(&self, fixture: &Fixture) -> String {
        let store = self.store.tenant(fixture.tenant);
        let ids: Vec<ObjectId> = (0..SLOTS).map(|slot| id(slot).object()).collect();
        let mut rows = store.read_rows(&ids).await.unwrap();
        rows.sort_by_key(|row| row.id);
        let mut text = format!("{rows:?} {:?} ", store.changes(Position(0), 1_000).await.unwrap());
        for id in ids {
            let (from, to) = (store.links_from(id, "next").await.unwrap(), store.links_to(id, "next").await.unwrap());
            text += &format!("{from:?} {to:?} {:?} ", store.links_from_deleted(id, "next").await.unwrap());
        }
        for liveness in [Liveness::Live, Liveness::Deleted] {
            let kinds = vec!["note", "stamp"];
            let query = ListQuery { kinds, liveness, after: Some(id(0).object()), limit: 3, index: None };
            text += &format!("{:?} ", store.list(query).await.unwrap());
        }
        let mut due = self.store.expired(fixture.context.now(), 100).await.unwrap();
        due.sort();
        text + &format!("{due:?} {:?}", self.store.outbox(1_000).await.unwrap())
    }

    fn stale(&self, fixture: &Fixture) -> Vec<BTreeSet<String>> {
        let all = |touched: Touched| {
            let Touched { everything, objects, keys, index, links } = touched;
            assert!(!everything);
            let objects = objects.iter().map(|id| format!("{id:?}"));
            let keys = keys.iter().map(|key| format!("{key:?}"));
            let index = index.iter().map(|entry| format!("{entry:?}"));
            objects.chain(keys).chain(index).chain(links.iter().map(|link| format!("{link:?}"))).collect()
        };
        self.notes.of(fixture.tenant).into_iter().map(|(_, touched)| all(touched)).collect()
    }
}

async fn compare(units: Vec<Vec<Step>>) {
    let fixture = Fixture::new();
    let directory = tempfile::tempdir().unwrap();
    let sqlite = SqliteOptions::at(directory.path().join("directory.db"));
    let mut notes = None;
    let embedded =
        fixture.open(|observer| SqliteBackend::open(&sqlite, notes.insert(Notes::over(observer)).clone())).await;
    let node = Node::start(&PostgresOptions::at(&CLUSTER.create_database()).unwrap(), &fixture).await;
    let mut one = Side { store: embedded, notes: notes.unwrap(), seen: HashMap::new() };
    let mut two = Side { store: node.store, notes: node.notes, seen: HashMap::new() };
    for (number, unit) in units.iter().enumerate() {
        let answers = (one.commit(&fixture, number, unit).await, two.commit(&fixture, number, unit).await);
        assert_eq!(answers.0, answers.1, "unit {number}");
        fixture.clock.advance(std::time::Duration::from_secs(1));
    }
    assert_eq!(one.read(&fixture).await, two.read(&fixture).await);
    assert_eq!(one.stale(&fixture), two.stale(&fixture));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_backends_answer_and_end_alike(
        units in proptest::collection::vec(proptest::collection::vec(step(), 1..5), 1..40)
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(compare(units));
    }
}
