use crate::house::{House, blame, map};
use serde_json::{Value, json};
use signet_directory::http::AdministrativeUnits;
use signet_directory::membership::{member_of, transitive_member_of};
use signet_directory::{AdministrativeUnit, Group, ops};
use signet_graph::Entity;
use signet_kernel::{Fault, ObjectId};

async fn create(house: &House, more: Value) -> Result<ObjectId, signet_kernel::Failure> {
    let mut body = map(json!({"displayName": "Berlin"}));
    body.extend(map(more));
    ops::create_administrative_unit(&house.call(), body).await
}

#[tokio::test]
async fn a_member_that_breaks_a_rule_is_named() {
    let house = House::open().await;
    for (more, target) in [
        (json!({"displayName": " "}), "displayName"),
        (json!({"visibility": "Public"}), "visibility"),
        (json!({"membershipType": "Dynamic"}), "membershipType"),
        (
            json!({"members@odata.bind": ["https://x/v1.0/users/0199a4b0-0000-7000-8000-000000000001"]}),
            "members@odata.bind",
        ),
    ] {
        let refused = create(&house, more).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, "Request_BadRequest", Some(target)));
    }
    let id = create(&house, json!({})).await.unwrap();
    let patch = map(json!({"isMemberManagementRestricted": true}));
    let refused = ops::update_administrative_unit(&house.call(), id, patch).await.unwrap_err();
    assert_eq!(blame(&refused).2, Some("isMemberManagementRestricted"));
}

#[tokio::test]
async fn members_are_principals_agents_among_them_and_a_groups_members_do_not_follow_it() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let blueprint = house.blueprint(&[ann]).await;
    let agent = house.agent(&blueprint, &[ann]).await;
    let group = house.group("sales", json!({})).await;
    ops::add_member::<Group>(&house.call(), group, ann).await.unwrap();
    let unit = create(&house, json!({"members@odata.bind": [format!("https://x/v1.0/groups/{group}")]})).await.unwrap();
    let refused = ops::add_member::<AdministrativeUnit>(&house.call(), unit, blueprint.id).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Input);
    ops::add_member::<AdministrativeUnit>(&house.call(), unit, agent.id).await.unwrap();
    let store = &house.tenant.store;
    assert_eq!(member_of(store, agent.id).await.unwrap(), [unit]);
    assert_eq!(transitive_member_of(store, group).await.unwrap(), [unit]);
    assert_eq!(transitive_member_of(store, ann).await.unwrap(), [group]);
    assert_eq!(house.tenant.audits().await.last().unwrap().activity(), "Add member to administrative unit");
}

#[tokio::test]
async fn hidden_members_are_shown_to_who_may_see_them() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let bind = format!("https://x/v1.0/users/{ann}");
    let unit = create(&house, json!({"visibility": "HiddenMembership", "members@odata.bind": [bind]})).await.unwrap();
    let relations = AdministrativeUnits.relations();
    let refused = relations[0].ends(&house.tenant.call(&["AdministrativeUnit.Read.All"]), unit).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Rights);
    let shown = relations[0].ends(&house.tenant.call(&["Member.Read.Hidden"]), unit).await.unwrap();
    assert_eq!(shown, [ann]);
}

#[tokio::test]
async fn who_writes_units_does_not_thereby_give_roles() {
    let house = House::open().await;
    let ann = house.user("ann").await;
    let unit = create(&house, json!({})).await.unwrap();
    let contained = AdministrativeUnits.contained();
    let body = map(json!({"roleId": "fe930be7-5e62-47db-91af-98c3a49a38b1", "roleMemberInfo": {"id": ann}}));
    let writer = house.tenant.call(&["AdministrativeUnit.ReadWrite.All"]);
    let refused = contained[0].create(&writer, unit, body.clone());
    assert_eq!(refused.await.unwrap_err().fault, Fault::Rights);
    let call = house.tenant.call(&["RoleManagement.ReadWrite.Directory"]);
    let id = contained[0].create(&call, unit, body).await.unwrap();
    let row = house.tenant.store.read_row(id).await.unwrap().unwrap();
    let view = contained[0].view(&row).unwrap();
    assert_eq!(view["administrativeUnitId"], json!(unit));
    assert_eq!(view["roleMemberInfo"]["id"], json!(ann));
    assert_eq!(house.tenant.audits().await.last().unwrap().activity(), "Add scoped member to role");
    let other = create(&house, json!({})).await.unwrap();
    assert_eq!(contained[0].delete(&call, other, id).await.unwrap_err().fault, Fault::NotFound);
    contained[0].delete(&call, unit, id).await.unwrap();
}
