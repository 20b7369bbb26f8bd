//! Several nodes over one database: one feed, told to all in order, whatever gets lost.

use crate::CLUSTER;
use crate::node::Node;
use crate::suite::{Fixture, Note, create, note};
use proptest::prelude::*;
use signet_kernel::TenantId;
use signet_store::{CommitError, Conflict, Id, IndexKey, Position, PostgresOptions, TenantStore};
use signet_testkit_postgres::database_of;
use std::collections::HashMap;
use std::time::Duration;

async fn two() -> (String, [Node; 2], Fixture) {
    let (url, fixture) = (CLUSTER.create_database(), Fixture::new());
    let options = PostgresOptions::at(&url).unwrap();
    let nodes = [Node::start(&options, &fixture).await, Node::start(&options, &fixture).await];
    (url, nodes, fixture)
}

fn deadlocks(url: &str) -> String {
    let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    CLUSTER.execute(database_of(url), sql).trim().to_owned()
}

/// Writes one more than what is there, however often others come in between.
async fn increment(store: &TenantStore, id: Id<Note>) {
    loop {
        let seen = store.find(id).await.unwrap().unwrap();
        let mut unit = store.unit();
        let title = seen.body.title.split_once('-').map(|(name, count)| (name, count.parse::<u32>().unwrap())).unwrap();
        unit.update(&seen, &Note::titled(&format!("{}-{}", title.0, title.1 + 1)));
        match store.commit(unit).await {
            Ok(_) => return,
            Err(CommitError::Conflict(Conflict::Version(_))) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_on_one_node_is_soon_seen_on_the_other() {
    let (_, [one, two], fixture) = two().await;
    let (here, there) = (one.store.tenant(fixture.tenant), two.store.tenant(fixture.tenant));
    let id = note(&here, "old").await;
    two.notes.reaches(one.store.heads().await.unwrap()[0]).await;
    let seen = there.find(id).await.unwrap().unwrap();
    let mut unit = here.unit();
    unit.update(&seen, &Note::titled("new")).revoke(id.object());
    let receipt = here.commit(unit).await.unwrap();
    two.notes.reaches(receipt.head).await;
    assert_eq!(there.find(id).await.unwrap().unwrap().body.title, "new", "not from the cache");
    assert_eq!(there.find_key("title", &IndexKey::text("old")).await.unwrap(), None);
    assert_eq!(two.notes.of(fixture.tenant), one.notes.of(fixture.tenant));
    assert_eq!(two.notes.of(fixture.tenant).last().unwrap().0.revocation, receipt.head.revocation);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notification_wakes_a_node_long_before_its_clock_does() {
    let (url, fixture) = (CLUSTER.create_database(), Fixture::new());
    let mut options = PostgresOptions::at(&url).unwrap();
    options.poll_interval = Duration::from_secs(86_400);
    let [one, two] = [Node::start(&options, &fixture).await, Node::start(&options, &fixture).await];
    let store = one.store.tenant(fixture.tenant);
    // The first may come before the other node listens.
    for attempt in 0.. {
        note(&store, &attempt.to_string()).await;
        let head = one.store.heads().await.unwrap()[0];
        if tokio::time::timeout(Duration::from_millis(200), two.notes.reaches(head)).await.is_ok() {
            break;
        }
        assert!(attempt < 100, "no notification is heard");
    }
    two.notes.assert_gapless(fixture.tenant);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_knows_how_old_its_view_is() {
    let (url, [one, two], fixture) = two().await;
    let renewed = async |node: &Node| {
        while node.store.age_of_view() >= Duration::from_secs(5) {
            tokio::task::yield_now().await;
        }
    };
    fixture.clock.advance(Duration::from_secs(10));
    for node in [&one, &two] {
        tokio::time::timeout(Duration::from_secs(60), renewed(node)).await.expect("it looks again");
    }
    // Where the table of heads is locked away, nothing can be known of other nodes' commits.
    CLUSTER.execute(database_of(&url), "ALTER TABLE heads RENAME TO away");
    fixture.clock.advance(Duration::from_secs(10));
    assert!(two.store.age_of_view() >= Duration::from_secs(5));
    CLUSTER.execute(database_of(&url), "ALTER TABLE away RENAME TO heads");
    tokio::time::timeout(Duration::from_secs(60), renewed(&two)).await.expect("it looks again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_commits_over_the_same_objects_are_all_made_and_told_in_one_order() {
    let (url, nodes, fixture) = two().await;
    let tenants = [fixture.tenant, fixture.other];
    let mut ids = Vec::new();
    for tenant in tenants {
        for n in 0..3 {
            ids.push((tenant, note(&nodes[0].store.tenant(tenant), &format!("{n}-0")).await));
        }
    }
    let mut tasks = tokio::task::JoinSet::new();
    for round in 0..8 {
        for (tenant, id) in ids.clone() {
            let store = nodes[round % 2].store.tenant(tenant);
            tasks.spawn(async move { increment(&store, id).await });
        }
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let heads = nodes[0].store.heads().await.unwrap();
    for node in &nodes {
        for head in &heads {
            node.notes.reaches(*head).await;
            node.notes.assert_gapless(head.tenant);
        }
        for (tenant, id) in &ids {
            let title = node.store.tenant(*tenant).find(*id).await.unwrap().unwrap().body.title.clone();
            assert!(title.ends_with("-8"), "{title}");
        }
    }
    for tenant in tenants {
        assert_eq!(nodes[0].notes.of(tenant), nodes[1].notes.of(tenant));
    }
    assert_eq!(deadlocks(&url), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_that_race_for_the_same_global_keys_do_not_wait_in_a_ring() {
    let (url, nodes, fixture) = two().await;
    for round in 0..10 {
        let mut tasks = tokio::task::JoinSet::new();
        for (node, tenant, keys) in [(0, fixture.tenant, ["a", "b"]), (1, fixture.other, ["b", "a"])] {
            let store = nodes[node].store.tenant(tenant);
            tasks.spawn(async move {
                let mut unit = store.unit();
                for key in keys {
                    let id = Id::of(store.context().new_object_id());
                    unit.create(id, &Note::titled(&format!("world:{round}:{key}")));
                }
                store.commit(unit).await.map(drop)
            });
        }
        let done = tasks.join_all().await;
        let taken = Err(CommitError::Conflict(Conflict::KeyTaken("title")));
        assert!(done.contains(&Ok(())) && done.contains(&taken), "{done:?}");
    }
    assert_eq!(deadlocks(&url), "0");
}

#[derive(Debug, Clone, Copy)]
enum Act {
    /// A node creates a note, or writes one it wrote before.
    Write { node: usize, tenant: usize, note: u8 },
    /// All connections break: notifications are lost, commits must be made again.
    Cut,
    /// A node ends and starts anew.
    Restart { node: usize },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..2_usize, 0..2_usize, 0..4_u8).prop_map(|(node, tenant, note)| Act::Write { node, tenant, note }),
        1 => Just(Act::Cut),
        1 => (0..2_usize).prop_map(|node| Act::Restart { node }),
    ]
}

/// The title that each note should have.
type Model = HashMap<(TenantId, u8), (Id<Note>, String)>;

async fn write(store: &TenantStore, model: &mut Model, note: u8, title: String) {
    let Some((id, last)) = model.get_mut(&(store.id(), note)) else {
        let id = create(store, &Note::titled(&title)).await.unwrap();
        model.insert((store.id(), note), (id, title));
        return;
    };
    loop {
        // Perhaps from a cache that has not heard of the last write: then the commit refuses it.
        let Some(seen) = store.find(*id).await.unwrap() else { continue };
        let mut unit = store.unit();
        unit.update(&seen, &Note::titled(&title));
        match store.commit(unit).await {
            Ok(_) => {
                assert_eq!(seen.body.title, *last);
                *last = title;
                return;
            }
            Err(CommitError::Conflict(Conflict::Version(_))) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn play(acts: Vec<Act>) {
    let (url, fixture) = (CLUSTER.create_database(), Fixture::new());
    let mut options = PostgresOptions::at(&url).unwrap();
    options.poll_interval = Duration::from_millis(50);
    let tenants = [fixture.tenant, fixture.other];
    let mut nodes = [Node::start(&options, &fixture).await, Node::start(&options, &fixture).await];
    let mut model = Model::new();
    let mut count = HashMap::<TenantId, usize>::new();
    for (number, act) in acts.into_iter().enumerate() {
        match act {
            Act::Write { node, tenant, note } => {
                write(&nodes[node].store.tenant(tenants[tenant]), &mut model, note, format!("{note}:{number}")).await;
                *count.entry(tenants[tenant]).or_default() += 1;
            }
            Act::Cut => drop(CLUSTER.cut_connections(database_of(&url))),
            Act::Restart { node } => nodes[node] = Node::start(&options, &fixture).await,
        }
    }
    for tenant in tenants {
        let store = nodes[0].store.tenant(tenant);
        // Every node is told of this one, and so of all before it.
        let last = note(&store, "last").await;
        let feed = store.changes(Position(0), 1_000).await.unwrap();
        assert_eq!(feed.len(), count.get(&tenant).copied().unwrap_or_default() + 1, "each write once");
        assert!(feed.windows(2).all(|pair| pair[1].position.0 == pair[0].position.0 + 1));
        let heads = nodes[0].store.heads().await.unwrap();
        let head = heads.into_iter().find(|head| head.tenant == tenant).unwrap();
        for node in &nodes {
            node.notes.reaches(head).await;
            node.notes.assert_gapless(tenant);
            assert!(node.store.tenant(tenant).find(last).await.unwrap().is_some());
        }
    }
    for ((tenant, _), (id, title)) in &model {
        for node in &nodes {
            assert_eq!(node.store.tenant(*tenant).find(*id).await.unwrap().unwrap().body.title, *title);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_feed_reaches_every_node_whole_through_cut_connections_and_restarts(acts in proptest::collection::vec(act(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(play(acts));
    }
}
