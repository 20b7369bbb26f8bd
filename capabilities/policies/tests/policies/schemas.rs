//! Bodies as released versions wrote them: they are read, and written back without a loss, for ever. A shape that
//! changes raises its kind's `SCHEMA`, upcasts, and adds a sample; no sample here is edited.

use serde_json::{Value, json};
use signet_policies::PermissionGrantPolicy;
use signet_store::Kind;

fn is_kept<K: Kind>(schema: u32, sample: &Value) {
    let body: K = serde_json::from_value(K::upcast(schema, sample.clone())).unwrap();
    let written = serde_json::to_value(&body).unwrap();
    for (name, value) in sample.as_object().unwrap() {
        assert_eq!(written.get(name), Some(value), "{} {name}", K::NAME);
    }
    assert_eq!(K::SCHEMA, 1, "a new schema needs a sample of its own");
}

#[test]
fn schema_1_of_permission_grant_policy_is_read_and_kept() {
    let set = json!({
        "id": "0199a4b0-0000-7000-8000-000000000001",
        "permissionType": "application",
        "resourceApplication": "any",
        "permissions": ["Orders.Read"],
        "clientApplicationIds": ["all"],
        "clientApplicationTenantIds": ["all"],
        "clientApplicationPublisherIds": ["all"],
        "clientApplicationsFromVerifiedPublisherOnly": false,
        "grantorIds": ["0199a4b0-0000-7000-8000-000000000002"],
    });
    is_kept::<PermissionGrantPolicy>(
        1,
        &json!({
            "name": "agents-low",
            "displayName": "For agents",
            "description": "Low",
            "includes": [set],
            "excludes": [set],
            "aMemberOfANewerVersion": {"kept": true},
        }),
    );
}
