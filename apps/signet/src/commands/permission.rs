//! `signet permission`

use super::find::{SERVICE_PRINCIPAL, member};
use crate::cli::Global;
use crate::client::Client;
use crate::command_error::CommandError;
use clap::Subcommand;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// App roles that agents and other principals hold
#[derive(Debug, Subcommand)]
pub(crate) enum Permission {
    /// Give a principal a role of a resource
    #[command(after_help = "Example: signet permission grant order-bot --resource orders --role Orders.Read")]
    Grant {
        /// Who: id, client id or exact name of an agent identity or service principal
        principal: String,
        /// The resource: id, client id or exact name of its service principal
        #[arg(long)]
        resource: String,
        /// The role's value, as tokens carry it
        #[arg(long)]
        role: String,
    },
    /// List what a principal holds
    List {
        /// Id, client id or exact name
        principal: String,
    },
    /// Take a role away; tokens that carry it become void
    Revoke {
        /// Id, client id or exact name
        principal: String,
        /// The assignment's id, as `list` shows it
        assignment: String,
    },
}

impl Permission {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let client = Client::load(&global.load(Vec::new())?.config)?;
        let output = global.output();
        match self {
            Self::Grant { principal, resource, role } => {
                let made = grant(&client, &principal, &resource, &role).await?;
                let rows =
                    [("assignment", "id"), ("principal", "principalDisplayName"), ("resource", "resourceDisplayName")];
                output.object(&made, &rows);
            }
            Self::List { principal } => {
                let path = assignments(&SERVICE_PRINCIPAL.find(&client, &principal).await?)?;
                let mut held = client.pages(&path, usize::MAX).await?;
                name_roles(&client, &mut held).await?;
                let columns =
                    [("ID", "id"), ("RESOURCE", "resourceDisplayName"), ("ROLE", "role"), ("SINCE", "createdDateTime")];
                output.list(&held, &columns);
            }
            Self::Revoke { principal, assignment } => {
                let path = assignments(&SERVICE_PRINCIPAL.find(&client, &principal).await?)?;
                client.delete(&format!("{path}/{assignment}")).await?;
                output.note("Revoked.");
            }
        }
        Ok(())
    }
}

async fn grant(client: &Client, principal: &str, resource: &str, role: &str) -> Result<Value, CommandError> {
    let principal = SERVICE_PRINCIPAL.find(client, principal).await?;
    let resource = SERVICE_PRINCIPAL.find(client, resource).await?;
    let body = json!({
        "principalId": member(&principal, "id")?,
        "resourceId": member(&resource, "id")?,
        "appRoleId": role_id(&resource, role)?,
    });
    client.post(&assignments(&principal)?, &body).await
}

/// Adds to each assignment the value of its role, as tokens carry it.
async fn name_roles(client: &Client, held: &mut [Value]) -> Result<(), CommandError> {
    let mut resources: BTreeMap<String, Value> = BTreeMap::new();
    for assignment in held {
        let resource = member(assignment, "resourceId")?.to_owned();
        if !resources.contains_key(&resource) {
            let found = SERVICE_PRINCIPAL.find(client, &resource).await?;
            resources.insert(resource.clone(), found);
        }
        let roles = resources.get(&resource).and_then(|found| found.get("appRoles")).and_then(Value::as_array);
        let is_it = |role: &&Value| role.get("id") == assignment.get("appRoleId");
        let value = roles.into_iter().flatten().find(is_it).and_then(|role| role.get("value")).cloned();
        if let Some(assignment) = assignment.as_object_mut() {
            assignment.insert("role".to_owned(), value.unwrap_or_default());
        }
    }
    Ok(())
}

fn role_id<'a>(resource: &'a Value, role: &str) -> Result<&'a str, CommandError> {
    let roles = resource.get("appRoles").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let value = |role: &'a Value| role.get("value").and_then(Value::as_str);
    match roles.iter().find(|one| value(one) == Some(role)) {
        Some(found) => member(found, "id"),
        None => {
            let known: Vec<&str> = roles.iter().filter_map(value).collect();
            Err(CommandError::usage(format!("the resource has no role `{role}`; it has: {}", known.join(", "))))
        }
    }
}

fn assignments(principal: &Value) -> Result<String, CommandError> {
    Ok(format!("/servicePrincipals/{}/appRoleAssignments", member(principal, "id")?))
}
