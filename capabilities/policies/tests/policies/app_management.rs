//! App management policies as they are kept.

use crate::world::{World, members};
use serde_json::{Value, json};
use signet_graph::Entity;
use signet_kernel::{Fault, ObjectId};
use signet_policies::{AppManagementPolicies, DefaultAppManagement};

fn lifetime(text: &str) -> Value {
    json!({"passwordCredentials": [{"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": text}]})
}

fn tenant(world: &World) -> ObjectId {
    ObjectId::from_uuid(world.tenant.id().uuid())
}

#[tokio::test]
async fn a_policy_that_would_not_be_enforced_is_refused_and_a_blueprint_changes_none() {
    let world = World::new().await;
    let create = async |call, body| AppManagementPolicies.create(&call, members(body)).await;
    for wrong in [
        json!({"restrictions": lifetime("P30D")}),
        json!({"displayName": "x", "restrictions": lifetime("P1Y")}),
        json!({"displayName": "x", "restrictions": {"identifierUris": {}}}),
        json!({"displayName": "x", "restrictions": {"keyCredentials": [{"restrictionType": "trustedCertificateAuthority"}]}}),
    ] {
        assert_eq!(create(world.call(), wrong.clone()).await.unwrap_err().fault, Fault::Input, "{wrong}");
    }
    let fine = json!({"displayName": "Short", "isEnabled": true, "restrictions": lifetime("P30D")});
    assert_eq!(create(world.blueprint(), fine.clone()).await.unwrap_err().fault, Fault::Rights);
    let default = members(json!({"isEnabled": false}));
    let refused = DefaultAppManagement.update(&world.blueprint(), tenant(&world), default).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Rights);
    assert!(world.activities().await.is_empty());

    let id = create(world.call(), fine).await.unwrap();
    let patch = |patch: Value| AppManagementPolicies.update_with(&world, id, patch);
    assert_eq!(patch(json!({"restrictions": lifetime("P1Y")})).await.unwrap_err().fault, Fault::Input);
    patch(json!({"restrictions": lifetime("P10D")})).await.unwrap();
    let row = world.tenant.store.read_row(id).await.unwrap().unwrap();
    let view = AppManagementPolicies.view(&row).unwrap();
    assert_eq!(view["restrictions"]["passwordCredentials"][0]["maxLifetime"], "P10D");
    AppManagementPolicies.delete(&world.call(), id).await.unwrap();
    assert!(world.tenant.store.read_row(id).await.unwrap().is_none(), "gone for good");
    assert_eq!(world.activities().await, ["Add policy", "Update policy", "Delete policy"]);
}

trait UpdateWith {
    async fn update_with(&self, world: &World, id: ObjectId, patch: Value) -> Result<(), signet_kernel::Failure>;
}

impl UpdateWith for AppManagementPolicies {
    async fn update_with(&self, world: &World, id: ObjectId, patch: Value) -> Result<(), signet_kernel::Failure> {
        self.update(&world.call(), id, members(patch)).await
    }
}

#[tokio::test]
async fn the_tenants_policy_is_there_before_it_is_written_and_off() {
    let world = World::new().await;
    let shown = async || Value::Object(DefaultAppManagement.item(&world.call(), "").await.unwrap().unwrap());
    let before = shown().await;
    assert_eq!((&before["isEnabled"], &before["id"]), (&json!(false), &json!("00000000-0000-0000-0000-000000000000")));
    let update = async |body| DefaultAppManagement.update(&world.call(), tenant(&world), members(body)).await;
    for wrong in [json!({"isEnabled": 1}), json!({"applicationRestrictions": lifetime("soon")})] {
        assert_eq!(update(wrong.clone()).await.unwrap_err().fault, Fault::Input, "{wrong}");
    }
    update(json!({"isEnabled": true, "applicationRestrictions": lifetime("P30D")})).await.unwrap();
    update(json!({"isEnabled": false})).await.unwrap();
    let after = shown().await;
    assert_eq!(after["isEnabled"], false);
    assert_eq!(after["applicationRestrictions"]["passwordCredentials"][0]["maxLifetime"], "P30D", "it keeps the rest");
    assert_eq!(world.activities().await, ["Update policy", "Update policy"]);
}
