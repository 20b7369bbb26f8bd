//! App management policies bind who is given secrets and certificates.

use crate::house::{Application, House, Pair};
use serde_json::{Value, json};
use signet_credentials::app_management::{APP_MANAGEMENT_POLICIES, AppManagementPolicy, DEFAULT_POLICY};
use signet_credentials::{NewPassword, ops};
use signet_kernel::{Failure, Fault, ObjectId, Timestamp};
use signet_tenants::Tenant;
use signet_testkit::TestCaller;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

async fn tenant_policy(house: &House, policy: Value) {
    let found = house.tenant.store.find(Tenant::id(house.tenant.id())).await.unwrap().unwrap();
    let mut body = found.body.clone();
    body.other.insert(DEFAULT_POLICY.to_owned(), policy);
    let mut unit = house.tenant.store.unit();
    unit.update(&found, &body);
    house.tenant.store.commit(unit).await.unwrap();
}

async fn assign(house: &House, holder: ObjectId, restrictions: Value) {
    let policy = json!({"displayName": "Own", "isEnabled": true, "restrictions": restrictions});
    let policy: AppManagementPolicy = serde_json::from_value(policy).unwrap();
    let policy = house.tenant.put(&policy).await;
    let mut unit = house.tenant.store.unit();
    unit.link(holder, APP_MANAGEMENT_POLICIES, policy.object());
    house.tenant.store.commit(unit).await.unwrap();
}

fn no_secrets() -> Value {
    json!([{"restrictionType": "passwordAddition", "state": "enabled"}])
}

async fn add(house: &House, holder: ObjectId, days: Option<u32>) -> Result<Timestamp, Failure> {
    let end = days.map(|days| house.tenant.store.context().now().plus(DAY * days));
    let new = NewPassword { end_date_time: end, ..NewPassword::default() };
    let (password, _) = ops::add_password::<Application>(&house.call(), holder, &new).await?;
    Ok(password.end_date_time)
}

#[tokio::test]
async fn a_tenant_without_secrets_gives_none_and_what_is_held_stays() {
    let house = House::open().await;
    let holder = house.holder().await;
    add(&house, holder, None).await.unwrap();
    let policy =
        |enabled| json!({"isEnabled": enabled, "applicationRestrictions": {"passwordCredentials": no_secrets()}});
    tenant_policy(&house, policy(true)).await;
    let refused = add(&house, holder, None).await.unwrap_err();
    assert_eq!(refused.code, "CredentialTypeNotAllowedAsPerAppPolicy");
    let kept = house.body(holder).await.password_credentials[0].key_id;
    tenant_policy(&house, policy(false)).await;
    add(&house, holder, None).await.unwrap();
    tenant_policy(&house, policy(true)).await;
    ops::remove_password::<Application>(&house.call(), holder, kept).await.unwrap();
}

#[tokio::test]
async fn secrets_and_certificates_end_in_time_and_without_an_end_they_get_the_latest() {
    let house = House::open().await;
    let (holder, pair, next) = (house.holder().await, Pair::new(), Pair::new());
    house.give(holder, &pair).await;
    let lifetime = |kind: &str, text: &str| json!([{"restrictionType": kind, "state": "enabled", "maxLifetime": text}]);
    let restrictions = json!({
        "passwordCredentials": lifetime("passwordLifetime", "P30D"),
        "keyCredentials": lifetime("asymmetricKeyLifetime", "P400D"),
    });
    tenant_policy(&house, json!({"isEnabled": true, "applicationRestrictions": restrictions})).await;
    let refused = add(&house, holder, Some(31)).await.unwrap_err();
    assert_eq!(
        (refused.code.as_ref(), refused.target.as_deref()),
        ("CredentialInvalidLifetimeAsPerAppPolicy", Some("endDateTime"))
    );
    let now = house.tenant.store.context().now();
    assert_eq!(add(&house, holder, Some(30)).await.unwrap(), now.plus(DAY * 30));
    assert_eq!(add(&house, holder, None).await.unwrap(), now.plus(DAY * 30));

    let proof = house.proof(holder, &pair, json!({}));
    let whole = ops::add_key::<Application>(&house.call(), holder, &next.entry(), &proof).await.unwrap_err();
    assert_eq!(whole.code, "CredentialInvalidLifetimeAsPerAppPolicy", "two years");
    let start = now;
    let short = signet_credentials::KeyEntry {
        start_date_time: Some(start),
        end_date_time: Some(start.plus(DAY * 400)),
        ..next.entry()
    };
    ops::add_key::<Application>(&house.call(), holder, &short, &proof).await.unwrap();
}

#[tokio::test]
async fn an_assigned_policy_goes_before_the_tenants_restriction_by_restriction() {
    let house = House::open().await;
    let (strict, free) = (house.holder().await, house.holder().await);
    let lifetime = json!({"restrictionType": "passwordLifetime", "maxLifetime": "P30D"});
    let tenant = json!({"passwordCredentials": [no_secrets()[0], lifetime]});
    tenant_policy(&house, json!({"isEnabled": true, "applicationRestrictions": tenant})).await;
    assign(
        &house,
        free,
        json!({"passwordCredentials": [{"restrictionType": "passwordAddition", "state": "disabled"}]}),
    )
    .await;
    assert!(add(&house, strict, None).await.is_err());
    add(&house, free, Some(30)).await.unwrap();
    assert_eq!(add(&house, free, Some(31)).await.unwrap_err().code, "CredentialInvalidLifetimeAsPerAppPolicy");
}

#[tokio::test]
async fn only_applications_created_since_are_bound() {
    let house = House::open().await;
    let old = house.holder().await;
    house.tenant.clock.advance(DAY);
    let since = house.tenant.store.context().now();
    let young = house.holder().await;
    let mut restriction = no_secrets();
    restriction[0]["restrictForAppsCreatedAfterDateTime"] = json!(since);
    let policy = json!({"isEnabled": true, "applicationRestrictions": {"passwordCredentials": restriction}});
    tenant_policy(&house, policy).await;
    add(&house, old, None).await.unwrap();
    assert!(add(&house, young, None).await.is_err());
}

#[tokio::test]
async fn a_policy_is_assigned_with_its_own_permission_one_at_a_time_and_never_by_who_is_bound() {
    let house = House::open().await;
    let holder = house.holder().await;
    let policy = || async {
        let policy =
            json!({"displayName": "Own", "isEnabled": true, "restrictions": {"passwordCredentials": no_secrets()}});
        house.tenant.put(&serde_json::from_value::<AppManagementPolicy>(policy).unwrap()).await.object()
    };
    let (first, second) = (policy().await, policy().await);
    let assign = async |call, policy| ops::assign_policy::<Application>(call, holder, policy).await;
    let changer = house.tenant.call(&["Application.ReadWrite.All", "AgentIdentityBlueprint.ReadWrite.All"]);
    assert_eq!(assign(&changer, first).await.unwrap_err().fault, Fault::Rights);
    let bound = TestCaller::of_kind("agentIdentityBlueprintPrincipal", holder).below(holder);
    let bound = house.tenant.call_by(bound.with_roles(ops::ASSIGN_POLICIES));
    assert_eq!(assign(&bound, first).await.unwrap_err().fault, Fault::Rights);

    let call = house.tenant.call(ops::ASSIGN_POLICIES);
    assert_eq!(assign(&call, holder).await.unwrap_err().fault, Fault::NotFound);
    assign(&call, first).await.unwrap();
    assert_eq!(assign(&call, second).await.unwrap_err().fault, Fault::Conflict);
    assert!(add(&house, holder, None).await.is_err());
    ops::unassign_policy::<Application>(&call, holder, first).await.unwrap();
    add(&house, holder, None).await.unwrap();
    let audits = house.tenant.audits().await;
    assert_eq!(audits[0].activity(), "Add policy to application");
    assert_eq!(audits[1].activity(), "Remove policy from application");
}
