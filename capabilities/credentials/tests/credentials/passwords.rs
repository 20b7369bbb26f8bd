use crate::house::{Application, House, blame};
use serde_json::{Value, json};
use signet_credentials::http::{AddPassword, show_credentials};
use signet_credentials::{NewPassword, PasswordCredential, ops};
use signet_graph::{Action, ActionResult, JsonMap};
use signet_kernel::{ClientSecret, Fault, ObjectId, Timestamp};
use std::time::Duration;
use uuid::Uuid;

async fn ask(house: &House, holder: ObjectId, body: Value) -> Result<JsonMap, signet_kernel::Failure> {
    let body = body.as_object().unwrap().clone();
    match AddPassword::<Application>::new(&[]).call(&house.call(), holder, body).await? {
        ActionResult::Object(answer) => Ok(answer),
        ActionResult::Nothing => panic!("an answer"),
    }
}

#[tokio::test]
async fn a_secret_has_a_time_that_is_not_over_and_not_too_long() {
    let house = House::open().await;
    let holder = house.holder().await;
    let now = house.tenant.store.context().now();
    let day = Duration::from_secs(86_400);
    let times = |start: Timestamp, end: Timestamp| json!({"startDateTime": start, "endDateTime": end});
    for wrong in [
        times(now, now),
        times(now.plus(day), now),
        times(now.minus(day * 2), now.minus(day)),
        times(now, now.plus(day * 731)),
        json!({"endDateTime": now.plus(day * 800)}),
    ] {
        let refused = ask(&house, holder, json!({"passwordCredential": wrong})).await.unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, Some("endDateTime")), "{wrong}");
    }
    let chosen = json!({"passwordCredential": {"secretText": "hunter2"}});
    assert_eq!(blame(&ask(&house, holder, chosen).await.unwrap_err()), (Fault::Input, Some("secretText")));
    let garbled = json!({"passwordCredential": {"endDateTime": "tomorrow"}});
    assert_eq!(ask(&house, holder, garbled).await.unwrap_err().fault, Fault::Input);
    assert!(house.body(holder).await.password_credentials.is_empty());
}

#[tokio::test]
async fn a_secret_lives_180_days_unless_said_otherwise() {
    let house = House::open().await;
    let holder = house.holder().await;
    let answer = ask(&house, holder, json!({"@odata.type": "x", "passwordCredential": {"keyId": null}})).await.unwrap();
    let (start, end) = (answer["startDateTime"].as_str().unwrap(), answer["endDateTime"].as_str().unwrap());
    let span = end.parse::<Timestamp>().unwrap().since(start.parse().unwrap());
    assert_eq!(span.as_secs() / 86_400, PasswordCredential::USUAL_DAYS);
    ask(&house, holder, json!({})).await.unwrap();
}

#[tokio::test]
async fn invariant_12_a_secret_is_shown_once_and_kept_as_a_hash() {
    let house = House::open().await;
    let holder = house.holder().await;
    let answer = ask(&house, holder, json!({"passwordCredential": {"displayName": "ci"}})).await.unwrap();
    let secret = answer["secretText"].as_str().unwrap();
    assert!(ClientSecret::is_well_formed(secret));
    assert!(!answer.contains_key("hash"));
    let kept = &house.body(holder).await.password_credentials[0];
    assert!(kept.hash.matches(secret));
    assert_eq!(answer["keyId"], kept.key_id.to_string());

    let row = house.tenant.store.read_row(holder).await.unwrap().unwrap();
    let stored = String::from_utf8(row.body).unwrap();
    let mut view: JsonMap = serde_json::from_str(&stored).unwrap();
    show_credentials(&mut view);
    let trail: String = house.tenant.audits().await.iter().map(|audit| audit.json.to_string()).collect();
    for place in [&stored, &json!(view).to_string(), &trail] {
        assert!(!place.contains(secret));
    }
    let hash = serde_json::to_value(&kept.hash).unwrap();
    assert!(stored.contains(hash.as_str().unwrap()));
    assert!(!json!(view).to_string().contains(hash.as_str().unwrap()) && !trail.contains(hash.as_str().unwrap()));
    assert_eq!(view["passwordCredentials"][0]["secretText"], Value::Null);
    assert_eq!(view["passwordCredentials"][0]["hint"], json!(kept.hint));
}

#[tokio::test]
async fn removing_a_secret_raises_the_revocation_counter() {
    let house = House::open().await;
    let holder = house.holder().await;
    let (kept, _) = ops::add_password::<Application>(&house.call(), holder, &NewPassword::default()).await.unwrap();
    let (gone, _) = ops::add_password::<Application>(&house.call(), holder, &NewPassword::default()).await.unwrap();
    let before = house.tenant.store.revocation();
    let unknown = ops::remove_password::<Application>(&house.call(), holder, Uuid::nil()).await.unwrap_err();
    assert_eq!((unknown.fault, house.tenant.store.revocation()), (Fault::NotFound, before));
    ops::remove_password::<Application>(&house.call(), holder, gone.key_id).await.unwrap();
    assert!(house.tenant.store.revocation() > before);
    let left = house.body(holder).await.password_credentials;
    assert_eq!(left.iter().map(|password| password.key_id).collect::<Vec<_>>(), [kept.key_id]);
}

#[tokio::test]
async fn the_trail_describes_keys_as_public_rules_read_them() {
    let house = House::open().await;
    let holder = house.holder().await;
    let named = NewPassword { display_name: Some("ci".to_owned()), ..NewPassword::default() };
    let (password, _) = ops::add_password::<Application>(&house.call(), holder, &named).await.unwrap();
    let audits = house.tenant.audits().await;
    assert_eq!(audits[0].activity(), "Update application \u{2013} Certificates and secrets management ");
    let modified = &audits[0].targets()[0]["modifiedProperties"][0];
    let description = format!("[KeyIdentifier={},KeyType=Password,KeyUsage=Verify,DisplayName=ci]", password.key_id);
    assert_eq!(modified["displayName"], "KeyDescription");
    assert_eq!(
        (&modified["oldValue"], &modified["newValue"]),
        (&json!("[]"), &json!(json!([description]).to_string()))
    );
}

#[tokio::test]
async fn a_holder_has_a_bounded_number_of_secrets() {
    let house = House::open().await;
    let holder = house.holder().await;
    for _ in 0..50 {
        ops::add_password::<Application>(&house.call(), holder, &NewPassword::default()).await.unwrap();
    }
    let full = ops::add_password::<Application>(&house.call(), holder, &NewPassword::default()).await.unwrap_err();
    assert_eq!(full.fault, Fault::Input);
}
