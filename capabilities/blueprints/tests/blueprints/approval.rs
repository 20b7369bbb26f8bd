//! Certificates that a PATCH brings raise an alert, and wait for a second approver, like all others.

use crate::world::{World, blueprints, members};
use serde_json::{Value, json};
use signet_blueprints::Blueprint;
use signet_credentials::approval::APPROVAL_REQUIRED;
use signet_credentials::ops::{Verdict, decide_change};
use signet_directory::ops::update_organization;
use signet_graph::Entity;
use signet_tenants::Tenant;

/// A P-256 public key.
const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEns8LmKT9sZ49zprekqUopqSDFg5bCWryf7nhuH5VGnUG9qJJNtZOR+a9WiPrbz1Ns9be/YuM1elgsQIbP//1Bw==";

fn keys() -> Value {
    json!({"keyCredentials": [{"type": "AsymmetricPublicKey", "usage": "Verify", "key": KEY, "displayName": "laptop"}]})
}

#[tokio::test]
async fn row_23_certificates_in_a_patch_wait_for_approval_too() {
    let world = World::new().await;
    let (id, tenant) = (world.blueprint().await, Tenant::id(world.tenant.id()));
    world.tenant.put_as(tenant, &Tenant::new("Contoso", None).unwrap()).await;
    for wrong in [json!({"isRequired": 1}), json!({"expiresAfterHours": 0}), json!({"approvers": []})] {
        let patch = members(json!({ "credentialChangeApproval": wrong }));
        let refused = update_organization(&world.call(), tenant.object(), patch).await.unwrap_err();
        assert_eq!(refused.target.as_deref(), Some("credentialChangeApproval"));
    }
    let patch = members(json!({"credentialChangeApproval": {"isRequired": true}}));
    update_organization(&world.call(), tenant.object(), patch).await.unwrap();

    let refused = world.update(id, keys()).await.unwrap_err();
    assert_eq!(refused.code, APPROVAL_REQUIRED);
    let request = refused.violations.unwrap().0[0].target.parse().unwrap();
    assert!(world.object::<Blueprint>(id).await.body.application.key_credentials.is_empty());
    world.update(id, json!({"displayName": "Orders"})).await.unwrap();
    decide_change(&world.tenant.call(&[]), request, Verdict::Approve).await.unwrap();
    let before = world.tenant.audits().await.len();
    blueprints().update(&world.call(), id, members(keys())).await.unwrap();
    assert_eq!(world.object::<Blueprint>(id).await.body.application.key_credentials.len(), 1);
    assert!(world.activities(before).await.contains(&"Raise alert".to_owned()));
}
