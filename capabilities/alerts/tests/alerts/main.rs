//! What the crate promises, over a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

use serde_json::json;
use signet_alerts::{Alert, Alerts, CATEGORY, NewAlert, Severity, raise};
use signet_graph::{Call, Entity, JsonMap};
use signet_kernel::{Fault, ObjectId};
use signet_logs::audit::Target;
use signet_testkit::{TestCaller, TestTenant};

fn new(subject: ObjectId) -> NewAlert {
    NewAlert {
        title: "Something changed".into(),
        description: "Ann changed it.".to_owned(),
        category: "somethingChanged".into(),
        severity: Severity::High,
        subject,
        target: Target::new("application", subject, "Desk"),
    }
}

async fn alert(tenant: &TestTenant, call: &Call) -> ObjectId {
    let mut unit = tenant.store.unit();
    let raised = raise(call, &mut unit, new(tenant.store.context().new_object_id()));
    tenant.store.commit(unit).await.unwrap();
    raised.tell();
    let audit = tenant.audits().await.pop().unwrap();
    audit.text("/body/AdditionalDetails/0/value").parse().unwrap()
}

async fn view(tenant: &TestTenant, id: ObjectId) -> JsonMap {
    Alerts.view(&tenant.store.read_row(id).await.unwrap().unwrap()).unwrap()
}

fn status(status: &str) -> JsonMap {
    JsonMap::from_iter([("status".to_owned(), json!(status))])
}

#[tokio::test]
async fn an_alert_is_an_object_and_an_audit_entry_of_a_category_of_its_own() {
    let tenant = TestTenant::start().await;
    let id = alert(&tenant, &tenant.call(&[])).await;
    let shown = view(&tenant, id).await;
    assert_eq!((&shown["status"], &shown["severity"]), (&json!("newAlert"), &json!("high")));
    assert_eq!((&shown["category"], &shown["description"]), (&json!("somethingChanged"), &json!("Ann changed it.")));
    let audit = tenant.audits().await.pop().unwrap();
    assert_eq!((audit.activity(), audit.text("/body/Category")), ("Raise alert", CATEGORY));
}

#[tokio::test]
async fn what_becomes_of_an_alert_is_not_for_blueprints_and_agents_to_say() {
    let tenant = TestTenant::start().await;
    let id = alert(&tenant, &tenant.call(&[])).await;
    let blueprint = tenant.store.context().new_object_id();
    let agent = tenant.call_by(TestCaller::of_kind("agentIdentity", blueprint).below(blueprint));
    assert_eq!(Alerts.update(&agent, id, status("resolved")).await.unwrap_err().fault, Fault::Rights);
    let call = tenant.call(&[]);
    assert_eq!(Alerts.update(&call, id, status("gone")).await.unwrap_err().fault, Fault::Input);
    assert_eq!(Alerts.update(&call, blueprint, status("resolved")).await.unwrap_err().fault, Fault::NotFound);
    Alerts.update(&call, id, status("resolved")).await.unwrap();
    assert_eq!(view(&tenant, id).await["status"], "resolved");
}

/// As the first version wrote it: read, and written back without a loss, for ever. Never edited.
#[test]
fn schema_1_of_alert_is_read_and_kept() {
    let sample = json!({
        "title": "Something changed",
        "description": "Ann changed it.",
        "category": "somethingChanged",
        "severity": "medium",
        "status": "inProgress",
        "subject": "0199a4b0-0000-7000-8000-000000000001",
        "actor": "0199a4b0-0000-7000-8000-000000000002",
        "aMemberOfANewerVersion": {"kept": true},
    });
    let alert: Alert = serde_json::from_value(sample.clone()).unwrap();
    assert_eq!(serde_json::to_value(&alert).unwrap(), sample);
}
