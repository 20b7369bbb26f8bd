use crate::house::{Blueprint, House, blame};
use signet_directory::responsibility::{
    OWNERS, add_owner, add_sponsor, check_owners, check_sponsors, remove_owner, remove_sponsor,
};
use signet_directory::{Application, ops};
use signet_kernel::{Fault, ObjectId};
use signet_testkit::TestCaller;
use uuid::Uuid;

#[tokio::test]
async fn behaviour_02_something_new_without_a_sponsor_is_refused() {
    let house = House::open().await;
    let refused = check_sponsors(&house.tenant.store, &[]).await.unwrap_err();
    assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("sponsors@odata.bind")));
    assert_eq!(refused.message, "No sponsor specified. Please provide at least one sponsor.");
}

#[tokio::test]
async fn behaviour_12_a_sponsor_is_a_living_person_of_this_tenant() {
    let house = House::open().await;
    let sponsor = house.user("ann").await;
    let blueprint = house.blueprint(&[sponsor]).await;
    let gone = house.user("gone").await;
    ops::delete_user(&house.call(), gone).await.unwrap();
    let stranger = ObjectId::from_uuid(Uuid::from_u128(9));
    for (id, why) in
        [(blueprint.id, "is a agentIdentityBlueprint"), (gone, "not an object"), (stranger, "not an object")]
    {
        let refused = add_sponsor(&house.call(), &blueprint, id).await.unwrap_err();
        assert_eq!(refused.fault, Fault::Input);
        assert!(refused.message.contains(&id.to_string()) && refused.message.contains(why), "{}", refused.message);
    }
    assert_eq!(house.sponsors(&blueprint).await, [sponsor]);
}

#[tokio::test]
async fn behaviour_12_there_are_at_most_a_hundred_sponsors_and_none_twice() {
    let house = House::open().await;
    let mut people = Vec::new();
    for number in 0..101 {
        people.push(house.user(&format!("user{number}")).await);
    }
    let last = people[100];
    assert!(check_sponsors(&house.tenant.store, &people).await.is_err());
    let blueprint = house.blueprint(&people[..100]).await;
    let full = add_sponsor(&house.call(), &blueprint, last).await.unwrap_err();
    assert_eq!(full.fault, Fault::Input);
    remove_sponsor(&house.call(), &blueprint, people[0]).await.unwrap();
    add_sponsor(&house.call(), &blueprint, last).await.unwrap();
    let twice = add_sponsor(&house.call(), &blueprint, last).await.unwrap_err();
    assert!(twice.message.contains("already exist"));
    assert_eq!(house.sponsors(&blueprint).await.len(), 100);
}

#[tokio::test]
async fn invariant_7_the_last_sponsor_stays() {
    let house = House::open().await;
    let (ann, bob) = (house.user("ann").await, house.user("bob").await);
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann, bob]).await;
    for (thing, person) in [(&blueprint, ann)] {
        let refused = remove_sponsor(&house.call(), thing, person).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("sponsors")));
    }
    remove_sponsor(&house.call(), &agent, bob).await.unwrap();
    assert!(remove_sponsor(&house.call(), &agent, ann).await.is_err());
    assert_eq!(remove_sponsor(&house.call(), &agent, bob).await.unwrap_err().fault, Fault::NotFound);
    assert_eq!(house.sponsors(&agent).await, [ann]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_two_removals_at_once_leave_one_sponsor() {
    let house = House::open().await;
    let (ann, bob) = (house.user("ann").await, house.user("bob").await);
    for _ in 0..20 {
        let blueprint = house.blueprint(&[ann, bob]).await;
        let (first, second) = (house.call(), house.call());
        let results = tokio::join!(remove_sponsor(&first, &blueprint, ann), remove_sponsor(&second, &blueprint, bob));
        assert_eq!(u8::from(results.0.is_ok()) + u8::from(results.1.is_ok()), 1, "{results:?}");
        assert_eq!(house.sponsors(&blueprint).await.len(), 1);
    }
}

#[tokio::test]
async fn who_is_governed_does_not_choose_who_governs() {
    let house = House::open().await;
    let (ann, bob) = (house.user("ann").await, house.user("bob").await);
    let blueprint = house.blueprint(&[ann]).await;
    let other = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await;
    let itself = TestCaller::of_kind("agentIdentityBlueprintPrincipal", blueprint.id).below(blueprint.id);
    let child = TestCaller::of_kind("agentIdentity", agent.id).below(blueprint.id);
    for (caller, thing) in
        [(&itself, &blueprint), (&itself, &agent), (&child, &agent), (&child, &blueprint), (&child, &other)]
    {
        let call = house.tenant.call_by(caller.clone());
        assert_eq!(add_sponsor(&call, thing, bob).await.unwrap_err().fault, Fault::Rights);
        assert_eq!(remove_sponsor(&call, thing, ann).await.unwrap_err().fault, Fault::Rights);
        assert_eq!(add_owner(&call, thing, bob).await.unwrap_err().fault, Fault::Rights);
        assert_eq!(remove_owner(&call, thing, ann).await.unwrap_err().fault, Fault::Rights);
    }
    add_sponsor(&house.tenant.call_by(itself), &other, bob).await.unwrap();
}

#[tokio::test]
async fn an_owner_is_a_user_or_a_service_principal_of_any_type_and_the_last_one_may_go() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await;
    let refused = add_owner(&house.call(), &blueprint, blueprint.id).await.unwrap_err();
    assert!(refused.message.contains("cannot be an owner"));
    assert!(check_owners(&house.tenant.store, &[ann, agent.id]).await.is_ok());
    add_owner(&house.call(), &blueprint, agent.id).await.unwrap();
    remove_owner(&house.call(), &blueprint, agent.id).await.unwrap();
    assert!(house.tenant.store.links_from(blueprint.id, OWNERS).await.unwrap().links.is_empty());
}

#[tokio::test]
async fn invariant_4_the_trail_names_the_thing_its_blueprint_and_its_sponsors_then() {
    let house = House::open().await;
    let (ann, bob) = (house.user("ann").await, house.user("bob").await);
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await;
    add_sponsor(&house.call(), &agent, bob).await.unwrap();
    let audits = house.tenant.audits().await;
    let entry = audits.last().unwrap();
    assert_eq!(entry.activity(), "Add user sponsor");
    let [sponsor, target] = entry.targets() else { panic!("two targets") };
    assert_eq!(sponsor["id"], bob.to_string());
    assert_eq!((&target["id"], &target["agentType"]), (&agent.id.to_string().into(), &"agenticAppInstance".into()));
    assert_eq!(target["blueprintId"], blueprint.id.to_string());
    assert_eq!(target["sponsors"], serde_json::json!([ann.to_string(), bob.to_string()]));
}

#[tokio::test]
async fn an_application_needs_no_sponsor() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let body = crate::house::map(serde_json::json!({"displayName": "HR"}));
    let id = ops::create_application(&house.call(), &house.own, body).await.unwrap();
    let application = house.tenant.body(signet_store::Id::<Application>::of(id)).await;
    let thing = signet_directory::responsibility::Thing::new(id, &application);
    add_sponsor(&house.call(), &thing, ann).await.unwrap();
    remove_sponsor(&house.call(), &thing, ann).await.unwrap();
    let nameless = Blueprint { display_name: String::new() };
    assert!(house.create(&nameless, &[]).await.is_err());
}
