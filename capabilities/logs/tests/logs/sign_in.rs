//! The columns of sign-in records.

use crate::house::{House, moment, object, origin, rows, tenant, uuid};
use serde_json::{Value, json};
use signet_kernel::{AppId, Origin, Revocation};
use signet_logs::audit::AgentType;
use signet_logs::{SIGN_INS, SignIn, SignInBlueprint, SignInClient, SignInCredential, SignInOutcome, SignInResource};
use std::time::Duration;

pub(crate) fn full<'a>(origin: &'a Origin, sponsors: &'a [signet_kernel::ObjectId]) -> SignIn<'a> {
    SignIn {
        tenant: tenant(),
        id: uuid(0x70),
        at: moment(1),
        duration: Duration::from_micros(2_500),
        origin,
        app_id: Some(AppId::from_uuid(uuid(0xa1))),
        client: Some(SignInClient {
            service_principal: object(0xa1),
            display_name: "Agent \"One\"",
            agent: AgentType::AgenticAppInstance,
            blueprint: Some(SignInBlueprint { id: object(0xb0), app_id: AppId::from_uuid(uuid(0xb1)) }),
            sponsors,
        }),
        credential: Some(SignInCredential { kind: "clientAssertion", id: uuid(0xcc), thumbprint: Some("AB") }),
        resource: Some(SignInResource {
            identity: "00000003-0000-0000-c000-000000000000",
            display_name: Some("Microsoft Graph"),
            service_principal: Some(object(0xe0)),
            agent: Some(object(0xa2)),
        }),
        outcome: SignInOutcome::Granted { token: "uti-1" },
        revocation: Revocation::from_u64(42),
    }
}

fn nameless<'a>(origin: &'a Origin) -> SignIn<'a> {
    SignIn {
        app_id: None,
        client: None,
        credential: None,
        resource: None,
        outcome: SignInOutcome::Refused { code: 7_000_216, reason: "AADSTS7000216: a client is required." },
        ..full(origin, &[])
    }
}

async fn recorded(sign_in: SignIn<'_>) -> Value {
    let house = House::new();
    let record = house.record();
    record.append(sign_in.to_entry(&house.context), None).await.unwrap();
    record.caught_up().await;
    rows(&record, SIGN_INS).await.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_names_nobody_is_recorded_with_what_is_known() {
    let row = recorded(nameless(&Origin::internal(uuid(0x70)))).await;
    insta::assert_json_snapshot!(row, @r#"
    {
      "Id": "00000000-0000-0000-0000-000000000070",
      "TimeGenerated": "2026-11-21T10:00:01Z",
      "CreatedDateTime": "2026-11-21T10:00:01Z",
      "OperationName": "Sign-in activity",
      "Category": "ServicePrincipalSignInLogs",
      "DurationMs": 2,
      "AADTenantId": "00000000-0000-0000-0000-0000000000aa",
      "CorrelationId": "00000000-0000-0000-0000-000000000070",
      "ResultType": "7000216",
      "ResultDescription": "AADSTS7000216: a client is required.",
      "ConditionalAccessStatus": "notApplied",
      "RevocationCounter": 42
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn behaviour_40_and_invariant_4_a_sign_in_names_agent_blueprint_and_sponsors() {
    let row = recorded(full(&origin(), &[object(0x51), object(0x52)])).await;
    insta::assert_json_snapshot!(row, @r#"
    {
      "Id": "00000000-0000-0000-0000-000000000070",
      "TimeGenerated": "2026-11-21T10:00:01Z",
      "CreatedDateTime": "2026-11-21T10:00:01Z",
      "OperationName": "Sign-in activity",
      "Category": "ServicePrincipalSignInLogs",
      "DurationMs": 2,
      "AADTenantId": "00000000-0000-0000-0000-0000000000aa",
      "CorrelationId": "00000000-0000-0000-0000-000000000071",
      "IPAddress": "192.0.2.17",
      "UserAgent": "msal-python/1.34",
      "AppId": "00000000-0000-0000-0000-0000000000a1",
      "ServicePrincipalId": "00000000-0000-0000-0000-0000000000a1",
      "ServicePrincipalName": "Agent \"One\"",
      "AppOwnerTenantId": "00000000-0000-0000-0000-0000000000aa",
      "Agent": "{\"agentType\":\"agenticAppInstance\",\"parentAppId\":\"00000000-0000-0000-0000-0000000000b1\",\"agentSubjectType\":\"notAgentic\",\"agentSubjectParentId\":null}",
      "BlueprintId": "00000000-0000-0000-0000-0000000000b0",
      "Sponsors": "[\"00000000-0000-0000-0000-000000000051\",\"00000000-0000-0000-0000-000000000052\"]",
      "ClientCredentialType": "clientAssertion",
      "ServicePrincipalCredentialKeyId": "00000000-0000-0000-0000-0000000000cc",
      "ServicePrincipalCredentialThumbprint": "AB",
      "ResourceIdentity": "00000003-0000-0000-c000-000000000000",
      "ResourceDisplayName": "Microsoft Graph",
      "ResourceServicePrincipalId": "00000000-0000-0000-0000-0000000000e0",
      "ResourceOwnerTenantId": "00000000-0000-0000-0000-0000000000aa",
      "AgentId": "00000000-0000-0000-0000-0000000000a2",
      "ResultType": "0",
      "UniqueTokenIdentifier": "uti-1",
      "ConditionalAccessStatus": "notApplied",
      "RevocationCounter": 42
    }
    "#);
    let agent: Value = serde_json::from_str(row["Agent"].as_str().unwrap()).unwrap();
    assert_eq!(agent["agentType"], "agenticAppInstance");
    assert_eq!(agent["parentAppId"], json!(uuid(0xb1)));
    let sponsors: Value = serde_json::from_str(row["Sponsors"].as_str().unwrap()).unwrap();
    assert_eq!(sponsors, json!([uuid(0x51), uuid(0x52)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_client_is_marked_as_no_agent_and_a_federated_credential_has_its_own_column() {
    let origin = origin();
    let mut sign_in = full(&origin, &[]);
    sign_in.client =
        sign_in.client.map(|client| SignInClient { agent: AgentType::NotAgentic, blueprint: None, ..client });
    sign_in.credential = sign_in.credential.map(|credential| SignInCredential {
        kind: "federatedIdentityCredential",
        thumbprint: None,
        ..credential
    });
    let row = recorded(sign_in).await;
    assert_eq!(row["Agent"], r#"{"agentType":"notAgentic","agentSubjectType":"notAgentic"}"#);
    assert_eq!(row["FederatedCredentialId"], json!(uuid(0xcc)));
    assert_eq!((row.get("ServicePrincipalCredentialKeyId"), row.get("BlueprintId")), (None, None));
    assert_eq!(row["Sponsors"], "[]");
}

#[test]
fn the_address_is_not_in_the_hashed_bytes() {
    let house = House::new();
    let entry = full(&origin(), &[]).to_entry(&house.context);
    let hashed = std::str::from_utf8(entry.body()).unwrap();
    assert!(!hashed.contains("192.0.2.17") && hashed.contains(r#""IPAddress":"sha256:"#), "{hashed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_is_one_of_the_table_or_named_as_signets_own() {
    const COLUMNS: &str = "Id CreatedDateTime TimeGenerated CorrelationId ServicePrincipalId ServicePrincipalName AppId \
        AppOwnerTenantId ServicePrincipalCredentialKeyId ServicePrincipalCredentialThumbprint ClientCredentialType \
        FederatedCredentialId ResourceIdentity ResourceDisplayName ResourceServicePrincipalId ResourceOwnerTenantId \
        IPAddress AutonomousSystemNumber Location LocationDetails NetworkLocationDetails UserAgent ResultType \
        ResultDescription ResultSignature ConditionalAccessPolicies ConditionalAccessStatus ConditionalAccessAudiences \
        AuthenticationContextClassReferences AuthenticationProcessingDetails UniqueTokenIdentifier SessionId Agent \
        OperationName Category DurationMs Level OperationVersion ResourceGroup Identity AADTenantId";
    const OWN: [&str; 4] = ["AgentId", "BlueprintId", "Sponsors", "RevocationCounter"];
    let origin = origin();
    for sign_in in [full(&origin, &[object(1)]), nameless(&origin)] {
        for column in recorded(sign_in).await.as_object().unwrap().keys() {
            assert!(COLUMNS.split_whitespace().chain(OWN).any(|known| known == column), "{column}");
        }
    }
}
