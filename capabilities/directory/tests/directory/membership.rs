use crate::house::{House, map};
use serde_json::{Value, json};
use signet_directory::http::{Groups, Users};
use signet_directory::membership::{member_of, members, transitive_member_of, transitive_members};
use signet_directory::{Group, ops};
use signet_graph::{ActionResult, Entity};
use signet_kernel::{Fault, ObjectId};

async fn put(house: &House, group: ObjectId, member: ObjectId) {
    ops::add_member::<Group>(&house.call(), group, member).await.unwrap();
}

async fn ask(house: &House, entity: &dyn Entity, name: &str, id: ObjectId, body: Value) -> Result<Value, Fault> {
    let actions = entity.actions();
    let action = actions.iter().find(|action| action.name() == name).unwrap();
    match action.call(&house.call(), id, map(body)).await {
        Ok(ActionResult::Object(mut answer)) => Ok(answer.shift_remove("value").unwrap()),
        Ok(ActionResult::Nothing) => panic!("an object"),
        Err(failure) => Err(failure.fault),
    }
}

#[tokio::test]
async fn circles_of_groups_are_read_once() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let (a, b, c) =
        (house.group("a", json!({})).await, house.group("b", json!({})).await, house.group("c", json!({})).await);
    for (group, member) in [(a, b), (b, c), (c, a), (c, ann)] {
        put(&house, group, member).await;
    }
    let store = &house.tenant.store;
    assert_eq!(members(store, a).await.unwrap(), [b]);
    let below = transitive_members(store, a).await.unwrap();
    assert!([ann, a, b, c].iter().all(|id| below.contains(id)) && below.len() == 4);
    assert_eq!(member_of(store, ann).await.unwrap(), [c]);
    assert_eq!(transitive_member_of(store, ann).await.unwrap(), [a, b, c]);
}

#[tokio::test]
async fn members_by_rule_follow_the_people_and_are_not_assigned() {
    let house = House::open().await;
    let (ann, bob) = (house.user("ann").await, house.user("bob").await);
    let rule = json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.department -eq \"Sales\""});
    let (sales, above) = (house.group("sales", rule).await, house.group("above", json!({})).await);
    put(&house, above, sales).await;
    let refused = ops::add_member::<Group>(&house.call(), sales, bob).await.unwrap_err();
    assert!(refused.message.contains("membershipRule"));
    let store = &house.tenant.store;
    assert_eq!(members(store, sales).await.unwrap(), []);
    ops::update_user(&house.call(), ann, map(json!({"department": "Sales"}))).await.unwrap();
    assert_eq!(members(store, sales).await.unwrap(), [ann]);
    assert_eq!(transitive_member_of(store, ann).await.unwrap(), [sales, above]);
    assert_eq!(transitive_members(store, above).await.unwrap(), [ann, sales]);
    let pause = map(json!({"membershipRuleProcessingState": "Paused"}));
    ops::update_group(&house.call(), sales, pause).await.unwrap();
    assert_eq!(members(store, sales).await.unwrap(), [], "a rule that is not in force names nobody");
}

#[tokio::test]
async fn who_was_assigned_is_not_once_a_rule_says_who_belongs() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let group = house.group("sales", json!({})).await;
    put(&house, group, ann).await;
    let becomes = json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.city -eq \"x\""});
    ops::update_group(&house.call(), group, map(becomes)).await.unwrap();
    let back = json!({"groupTypes": [], "membershipRule": null, "membershipRuleProcessingState": null});
    ops::update_group(&house.call(), group, map(back)).await.unwrap();
    assert_eq!(members(&house.tenant.store, group).await.unwrap(), []);
}

#[tokio::test]
async fn the_questions_about_membership_answer_through_groups() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let team = json!({"groupTypes": ["Unified"], "mailEnabled": true, "securityEnabled": false});
    let (inner, outer, team) =
        (house.group("inner", json!({})).await, house.group("outer", json!({})).await, house.group("team", team).await);
    for (group, member) in [(inner, ann), (outer, inner), (team, ann)] {
        put(&house, group, member).await;
    }
    for wrong in [json!({}), json!({"groupIds": "x"}), json!({"groupIds": ["x"]}), json!({"groupIds": [], "more": 1})] {
        assert_eq!(ask(&house, &Users, "checkMemberGroups", ann, wrong).await, Err(Fault::Input));
    }
    let some = json!({"groupIds": [outer, ann]});
    assert_eq!(ask(&house, &Users, "checkMemberGroups", ann, some).await, Ok(json!([outer])));
    let all = ask(&house, &Users, "getMemberGroups", ann, json!({"securityEnabledOnly": false})).await;
    assert_eq!(all, Ok(json!([inner, outer, team])));
    let security = ask(&house, &Users, "getMemberGroups", ann, json!({"securityEnabledOnly": true})).await;
    assert_eq!(security, Ok(json!([inner, outer])));
    assert_eq!(ask(&house, &Groups, "getMemberObjects", inner, json!({})).await, Ok(json!([outer])));
}
