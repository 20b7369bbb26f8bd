//! The suite itself.

use serde::{Deserialize, Serialize};
use signet_kernel::{Context, Failure, MockClock, ObjectId, RevocationCounters, SeededRandomness, TenantId, Timestamp};
use signet_store::{
    BackendError, CommitError, CommitObserver, CommitReceipt, Conflict, Id, IndexEntries, IndexKey, IndexMatch,
    IndexRange, IndexWalk, Kind, ListQuery, Liveness, NeededLink, Object, Position, Precondition, Store, StoreOptions,
    TenantStore, UniqueKeys,
};
use std::sync::Arc;
use std::time::Duration;

/// Something with a title, perhaps in something else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub title: String,
    pub inside: Option<ObjectId>,
    pub colour: Option<String>,
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl Note {
    pub fn titled(title: &str) -> Self {
        Self { title: title.to_owned(), inside: None, colour: None, other: serde_json::Map::new() }
    }

    pub fn inside(title: &str, parent: Id<Note>) -> Self {
        Self { inside: Some(parent.object()), ..Self::titled(title) }
    }
}

impl Kind for Note {
    const NAME: &'static str = "note";

    fn parent(&self) -> Option<ObjectId> {
        self.inside
    }

    fn index(&self, index: &mut IndexEntries) {
        if let Some(colour) = &self.colour {
            index.add("colour", IndexKey::text(colour));
        }
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant("title", IndexKey::text(&self.title));
        if self.title.starts_with("exact:") {
            keys.in_tenant("exact", IndexKey::exact(&self.title));
        }
        if self.title.starts_with("world:") {
            keys.everywhere("title", IndexKey::text(&self.title));
        }
    }
}

/// Another kind, to be mistaken for a note.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stamp {}

impl Kind for Stamp {
    const NAME: &'static str = "stamp";
}

pub struct Fixture {
    pub tenant: TenantId,
    pub other: TenantId,
    pub clock: Arc<MockClock>,
    pub counters: Arc<RevocationCounters>,
    pub context: Context,
}

impl Fixture {
    pub fn new() -> Self {
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SeededRandomness::new(1)));
        let (tenant, other) = (context.new_tenant_id(), context.new_tenant_id());
        Self { tenant, other, clock, counters: Arc::new(RevocationCounters::new()), context }
    }

    pub async fn open<B: signet_store::Backend>(
        &self,
        open: impl FnOnce(Arc<dyn CommitObserver>) -> Result<B, BackendError>,
    ) -> Store {
        self.connect(|observer| std::future::ready(open(observer))).await
    }

    pub async fn connect<B: signet_store::Backend, F: Future<Output = Result<B, BackendError>>>(
        &self,
        open: impl FnOnce(Arc<dyn CommitObserver>) -> F,
    ) -> Store {
        let options = StoreOptions { cached_reads: 100 };
        Store::connect(options, self.context.clone(), self.counters.clone(), Arc::new(()), open).await.unwrap()
    }
}

/// One backend, with a database of its own that survives being reopened.
pub trait Opener {
    fn fresh() -> Self;
    fn open(&self, fixture: &Fixture) -> impl Future<Output = Store>;
}

pub async fn create(store: &TenantStore, note: &Note) -> Result<Id<Note>, CommitError> {
    let id = Id::of(store.context().new_object_id());
    let mut unit = store.unit();
    unit.create(id, note);
    store.commit(unit).await.map(|_| id)
}

pub async fn note(store: &TenantStore, title: &str) -> Id<Note> {
    create(store, &Note::titled(title)).await.unwrap()
}

async fn load(store: &TenantStore, id: Id<Note>) -> Arc<Object<Note>> {
    store.find(id).await.unwrap().expect("the note exists")
}

async fn delete(store: &TenantStore, id: Id<Note>) -> CommitReceipt {
    let mut unit = store.unit();
    unit.delete(&*load(store, id).await, store.context().new_uuid());
    store.commit(unit).await.unwrap()
}

async fn conflict(store: &TenantStore, unit: signet_store::UnitOfWork) -> Conflict {
    match store.commit(unit).await {
        Err(CommitError::Conflict(conflict)) => conflict,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

fn everything() -> ListQuery {
    ListQuery { kinds: vec!["note"], liveness: Liveness::Live, after: None, limit: 100, index: None }
}

pub async fn invariant_9_a_create_is_visible_to_the_next_call(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let parent = note(&store, "parent").await;
    let child = create(&store, &Note::inside("child", parent)).await.unwrap();
    let child = load(&store, child).await;
    assert_eq!((child.version, child.body.inside), (1, Some(parent.object())));
    assert!(store.find(Id::<Stamp>::of(parent.object())).await.unwrap().is_none());
}

pub async fn an_update_needs_the_version_it_saw(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let id = note(&store, "a").await;
    let seen = load(&store, id).await;
    let mut unit = store.unit();
    unit.update(&seen, &Note::titled("b"));
    store.commit(unit.clone()).await.unwrap();
    let now = load(&store, id).await;
    assert_eq!((now.version, now.body.title.as_str()), (2, "b"));
    assert_eq!(conflict(&store, unit).await, Conflict::Version(id.object()));
}

pub async fn members_written_by_a_newer_program_survive_an_update(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let mut newer = Note::titled("a");
    newer.other.insert("invented2027".to_owned(), serde_json::json!({"x": [1]}));
    let id = create(&store, &newer).await.unwrap();
    let seen = load(&store, id).await;
    let mut unit = store.unit();
    unit.update(&seen, &Note { title: "b".to_owned(), ..seen.body.clone() });
    store.commit(unit).await.unwrap();
    assert_eq!(load(&store, id).await.body.other, newer.other);
}

pub async fn invariant_10_a_unit_is_applied_whole_or_not_at_all(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let kept = note(&store, "kept").await;
    let before = store.changes(Position(0), 100).await.unwrap();
    let first = Id::of(store.context().new_object_id());
    let mut unit = store.unit();
    unit.create(first, &Note::titled("first"));
    unit.link(first.object(), "next", kept.object());
    unit.raise_revocation();
    unit.create(Id::of(store.context().new_object_id()), &Note::titled("kept"));
    let counter = store.revocation();
    assert_eq!(conflict(&store, unit).await, Conflict::KeyTaken("title"));
    assert!(store.find(first).await.unwrap().is_none());
    assert!(store.links_to(kept.object(), "next").await.unwrap().links.is_empty());
    assert_eq!(store.revocation(), counter);
    assert_eq!(store.changes(Position(0), 100).await.unwrap(), before);
}

pub async fn invariant_11_one_tenant_sees_nothing_of_another(store: Store, fixture: Fixture) {
    let (ours, theirs) = (store.tenant(fixture.tenant), store.tenant(fixture.other));
    let id = note(&ours, "ours").await;
    let target = note(&ours, "target").await;
    let mut unit = ours.unit();
    unit.link(id.object(), "next", target.object());
    ours.commit(unit).await.unwrap();
    for _ in 0..2 {
        assert!(theirs.find(id).await.unwrap().is_none());
        assert!(theirs.read_row(id.object()).await.unwrap().is_none());
        assert!(theirs.list(everything()).await.unwrap().items.is_empty());
        assert!(theirs.links_from(id.object(), "next").await.unwrap().links.is_empty());
        assert!(theirs.find_key("title", &IndexKey::text("ours")).await.unwrap().is_none());
        assert!(theirs.changes(Position(0), 10).await.unwrap().is_empty());
        assert!(ours.find(id).await.unwrap().is_some());
    }
    let mut foreign = theirs.unit();
    foreign.delete(&*load(&ours, id).await, ours.context().new_uuid());
    assert_eq!(conflict(&theirs, foreign).await, Conflict::Version(id.object()));
    assert!(theirs.commit(ours.unit()).await.is_err());
    note(&theirs, "ours").await;
}

pub async fn unique_keys_hold_until_purge_within_and_across_tenants(store: Store, fixture: Fixture) {
    let (ours, theirs) = (store.tenant(fixture.tenant), store.tenant(fixture.other));
    let id = note(&ours, "world:one").await;
    assert_eq!(ours.find_key("title", &IndexKey::text("WORLD:one")).await.unwrap(), Some(id.object()));
    let owner = store.find_global_key("title", &IndexKey::text("world:one")).await.unwrap().unwrap();
    assert_eq!((owner.tenant, owner.id), (fixture.tenant, id.object()));
    let taken = create(&theirs, &Note::titled("world:one")).await;
    assert_eq!(taken, Err(CommitError::Conflict(Conflict::KeyTaken("title"))));
    delete(&ours, id).await;
    let taken = create(&ours, &Note::titled("world:one")).await;
    assert_eq!(taken, Err(CommitError::Conflict(Conflict::KeyTaken("title"))));
    let mut unit = ours.unit();
    unit.purge(id.object());
    ours.commit(unit).await.unwrap();
    assert_eq!(store.find_global_key("title", &IndexKey::text("world:one")).await.unwrap(), None);
    note(&theirs, "world:one").await;
}

pub async fn a_key_may_be_longer_than_any_index_takes(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    // Of random digits, which no engine compresses below its limit.
    let digits: String = (0..300).map(|_| store.context().new_uuid().simple().to_string()).collect();
    let title = format!("exact:{digits}");
    let id = note(&store, &title).await;
    assert_eq!(store.find_key("exact", &IndexKey::exact(&title)).await.unwrap(), Some(id.object()));
    assert_eq!(store.find_key("exact", &IndexKey::exact(&format!("{title}0"))).await.unwrap(), None);
    let taken = create(&store, &Note { colour: Some("other".to_owned()), ..Note::titled(&title) }).await;
    assert!(matches!(taken, Err(CommitError::Conflict(Conflict::KeyTaken(_)))), "{taken:?}");
}

pub async fn a_renamed_object_gives_its_old_key_back(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let id = note(&store, "old").await;
    assert_eq!(store.find_key("title", &IndexKey::text("old")).await.unwrap(), Some(id.object()));
    let mut unit = store.unit();
    unit.update(&*load(&store, id).await, &Note::titled("new"));
    store.commit(unit).await.unwrap();
    assert_eq!(store.find_key("title", &IndexKey::text("old")).await.unwrap(), None);
    assert_eq!(store.find_key("title", &IndexKey::text("new")).await.unwrap(), Some(id.object()));
    note(&store, "old").await;
}

pub async fn lists_page_in_the_order_of_creation_and_narrow_by_index(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let mut ids = Vec::new();
    for n in 0..7 {
        fixture.clock.advance(Duration::from_millis(1));
        let colour = if n % 2 == 0 { "Red" } else { "blue" };
        let note = Note { colour: Some(colour.to_owned()), ..Note::titled(&n.to_string()) };
        ids.push(create(&store, &note).await.unwrap().object());
    }
    let mut seen = Vec::new();
    let mut query = ListQuery { limit: 3, ..everything() };
    loop {
        let page = store.list(query.clone()).await.unwrap();
        seen.extend(page.items.iter().map(|row| row.id));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, ids);
    let red = IndexKey::text("red");
    let narrow = ListQuery { index: Some(IndexMatch { field: "colour", key: red.clone() }), ..everything() };
    assert_eq!(store.list(narrow).await.unwrap().items.len(), 4);
    assert_eq!(store.all_by_index::<Note>("colour", &red).await.unwrap().len(), 4);
    let first = load(&store, Id::of(ids[0])).await;
    let mut unit = store.unit();
    unit.update(&first, &Note { colour: None, ..first.body.clone() });
    store.commit(unit).await.unwrap();
    assert_eq!(store.all_by_index::<Note>("colour", &red).await.unwrap().len(), 3);
    delete(&store, Id::of(ids[2])).await;
    assert_eq!(store.all_by_index::<Note>("colour", &red).await.unwrap().len(), 2);
}

pub async fn invariant_8_delete_takes_the_subtree_and_restore_brings_it_back(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let root = note(&store, "root").await;
    let child = create(&store, &Note::inside("child", root)).await.unwrap();
    let leaf = create(&store, &Note::inside("leaf", child)).await.unwrap();
    let early = create(&store, &Note::inside("early", root)).await.unwrap();
    let beside = note(&store, "beside").await;
    let mut unit = store.unit();
    unit.link(beside.object(), "next", leaf.object());
    store.commit(unit).await.unwrap();
    delete(&store, early).await;

    assert_eq!(delete(&store, root).await.affected, 3);
    for id in [root, child, leaf, early] {
        assert!(store.find(id).await.unwrap().is_none());
        assert!(store.find_any(id).await.unwrap().unwrap().deleted.is_some());
    }
    assert!(store.links_from(beside.object(), "next").await.unwrap().links.is_empty());
    let orphan = create(&store, &Note::inside("orphan", child)).await.unwrap_err();
    assert!(matches!(orphan, CommitError::Conflict(Conflict::ParentNotAlive(_))), "{orphan:?}");
    let mut singly = store.unit();
    singly.restore(child.object());
    assert_eq!(conflict(&store, singly).await, Conflict::ParentNotAlive(child.object()));

    let mut unit = store.unit();
    unit.restore(root.object());
    assert_eq!(store.commit(unit.clone()).await.unwrap().affected, 3);
    for id in [root, child, leaf] {
        assert!(load(&store, id).await.deleted.is_none());
    }
    assert_eq!(store.links_from(beside.object(), "next").await.unwrap().links.len(), 1);
    assert!(store.find(early).await.unwrap().is_none(), "what went before stays gone");
    assert_eq!(conflict(&store, unit).await, Conflict::NotDeleted(root.object()));
}

pub async fn a_subtree_too_large_to_name_goes_and_comes_back_whole(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let root = note(&store, "root").await;
    let mut unit = store.unit();
    let children: Vec<Id<Note>> = (0..1_100).map(|_| Id::of(store.context().new_object_id())).collect();
    for (number, child) in children.iter().enumerate() {
        unit.create(*child, &Note::inside(&number.to_string(), root));
    }
    store.commit(unit).await.unwrap();
    let (first, last) = (children[0], children[1_099]);
    load(&store, first).await;
    load(&store, last).await;
    assert_eq!(delete(&store, root).await.affected, 1_101);
    assert!(store.find(first).await.unwrap().is_none() && store.find(last).await.unwrap().is_none());
    let mut unit = store.unit();
    unit.restore(root.object());
    assert_eq!(store.commit(unit).await.unwrap().affected, 1_101);
    load(&store, first).await;
    load(&store, last).await;
    delete(&store, root).await;
    let mut unit = store.unit();
    unit.purge(root.object());
    assert_eq!(store.commit(unit).await.unwrap().affected, 1_101);
    assert!(store.find_any(last).await.unwrap().is_none());
    note(&store, "1099").await;
}

pub async fn links_are_versioned_per_set(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let (a, b, c) = (note(&store, "a").await, note(&store, "b").await, note(&store, "c").await);
    let mut unit = store.unit();
    unit.link(a.object(), "next", b.object());
    unit.link(a.object(), "next", c.object());
    store.commit(unit).await.unwrap();
    let set = store.links_from(a.object(), "next").await.unwrap();
    assert_eq!(set.links.len(), 2);
    let removal = |target: Id<Note>| {
        let mut unit = store.unit();
        unit.expect(Precondition::Relation(a.object(), "next", set.version));
        unit.unlink(a.object(), "next", target.object());
        unit
    };
    store.commit(removal(b)).await.unwrap();
    assert_eq!(conflict(&store, removal(c)).await, Conflict::Relation(a.object(), "next"));
    let mut dangling = store.unit();
    dangling.link(a.object(), "next", store.context().new_object_id());
    assert!(matches!(conflict(&store, dangling).await, Conflict::NotAlive(_)));
    assert_eq!(store.links_to(c.object(), "next").await.unwrap().links[0].source, a.object());
}

pub async fn a_set_that_loses_a_member_to_a_deletion_has_changed(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let (a, b, c) = (note(&store, "a").await, note(&store, "b").await, note(&store, "c").await);
    let mut unit = store.unit();
    unit.link(a.object(), "next", b.object()).link(a.object(), "next", c.object());
    store.commit(unit).await.unwrap();
    let both = store.links_from(a.object(), "next").await.unwrap();
    delete(&store, b).await;
    let one = store.links_from(a.object(), "next").await.unwrap();
    assert_eq!((one.links.len(), one.version > both.version), (1, true));
    let mut last = store.unit();
    last.expect(Precondition::Relation(a.object(), "next", both.version));
    last.unlink(a.object(), "next", c.object());
    assert_eq!(conflict(&store, last).await, Conflict::Relation(a.object(), "next"), "c is the last but one no more");
    let mut unit = store.unit();
    unit.restore(b.object());
    store.commit(unit).await.unwrap();
    assert!(store.links_from(a.object(), "next").await.unwrap().version > one.version);
}

pub async fn links_of_a_deleted_source_can_be_read_and_completed_as_it_comes_back(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let (a, b, c, d) =
        (note(&store, "a").await, note(&store, "b").await, note(&store, "c").await, note(&store, "d").await);
    let mut unit = store.unit();
    unit.link(a.object(), "next", b.object()).link(a.object(), "next", c.object());
    store.commit(unit).await.unwrap();
    assert!(store.links_from_deleted(a.object(), "next").await.unwrap().links.is_empty(), "it is in use");
    delete(&store, a).await;
    delete(&store, b).await;
    let left = store.links_from_deleted(a.object(), "next").await.unwrap();
    assert_eq!(left.links.iter().map(|link| link.target).collect::<Vec<_>>(), [c.object()]);
    assert!(store.links_from(a.object(), "next").await.unwrap().links.is_empty());
    let mut unit = store.unit();
    unit.expect(Precondition::Relation(a.object(), "next", left.version));
    unit.restore(a.object()).link(a.object(), "next", d.object()).unlink(a.object(), "next", c.object());
    store.commit(unit).await.unwrap();
    let now = store.links_from(a.object(), "next").await.unwrap();
    assert_eq!(now.links.iter().map(|link| link.target).collect::<Vec<_>>(), [d.object()]);
}

pub async fn a_refused_unit_does_not_touch_its_neighbours(store: Store, fixture: Fixture) {
    let handle = store.tenant(fixture.tenant);
    let tasks: Vec<_> = (0..60)
        .map(|n| {
            let handle = handle.clone();
            tokio::spawn(async move { create(&handle, &Note::titled(&format!("{}", n / 3))).await })
        })
        .collect();
    let mut created = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => created += 1,
            Err(error) => assert_eq!(error, CommitError::Conflict(Conflict::KeyTaken("title"))),
        }
    }
    assert_eq!((created, handle.changes(Position(0), 100).await.unwrap().len()), (20, 20));
}

pub async fn the_feed_is_gapless_and_in_commit_order(store: Store, fixture: Fixture) {
    let handle = store.tenant(fixture.tenant);
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let handle = handle.clone();
            tokio::spawn(async move { note(&handle, &format!("{n}")).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let changes = handle.changes(Position(0), 100).await.unwrap();
    assert_eq!(changes.len(), 40);
    assert!(changes.windows(2).all(|pair| pair[1].position.0 == pair[0].position.0 + 1));
    let head = store.heads().await.unwrap().into_iter().find(|head| head.tenant == fixture.tenant).unwrap();
    assert_eq!(head.position, changes.last().unwrap().position);
    let middle = changes[19].position;
    assert_eq!(handle.changes(middle, 5).await.unwrap(), changes[20..25]);
}

pub async fn invariant_1_taking_a_right_away_raises_the_counter_and_marks_the_object(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let root = note(&store, "root").await;
    let child = create(&store, &Note::inside("child", root)).await.unwrap();
    let before = store.revocation();
    let seen = load(&store, root).await;
    let mut unit = store.unit();
    unit.update(&seen, &seen.body).revoke(root.object());
    let receipt = store.commit(unit).await.unwrap();
    assert_eq!((store.revocation(), receipt.head.revocation), (before.next(), before.next()));
    assert_eq!(load(&store, root).await.revoked, before.next());
    assert!(load(&store, child).await.revoked < before.next());
    delete(&store, root).await;
    let mut unit = store.unit();
    unit.restore(root.object());
    store.commit(unit).await.unwrap();
    assert_eq!(load(&store, child).await.revoked, before.next().next(), "restoring revives nothing");
    assert_eq!(store.revocation(), before.next().next());
}

pub async fn audit_entries_commit_with_their_change_and_wait_to_be_copied(store: Store, fixture: Fixture) {
    let tenant = store.tenant(fixture.tenant);
    let mut unit = tenant.unit();
    unit.create(Id::of(tenant.context().new_object_id()), &Note::titled("a"));
    for body in ["1", "2"] {
        unit.audit(signet_store::AuditEntry { body: body.into() });
    }
    let position = tenant.commit(unit).await.unwrap().head.position;
    let mut refused = tenant.unit();
    refused.create(Id::of(tenant.context().new_object_id()), &Note::titled("a"));
    refused.audit(signet_store::AuditEntry { body: b"3".to_vec() });
    conflict(&tenant, refused).await;
    let waiting = store.outbox(10).await.unwrap();
    let bodies: Vec<_> = waiting.iter().map(|entry| (entry.position, entry.ordinal, entry.body.as_slice())).collect();
    assert_eq!(bodies, [(position, 0, b"1".as_slice()), (position, 1, b"2")]);
    store.clear_outbox(fixture.tenant, position).await.unwrap();
    assert!(store.outbox(10).await.unwrap().is_empty());
}

pub async fn a_race_is_decided_again_and_both_writes_stand(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let id = note(&store, "0").await;
    let increment = || async {
        let seen = load(&store, id).await;
        let mut unit = store.unit();
        unit.update(&seen, &Note::titled(&(seen.body.title.parse::<u32>().unwrap() + 1).to_string()));
        Ok::<_, Failure>((unit, ()))
    };
    let (one, two, three) = tokio::join!(store.run(increment), store.run(increment), store.run(increment));
    one.and(two).and(three).unwrap();
    assert_eq!(load(&store, id).await.body.title, "3");
}

pub async fn deleted_objects_expire_by_their_roots(store: Store, fixture: Fixture) {
    let tenant = store.tenant(fixture.tenant);
    let root = note(&tenant, "root").await;
    let child = create(&tenant, &Note::inside("child", root)).await.unwrap();
    delete(&tenant, root).await;
    let deleted = tenant.context().now();
    assert!(store.expired(deleted, 10).await.unwrap().is_empty());
    fixture.clock.advance(Duration::from_secs(1));
    let due = store.expired(tenant.context().now(), 10).await.unwrap();
    assert_eq!(due, [(fixture.tenant, root.object())]);
    let mut unit = tenant.unit();
    unit.purge(root.object());
    assert_eq!(tenant.commit(unit).await.unwrap().affected, 2);
    assert!(tenant.find_any(child).await.unwrap().is_none());
}

pub async fn invariant_8_what_names_another_object_stays_while_it_is_deleted_and_is_purged_with_it(
    store: Store,
    fixture: Fixture,
) {
    let store = store.tenant(fixture.tenant);
    let (root, holder) = (note(&store, "root").await, note(&store, "holder").await);
    let inside = create(&store, &Note::inside("inside", root)).await.unwrap();
    let naming = Note { colour: Some("red".to_owned()), ..Note::inside("naming", holder) };
    let naming = create(&store, &naming).await.unwrap();
    let other = create(&store, &Note::inside("other", holder)).await.unwrap();
    let mut unit = store.unit();
    unit.name(naming.object(), inside.object()).link(other.object(), "next", inside.object());
    store.commit(unit).await.unwrap();
    let red = async || store.all_by_index::<Note>("colour", &IndexKey::text("red")).await.unwrap().len();

    delete(&store, root).await;
    load(&store, naming).await;
    let mut unit = store.unit();
    unit.restore(root.object());
    store.commit(unit).await.unwrap();
    assert_eq!(red().await, 1);

    delete(&store, root).await;
    let mut unit = store.unit();
    unit.purge(root.object());
    let receipt = store.commit(unit).await.unwrap();
    assert_eq!(receipt.affected, 3);
    assert!(store.find_any(naming).await.unwrap().is_none());
    assert_eq!(red().await, 0);
    load(&store, other).await;
    let feed = store.changes(Position(receipt.head.position.0 - 1), 10).await.unwrap();
    let purged = feed[0].changed.iter().filter(|changed| changed.operation == signet_store::ChangeOperation::Purged);
    let purged: std::collections::BTreeSet<_> = purged.map(|changed| changed.id).collect();
    assert_eq!(purged, [naming.object().uuid(), root.object().uuid()].into());
    create(&store, &Note::titled("naming")).await.unwrap();
}

pub async fn a_long_page_holds_what_short_ones_hold(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let mut notes = Vec::new();
    for n in 0..9 {
        fixture.clock.advance(Duration::from_millis(1));
        notes.push(note(&store, &n.to_string()).await);
    }
    let stamp = Id::of(store.context().new_object_id());
    let mut unit = store.unit();
    unit.create(stamp, &Stamp {});
    store.commit(unit).await.unwrap();
    delete(&store, notes.remove(4)).await;
    let ids: Vec<ObjectId> = notes.iter().map(|id| id.object()).collect();
    for after in [None, Some(ids[2])] {
        let rest = ids.iter().copied().filter(|id| after.is_none_or(|after| *id > after)).collect::<Vec<_>>();
        for limit in [20, 1_000, 5_000] {
            let page = store.list(ListQuery { after, limit, ..everything() }).await.unwrap();
            assert_eq!(page.items.iter().map(|row| row.id).collect::<Vec<_>>(), rest);
        }
    }
    let stamps = store.list(ListQuery { kinds: vec!["stamp"], limit: 5_000, ..everything() }).await.unwrap();
    assert_eq!(stamps.items.iter().map(|row| row.id).collect::<Vec<_>>(), [stamp.object()]);
}

pub async fn lists_of_several_kinds_page_in_the_order_of_ids(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let mut ids = Vec::new();
    for n in 0..9 {
        fixture.clock.advance(Duration::from_millis(1));
        if n % 3 == 0 {
            let id = Id::of(store.context().new_object_id());
            let mut unit = store.unit();
            unit.create(id, &Stamp {});
            store.commit(unit).await.unwrap();
            ids.push(id.object());
        } else {
            ids.push(note(&store, &n.to_string()).await.object());
        }
    }
    for limit in [1, 2, 4, 100] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let kinds = vec!["note", "none", "stamp"];
            let page = store.list(ListQuery { kinds, limit, after, ..everything() }).await.unwrap();
            seen.extend(page.items.iter().map(|row| row.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ids, "{limit} at a time");
    }
}

pub async fn objects_are_counted_by_kind_and_whether_they_live(store: Store, fixture: Fixture) {
    let (ours, theirs) = (store.tenant(fixture.tenant), store.tenant(fixture.other));
    let one = note(&ours, "one").await;
    note(&ours, "two").await;
    note(&theirs, "three").await;
    delete(&ours, one).await;
    let count = async |kinds: &[&'static str], state| ours.count(kinds, state).await.unwrap();
    assert_eq!(count(&["note"], Liveness::Live).await, 1);
    assert_eq!(count(&["note", "stamp"], Liveness::Deleted).await, 1);
    assert_eq!(count(&["stamp"], Liveness::Live).await, 0);
}

pub async fn a_range_of_an_index_names_what_lies_in_it_unless_that_is_too_much(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let mut ids = Vec::new();
    for (title, colour) in [("1", "blue"), ("2", "Red"), ("3", "reddish"), ("4", "sand")] {
        fixture.clock.advance(Duration::from_millis(1));
        let note = Note { colour: Some(colour.to_owned()), ..Note::titled(title) };
        ids.push(create(&store, &note).await.unwrap().object());
    }
    let found = async |from: Option<IndexKey>, to: Option<IndexKey>, most| {
        let range = IndexRange { field: "colour", from, to };
        let mut found = store.ids_in_range(&["note", "stamp"], range, most).await.unwrap()?;
        found.sort_unstable();
        Some(found)
    };
    let red = IndexKey::text("RED");
    assert_eq!(found(Some(red.clone()), Some(red.clone().last_with_this_start()), 10).await.unwrap(), ids[1..3]);
    assert_eq!(found(Some(red.clone()), None, 3).await.unwrap(), ids[1..]);
    assert_eq!(found(None, Some(red.clone()), 10).await.unwrap(), ids[..2]);
    assert_eq!(found(Some(red), None, 2).await, None);
    assert_eq!(found(Some(IndexKey::text("t")), None, 2).await.unwrap(), []);
}

pub async fn an_index_is_walked_in_its_order_both_ways(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let mut ids = Vec::new();
    for (title, colour) in [("1", "sand"), ("2", "Red"), ("3", ""), ("4", "red"), ("5", "gone"), ("6", "blue")] {
        fixture.clock.advance(Duration::from_millis(1));
        let note = Note { colour: Some(colour.to_owned()), ..Note::titled(title) };
        ids.push(create(&store, &note).await.unwrap());
    }
    note(&store, "without").await;
    delete(&store, ids[4]).await;
    let place = |id: ObjectId| ids.iter().position(|one| one.object() == id).unwrap() + 1;
    for (descending, expected) in [(false, [3, 6, 2, 4, 1]), (true, [1, 2, 4, 6, 3])] {
        for limit in 1..=6 {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let kinds = vec!["stamp", "note"];
                let page = store.walk(IndexWalk { kinds, field: "colour", descending, after, limit }).await.unwrap();
                assert!(page.len() <= limit);
                found.extend(page.iter().map(|(_, row)| place(row.id)));
                let Some((key, row)) = page.last().filter(|_| page.len() == limit) else { break };
                after = Some((key.clone(), row.id));
            }
            assert_eq!(found, expected, "{descending} {limit}");
        }
    }
}

pub async fn a_leaf_goes_and_comes_back_alone(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let parent = note(&store, "parent").await;
    let leaf = create(&store, &Note::inside("leaf", parent)).await.unwrap();
    let other = create(&store, &Note::inside("other", parent)).await.unwrap();
    assert_eq!(delete(&store, leaf).await.affected, 1);
    load(&store, other).await;
    let mut unit = store.unit();
    unit.restore(leaf.object());
    assert_eq!(store.commit(unit).await.unwrap().affected, 1);
    assert_eq!(load(&store, leaf).await.version, 3);
    assert_eq!(load(&store, other).await.version, 1);
}

pub async fn deletions_sent_together_each_stand_or_fall_alone(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let (store, id) = (store.clone(), note(&store, &n.to_string()).await);
        tasks.spawn(async move {
            let found = load(&store, id).await;
            let mut unit = store.unit();
            unit.delete(&found, store.context().new_uuid());
            (store.commit(unit.clone()).await, store.commit(unit).await)
        });
    }
    for (first, second) in tasks.join_all().await {
        assert_eq!(first.unwrap().affected, 1);
        assert!(matches!(second, Err(CommitError::Conflict(Conflict::Version(_)))), "{second:?}");
    }
    assert_eq!(store.count(&["note"], Liveness::Live).await.unwrap(), 0);
}

pub async fn old_changes_are_forgotten_and_the_feed_goes_on_after_them(store: Store, fixture: Fixture) {
    let (ours, theirs) = (store.tenant(fixture.tenant), store.tenant(fixture.other));
    for n in 0..3 {
        note(&ours, &n.to_string()).await;
    }
    note(&theirs, "old").await;
    fixture.clock.advance(Duration::from_hours(24));
    note(&ours, "new").await;
    let all = ours.changes(Position(0), 10).await.unwrap();
    let before = Timestamp::from_micros(fixture.context.now().micros() - 3_600_000_000);
    assert_eq!(store.forget_changes(before).await.unwrap(), 4);
    assert_eq!(ours.changes(Position(0), 10).await.unwrap(), all[3..]);
    assert!(theirs.changes(Position(0), 10).await.unwrap().is_empty());
    note(&ours, "next").await;
    let next = ours.changes(all[3].position, 10).await.unwrap();
    assert_eq!(next[0].position.0, all[3].position.0 + 1);
    assert_eq!(store.forget_changes(before).await.unwrap(), 0);
}

pub async fn a_sweep_finds_nothing_but_the_link_that_is_missing(store: Store, fixture: Fixture) {
    let store = store.tenant(fixture.tenant);
    let root = note(&store, "root").await;
    let child = create(&store, &Note::inside("child", root)).await.unwrap();
    let beside = note(&store, "world:beside").await;
    let mut unit = store.unit();
    unit.link(root.object(), "next", beside.object());
    unit.link(child.object(), "next", beside.object());
    unit.link(beside.object(), "next", root.object());
    store.commit(unit).await.unwrap();
    let needed = [NeededLink { kind: "note", relation: "next" }];
    assert_eq!(store.contradictions(&needed).await.unwrap(), Vec::<String>::new());
    delete(&store, root).await;
    let said = store.contradictions(&needed).await.unwrap();
    assert_eq!(said, [format!("{}, of kind note, has no next", beside.object())]);
    let mut unit = store.unit();
    unit.purge(root.object());
    store.commit(unit).await.unwrap();
    assert_eq!(store.contradictions(&[]).await.unwrap(), Vec::<String>::new());
}

macro_rules! conformance {
    ($backend:ident, $opener:ty) => {
        conformance!(@ $backend, $opener,
            invariant_9_a_create_is_visible_to_the_next_call,
            an_update_needs_the_version_it_saw,
            members_written_by_a_newer_program_survive_an_update,
            invariant_10_a_unit_is_applied_whole_or_not_at_all,
            invariant_11_one_tenant_sees_nothing_of_another,
            unique_keys_hold_until_purge_within_and_across_tenants,
            a_key_may_be_longer_than_any_index_takes,
            a_renamed_object_gives_its_old_key_back,
            lists_page_in_the_order_of_creation_and_narrow_by_index,
            invariant_8_delete_takes_the_subtree_and_restore_brings_it_back,
            a_subtree_too_large_to_name_goes_and_comes_back_whole,
            links_are_versioned_per_set,
            a_set_that_loses_a_member_to_a_deletion_has_changed,
            links_of_a_deleted_source_can_be_read_and_completed_as_it_comes_back,
            a_refused_unit_does_not_touch_its_neighbours,
            the_feed_is_gapless_and_in_commit_order,
            invariant_1_taking_a_right_away_raises_the_counter_and_marks_the_object,
            audit_entries_commit_with_their_change_and_wait_to_be_copied,
            a_race_is_decided_again_and_both_writes_stand,
            deleted_objects_expire_by_their_roots,
            a_long_page_holds_what_short_ones_hold,
            lists_of_several_kinds_page_in_the_order_of_ids,
            objects_are_counted_by_kind_and_whether_they_live,
            a_range_of_an_index_names_what_lies_in_it_unless_that_is_too_much,
            an_index_is_walked_in_its_order_both_ways,
            a_leaf_goes_and_comes_back_alone,
            deletions_sent_together_each_stand_or_fall_alone,
            old_changes_are_forgotten_and_the_feed_goes_on_after_them,
            a_sweep_finds_nothing_but_the_link_that_is_missing,
            invariant_8_what_names_another_object_stays_while_it_is_deleted_and_is_purged_with_it,
        );
    };
    (@ $backend:ident, $opener:ty, $($law:ident,)+) => {
        mod $backend {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $law() {
                    let opener = <$opener>::fresh();
                    let fixture = Fixture::new();
                    let store = opener.open(&fixture).await;
                    suite::$law(store, fixture).await;
                }
            )+
        }
    };
}
