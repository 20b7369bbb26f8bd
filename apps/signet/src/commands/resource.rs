//! `signet resource`

use super::credential::add_secret;
use super::find::{APPLICATION, SERVICE_PRINCIPAL, member};
use crate::cli::Global;
use crate::client::Client;
use crate::command_error::CommandError;
use crate::output::Output;
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use signet_kernel::Context;
use std::path::PathBuf;

/// APIs that agents call, and the app roles they know
#[derive(Debug, Subcommand)]
pub(crate) enum Resource {
    /// Make an API known: an application with its service principal
    #[command(after_help = "Example: signet resource create orders --uri api://orders --role Orders.Read\n\n\
        Then: signet permission grant order-bot --resource orders --role Orders.Read")]
    Create {
        /// What people call it
        name: String,
        /// Its identifier, which clients ask for as URI/.default; may be repeated
        #[arg(long, required = true, value_name = "URI")]
        uri: Vec<String>,
        /// A role that agents and other applications can hold, as tokens carry it; may be repeated
        #[arg(long, value_name = "VALUE")]
        role: Vec<String>,
        /// The shape of the tokens that it gets
        #[arg(long, value_enum, default_value_t = TokenVersion::V2)]
        token_version: TokenVersion,
        /// How long an agent's token for it lives, 10 to 60 [default: 15]
        #[arg(long, value_name = "MINUTES")]
        token_minutes: Option<u32>,
    },
    /// List those that have an identifier
    List {
        /// Look at so many applications at most
        #[arg(long, default_value_t = 1000)]
        limit: usize,
    },
    /// Show one
    Show {
        /// Id, client id or exact name
        resource: String,
    },
    /// Add a role
    AddRole {
        /// Id, client id or exact name
        resource: String,
        /// The role, as tokens carry it
        role: String,
    },
    /// Make a client secret, with which the API asks whether a token is active (introspection)
    #[command(after_help = "Example: signet resource add-secret orders --secret-file orders.secret")]
    AddSecret {
        /// Id, client id or exact name
        resource: String,
        /// What the administrator calls it
        #[arg(long, default_value = "signet")]
        name: String,
        /// Write the secret to this new file, for its owner alone, and do not show it
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
    },
    /// Delete it with its service principal; it can be restored for 30 days
    Delete {
        /// Id, client id or exact name
        resource: String,
    },
}

/// The shapes of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenVersion {
    /// Entra's v1.0 claims
    #[value(name = "1")]
    V1,
    /// Entra's v2.0 claims
    #[value(name = "2")]
    V2,
    /// The OAuth profile of RFC 9068 (`at+jwt`)
    #[value(name = "rfc9068")]
    Rfc9068,
}

impl TokenVersion {
    /// `requestedAccessTokenVersion`.
    fn requested(self) -> u32 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
            Self::Rfc9068 => 9068,
        }
    }
}

const COLUMNS: [(&str, &str); 4] =
    [("NAME", "displayName"), ("IDENTIFIERS", "identifierUris"), ("CLIENT ID", "appId"), ("ID", "id")];

impl Resource {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let client = Client::load(&global.load(Vec::new())?.config)?;
        let output = global.output();
        match self {
            Self::Create { name, uri, role, token_version, token_minutes } => {
                let context = Context::system();
                let roles: Vec<Value> = role.iter().map(|value| app_role(&context, value)).collect();
                let mut body = json!({
                    "displayName": name,
                    "identifierUris": uri,
                    "api": { "requestedAccessTokenVersion": token_version.requested() },
                    "appRoles": roles,
                });
                if let (Some(minutes), Some(body)) = (token_minutes, body.as_object_mut()) {
                    body.insert("accessTokenLifetimeMinutes".to_owned(), minutes.into());
                }
                let made = client.post(APPLICATION.path, &body).await?;
                client.post(SERVICE_PRINCIPAL.path, &json!({ "appId": member(&made, "appId")? })).await?;
                show(output, made);
            }
            Self::List { limit } => {
                let mut found = client.pages(APPLICATION.path, limit).await?;
                found.retain(|application| !values(application, "identifierUris").is_empty());
                output.list(&found, &COLUMNS);
            }
            Self::Show { resource } => show(output, APPLICATION.find(&client, &resource).await?),
            Self::AddRole { resource, role } => {
                let found = APPLICATION.find(&client, &resource).await?;
                let mut roles = values(&found, "appRoles").to_vec();
                roles.push(app_role(&Context::system(), &role));
                client.patch(&path(&found)?, &json!({ "appRoles": roles })).await?;
                output.note(&format!(
                    "Added. Give it to somebody: signet permission grant … --resource '{resource}' --role {role}"
                ));
            }
            Self::AddSecret { resource, name, secret_file } => {
                let path = path(&APPLICATION.find(&client, &resource).await?)?;
                add_secret(&client, output, &path, &name, secret_file.as_deref()).await?;
            }
            Self::Delete { resource } => {
                client.delete(&path(&APPLICATION.find(&client, &resource).await?)?).await?;
                output.note(&format!("Deleted {resource}; it can be restored for 30 days."));
            }
        }
        Ok(())
    }
}

fn app_role(context: &Context, value: &str) -> Value {
    json!({
        "id": context.new_uuid(), "value": value, "displayName": value, "description": value,
        "allowedMemberTypes": ["Application"], "isEnabled": true,
    })
}

fn values<'a>(application: &'a Value, name: &str) -> &'a [Value] {
    application.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn path(application: &Value) -> Result<String, CommandError> {
    Ok(format!("{}/{}", APPLICATION.path, member(application, "id")?))
}

fn show(output: Output, mut application: Value) {
    if !output.is_json() {
        let roles: Vec<Value> =
            values(&application, "appRoles").iter().filter_map(|role| role.get("value")).cloned().collect();
        let version = application.pointer("/api/requestedAccessTokenVersion").cloned();
        if let Some(application) = application.as_object_mut() {
            application.insert("roles".to_owned(), roles.into());
            application.insert("tokenVersion".to_owned(), version.unwrap_or_default());
        }
    }
    let rows = [
        ("name", "displayName"),
        ("identifiers", "identifierUris"),
        ("client id", "appId"),
        ("id", "id"),
        ("roles", "roles"),
        ("token version", "tokenVersion"),
    ];
    output.object(&application, &rows);
}
