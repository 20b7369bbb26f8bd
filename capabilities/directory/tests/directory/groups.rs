use crate::house::{Agent, House, blame, group, map};
use serde_json::json;
use signet_directory::responsibility::{add_owner, add_sponsor};
use signet_directory::{Group, ops};
use signet_kernel::Fault;
use signet_store::Id;

const RULE: &str = "user.department -eq \"Sales\"";

#[tokio::test]
async fn a_member_that_breaks_a_rule_is_named() {
    let house = House::open().await;
    let call = house.tenant.call(&["RoleManagement.ReadWrite.Directory"]);
    for (more, target) in [
        (json!({"displayName": ""}), "displayName"),
        (json!({"mailNickname": "a b"}), "mailNickname"),
        (json!({"mailNickname": ""}), "mailNickname"),
        (json!({"groupTypes": ["Static"]}), "groupTypes"),
        (json!({"groupTypes": ["Unified", "Unified"]}), "groupTypes"),
        (json!({"groupTypes": ["Unified"]}), "mailEnabled"),
        (json!({"mailEnabled": true}), "mailEnabled"),
        (json!({"securityEnabled": false}), "securityEnabled"),
        (json!({"groupTypes": ["DynamicMembership"]}), "membershipRule"),
        (json!({"membershipRule": RULE}), "membershipRule"),
        (json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.town -eq \"x\""}), "membershipRule"),
        (
            json!({"groupTypes": ["DynamicMembership"], "membershipRule": RULE, "membershipRuleProcessingState": "Off"}),
            "membershipRuleProcessingState",
        ),
        (
            json!({"groupTypes": ["DynamicMembership"], "membershipRule": RULE, "isAssignableToRole": true}),
            "isAssignableToRole",
        ),
        (json!({"isAssignableToRole": true, "visibility": "Public"}), "isAssignableToRole"),
        (json!({"visibility": "Secret"}), "visibility"),
        (json!({"uniqueName": "a b"}), "uniqueName"),
        (
            json!({"members@odata.bind": ["https://x/v1.0/users/0199a4b0-0000-7000-8000-000000000001"]}),
            "members@odata.bind",
        ),
    ] {
        let refused = ops::create_group(&call, group("sales", more.clone())).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some(target)), "{more}");
    }
    assert!(house.tenant.audits().await.is_empty());
}

#[tokio::test]
async fn a_wrong_rule_is_refused_with_the_position() {
    let house = House::open().await;
    let wrong = json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.city -like \"x\""});
    let refused = ops::create_group(&house.call(), group("sales", wrong)).await.unwrap_err();
    assert!(refused.message.contains("at character 11"), "{}", refused.message);
}

#[tokio::test]
async fn what_a_group_is_stays() {
    let house = House::open().await;
    let id = house.group("sales", json!({"uniqueName": "sales"})).await;
    for (patch, target) in [
        (json!({"isAssignableToRole": true}), "isAssignableToRole"),
        (json!({"uniqueName": "other"}), "uniqueName"),
        (json!({"groupTypes": ["Unified"], "mailEnabled": true}), "groupTypes"),
    ] {
        let refused = ops::update_group(&house.call(), id, map(patch)).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some(target)));
    }
    let taken = ops::create_group(&house.call(), group("b", json!({"uniqueName": "SALES"}))).await.unwrap_err();
    assert_eq!(taken.fault, Fault::Conflict);
}

#[tokio::test]
async fn who_may_not_give_roles_does_not_decide_who_holds_them_through_a_group() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let refused = ops::create_group(&house.call(), group("admins", json!({"isAssignableToRole": true}))).await;
    assert_eq!(refused.unwrap_err().fault, Fault::Rights);
    let id = house.group("admins", json!({"isAssignableToRole": true})).await;
    for refused in [
        ops::add_member::<Group>(&house.call(), id, ann).await,
        ops::update_group(&house.call(), id, map(json!({"displayName": "x"}))).await,
        ops::delete_group(&house.call(), id).await,
    ] {
        assert_eq!(refused.unwrap_err().fault, Fault::Rights);
    }
    let call = house.tenant.call(&["RoleManagement.ReadWrite.Directory"]);
    ops::add_member::<Group>(&call, id, ann).await.unwrap();
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await;
    let nested = house.group("nested", json!({})).await;
    for unfit in [agent.id, nested] {
        let refused = ops::add_member::<Group>(&call, id, unfit).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("members")));
    }
}

#[tokio::test]
async fn members_are_principals_each_once() {
    let house = House::open().await;
    let (ann, gone) = (house.user("ann").await, house.user("gone").await);
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await;
    ops::delete_user(&house.call(), gone).await.unwrap();
    let bind = json!({"members@odata.bind": [format!("https://x/v1.0/users/{ann}")]});
    let id = house.group("sales", bind).await;
    let unified = house.group("team", json!({"groupTypes": ["Unified"], "mailEnabled": true})).await;
    let add = async |group, member| ops::add_member::<Group>(&house.call(), group, member).await;
    assert_eq!(add(id, ann).await.unwrap_err().fault, Fault::Input, "twice");
    assert_eq!(add(id, gone).await.unwrap_err().fault, Fault::NotFound);
    assert_eq!(add(id, blueprint.id).await.unwrap_err().fault, Fault::Input, "an application");
    assert_eq!(add(unified, id).await.unwrap_err().fault, Fault::Input, "a group in a Microsoft 365 group");
    add(id, agent.id).await.unwrap();
    add(unified, agent.id).await.unwrap();
    let audits = house.tenant.audits().await;
    let last = audits.last().unwrap();
    assert_eq!(last.activity(), "Add member to group");
    assert_eq!((&last.targets()[0]["id"], &last.targets()[1]["type"]), (&json!(agent.id.to_string()), &json!("Group")));
    ops::remove_member::<Group>(&house.call(), id, agent.id).await.unwrap();
    let refused = ops::remove_member::<Group>(&house.call(), id, agent.id).await.unwrap_err();
    assert_eq!(refused.fault, Fault::NotFound);
    add_owner(
        &house.call(),
        &signet_directory::responsibility::Thing::of(
            &*house.tenant.store.find(Id::<Group>::of(id)).await.unwrap().unwrap(),
        ),
        ann,
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn behaviour_12_an_assigned_or_role_assignable_group_does_not_sponsor_and_a_sixth_group_neither() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await;
    for unfit in
        [house.group("assigned", json!({})).await, house.group("admins", json!({"isAssignableToRole": true})).await]
    {
        assert_eq!(add_sponsor(&house.call(), &agent, unfit).await.unwrap_err().fault, Fault::Input);
    }
    let dynamic = json!({"groupTypes": ["DynamicMembership"], "membershipRule": RULE});
    for index in 0..5 {
        let group = house.group(&format!("g{index}"), dynamic.clone()).await;
        add_sponsor(&house.call(), &agent, group).await.unwrap();
    }
    let sixth = house.group("team", json!({"groupTypes": ["Unified"], "mailEnabled": true})).await;
    let refused = add_sponsor(&house.call(), &agent, sixth).await.unwrap_err();
    assert!(refused.fault == Fault::Input && refused.message.contains("At most 5"), "{}", refused.message);
    let body = Agent { display_name: "Agent".to_owned(), blueprint: blueprint.id };
    house.create(&body, &[ann, sixth]).await.unwrap();
}

#[tokio::test]
async fn invariant_7_a_group_that_leaves_passes_on_what_it_answered_for_and_may_be_the_fallback() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let team = house.group("team", json!({"groupTypes": ["Unified"], "mailEnabled": true})).await;
    let agent = house.agent(&blueprint, &[team]).await;
    ops::delete_group(&house.call(), team).await.unwrap();
    assert_eq!(house.sponsors(&agent).await, [ann], "the blueprint's");
    let fallback = house.group("fallback", json!({"groupTypes": ["Unified"], "mailEnabled": true})).await;
    crate::succession::set_fallback(&house, fallback).await;
    ops::delete_user(&house.call(), ann).await.unwrap();
    assert_eq!(house.sponsors(&blueprint).await, [fallback]);
    let audits = house.tenant.audits().await;
    assert!(audits.iter().any(|audit| audit.activity() == "Delete group"));
}

#[tokio::test]
async fn invariant_7_a_group_that_sponsors_does_not_become_one_that_may_not() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let dynamic = json!({"groupTypes": ["DynamicMembership"], "membershipRule": RULE});
    let group = house.group("sales", dynamic).await;
    let blueprint = house.blueprint(&[ann]).await;
    add_sponsor(&house.call(), &blueprint, group).await.unwrap();
    let patch = map(json!({"groupTypes": [], "membershipRule": null}));
    let refused = ops::update_group(&house.call(), group, patch).await.unwrap_err();
    assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some("groupTypes")));
}
