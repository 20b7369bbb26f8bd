use crate::house::{House, blame};
use serde_json::json;
use signet_directory::http::{Computed, Managers, Users};
use signet_directory::ops;
use signet_directory::responsibility::MANAGER;
use signet_graph::{Entity, Relation};
use signet_kernel::{Fault, ObjectId};

async fn manager(house: &House, person: ObjectId) -> Option<ObjectId> {
    house.tenant.store.links_from(person, MANAGER).await.unwrap().links.first().map(|link| link.target)
}

#[tokio::test]
async fn nobody_is_above_themselves() {
    let house = House::open().await;
    let (ann, bob, eve) = (house.user("ann").await, house.user("bob").await, house.user("eve").await);
    ops::set_manager(&house.call(), ann, bob).await.unwrap();
    ops::set_manager(&house.call(), bob, eve).await.unwrap();
    for below in [ann, bob, eve] {
        let refused = ops::set_manager(&house.call(), eve, below).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("manager")));
    }
    assert_eq!(manager(&house, eve).await, None);
}

#[tokio::test]
async fn a_manager_is_a_living_person() {
    let house = House::open().await;
    let (ann, gone) = (house.user("ann").await, house.user("gone").await);
    let agent = house.blueprint(&[ann]).await;
    ops::delete_user(&house.call(), gone).await.unwrap();
    for wrong in [gone, agent.id] {
        assert_eq!(ops::set_manager(&house.call(), ann, wrong).await.unwrap_err().fault, Fault::Input);
    }
    assert_eq!(ops::set_manager(&house.call(), gone, ann).await.unwrap_err().fault, Fault::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_changes_at_once_do_not_close_a_circle() {
    let house = House::open().await;
    for round in 0..10 {
        let (ann, bob) = (house.user(&format!("ann{round}")).await, house.user(&format!("bob{round}")).await);
        let (first, second) = (house.call(), house.call());
        let results = tokio::join!(ops::set_manager(&first, ann, bob), ops::set_manager(&second, bob, ann));
        assert!(results.0.is_ok() != results.1.is_ok(), "{results:?}");
    }
}

#[tokio::test]
async fn a_new_manager_takes_the_place_of_the_old_one_and_the_trail_names_both() {
    let house = House::open().await;
    let (ann, bob, eve) = (house.user("ann").await, house.user("bob").await, house.user("eve").await);
    ops::set_manager(&house.call(), ann, bob).await.unwrap();
    ops::set_manager(&house.call(), ann, eve).await.unwrap();
    assert_eq!(manager(&house, ann).await, Some(eve));
    let audits = house.tenant.audits().await;
    let last = audits.last().unwrap();
    assert_eq!(last.activity(), "Set user manager");
    assert!(last.json.to_string().contains(&bob.to_string()) && last.json.to_string().contains(&eve.to_string()));
    ops::remove_manager(&house.call(), ann).await.unwrap();
    assert_eq!(manager(&house, ann).await, None);
}

#[tokio::test]
async fn direct_reports_follow_from_managers() {
    let house = House::open().await;
    let (ann, bob, gone) = (house.user("ann").await, house.user("bob").await, house.user("gone").await);
    for report in [bob, gone] {
        ops::set_manager(&house.call(), report, ann).await.unwrap();
    }
    ops::delete_user(&house.call(), gone).await.unwrap();
    assert_eq!(Computed::DirectReports.ends(&house.call(), ann).await.unwrap(), [bob]);
    assert!(Computed::DirectReports.read_only() && Managers::new(&[]).single());
}

#[tokio::test]
async fn a_person_is_shown_with_the_collections_that_are_never_null() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let row = house.tenant.store.read_row(ann).await.unwrap().unwrap();
    let view = Users.view(&row).unwrap();
    assert_eq!((&view["businessPhones"], &view["userType"]), (&json!([]), &json!("Member")));
}
