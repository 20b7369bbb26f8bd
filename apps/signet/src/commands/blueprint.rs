//! `signet blueprint`

use super::find::{BLUEPRINT, BLUEPRINT_PRINCIPAL, member, references};
use crate::cli::Global;
use crate::client::Client;
use crate::command_error::CommandError;
use crate::output::Output;
use clap::Subcommand;
use serde_json::{Value, json};

/// Blueprints: what agents are stamped from, and the kill switch for all of them
#[derive(Debug, Subcommand)]
pub(crate) enum Blueprint {
    /// Make a blueprint and its principal
    #[command(after_help = "Example: signet blueprint create 'Order desk' --sponsor ada@contoso.example")]
    Create {
        /// What people call it
        name: String,
        /// Who answers for it: a person's id, name or userPrincipalName; may be repeated
        #[arg(long, required = true, value_name = "PERSON")]
        sponsor: Vec<String>,
    },
    /// List blueprints
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show one
    Show {
        /// Id, client id or exact name
        blueprint: String,
    },
    /// Stop every agent of a blueprint: no token is issued after the answer, and those that are out become void
    Disable {
        /// Id, client id or exact name
        blueprint: String,
    },
    /// Let agents of a blueprint get tokens again; old tokens stay void
    Enable {
        /// Id, client id or exact name
        blueprint: String,
    },
    /// Delete a blueprint with its principal and agents; it can be restored for 30 days
    Delete {
        /// Id, client id or exact name
        blueprint: String,
    },
}

const COLUMNS: [(&str, &str); 4] =
    [("NAME", "displayName"), ("CLIENT ID", "appId"), ("ID", "id"), ("CREATED", "createdDateTime")];

impl Blueprint {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let client = Client::load(&global.load(Vec::new())?.config)?;
        let output = global.output();
        match self {
            Self::Create { name, sponsor } => create(&client, output, &name, &sponsor).await,
            Self::List { limit } => {
                output.list(&client.pages(BLUEPRINT.path, limit).await?, &COLUMNS);
                Ok(())
            }
            Self::Show { blueprint } => {
                show(output, &BLUEPRINT.find(&client, &blueprint).await?);
                Ok(())
            }
            Self::Disable { blueprint } => switch(&client, output, &blueprint, false).await,
            Self::Enable { blueprint } => switch(&client, output, &blueprint, true).await,
            Self::Delete { blueprint } => {
                let found = BLUEPRINT.find(&client, &blueprint).await?;
                client.delete(&format!("/applications/{}", member(&found, "id")?)).await?;
                output.note(&format!("Deleted blueprint {blueprint} with its agents; it can be restored for 30 days."));
                Ok(())
            }
        }
    }
}

async fn create(client: &Client, output: Output, name: &str, sponsors: &[String]) -> Result<(), CommandError> {
    let body = json!({ "displayName": name, "sponsors@odata.bind": references(client, sponsors).await? });
    let blueprint = client.post(BLUEPRINT.path, &body).await?;
    client.post(BLUEPRINT_PRINCIPAL.path, &json!({ "appId": member(&blueprint, "appId")? })).await?;
    show(output, &blueprint);
    Ok(())
}

async fn switch(client: &Client, output: Output, blueprint: &str, enabled: bool) -> Result<(), CommandError> {
    let found = BLUEPRINT.find(client, blueprint).await?;
    let principal = BLUEPRINT_PRINCIPAL.find(client, member(&found, "appId")?).await?;
    let path = format!("/servicePrincipals/{}", member(&principal, "id")?);
    client.patch(&path, &json!({ "accountEnabled": enabled })).await?;
    output.note(match enabled {
        true => "Enabled: its agents get tokens again. Tokens from before stay void.",
        false => "Disabled: its agents get no token from now on, and those that are out are void.",
    });
    Ok(())
}

fn show(output: Output, blueprint: &Value) {
    output.object(
        blueprint,
        &[
            ("name", "displayName"),
            ("client id", "appId"),
            ("id", "id"),
            ("created", "createdDateTime"),
            ("description", "description"),
        ],
    );
}
