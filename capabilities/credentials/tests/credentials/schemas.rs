//! Bodies as released versions wrote them: they are read, and written back without a loss, for ever. A shape that
//! changes raises its kind's `SCHEMA`, upcasts, and adds a sample; no sample here is edited.

use serde_json::{Value, json};
use signet_credentials::app_management::AppManagementPolicy;
use signet_credentials::approval::CredentialChangeRequest;
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
fn schema_1_of_app_management_policy_is_read_and_kept() {
    is_kept::<AppManagementPolicy>(
        1,
        &json!({
            "displayName": "Short",
            "description": "For agents",
            "isEnabled": true,
            "restrictions": {
                "passwordCredentials": [
                    {"restrictionType": "passwordAddition", "state": "disabled"},
                    {"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": "P90D",
                     "restrictForAppsCreatedAfterDateTime": "2026-01-01T00:00:00Z"},
                    {"restrictionType": "customPasswordAddition", "state": "enabled"},
                ],
                "keyCredentials": [
                    {"restrictionType": "asymmetricKeyLifetime", "state": "enabled", "maxLifetime": "P1W"},
                ],
            },
            "aMemberOfANewerVersion": {"kept": true},
        }),
    );
}

#[test]
fn schema_1_of_credential_change_request_is_read_and_kept() {
    let decided = json!({"by": "0199a4b0-0000-7000-8000-000000000002", "name": "Bob", "at": "2026-11-21T10:00:00Z"});
    for status in ["pending", "approved", "denied", "completed"] {
        let mut state = json!({"status": status});
        if status != "pending" {
            state.as_object_mut().unwrap().extend(decided.as_object().unwrap().clone());
        }
        is_kept::<CredentialChangeRequest>(
            1,
            &json!({
                "holder": "0199a4b0-0000-7000-8000-000000000001",
                "holderName": "Desk",
                "change": {"kind": "addPassword", "details": {"displayName": "ci", "endDateTime": null}},
                "requester": "0199a4b0-0000-7000-8000-000000000003",
                "requesterApp": "0199a4b0-0000-7000-8000-000000000004",
                "requesterName": "Ann",
                "expires": "2026-11-24T10:00:00Z",
                "state": state,
                "aMemberOfANewerVersion": [1, null],
            }),
        );
    }
}
