//! The first half of the walk: from a sponsor to a token. What an earlier run has made is found again.

use super::walk::Walk;
use crate::command_error::CommandError;
use crate::commands::find::{AGENT, APPLICATION, BLUEPRINT, BLUEPRINT_PRINCIPAL, SERVICE_PRINCIPAL, USER, member};
use crate::data_dir::write_private;
use crate::profile::read_secret;
use serde_json::{Value, json};
use std::path::PathBuf;

const SPONSOR: &str = "ada@contoso.example";
const BLUEPRINT_NAME: &str = "Order desk";
const AGENT_NAME: &str = "order-bot";
const RESOURCE_NAME: &str = "orders";
/// The API that the agent calls.
pub(super) const RESOURCE: &str = "api://orders";
/// The role that the API wants.
pub(super) const ROLE: &str = "Orders.Read";
/// A fixed id, so that a second run means the same role.
const ROLE_ID: &str = "6f0b7c1e-1f0e-4f7c-9d25-5f4f3a1f6a01";

/// What the second half and the examples need.
pub(super) struct Made {
    pub(super) blueprint: Value,
    pub(super) principal: Value,
    pub(super) agent: Value,
    pub(super) resource: Value,
    pub(super) blueprint_secret_file: PathBuf,
    pub(super) resource_secret_file: PathBuf,
}

impl Made {
    /// The blueprint's secret.
    pub(super) fn blueprint_secret(&self) -> Result<String, CommandError> {
        read_secret(&self.blueprint_secret_file)
    }

    /// The API's secret.
    pub(super) fn resource_secret(&self) -> Result<String, CommandError> {
        read_secret(&self.resource_secret_file)
    }
}

/// Makes everything, step by step.
pub(super) async fn make(walk: &mut Walk) -> Result<Made, CommandError> {
    let sponsor = sponsor(walk).await?;
    let (blueprint, principal) = blueprint(walk, &sponsor).await?;
    let agent = agent(walk, &blueprint, &sponsor).await?;
    walk.step("A credential, held by the blueprint alone");
    let blueprint_secret_file = secret(walk, &blueprint, "order-desk.secret").await?;
    walk.say("An agent identity never holds a credential: the blueprint proves itself and speaks for its agents.");
    walk.repeat_command(&format!("credential add-secret '{BLUEPRINT_NAME}' --secret-file another.secret"));
    let (resource, resource_principal) = resource(walk).await?;
    let resource_secret_file = secret(walk, &resource, "orders.secret").await?;
    permission(walk, &agent, &resource_principal).await?;
    Ok(Made { blueprint, principal, agent, resource, blueprint_secret_file, resource_secret_file })
}

async fn sponsor(walk: &mut Walk) -> Result<Value, CommandError> {
    walk.step("A sponsor: the person who answers for agents");
    let body = json!({
        "displayName": "Ada", "userPrincipalName": SPONSOR, "mailNickname": "ada", "accountEnabled": true
    });
    let user = match USER.by_name(&walk.client, SPONSOR).await? {
        Some(user) => user,
        None => walk.client.post(USER.path, &body).await?,
    };
    walk.say(&format!("{SPONSOR}, {}", member(&user, "id")?));
    walk.repeat_command("user create grace@contoso.example --name Grace");
    Ok(user)
}

async fn blueprint(walk: &mut Walk, sponsor: &Value) -> Result<(Value, Value), CommandError> {
    walk.step("A blueprint, and its principal: what agents are stamped from");
    let blueprint = match BLUEPRINT.by_name(&walk.client, BLUEPRINT_NAME).await? {
        Some(blueprint) => BLUEPRINT.find(&walk.client, member(&blueprint, "id")?).await?,
        None => {
            let body = json!({ "displayName": BLUEPRINT_NAME, "sponsors@odata.bind": [reference(walk, sponsor)?] });
            walk.client.post(BLUEPRINT.path, &body).await?
        }
    };
    let principal = match BLUEPRINT_PRINCIPAL.by_name(&walk.client, BLUEPRINT_NAME).await? {
        Some(principal) => principal,
        None => walk.client.post(BLUEPRINT_PRINCIPAL.path, &json!({ "appId": member(&blueprint, "appId")? })).await?,
    };
    walk.say(&format!("{BLUEPRINT_NAME}, client id {}", member(&blueprint, "appId")?));
    walk.repeat_command(&format!("blueprint create 'Another desk' --sponsor {SPONSOR}"));
    Ok((blueprint, principal))
}

async fn agent(walk: &mut Walk, blueprint: &Value, sponsor: &Value) -> Result<Value, CommandError> {
    walk.step("An agent identity, stamped from the blueprint");
    let agent = match AGENT.by_name(&walk.client, AGENT_NAME).await? {
        Some(agent) => agent,
        None => {
            let body = json!({
                "displayName": AGENT_NAME,
                "agentIdentityBlueprintId": member(blueprint, "appId")?,
                "sponsors@odata.bind": [reference(walk, sponsor)?],
            });
            walk.client.post(AGENT.path, &body).await?
        }
    };
    walk.say(&format!("{AGENT_NAME}, {}", member(&agent, "id")?));
    walk.repeat_command(&format!("agent create another-bot --blueprint '{BLUEPRINT_NAME}' --sponsor {SPONSOR}"));
    Ok(agent)
}

async fn resource(walk: &mut Walk) -> Result<(Value, Value), CommandError> {
    walk.step("An API for the agent to call, with an app role");
    let body = json!({
        "displayName": RESOURCE_NAME,
        "identifierUris": [RESOURCE],
        "api": { "requestedAccessTokenVersion": 2 },
        "appRoles": [{
            "id": ROLE_ID, "value": ROLE, "displayName": "Read orders", "description": "Read orders",
            "allowedMemberTypes": ["Application"], "isEnabled": true,
        }],
    });
    let resource = match APPLICATION.by_name(&walk.client, RESOURCE_NAME).await? {
        Some(resource) => resource,
        None => walk.client.post(APPLICATION.path, &body).await?,
    };
    let principal = match SERVICE_PRINCIPAL.by_name(&walk.client, RESOURCE_NAME).await? {
        Some(principal) => principal,
        None => walk.client.post(SERVICE_PRINCIPAL.path, &json!({ "appId": member(&resource, "appId")? })).await?,
    };
    walk.say(&format!("{RESOURCE}, client id {}, role {ROLE}", member(&resource, "appId")?));
    walk.repeat_command("resource create another-api --uri api://another-api --role Another.Read");
    walk.repeat_call("POST", APPLICATION.path, &body);
    Ok((resource, principal))
}

async fn permission(walk: &mut Walk, agent: &Value, resource: &Value) -> Result<(), CommandError> {
    walk.step("A permission");
    let path = format!("/servicePrincipals/{}/appRoleAssignments", member(agent, "id")?);
    let held = walk.client.pages(&path, usize::MAX).await?;
    if !held.iter().any(|assignment| assignment.get("appRoleId").and_then(Value::as_str) == Some(ROLE_ID)) {
        let body = json!({
            "principalId": member(agent, "id")?, "resourceId": member(resource, "id")?, "appRoleId": ROLE_ID,
        });
        walk.client.post(&path, &body).await?;
    }
    walk.say(&format!("{AGENT_NAME} holds {ROLE} of {RESOURCE_NAME}"));
    walk.repeat_command(&format!("permission grant {AGENT_NAME} --resource {RESOURCE_NAME} --role {ROLE}"));
    Ok(())
}

/// The file with a secret of `application`; made at the first run.
async fn secret(walk: &Walk, application: &Value, name: &str) -> Result<PathBuf, CommandError> {
    let file = walk.file(name);
    if !file.exists() {
        let path = format!("/applications/{}/addPassword", member(application, "id")?);
        let made = walk.client.post(&path, &json!({ "passwordCredential": { "displayName": "quickstart" } })).await?;
        let secret = member(&made, "secretText")?;
        write_private(&file, secret.as_bytes())
            .map_err(|error| CommandError::failed(format!("cannot write {}: {error}", file.display())))?;
    }
    walk.say(&format!("client secret in {}, readable by you alone", file.display()));
    Ok(file)
}

fn reference(walk: &Walk, user: &Value) -> Result<String, CommandError> {
    Ok(format!("{}/v1.0/users/{}", walk.client.profile().url, member(user, "id")?))
}
