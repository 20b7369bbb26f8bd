//! The tables that queries see.

use crate::house::{House, caller, moment, object, origin, rows, tenant, uuid};
use crate::sign_in::full;
use serde_json::{Value as Json, json};
use signet_kql::{Type, Value};
use signet_logs::tables::{HIDDEN, Held, Received, table, tables};
use signet_logs::{CallToken, GRAPH_ACTIVITY, GraphCall, LOG_READS, LogRead, SIGN_INS};
use signet_record::Entry;
use std::collections::BTreeMap;
use std::time::Duration;

/// Columns that every table of the service has, though its reference leaves some of them out.
const EVERYWHERE: [&str; 4] = ["TenantId", "TimeGenerated", "SourceSystem", "Type"];

#[test]
fn names_and_types_are_those_of_the_published_reference() {
    let reference: BTreeMap<String, Vec<(String, String)>> =
        serde_json::from_str(include_str!("../../../../standards/kql/tests/data/tables.json")).unwrap();
    let mut published = 0;
    for table in tables() {
        let Some(columns) = reference.get(table.name) else { continue };
        published += 1;
        let added = |name: &str| !columns.iter().any(|(known, _)| known == name);
        let ours: Vec<(String, String)> = table
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.ty.name().to_owned()))
            .filter(|(name, _)| !(added(name) && (EVERYWHERE.contains(&&**name) || HIDDEN.contains(&&**name))))
            .collect();
        assert_eq!(&ours, columns, "{}", table.name);
    }
    assert_eq!(published, 17);
}

#[test]
fn every_table_has_the_columns_of_every_table_once() {
    for table in tables() {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        for name in EVERYWHERE.iter().chain(&HIDDEN) {
            assert_eq!(names.iter().filter(|known| known == &name).count(), 1, "{}.{name}", table.name);
        }
        assert_eq!(names.len(), names.iter().collect::<std::collections::BTreeSet<_>>().len(), "{}", table.name);
    }
}

#[test]
fn what_marks_an_agent_is_dynamic_in_one_sign_in_table_and_a_text_in_the_others() {
    let kind = |name: &str| table(name).unwrap().columns.iter().find(|column| column.name == "Agent").unwrap().ty;
    assert_eq!(kind("SigninLogs"), Type::Dynamic);
    for name in ["AADNonInteractiveUserSignInLogs", "AADServicePrincipalSignInLogs", "AADManagedIdentitySignInLogs"] {
        assert_eq!(kind(name), Type::String);
    }
}

/// The one row of a table over one record.
async fn shown(name: &str, entry: impl FnOnce(&House) -> Entry) -> BTreeMap<String, Value> {
    let house = House::new();
    let record = house.record();
    record.append(entry(&house), None).await.unwrap();
    record.caught_up().await;
    let table = table(name).unwrap();
    let Held::Record(stored, _) = table.held else { panic!("{name} is not read from the record") };
    let Json::Object(found) = rows(&record, stored).await.remove(0) else { panic!("a record is an object") };
    let row = table.row(found, Received { tenant: tenant(), at: moment(9) });
    table.columns.iter().map(|column| column.name.clone()).zip(row).collect()
}

fn call(status: u16) -> impl FnOnce(&House) -> Entry {
    move |house| {
        let token = CallToken { uti: "uti-1".to_owned(), iat: 5, appidacr: Some("2".to_owned()), azpacr: None };
        let call = GraphCall {
            caller: &caller("agentIdentity", "Agent-One"),
            id: uuid(0x99),
            at: moment(1),
            duration: Duration::from_millis(3),
            method: "GET",
            uri: "https://signet.test/v1.0/users/00000000-0000-0000-0000-0000000000c9?$select=id",
            version: "v1.0",
            status,
            size: Some(17),
            token: &token,
        };
        call.to_entry(&house.context)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_tied_to_the_sign_in_that_its_token_came_from() {
    let sign_in = shown(SIGN_INS, |house| full(&origin(), &[]).to_entry(&house.context)).await;
    let call = shown(GRAPH_ACTIVITY, call(200)).await;
    assert_eq!(call["SignInActivityId"], sign_in["UniqueTokenIdentifier"]);
    assert_eq!(call["ClientAuthMethod"], Value::Long(2));
    assert_eq!(call["IPAddress"], Value::text("192.0.2.17"));
    assert_eq!(call["ServicePrincipalId"].to_text(), object(0xc0).to_string());
    assert_eq!(call["UserId"], Value::text(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_address_or_a_query_names_is_in_no_hashed_byte_and_can_be_erased_wherever_it_shows() {
    let house = House::new();
    let record = house.record();
    let (caller, who) = (caller("agentIdentity", "Agent-One"), "alice@contoso.example");
    let uri = format!("https://signet.test/v1.0/users/{who}?$filter=mail eq '{who}'");
    let (token, id) = (CallToken::default(), uuid(0x99));
    let call = GraphCall {
        caller: &caller,
        id,
        at: moment(1),
        duration: Duration::ZERO,
        method: "GET",
        uri: &uri,
        version: "v1.0",
        status: 200,
        size: None,
        token: &token,
    };
    let query = format!("SigninLogs | where UserPrincipalName == '{who}'");
    let range = (None, None);
    let read = LogRead {
        caller: &caller,
        at: moment(2),
        duration: Duration::ZERO,
        query: &query,
        range,
        status: 200,
        rows: 1,
    };
    for entry in [call.to_entry(&house.context), read.to_entry(&house.context)] {
        let hashed = String::from_utf8(entry.body().to_vec()).unwrap();
        assert!(!hashed.contains(who) && !hashed.contains("msal-python"), "{hashed}");
        record.append(entry, None).await.unwrap();
    }
    record.caught_up().await;
    let cell = async |name: &str, column: &str| {
        let table = table(name).unwrap();
        let Held::Record(stored, _) = table.held else { panic!("{name} is not read from the record") };
        let Json::Object(found) = rows(&record, stored).await.remove(0) else { panic!("a record is an object") };
        let at = table.columns.iter().position(|known| known.name == column).unwrap();
        table.row(found, Received { tenant: tenant(), at: moment(9) }).remove(at).to_text().to_string()
    };
    assert_eq!(cell(GRAPH_ACTIVITY, "RequestUri").await, uri);
    assert_eq!(cell("MicrosoftGraphPolicyLogs", "TargetResourceName").await, "users");
    assert_eq!(cell(LOG_READS, "QueryText").await, query);
    let read_id = cell(LOG_READS, "_ItemId").await;
    for (name, id, fields) in [
        (GRAPH_ACTIVITY, id.to_string(), ["RequestUri", "UserAgent", "IPAddress"].as_slice()),
        (LOG_READS, read_id, &["QueryText", "RequestClientApp"]),
    ] {
        assert_eq!(record.erase(tenant(), name, &id, fields).await.unwrap(), fields.len());
        for field in fields {
            assert_eq!(cell(name, field).await, "", "{name}.{field}");
        }
    }
    for column in ["RequestUri", "TargetResourceName", "TargetResourceId"] {
        assert_eq!(cell("MicrosoftGraphPolicyLogs", column).await, "", "{column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_the_right_is_a_denied_decision_and_any_other_a_compliant_one() {
    for (status, decision, denied) in [(403, "deny", 1), (404, "compliant", 0), (200, "compliant", 0)] {
        let row = shown("MicrosoftGraphPolicyLogs", call(status)).await;
        assert_eq!(row["PolicyDecision"], Value::text(decision));
        assert_eq!(row["DenyPoliciesCount"], Value::Long(denied));
        assert_eq!(row["TargetResourceName"], Value::text("users"));
        assert_eq!(row["TargetResourceId"].to_text(), object(0xc9).to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_4_the_chain_of_a_token_is_a_row() {
    let sponsors = [object(0x51)];
    let row = shown("AgentTokenLogs", |house| full(&origin(), &sponsors).to_entry(&house.context)).await;
    let text = |name: &str| serde_json::from_str::<Json>(&row[name].to_text()).unwrap();
    assert_eq!(text("Sponsors"), json!([object(0x51)]));
    assert_eq!(
        text("ActorChain"),
        json!([
            {"agentType": "agenticAppInstance", "servicePrincipalId": object(0xa1), "appId": object(0xa1),
             "displayName": "Agent \"One\""},
            {"agentType": "agenticApp", "id": object(0xb0), "appId": object(0xb1)},
        ])
    );
    assert_eq!(row["AgentId"].to_text(), object(0xa1).to_string());
    assert_eq!(row["RevocationCounter"], Value::Long(42));
    assert_eq!(row["RequestCount"], Value::Long(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_all_rows_say_alike_is_filled_in_where_rows_are_read() {
    let row = shown(SIGN_INS, |house| full(&origin(), &[]).to_entry(&house.context)).await;
    assert_eq!(row["Type"], Value::text(SIGN_INS));
    assert_eq!(row["TenantId"].to_text(), tenant().to_string());
    assert_eq!(row["SourceSystem"], Value::text("Azure AD"));
    assert_eq!(row["ConditionalAccessPolicies"], Value::text("[]"));
    assert_eq!(row["SessionId"], Value::text(""));
    assert!(matches!(row["_TimeReceived"], Value::DateTime(_)));
    assert_eq!(row["_ItemId"], row["Id"]);
}
