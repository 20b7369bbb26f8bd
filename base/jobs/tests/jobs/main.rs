//! Leases, on both backends: once over two processes of one database, once over two workers of one process.

#![expect(clippy::unwrap_used, reason = "these are tests throughout")]

mod house;
mod purge;

use house::{House, PATIENCE, Piece, pieces, write};
use purge::{
    a_purge_paused_before_its_commit_is_fenced_off_once_another_worker_has_taken_over,
    a_work_of_all_tenants_has_one_lease, what_is_restored_before_the_purge_commits_stays_and_the_rest_goes,
};
use signet_store::{CommitError, Conflict};

const WORK: &str = "purge";

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod embedded { $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(crate::House::embedded().await).await; })* }
        mod postgres { $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(crate::House::postgres().await).await; })* }
    };
}

on_both!(
    a_paused_worker_acts_no_more_once_another_has_taken_its_lease,
    what_another_holds_is_left_alone_until_it_stood_still_for_the_patience,
    a_renewed_lease_is_not_taken_and_fences_off_what_was_held_before_it,
    what_was_given_back_is_taken_at_once_also_with_the_last_unit,
    taking_anew_fences_off_the_earlier_taking_of_the_same_worker,
    works_and_tenants_do_not_stand_in_each_others_way,
    of_many_that_take_at_once_none_acts_beside_another,
    a_purge_paused_before_its_commit_is_fenced_off_once_another_worker_has_taken_over,
    what_is_restored_before_the_purge_commits_stays_and_the_rest_goes,
    a_work_of_all_tenants_has_one_lease,
);

async fn a_paused_worker_acts_no_more_once_another_has_taken_its_lease(house: House) {
    let [one, other] = &house.workers;
    let paused = one.take(house.tenant, WORK).await.unwrap().unwrap();
    assert!(other.take(house.tenant, WORK).await.unwrap().is_none());
    house.clock.advance(PATIENCE);
    let taken = other.take(house.tenant, WORK).await.unwrap().unwrap();
    assert!(taken.number() > paused.number());
    let late = write(&house.stores[0], house.tenant, "late", &paused).await;
    assert!(matches!(late, Err(CommitError::Conflict(Conflict::Version(_)))), "{late:?}");
    write(&house.stores[1], house.tenant, "in time", &taken).await.unwrap();
    assert!(one.take(house.tenant, WORK).await.unwrap().is_none(), "whoever woke up waits as all others do");
    assert_eq!(pieces(&house).await, ["in time"]);
    paused.give_back().await.unwrap();
    write(&house.stores[1], house.tenant, "still", &taken).await.unwrap();
}

async fn what_another_holds_is_left_alone_until_it_stood_still_for_the_patience(house: House) {
    let [one, other] = &house.workers;
    let held = one.take(house.tenant, WORK).await.unwrap().unwrap();
    house.clock.advance(PATIENCE * 10);
    assert!(
        other.take(house.tenant, WORK).await.unwrap().is_none(),
        "how long it stood before the first look says nothing"
    );
    house.clock.advance(PATIENCE / 2);
    assert!(other.take(house.tenant, WORK).await.unwrap().is_none());
    write(&house.stores[0], house.tenant, "slow", &held).await.unwrap();
    house.clock.advance(PATIENCE / 2);
    assert!(other.take(house.tenant, WORK).await.unwrap().is_some());
}

async fn a_renewed_lease_is_not_taken_and_fences_off_what_was_held_before_it(house: House) {
    let [one, other] = &house.workers;
    let mut held = one.take(house.tenant, WORK).await.unwrap().unwrap();
    let first = held.number();
    for _ in 0..6 {
        house.clock.advance(PATIENCE / 2);
        assert!(other.take(house.tenant, WORK).await.unwrap().is_none());
        assert!(held.keep().await.unwrap());
    }
    assert_eq!(held.number(), first + 6);
    assert!(held.keep().await.unwrap());
    assert_eq!(held.number(), first + 6, "no write before a third of the patience has gone by");
    house.clock.advance(PATIENCE);
    assert!(other.take(house.tenant, WORK).await.unwrap().is_none());
    house.clock.advance(PATIENCE);
    assert!(other.take(house.tenant, WORK).await.unwrap().is_some());
    assert!(!held.keep().await.unwrap());
}

async fn what_was_given_back_is_taken_at_once_also_with_the_last_unit(house: House) {
    let [one, other] = &house.workers;
    one.take(house.tenant, WORK).await.unwrap().unwrap().give_back().await.unwrap();
    let held = other.take(house.tenant, WORK).await.unwrap().unwrap();
    let mut unit = house.stores[1].tenant(house.tenant).unit();
    unit.create(Piece::id(&house.stores[1]), &Piece::named("last"));
    held.end_with(&mut unit);
    house.stores[1].tenant(house.tenant).commit(unit).await.unwrap();
    assert!(one.take(house.tenant, WORK).await.unwrap().is_some());
    assert_eq!(pieces(&house).await, ["last"]);
}

async fn taking_anew_fences_off_the_earlier_taking_of_the_same_worker(house: House) {
    let first = house.workers[0].take(house.tenant, WORK).await.unwrap().unwrap();
    let second = house.workers[0].take(house.tenant, WORK).await.unwrap().unwrap();
    assert!(write(&house.stores[0], house.tenant, "first", &first).await.is_err());
    write(&house.stores[0], house.tenant, "second", &second).await.unwrap();
}

async fn works_and_tenants_do_not_stand_in_each_others_way(house: House) {
    let [one, other] = &house.workers;
    let held = one.take(house.tenant, WORK).await.unwrap().unwrap();
    assert!(other.take(house.tenant, "keys").await.unwrap().is_some());
    assert!(other.take(house.neighbour, WORK).await.unwrap().is_some());
    write(&house.stores[0], house.tenant, "mine", &held).await.unwrap();
}

async fn of_many_that_take_at_once_none_acts_beside_another(house: House) {
    let mut racing = Vec::new();
    let pairs = || house.workers.iter().cloned().zip(house.stores.iter().cloned());
    for (worker, store) in (0..20).flat_map(|_| pairs()) {
        let tenant = house.tenant;
        racing.push(tokio::spawn(async move {
            let Some(held) = worker.take(tenant, WORK).await.unwrap() else { return 0 };
            // The number is the name, and names are unique: two that act under one number would collide.
            let name = held.number().to_string();
            usize::from(write(&store, tenant, &name, &held).await.is_ok())
        }));
    }
    let mut done = 0;
    for race in racing {
        done += race.await.unwrap();
    }
    assert!(done > 0);
    assert_eq!(pieces(&house).await.len(), done);
}
