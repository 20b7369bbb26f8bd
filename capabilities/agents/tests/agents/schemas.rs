//! Bodies as released versions wrote them: they are read, and written back without a loss, for ever. A shape that
//! changes raises its kind's `SCHEMA`, upcasts, and adds a sample; no sample here is edited.

use serde_json::{Value, json};
use signet_agents::{AgentIdentity, AgentUser};
use signet_store::Kind;

fn is_kept<K: Kind>(schema: u32, sample: &Value) {
    let body: K = serde_json::from_value(K::upcast(schema, sample.clone())).unwrap();
    let written = serde_json::to_value(&body).unwrap();
    for (name, value) in sample.as_object().unwrap() {
        assert_eq!(written.get(name), Some(value), "{} {name}", K::NAME);
    }
}

#[test]
fn schema_1_of_agent_identity_is_read_and_kept() {
    is_kept::<AgentIdentity>(
        1,
        &json!({
            "appId": "0199a4b0-0000-7000-8000-000000000003",
            "displayName": "order-bot",
            "agentIdentityBlueprintId": "0199a4b0-0000-7000-8000-000000000001",
            "principal": "0199a4b0-0000-7000-8000-000000000002",
            "accountEnabled": true,
            "appRoleAssignmentRequired": false,
            "servicePrincipalType": "ServiceIdentity",
            "createdByAppId": "0199a4b0-0000-7000-8000-000000000009",
            "tags": ["a"],
            "aMemberOfANewerVersion": {"kept": true},
        }),
    );
}

#[test]
fn schema_1_of_agent_user_is_read_and_kept() {
    is_kept::<AgentUser>(
        1,
        &json!({
            "identityParentId": "0199a4b0-0000-7000-8000-000000000003",
            "blueprintAppId": "0199a4b0-0000-7000-8000-000000000001",
            "displayName": "HR Bot",
            "userPrincipalName": "hrbot@contoso.test",
            "mailNickname": "hrbot",
            "accountEnabled": true,
            "usageLocation": "DE",
            "aMemberOfANewerVersion": [1, null],
        }),
    );
    assert_eq!((AgentUser::SCHEMA, AgentIdentity::SCHEMA), (1, 1), "a new schema needs a sample of its own");
}
