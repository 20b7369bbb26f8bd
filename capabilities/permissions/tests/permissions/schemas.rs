//! Bodies as released versions wrote them: they are read, and written back without a loss, for ever. A shape that
//! changes raises its kind's `SCHEMA`, upcasts, and adds a sample; no sample here is edited.

use serde_json::{Value, json};
use signet_permissions::{AppRoleAssignment, DelegatedGrant, InheritablePermission};
use signet_store::Kind;

fn is_kept<K: Kind>(schema: u32, sample: &Value) {
    let body: K = serde_json::from_value(K::upcast(schema, sample.clone())).unwrap();
    let written = serde_json::to_value(&body).unwrap();
    for (name, value) in sample.as_object().unwrap() {
        assert_eq!(written.get(name), Some(value), "{} {name}", K::NAME);
    }
}

#[test]
fn schema_1_of_oauth2_permission_grant_is_read_and_kept() {
    let everybody = json!({
        "clientId": "0199a4b0-0000-7000-8000-000000000003",
        "consentType": "AllPrincipals",
        "resourceId": "0199a4b0-0000-7000-8000-000000000004",
        "scope": "User.Read Mail.Send",
        "aMemberOfANewerVersion": {"kept": true},
    });
    let mut one = everybody.clone();
    one["consentType"] = json!("Principal");
    one["principalId"] = json!("0199a4b0-0000-7000-8000-000000000005");
    is_kept::<DelegatedGrant>(1, &everybody);
    is_kept::<DelegatedGrant>(1, &one);
}

#[test]
fn schema_1_of_app_role_assignment_is_read_and_kept() {
    let sample = json!({
        "principalId": "0199a4b0-0000-7000-8000-000000000003",
        "resourceId": "0199a4b0-0000-7000-8000-000000000004",
        "appRoleId": "00000000-0000-0000-0000-000000000000",
        "aMemberOfANewerVersion": [1, null],
    });
    is_kept::<AppRoleAssignment>(1, &sample);
}

#[test]
fn schema_1_of_inheritable_permission_is_read_and_kept() {
    let sample = json!({
        "blueprint": "0199a4b0-0000-7000-8000-000000000001",
        "resourceAppId": "0199a4b0-0000-7000-8000-000000000006",
        "inheritableScopes": {"kind": "enumerated", "scopes": ["User.Read"]},
        "inheritableRoles": {"kind": "allAllowed"},
        "aMemberOfANewerVersion": "kept",
    });
    is_kept::<InheritablePermission>(1, &sample);
    let schemas = (DelegatedGrant::SCHEMA, AppRoleAssignment::SCHEMA, InheritablePermission::SCHEMA);
    assert_eq!(schemas, (1, 1, 1), "a new schema needs a sample of its own");
}
