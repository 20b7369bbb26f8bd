//! Rules that look at how things are, and at what happened over a while.

use crate::house::{Agent, Application, DAY, House, MINUTE, Person, caller, id};
use serde_json::{Value, json};
use signet_directory::responsibility::SPONSORS;
use signet_kernel::Timestamp;
use signet_logs::{SignIn, SignInClient, SignInOutcome, refusals_counted};
use signet_record::FloodCount;
use std::time::Duration;
use uuid::Uuid;

/// So many requests of a client, all refused or all granted.
async fn requests(house: &House, app: u128, count: usize, outcome: SignInOutcome<'_>) {
    let name = format!("client {app}");
    for _ in 0..count {
        let client = SignInClient {
            service_principal: id(app + 1),
            display_name: &name,
            agent: signet_logs::audit::AgentType::NotAgentic,
            blueprint: None,
            sponsors: &[],
        };
        let by = caller(app);
        let sign_in = SignIn {
            tenant: house.store.id(),
            id: house.context.new_uuid(),
            at: house.context.now(),
            duration: Duration::ZERO,
            origin: &by.origin,
            app_id: Some(by.app),
            client: Some(client),
            credential: None,
            resource: None,
            outcome,
            revocation: house.store.revocation(),
        };
        house.append(sign_in.to_entry(&house.context)).await;
    }
}

const WRONG: SignInOutcome<'_> = SignInOutcome::Refused { code: 7_000_215, reason: "Invalid client secret." };
const RIGHT: SignInOutcome<'_> = SignInOutcome::Granted { token: "uti" };

#[tokio::test(flavor = "multi_thread")]
async fn failed_requests_needs_twenty_failures_and_more_than_half_within_ten_minutes() {
    let mut house = House::new().await;
    requests(&house, 100, 30, WRONG).await;
    house.clock.advance(11 * MINUTE);
    requests(&house, 200, 19, WRONG).await;
    requests(&house, 300, 20, WRONG).await;
    requests(&house, 300, 20, RIGHT).await;
    house.round().await;
    assert_eq!(house.alerts("failedRequests").await, [], "too old, too few, or not more than half");
    requests(&house, 300, 1, WRONG).await;
    house.round_after(MINUTE).await;
    let said =
        "21 of 41 requests of 'client 300' failed within ten minutes, the last one since: Invalid client secret.";
    assert_eq!(house.alerts("failedRequests").await, [(id(301), said.to_owned())]);
    house.round_after(MINUTE).await;
    assert_eq!(house.alerts("failedRequests").await.len(), 1, "it is silent for an hour");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_requests_counts_refusals_that_were_recorded_as_a_count() {
    let mut house = House::new().await;
    let counted = |count| FloodCount {
        tenant: house.store.id(),
        source: Some("203.0.113.7".parse().unwrap()),
        reason: "9002324",
        count,
        first: house.context.now(),
        last: house.context.now(),
    };
    house.append(refusals_counted(&house.context, &counted(19))).await;
    let more = counted(50_000);
    house.round_after(MINUTE).await;
    assert_eq!(house.alerts("failedRequests").await, []);
    house.append(refusals_counted(&house.context, &more)).await;
    house.round_after(MINUTE).await;
    let alerts = house.alerts("failedRequests").await;
    assert_eq!(alerts.len(), 1);
    let said = "50019 of 50019 requests of 'unknown clients at 203.0.113.7' failed";
    assert!(alerts[0].1.starts_with(said), "{}", alerts[0].1);
}

fn credential(name: &str, key: u128, end: Timestamp) -> Value {
    json!({"displayName": name, "keyId": Uuid::from_u128(key), "endDateTime": end})
}

#[tokio::test(flavor = "multi_thread")]
async fn credential_expiring_tells_two_weeks_before_and_a_day_after_once_a_week() {
    let mut house = House::new().await;
    let now = house.context.now();
    let far = json!({"displayName": "far", "appId": "a", "passwordCredentials": [credential("later", 1, now.plus(15 * DAY))],
                     "keyCredentials": [credential("long over", 2, now.minus(2 * DAY))]});
    house.put(&Application(far)).await;
    house.put(&Application(json!({"displayName": "none"}))).await;
    house.next_hour().await;
    assert_eq!(house.alerts("credentialExpiring").await, []);

    let near = json!({"displayName": "near", "appId": "b", "passwordCredentials": [credential("soon", 3, now.plus(13 * DAY))],
                      "keyCredentials": [credential("just over", 4, now.minus(DAY / 2))]});
    let holder = house.put(&Application(near)).await;
    house.next_hour().await;
    let said = |credential: &str, end: Timestamp| (holder, format!("The {credential} of 'near' ends at {end}."));
    let certificate = said("certificate 'just over'", now.minus(DAY / 2));
    let secret = said("clientSecret 'soon'", now.plus(13 * DAY));
    let alerts = house.alerts("credentialExpiring").await;
    assert_eq!(alerts.iter().map(|(of, _)| *of).collect::<Vec<_>>(), [holder, holder]);
    assert!(alerts[0].1.starts_with(certificate.1.split(" ends").next().unwrap()), "{alerts:?}");
    assert!(alerts[1].1.starts_with(secret.1.split(" ends").next().unwrap()), "{alerts:?}");
    house.next_hour().await;
    assert_eq!(house.alerts("credentialExpiring").await.len(), 2, "each once a week");
    house.round_after(7 * DAY).await;
    let again: Vec<_> = house.alerts("credentialExpiring").await.into_iter().map(|(_, said)| said).collect();
    assert_eq!(again.len(), 4, "one is over, the other still ends, and now so does the one that was far: {again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sponsor_missing_tells_of_living_agents_for_which_nobody_answers() {
    let mut house = House::new().await;
    let person = |enabled| Person(json!({"displayName": "ada", "accountEnabled": enabled}));
    let (sponsor, away) = (house.put(&person(true)).await, house.put(&person(false)).await);
    let [kept, lost, gone] = ["kept", "lost", "gone"].map(|name| Agent(json!({"displayName": name})));
    let (kept, lost, gone) = (house.put(&kept).await, house.put(&lost).await, house.put(&gone).await);
    let mut unit = house.store.unit();
    unit.link(kept, SPONSORS, sponsor).link(kept, SPONSORS, away);
    unit.link(lost, SPONSORS, sponsor).link(lost, SPONSORS, away);
    house.commit(unit).await;
    let found = house.store.find(signet_store::Id::<Agent>::of(gone)).await.unwrap().unwrap();
    let mut unit = house.store.unit();
    unit.delete(&found, house.context.new_uuid());
    house.commit(unit).await;
    house.next_hour().await;
    assert_eq!(house.alerts("sponsorMissing").await, []);

    let mut unit = house.store.unit();
    unit.unlink(lost, SPONSORS, sponsor);
    house.commit(unit).await;
    house.next_hour().await;
    assert_eq!(
        house.alerts("sponsorMissing").await,
        [(lost, "'lost' has no sponsor whose account is turned on.".to_owned())]
    );
    let found = house.store.find(signet_store::Id::<Person>::of(sponsor)).await.unwrap().unwrap();
    let mut unit = house.store.unit();
    unit.delete(&found, house.context.new_uuid());
    house.commit(unit).await;
    house.next_hour().await;
    let about: Vec<_> = house.alerts("sponsorMissing").await.into_iter().map(|(of, _)| of).collect();
    assert_eq!(about, [kept, lost], "who was deleted answers for nobody, and each is told of once a day");
}
