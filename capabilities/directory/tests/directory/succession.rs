use crate::house::{Agent, Blueprint, House};
use signet_directory::responsibility::{MANAGER, remove_sponsor};
use signet_directory::{User, ops};
use signet_kernel::{Fault, ObjectId};
use signet_store::Id;
use signet_tenants::Tenant;

async fn set_manager(house: &House, person: ObjectId, manager: ObjectId) {
    let mut unit = house.tenant.store.unit();
    unit.link(person, MANAGER, manager);
    house.tenant.store.commit(unit).await.unwrap();
}

pub async fn set_fallback(house: &House, person: ObjectId) {
    let found = house.tenant.store.find(Tenant::id(house.tenant.id())).await.unwrap().unwrap();
    let mut unit = house.tenant.store.unit();
    unit.update(&found, &Tenant { fallback_sponsor: Some(person), ..found.body.clone() });
    house.tenant.store.commit(unit).await.unwrap();
}

async fn disable(house: &House, person: ObjectId) {
    let patch = crate::house::map(serde_json::json!({"accountEnabled": false}));
    ops::update_user(&house.call(), person, patch).await.unwrap();
}

#[tokio::test]
async fn invariant_7_sponsorship_passes_to_the_manager() {
    let house = House::open().await;
    let (ann, manager, bob) = (house.user("ann").await, house.user("manager").await, house.user("bob").await);
    set_manager(&house, ann, manager).await;
    let alone = house.blueprint(&[ann]).await;
    let shared = house.agent(&alone, &[ann, bob]).await;
    ops::delete_user(&house.call(), ann).await.unwrap();
    assert_eq!(house.sponsors(&alone).await, [manager]);
    assert_eq!(house.sponsors(&shared).await, [manager, bob]);
    ops::restore::<User>(&house.call(), ann).await.unwrap();
    assert_eq!(house.sponsors(&alone).await, [manager], "sponsorship moved; it does not come back by itself");
}

#[tokio::test]
async fn invariant_7_without_a_living_manager_the_blueprints_sponsors_answer_for_its_agents() {
    let house = House::open().await;
    let (first, ann, manager) = (house.user("first").await, house.user("ann").await, house.user("manager").await);
    let (bob, eve) = (house.user("bob").await, house.user("eve").await);
    set_manager(&house, ann, manager).await;
    ops::delete_user(&house.call(), manager).await.unwrap();
    let blueprint = house.blueprint(&[ann, bob, eve]).await;
    let agent = house.agent(&blueprint, &[ann]).await;
    let shared = house.agent(&blueprint, &[ann, first]).await;
    ops::delete_user(&house.call(), ann).await.unwrap();
    assert_eq!(house.sponsors(&agent).await, [bob, eve]);
    assert_eq!(house.sponsors(&blueprint).await, [bob, eve]);
    assert_eq!(house.sponsors(&shared).await, [first], "others remain, so nobody is added");
}

#[tokio::test]
async fn invariant_7_else_the_fallback_sponsor_else_the_oldest_enabled_other_person() {
    let house = House::open().await;
    let (oldest, old) = (house.user("oldest").await, house.user("old").await);
    let (ann, bob, fallback) = (house.user("ann").await, house.user("bob").await, house.user("fallback").await);
    disable(&house, oldest).await;
    let (of_ann, of_bob) = (house.blueprint(&[ann]).await, house.blueprint(&[bob]).await);
    set_fallback(&house, fallback).await;
    ops::delete_user(&house.call(), ann).await.unwrap();
    assert_eq!(house.sponsors(&of_ann).await, [fallback]);
    ops::delete_user(&house.call(), fallback).await.unwrap();
    assert_eq!(house.sponsors(&of_ann).await, [old], "a fallback that is gone is no fallback");
    ops::delete_user(&house.call(), bob).await.unwrap();
    assert_eq!(house.sponsors(&of_bob).await, [old]);
    ops::delete_user(&house.call(), old).await.unwrap();
    assert_eq!(house.sponsors(&of_bob).await, [oldest], "a disabled person is better than nobody");
}

#[tokio::test]
async fn invariant_7_the_last_person_of_a_tenant_stays_while_they_answer_for_something() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    house.blueprint(&[ann]).await;
    let refused = ops::delete_user(&house.call(), ann).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Conflict);
    assert!(refused.message.contains("add another person first"));
    assert!(house.is_alive(ann).await);
    let bob = house.user("bob").await;
    ops::delete_user(&house.call(), ann).await.unwrap();
    assert!(house.is_alive(bob).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_both_sponsors_leave_at_once_and_somebody_still_answers() {
    let house = House::open().await;
    house.user("root").await;
    for round in 0..10 {
        let (ann, bob) = (house.user(&format!("ann{round}")).await, house.user(&format!("bob{round}")).await);
        let blueprint = house.blueprint(&[ann, bob]).await;
        let (first, second) = (house.call(), house.call());
        let results = tokio::join!(ops::delete_user(&first, ann), ops::delete_user(&second, bob));
        assert!(results.0.is_ok() && results.1.is_ok(), "{results:?}");
        assert!(!house.sponsors(&blueprint).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_a_removal_and_a_deletion_at_once_leave_a_sponsor() {
    let house = House::open().await;
    house.user("root").await;
    for round in 0..10 {
        let (ann, bob) = (house.user(&format!("ann{round}")).await, house.user(&format!("bob{round}")).await);
        let blueprint = house.blueprint(&[ann, bob]).await;
        let (first, second) = (house.call(), house.call());
        let (deleted, _) = tokio::join!(ops::delete_user(&first, ann), remove_sponsor(&second, &blueprint, bob));
        deleted.unwrap();
        assert!(!house.sponsors(&blueprint).await.is_empty());
    }
}

#[tokio::test]
async fn invariant_7_something_created_while_its_sponsor_leaves_is_not_missed() {
    let house = House::open().await;
    let (ann, bob) = (house.user("ann").await, house.user("bob").await);
    let blueprint = house.blueprint(&[bob]).await;
    // A deletion that was decided before the agent was created, and is committed after.
    let store = &house.tenant.store;
    let found = store.find(Id::<User>::of(ann)).await.unwrap().unwrap();
    let mut late = store.unit();
    signet_directory::responsibility::pass_on_sponsorships(store, &mut late, ann).await.unwrap();
    late.delete(&found, store.context().new_uuid());
    let agent = Agent { display_name: "Agent".to_owned(), blueprint: blueprint.id };
    house.create(&agent, &[ann]).await.unwrap();
    let refused = store.commit(late).await.unwrap_err();
    assert!(matches!(refused, signet_store::CommitError::Conflict(conflict) if conflict.is_race()));
    // A creation that was decided before the deletion does not commit either: its sponsor is gone.
    ops::delete_user(&house.call(), ann).await.unwrap();
    assert_eq!(house.create(&agent, &[ann]).await.unwrap_err().fault, Fault::Input);
}

#[tokio::test]
async fn invariant_7_what_is_restored_after_its_sponsors_left_is_answered_for() {
    let house = House::open().await;
    let (oldest, ann, bob) = (house.user("oldest").await, house.user("ann").await, house.user("bob").await);
    let blueprint = house.blueprint(&[ann, bob]).await;
    let (of_ann, of_bob) = (house.agent(&blueprint, &[ann]).await, house.agent(&blueprint, &[bob]).await);
    let elsewhere = house.blueprint(&[oldest]).await;
    ops::delete::<Blueprint>(&house.call(), blueprint.id).await.unwrap();
    ops::delete_user(&house.call(), ann).await.unwrap();
    ops::restore::<Blueprint>(&house.call(), blueprint.id).await.unwrap();
    assert_eq!(house.sponsors(&blueprint).await, [bob]);
    assert_eq!(house.sponsors(&of_ann).await, [bob], "the blueprint's");
    assert_eq!(house.sponsors(&of_bob).await, [bob]);
    assert_eq!(house.sponsors(&elsewhere).await, [oldest]);

    ops::delete::<Agent>(&house.call(), of_bob.id).await.unwrap();
    ops::delete::<Blueprint>(&house.call(), blueprint.id).await.unwrap();
    ops::delete::<Blueprint>(&house.call(), elsewhere.id).await.unwrap();
    ops::delete_user(&house.call(), bob).await.unwrap();
    ops::delete_user(&house.call(), oldest).await.unwrap();
    let nobody = ops::restore::<Blueprint>(&house.call(), blueprint.id).await.unwrap_err();
    assert_eq!(nobody.fault, Fault::Conflict);
    let eve = house.user("eve").await;
    ops::restore::<Blueprint>(&house.call(), blueprint.id).await.unwrap();
    assert_eq!((house.sponsors(&blueprint).await, house.sponsors(&of_ann).await), (vec![eve], vec![eve]));
    ops::restore::<Agent>(&house.call(), of_bob.id).await.unwrap();
    assert_eq!(house.sponsors(&of_bob).await, [eve]);
}

#[tokio::test]
async fn the_trail_names_every_new_sponsor() {
    let house = House::open().await;
    let (ann, bob) = (house.user("ann").await, house.user("bob").await);
    let blueprint = house.blueprint(&[ann]).await;
    ops::delete_user(&house.call(), ann).await.unwrap();
    let audits = house.tenant.audits().await;
    let [.., deleted, added] = audits.as_slice() else { panic!("two entries") };
    assert_eq!((deleted.activity(), added.activity()), ("Delete user", "Add user sponsor"));
    assert_eq!(added.targets()[0]["id"], bob.to_string());
    assert_eq!(added.targets()[1]["id"], blueprint.id.to_string());
    assert_eq!(added.targets()[1]["sponsors"], serde_json::json!([bob.to_string()]));
}
