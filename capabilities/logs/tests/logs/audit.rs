//! The columns of audit records.

use crate::house::{House, caller, commit, moment, object, rows, tenant, uuid};
use serde_json::{Value, json};
use signet_kernel::{AppId, Failure, Fault};
use signet_logs::AUDITS;
use signet_logs::audit::activities::{ADD_SERVICE_PRINCIPAL, ADD_SERVICE_PRINCIPAL_CREDENTIALS, UPDATE_USER};
use signet_logs::audit::{
    Act, AppRoleGrant, KeyDescription, KeyType, Target, app_role_assigned, key_descriptions, modified, success,
};
use signet_store::AuditEntry;

async fn recorded(entries: impl IntoIterator<Item = AuditEntry>) -> Vec<Value> {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    commit(&store, entries).await;
    copier.caught_up().await.unwrap();
    rows(&record, AUDITS).await
}

fn agent(name: &str) -> Target {
    Target::new("agentIdentity", object(0xa1), name).in_chain(Some(object(0xb0)), [object(0x51), object(0x52)])
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_4_an_audit_record_names_actor_target_blueprint_and_sponsors() {
    let view = json!({ "displayName": "Agent-One", "accountEnabled": true, "tags": [], "note": null });
    let target = agent("Agent-One").with_modified(modified(None, view.as_object(), &[]));
    let caller = caller("agentIdentityBlueprintPrincipal", "Blueprint-One");
    let entry = success(&caller, moment(1), uuid(1), &ADD_SERVICE_PRINCIPAL, vec![target], &[("AppId", "x")]);
    let rows = recorded([entry]).await;
    insta::assert_json_snapshot!(rows, @r#"
    [
      {
        "Id": "Directory_00000000-0000-0000-0000-000000000001",
        "TimeGenerated": "2026-11-21T10:00:01Z",
        "ActivityDateTime": "2026-11-21T10:00:01Z",
        "OperationName": "Add service principal",
        "ActivityDisplayName": "Add service principal",
        "Category": "ApplicationManagement",
        "AADOperationType": "Add",
        "LoggedByService": "Core Directory",
        "Result": "success",
        "ResultReason": "",
        "InitiatedBy": {
          "app": {
            "appId": "00000000-0000-0000-0000-0000000000c1",
            "displayName": "Blueprint-One",
            "servicePrincipalId": "00000000-0000-0000-0000-0000000000c0",
            "servicePrincipalName": null,
            "ipAddress": "192.0.2.17",
            "agentType": "agentIdentityBlueprintPrincipal",
            "blueprintId": "00000000-0000-0000-0000-0000000000b0"
          }
        },
        "PerformedBy": {
          "appId": "00000000-0000-0000-0000-0000000000c1",
          "agentType": "agentIdentityBlueprintPrincipal",
          "blueprintId": "00000000-0000-0000-0000-0000000000b0"
        },
        "TargetResources": [
          {
            "id": "00000000-0000-0000-0000-0000000000a1",
            "displayName": "Agent-One",
            "type": "ServicePrincipal",
            "userPrincipalName": null,
            "groupType": null,
            "modifiedProperties": [
              {
                "displayName": "DisplayName",
                "oldValue": "[]",
                "newValue": "[\"Agent-One\"]"
              },
              {
                "displayName": "AccountEnabled",
                "oldValue": "[]",
                "newValue": "[true]"
              },
              {
                "displayName": "Included Updated Properties",
                "oldValue": null,
                "newValue": "\"DisplayName, AccountEnabled\""
              }
            ],
            "administrativeUnits": [],
            "agentType": "agenticAppInstance",
            "blueprintId": "00000000-0000-0000-0000-0000000000b0",
            "sponsors": [
              "00000000-0000-0000-0000-000000000051",
              "00000000-0000-0000-0000-000000000052"
            ]
          }
        ],
        "AdditionalDetails": [
          {
            "key": "User-Agent",
            "value": "msal-python/1.34"
          },
          {
            "key": "AppId",
            "value": "x"
          }
        ],
        "CorrelationId": "00000000-0000-0000-0000-000000000071",
        "AADTenantId": "00000000-0000-0000-0000-0000000000aa"
      }
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_the_same_shape_and_says_why() {
    let house = House::new();
    let record = house.record();
    let caller = caller("servicePrincipal", "Admin");
    let targets = vec![agent("Agent-One")];
    let activity = &ADD_SERVICE_PRINCIPAL_CREDENTIALS;
    let act = Act { caller: &caller, at: moment(1), id: uuid(2), activity, targets, details: &[] };
    let failure = Failure::new(Fault::Input, "Request_BadRequest", "An agent identity holds no credentials.");
    record.append(act.refused(&house.context, &failure), None).await.unwrap();
    record.caught_up().await;
    let row = rows(&record, AUDITS).await.remove(0);
    let done: Value = recorded([act.success()]).await.remove(0);
    let names = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&row), names(&done));
    assert_eq!((&row["Result"], &done["Result"]), (&json!("failure"), &json!("success")));
    assert_eq!(row["ResultReason"], failure.message);
    assert_eq!(row["InitiatedBy"]["app"]["agentType"], "notAgentic");
}

#[test]
fn nothing_personal_is_in_the_hashed_bytes() {
    let house = House::new();
    let caller = caller("user", "Zoe Quux");
    let (before, after) = (json!({ "mail": "zoe@a.test" }), json!({ "mail": "quux@a.test" }));
    let changed = modified(before.as_object(), after.as_object(), &[]);
    let target = Target::new("user", object(0xd0), "Xavier Young").with_user_principal_name("xavier@a.test");
    let targets = vec![agent("Agent-One"), target.with_modified(changed)];
    let act = Act { caller: &caller, at: moment(1), id: uuid(3), activity: &UPDATE_USER, targets, details: &[] };
    let entry = act.refused(&house.context, &Failure::busy(""));
    let hashed = std::str::from_utf8(entry.body()).unwrap();
    for personal in ["192.0.2.17", "Zoe", "zoe", "Xavier", "xavier", "quux", "msal-python"] {
        assert!(!hashed.contains(personal), "{personal} in {hashed}");
    }
    assert!(hashed.contains("Agent-One") && hashed.contains(&object(0xd0).to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_names_come_back_in_their_places_and_can_be_erased_one_by_one() {
    let house = House::new();
    let (store, record, copier) = house.copying().await;
    let caller = caller("user", "Zoe Quux");
    let target = Target::new("user", object(0xd0), "Xavier Young").with_user_principal_name("xavier@a.test");
    commit(&store, [success(&caller, moment(1), uuid(4), &UPDATE_USER, vec![target], &[])]).await;
    copier.caught_up().await.unwrap();
    let row = rows(&record, AUDITS).await.remove(0);
    assert_eq!(row["InitiatedBy"]["user"]["displayName"], "Zoe Quux");
    assert_eq!(row["InitiatedBy"]["user"]["ipAddress"], "192.0.2.17");
    assert_eq!(row["TargetResources"][0]["displayName"], "Xavier Young");
    assert_eq!(row["AdditionalDetails"], json!([{ "key": "User-Agent", "value": "msal-python/1.34" }]));
    let id = row["Id"].as_str().unwrap();
    assert_eq!(record.erase(tenant(), AUDITS, id, &["/TargetResources/0/displayName"]).await.unwrap(), 1);
    let row = rows(&record, AUDITS).await.remove(0);
    assert_eq!(row["TargetResources"][0]["displayName"], Value::Null);
    assert_eq!(row["TargetResources"][0]["userPrincipalName"], "xavier@a.test");
    assert_eq!(row["InitiatedBy"]["user"]["displayName"], "Zoe Quux");
}

#[test]
fn hidden_members_are_named_without_their_values() {
    let before = json!({ "id": "1", "displayName": "A", "passwordCredentials": [1], "same": 1, "@odata.type": "x" });
    let after = json!({ "id": "2", "displayName": "B", "passwordCredentials": [2], "same": 1, "@odata.type": "y" });
    let changed = modified(before.as_object(), after.as_object(), &["passwordCredentials"]);
    let names: Vec<_> = changed.iter().map(|modified| modified.name.as_str()).collect();
    assert_eq!(names, ["DisplayName", "Included Updated Properties"]);
    assert_eq!((&changed[0].old, &changed[0].new), (&Some(json!(["A"])), &Some(json!(["B"]))));
    assert_eq!(changed[1].new, Some(json!("DisplayName, PasswordCredentials")));
    assert_eq!(modified(before.as_object(), before.as_object(), &[]).len(), 1);
}

#[test]
fn credentials_are_shown_by_id_and_name() {
    let key = |id, kind| KeyDescription { id: uuid(id), kind, display_name: "ci" };
    let (secret, certificate) = (key(1, KeyType::Password), key(2, KeyType::AsymmetricX509Cert));
    let changed = key_descriptions(&[secret], &[secret, certificate]);
    let text = |id, kind| format!("[KeyIdentifier={},KeyType={kind},KeyUsage=Verify,DisplayName=ci]", uuid(id));
    assert_eq!(changed[0].name, "KeyDescription");
    assert_eq!(changed[0].old, Some(json!([text(1, "Password")])));
    assert_eq!(changed[0].new, Some(json!([text(1, "Password"), text(2, "AsymmetricX509Cert")])));
    assert_eq!(
        (changed[1].name.as_str(), &changed[1].new),
        ("Included Updated Properties", &Some(json!("KeyDescription")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_has_its_properties_in_order_and_a_compatible_record_that_the_seed_query_finds() {
    let names = ["api://mail".to_owned()];
    let grant = AppRoleGrant {
        role: uuid(0xf0),
        value: Some("Mail.Read"),
        role_name: Some("Read mail"),
        assigned: moment(0),
        resource: Target::new("servicePrincipal", object(0xe0), "Mail API"),
        resource_names: &names,
        principal: agent("Agent-One"),
        principal_app: AppId::from_uuid(uuid(0xa1)),
    };
    let entries = app_role_assigned(&caller("servicePrincipal", "Admin"), moment(1), [uuid(5), uuid(6)], &grant);
    let rows = recorded(entries).await;
    let properties = rows[0]["TargetResources"][0]["modifiedProperties"].as_array().unwrap();
    let shown: Vec<_> = properties
        .iter()
        .map(|property| {
            format!("{} {}", property["displayName"].as_str().unwrap(), property["newValue"].as_str().unwrap())
        })
        .collect();
    insta::assert_json_snapshot!(shown, @r#"
    [
      "AppRole.Id \"00000000-0000-0000-0000-0000000000f0\"",
      "AppRole.Value \"Mail.Read\"",
      "AppRole.DisplayName \"Read mail\"",
      "AppRoleAssignment.CreatedDateTime \"2026-11-21T10:00:00Z\"",
      "AppRoleAssignment.LastModifiedDateTime \"2026-11-21T10:00:00Z\"",
      "ServicePrincipal.ObjectID \"00000000-0000-0000-0000-0000000000a1\"",
      "ServicePrincipal.DisplayName \"Agent-One\"",
      "ServicePrincipal.AppId \"00000000-0000-0000-0000-0000000000a1\"",
      "ServicePrincipal.Name \"00000000-0000-0000-0000-0000000000a1\"",
      "TargetId.ServicePrincipalNames \"api://mail\""
    ]
    "#);
    let first = |row: &Value| (row["OperationName"].clone(), row["TargetResources"][0]["displayName"].clone());
    assert_eq!(first(&rows[0]), (json!("Add app role assignment to service principal"), json!("Mail API")));
    assert_eq!(first(&rows[1]), (json!("Add OAuth2PermissionGrant"), json!("Agent-One")));
    assert_eq!(rows[0]["CorrelationId"], rows[1]["CorrelationId"]);
    assert!(rows[1]["AdditionalDetails"].as_array().unwrap().contains(&json!({ "key": "compat", "value": "true" })));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_is_one_of_the_table_or_named_as_signets_own() {
    const COLUMNS: &str = "TimeGenerated ActivityDateTime OperationName ActivityDisplayName Category AADOperationType \
        LoggedByService Result ResultReason ResultType ResultDescription ResultSignature InitiatedBy TargetResources \
        AdditionalDetails CorrelationId Id AADTenantId Identity Level Location OperationVersion Resource ResourceGroup \
        ResourceId ResourceProvider DurationMs";
    const OWN: &str = "PerformedBy";
    let act = success(&caller("servicePrincipal", "Admin"), moment(1), uuid(7), &UPDATE_USER, vec![], &[]);
    for column in recorded([act]).await[0].as_object().unwrap().keys() {
        assert!(COLUMNS.split_whitespace().chain([OWN]).any(|known| known == column), "{column}");
    }
}
