//! The purge of deleted objects, which one worker at a time does.

use crate::house::{House, PATIENCE, Piece};
use signet_jobs::Worker;
use signet_kernel::{Failure, Timestamp};
use signet_store::{AuditEntry, Id};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, block_in_place};

/// Where a worker stands still: between what it has read and what it will commit. Without its owner nobody does.
struct Gate(Arc<Stop>);

struct Stop {
    reached: Semaphore,
    leave: Semaphore,
}

impl Stop {
    fn stand_still(&self) {
        self.reached.add_permits(1);
        if let Ok(permit) = block_in_place(|| Handle::current().block_on(self.leave.acquire())) {
            permit.forget();
        }
    }
}

impl Gate {
    fn new() -> Self {
        Self(Arc::new(Stop { reached: Semaphore::new(0), leave: Semaphore::new(0) }))
    }

    async fn reached(&self) {
        self.0.reached.acquire().await.unwrap().forget();
    }

    fn open(&self) {
        self.0.leave.add_permits(1);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.leave.close();
    }
}

fn entry() -> AuditEntry {
    AuditEntry { body: b"{}".to_vec() }
}

fn due(house: &House) -> Timestamp {
    house.stores[0].context().now().plus(Duration::from_secs(1))
}

fn purge_by(house: &House, worker: &Worker, gate: &Gate) -> JoinHandle<Result<usize, Failure>> {
    let (worker, stop, due) = (worker.clone(), gate.0.clone(), due(house));
    tokio::spawn(async move {
        let audit = |_, _: &str, _| {
            stop.stand_still();
            entry()
        };
        worker.purge(due, audit).await
    })
}

async fn purge(house: &House, worker: &Worker) -> usize {
    worker.purge(due(house), |_, _, _| entry()).await.unwrap()
}

async fn deleted(house: &House, name: &str) -> Id<Piece> {
    let store = house.stores[0].tenant(house.tenant);
    let id = Piece::id(&house.stores[0]);
    let mut unit = store.unit();
    unit.create(id, &Piece::named(name));
    store.commit(unit).await.unwrap();
    let mut unit = store.unit();
    unit.delete(&*store.find(id).await.unwrap().unwrap(), store.context().new_uuid());
    store.commit(unit).await.unwrap();
    id
}

async fn is_there(house: &House, id: Id<Piece>) -> bool {
    house.stores[1].tenant(house.tenant).read_row(id.object()).await.unwrap().is_some()
}

pub(crate) async fn a_purge_paused_before_its_commit_is_fenced_off_once_another_worker_has_taken_over(house: House) {
    let root = deleted(&house, "late").await;
    let (one, other) = (Gate::new(), Gate::new());
    let paused = purge_by(&house, &house.workers[0], &one);
    one.reached().await;
    assert_eq!(purge(&house, &house.workers[1]).await, 0, "the lease is held");
    house.clock.advance(PATIENCE);
    let second = purge_by(&house, &house.workers[1], &other);
    other.reached().await;
    one.open();
    assert_eq!(paused.await.unwrap().unwrap(), 0);
    assert!(is_there(&house, root).await, "who was paused acted late");
    other.open();
    assert_eq!(second.await.unwrap().unwrap(), 1);
    assert!(!is_there(&house, root).await);
    assert_eq!(house.stores[0].outbox(10).await.unwrap().len(), 1, "done once, recorded once");
    assert_eq!((purge(&house, &house.workers[0]).await, purge(&house, &house.workers[1]).await), (0, 0));
}

pub(crate) async fn what_is_restored_before_the_purge_commits_stays_and_the_rest_goes(house: House) {
    let kept = deleted(&house, "kept").await;
    house.clock.advance(Duration::from_millis(1));
    let gone = deleted(&house, "gone").await;
    let gate = Gate::new();
    let purging = purge_by(&house, &house.workers[0], &gate);
    gate.reached().await;
    let store = house.stores[1].tenant(house.tenant);
    let mut unit = store.unit();
    unit.restore(kept.object());
    store.commit(unit).await.unwrap();
    gate.open();
    gate.reached().await;
    gate.open();
    assert_eq!(purging.await.unwrap().unwrap(), 1);
    assert!(store.find(kept).await.unwrap().is_some());
    assert!(!is_there(&house, gone).await);
}

pub(crate) async fn a_work_of_all_tenants_has_one_lease(house: House) {
    let [one, other] = &house.workers;
    assert!(one.take_for_all("retention").await.unwrap().is_none(), "nothing to do without tenants");
    for tenant in [house.neighbour, house.tenant] {
        let store = house.stores[0].tenant(tenant);
        let mut unit = store.unit();
        unit.create(Piece::id(&house.stores[0]), &Piece::named("any"));
        store.commit(unit).await.unwrap();
    }
    let held = one.take_for_all("retention").await.unwrap().unwrap();
    assert!(other.take_for_all("retention").await.unwrap().is_none());
    held.give_back().await.unwrap();
    assert!(other.take_for_all("retention").await.unwrap().is_some());
}
