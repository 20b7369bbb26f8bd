//! What is raised once, whoever watches and whatever fails.

use super::*;
use crate::group::AlertGroup;
use crate::house::{House, MINUTE, all, caller, id};
use crate::progress::AlertProgress;
use crate::raise;
use crate::rule::{AlertRule, Evaluation};
use signet_alerts::{Alert, Severity};
use signet_kernel::ObjectId;
use signet_logs::audit::Target;
use signet_tenants::Tenant;

fn rule(name: &str, query: &str, evaluation: Evaluation) -> AlertRule {
    AlertRule {
        display_name: name.to_owned(),
        description: Some(format!("{name}: {{{{SubjectName}}}}")),
        query: format!(
            "{query} | extend SubjectId = tostring(TargetResources[0].id), SubjectName = tostring(TargetResources[0].displayName)"
        ),
        severity: Severity::Low,
        is_enabled: true,
        evaluation,
        frequency_in_minutes: 1,
        period_in_minutes: 60,
        threshold: 0,
        group_by: vec!["SubjectId".to_owned()],
        suppress_for_minutes: 60,
        built_in: None,
        other: serde_json::Map::new(),
    }
}

const ADDED: &str = "AuditLogs | where OperationName == 'Add application'";

async fn add(house: &House, number: u128) {
    let target = Target::new("application", id(number), format!("a{number:03}"));
    house.done(&caller(9), "Add application", vec![target]).await;
}

async fn said(house: &House) -> Vec<String> {
    house.alerts(AlertRule::CATEGORY).await.into_iter().map(|(_, said)| said).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_before_a_rule_was_there_raises_nothing() {
    let mut house = House::new().await;
    add(&house, 1).await;
    house.round().await;
    house.put(&rule("r", ADDED, Evaluation::Streaming)).await;
    house.round().await;
    assert_eq!(said(&house).await, [""; 0]);
    add(&house, 2).await;
    house.round().await;
    assert_eq!(said(&house).await, ["r: a002"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_was_just_made_is_watched_from_its_start() {
    let mut house = House::unwatched().await;
    let mut unit = house.store.unit();
    unit.create(Tenant::id(house.store.id()), &Tenant::new("Contoso", None).unwrap());
    house.commit(unit).await;
    let agent = Target::new("agentIdentity", id(1), "agent");
    let (on, off) = (serde_json::json!({"accountEnabled": true}), serde_json::json!({"accountEnabled": false}));
    house.did(&caller(9), "Update service principal", agent, (on, off)).await;
    house.round_after(59 * MINUTE).await;
    assert_eq!(house.alerts("agentBlocked").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_that_watch_at_once_one_raises_each_alert() {
    let mut house = House::new().await;
    house.put(&rule("r", ADDED, Evaluation::Streaming)).await;
    house.put(&rule("s", ADDED, Evaluation::Scheduled)).await;
    let (other, mut mind) = (house.another_watch(), Mind::default());
    house.round_after(2 * MINUTE).await;
    other.round(&mut mind).await.unwrap();
    for number in 1..4 {
        add(&house, number).await;
    }
    house.round_after(2 * MINUTE).await;
    other.round(&mut mind).await.unwrap();
    let wanted = ["r: a001", "r: a002", "r: a003", "s: a001", "s: a002", "s: a003"];
    assert_eq!(said(&house).await, wanted);
    // The other lost the race, and goes on from where the first was.
    house.clock.advance(PAUSE + 2 * MINUTE);
    add(&house, 4).await;
    house.recorded().await;
    other.round(&mut mind).await.unwrap();
    assert_eq!(
        said(&house).await,
        ["r: a001", "r: a002", "r: a003", "r: a004", "s: a001", "s: a002", "s: a003", "s: a004"]
    );
    assert!(other.counts()().failures > 0, "and it was told of");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_next_goes_on_where_the_last_one_was() {
    let mut house = House::new().await;
    house.put(&rule("r", ADDED, Evaluation::Streaming)).await;
    add(&house, 1).await;
    house.round().await;
    add(&house, 2).await;
    house.recorded().await;
    house.another_watch().round(&mut Mind::default()).await.unwrap();
    assert_eq!(said(&house).await, ["r: a001", "r: a002"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_not_asked_of_what_alerts_leave() {
    let mut house = House::new().await;
    let query = "AuditLogs | where OperationName in ('Add application', 'Raise alert')";
    let both = rule("r", query, Evaluation::Streaming);
    let both = AlertRule { group_by: Vec::new(), suppress_for_minutes: 0, ..both };
    house.put(&both).await;
    add(&house, 1).await;
    for _ in 0..5 {
        house.round().await;
    }
    assert_eq!(said(&house).await, ["r: a001"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_fails_holds_up_no_other() {
    let mut house = House::new().await;
    house.put(&rule("broken", "AuditLogs | where Nothing == 1", Evaluation::Streaming)).await;
    house.put(&rule("late", "AuditLogs | where Nothing == 1", Evaluation::Scheduled)).await;
    house.put(&rule("r", ADDED, Evaluation::Streaming)).await;
    house.put(&rule("s", ADDED, Evaluation::Scheduled)).await;
    add(&house, 1).await;
    house.round_after(2 * MINUTE).await;
    assert_eq!(said(&house).await, ["r: a001", "s: a001"]);
    assert!(house.watch.counts()().failures > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_silent_for_its_time_and_then_forgotten() {
    let mut house = House::new().await;
    house.put(&AlertRule { suppress_for_minutes: 5, ..rule("r", ADDED, Evaluation::Streaming) }).await;
    for minutes in [0, 4] {
        house.clock.advance(minutes * MINUTE);
        add(&house, 1).await;
        house.round().await;
        assert_eq!(said(&house).await, ["r: a001"]);
    }
    house.round_after(2 * MINUTE).await;
    assert_eq!(all::<AlertGroup>(&house.store).await.len(), 0);
    add(&house, 1).await;
    house.round().await;
    assert_eq!(said(&house).await, ["r: a001", "r: a001"]);
    assert_eq!(house.watch.counts()().failures, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_groups_than_one_rule_may_raise_are_told_of_in_the_last_alert() {
    let mut house = House::new().await;
    house.put(&rule("r", ADDED, Evaluation::Streaming)).await;
    for number in 0..raise::MOST as u128 + 7 {
        add(&house, number).await;
    }
    house.round().await;
    let said = said(&house).await;
    assert_eq!(said.len(), raise::MOST);
    assert_eq!(said.last().unwrap(), "r: a049 (and 7 others)");
    assert!(!said[0].contains("others"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_in_which_nothing_new_is_found_is_not_written_to() {
    let mut house = House::new().await;
    // Found each time, and told of once in two weeks.
    house
        .put(&AlertRule {
            query: "print SubjectId = '', SubjectName = 'x'".to_owned(),
            group_by: Vec::new(),
            suppress_for_minutes: 20_160,
            ..rule("r", ADDED, Evaluation::Scheduled)
        })
        .await;
    house.round_after(MINUTE).await;
    assert_eq!(said(&house).await, ["r: x"]);
    // What the alert left in the record is passed, once.
    house.round_after(2 * MINUTE).await;
    let (before, asked) = (house.store.position().await.unwrap(), house.watch.counts()().scheduled);
    for _ in 0..5 {
        house.round_after(61 * MINUTE).await;
    }
    assert!(house.watch.counts()().scheduled > asked);
    assert_eq!(house.store.position().await.unwrap(), before, "no client that follows the directory is woken for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_that_raised_nothing_is_written_once_a_minute_at_most() {
    let mut house = House::new().await;
    let place = async |house: &House| all::<AlertProgress>(&house.store).await[0].version;
    let before = place(&house).await;
    for number in 0..5 {
        add(&house, number).await;
        house.round().await;
    }
    assert_eq!(place(&house).await, before);
    add(&house, 6).await;
    house.round_after(MINUTE).await;
    assert!(place(&house).await > before);
    assert_eq!(all::<Alert>(&house.store).await.iter().map(|alert| alert.body.subject).collect::<Vec<ObjectId>>(), []);
}
