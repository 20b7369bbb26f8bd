//! Each built-in rule over records as operations write them: what raises an alert, and what must not.

mod scheduled;

use super::*;
use crate::house::{House, activity, caller, id};
use serde_json::json;
use signet_kernel::{AppId, Timestamp};
use signet_logs::audit::{
    Act, AppRoleGrant, DelegatedGrant, app_role_assigned, app_role_unassigned, delegated_grant_changed,
};
use uuid::Uuid;

#[test]
fn every_built_in_rule_is_one_that_could_be_created() {
    for built_in in BUILT_IN {
        let rule = built_in.rule();
        rule.check().unwrap_or_else(|failure| panic!("{}: {failure}", built_in.name));
        let compiled = crate::compiled::Compiled::of(&rule.query).unwrap();
        let columns = compiled.columns();
        for column in ["SubjectId", "SubjectName"] {
            assert!(columns.contains(&column), "{} says what it is about", built_in.name);
        }
        let said = rule.description.unwrap();
        for named in said.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap()) {
            assert!(columns.contains(&named), "{}: {named}", built_in.name);
        }
    }
}

const ENABLED: &str = "accountEnabled";

fn agent(number: u128) -> Target {
    Target::new("agentIdentity", id(number), format!("agent {number}"))
}

async fn turned(house: &House, target: Target, member: &str, to: bool) {
    let name = if target.agent == signet_logs::audit::AgentType::AgenticApp {
        "Update application"
    } else {
        "Update service principal"
    };
    house.did(&caller(9), name, target, (json!({ member: !to }), json!({ member: to }))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agent_blocked_tells_of_agents_that_were_turned_off_and_of_nothing_else() {
    let mut house = House::new().await;
    turned(&house, agent(1), ENABLED, true).await;
    turned(&house, Target::new("servicePrincipal", id(2), "no agent"), ENABLED, false).await;
    house
        .did(
            &caller(9),
            "Update service principal",
            agent(3),
            (json!({"displayName": "a"}), json!({"displayName": "false"})),
        )
        .await;
    let (by, off) = (caller(9), activity("Update service principal"));
    let refused = Act {
        caller: &by,
        at: house.context.now(),
        id: house.context.new_uuid(),
        activity: &off,
        targets: vec![agent(4)],
        details: &[],
    };
    house.append(refused.refused(&house.context, &Failure::busy("no"))).await;
    house.round().await;
    assert_eq!(house.alerts("agentBlocked").await, []);

    turned(&house, agent(5), ENABLED, false).await;
    turned(&house, Target::new("agentIdentityBlueprint", id(6), "blueprint"), "isDisabled", true).await;
    turned(&house, Target::new("agentIdentityBlueprintPrincipal", id(7), "principal"), ENABLED, false).await;
    house
        .did(
            &caller(9),
            "Disable account",
            Target::new("agentUser", id(8), "account"),
            (json!({ENABLED: true}), json!({ENABLED: false})),
        )
        .await;
    house.round().await;
    let alerts = house.alerts("agentBlocked").await;
    assert_eq!(
        alerts,
        [
            (id(8), "'account' was blocked by 'app 9'.".to_owned()),
            (id(5), "'agent 5' was blocked by 'app 9'.".to_owned()),
            (id(6), "'blueprint' was blocked by 'app 9'.".to_owned()),
            (id(7), "'principal' was blocked by 'app 9'.".to_owned()),
        ]
    );
}

fn role<'a>(names: &'a [String], principal: Target) -> AppRoleGrant<'a> {
    let resource = Target::new("servicePrincipal", id(90), "orders");
    AppRoleGrant {
        role: Uuid::from_u128(1),
        value: Some("Orders.Read"),
        role_name: None,
        assigned: Timestamp::from_seconds(0),
        resource,
        resource_names: names,
        principal,
        principal_app: AppId::from_uuid(Uuid::from_u128(2)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn permission_changed_tells_of_each_grant_to_agents_once_and_of_no_other_client() {
    let mut house = House::new().await;
    let (by, names) = (caller(9), ["api://orders".to_owned()]);
    let context = house.context.clone();
    let ids = || [context.new_uuid(), context.new_uuid()];
    let now = house.context.now();
    let other = Target::new("servicePrincipal", id(2), "no agent");
    house.audit(app_role_assigned(&by, now, ids(), &role(&names, other.clone()))).await;
    house.round().await;
    assert_eq!(house.alerts("permissionChanged").await, []);

    house.audit(app_role_assigned(&by, now, ids(), &role(&names, agent(1)))).await;
    house.audit([app_role_unassigned(&by, now, context.new_uuid(), &role(&names, agent(3)))]).await;
    let scopes = |client: Target| DelegatedGrant {
        before: None,
        after: Some("Orders.List"),
        consent_type: "AllPrincipals",
        resource: other.clone(),
        resource_names: &names,
        client,
        client_app: AppId::from_uuid(Uuid::from_u128(2)),
    };
    house.audit(delegated_grant_changed(&by, now, ids(), &scopes(agent(4)))).await;
    house.audit(delegated_grant_changed(&by, now, ids(), &scopes(other.clone()))).await;
    let blueprint = Target::new("agentIdentityBlueprint", id(5), "blueprint");
    house.done(&by, "Add inheritable permission to agent blueprint", vec![blueprint]).await;
    house.round().await;
    let alerts = house.alerts("permissionChanged").await;
    assert_eq!(
        alerts,
        [
            (id(1), "Add app role assignment to service principal by 'app 9': agent 1".to_owned()),
            (id(4), "Add delegated permission grant by 'app 9': agent 4".to_owned()),
            (id(5), "Add inheritable permission to agent blueprint by 'app 9': blueprint".to_owned()),
            (id(3), "Remove app role assignment from service principal by 'app 9': agent 3".to_owned()),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn role_changed_tells_who_got_or_lost_which_role() {
    let mut house = House::new().await;
    let person = |number| Target::other(id(number).to_string(), format!("person {number}"));
    let reader = || Target::other(id(91).to_string(), "Security Reader");
    for name in ["Add member to group", "Update user"] {
        house.done(&caller(9), name, vec![person(1), reader()]).await;
    }
    house.round().await;
    assert_eq!(house.alerts("roleChanged").await, []);

    let given = [
        "Add member to role",
        "Remove member from role",
        "Add scoped member to role",
        "Remove scoped member from role",
    ];
    for name in given {
        house.done(&caller(9), name, vec![person(2), reader()]).await;
    }
    house.done(&caller(9), "Update role definition", vec![Target::other(id(3).to_string(), "Night shift")]).await;
    house.round().await;
    let said: Vec<_> = house.alerts("roleChanged").await.into_iter().map(|(_, said)| said).collect();
    assert_eq!(
        said,
        [
            "Add member to role 'Security Reader' by 'app 9': person 2",
            "Add scoped member to role 'Security Reader' by 'app 9': person 2",
            "Remove member from role 'Security Reader' by 'app 9': person 2",
            "Remove scoped member from role 'Security Reader' by 'app 9': person 2",
            "Update role definition 'Night shift' by 'app 9': Night shift",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_deployment_is_silent_until_it_knows_who_deploys_and_then_about_them() {
    let mut house = House::new().await;
    let change = async |house: &House, by: u128, target: Target| {
        house.did(&caller(by), "Update service principal", target, (json!({"tags": []}), json!({"tags": ["x"]}))).await;
    };
    change(&house, 9, agent(1)).await;
    house.round().await;
    house.change_rule("outsideDeployment", |rule| rule.is_enabled = true).await;
    change(&house, 9, agent(1)).await;
    house.round().await;
    assert_eq!(house.alerts("outsideDeployment").await, [], "nobody has said who deploys");

    let deployer = format!("dynamic(['{}'])", caller(10).app);
    let query = house.rule("outsideDeployment").await.body.query.replace("dynamic([])", &deployer);
    house.change_rule("outsideDeployment", |rule| rule.query = query).await;
    change(&house, 10, agent(2)).await;
    change(&house, 9, Target::new("user", id(3), "person")).await;
    house.done(&caller(9), "Remove user sponsor", vec![agent(4)]).await;
    house.round().await;
    assert_eq!(house.alerts("outsideDeployment").await, []);
    change(&house, 9, agent(5)).await;
    house.round().await;
    let said = "Update service principal by 'app 9', who deploys nothing here: agent 5".to_owned();
    assert_eq!(house.alerts("outsideDeployment").await, [(id(5), said)]);
}
