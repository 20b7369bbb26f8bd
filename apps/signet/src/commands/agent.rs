//! `signet agent`

use super::find::{AGENT, BLUEPRINT, member, references};
use crate::cli::Global;
use crate::client::Client;
use crate::command_error::CommandError;
use crate::output::Output;
use clap::Subcommand;
use serde_json::{Value, json};

/// Agent identities
#[derive(Debug, Subcommand)]
pub(crate) enum Agent {
    /// Stamp an agent identity from a blueprint
    #[command(
        after_help = "Example: signet agent create order-bot --blueprint 'Order desk' --sponsor ada@contoso.example"
    )]
    Create {
        /// What people call it
        name: String,
        /// Id, client id or exact name of the blueprint
        #[arg(long)]
        blueprint: String,
        /// Who answers for it: a person's id, name or userPrincipalName; may be repeated
        #[arg(long, required = true, value_name = "PERSON")]
        sponsor: Vec<String>,
    },
    /// List agent identities
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show one
    Show {
        /// Id or exact name
        agent: String,
    },
    /// Stop one agent: no token is issued after the answer, and those that are out become void
    Disable {
        /// Id or exact name
        agent: String,
    },
    /// Let it get tokens again; old tokens stay void
    Enable {
        /// Id or exact name
        agent: String,
    },
    /// Delete it; it can be restored for 30 days
    Delete {
        /// Id or exact name
        agent: String,
    },
}

const COLUMNS: [(&str, &str); 4] =
    [("NAME", "displayName"), ("ID", "id"), ("BLUEPRINT", "agentIdentityBlueprintId"), ("ENABLED", "accountEnabled")];

impl Agent {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let client = Client::load(&global.load(Vec::new())?.config)?;
        let output = global.output();
        match self {
            Self::Create { name, blueprint, sponsor } => create(&client, output, &name, &blueprint, &sponsor).await?,
            Self::List { limit } => output.list(&client.pages(AGENT.path, limit).await?, &COLUMNS),
            Self::Show { agent } => show(output, &AGENT.find(&client, &agent).await?),
            Self::Disable { agent } => switch(&client, output, &agent, false).await?,
            Self::Enable { agent } => switch(&client, output, &agent, true).await?,
            Self::Delete { agent } => {
                let path = path(&AGENT.find(&client, &agent).await?)?;
                client.delete(&path).await?;
                output.note(&format!("Deleted agent identity {agent}; it can be restored for 30 days."));
            }
        }
        Ok(())
    }
}

async fn create(
    client: &Client,
    output: Output,
    name: &str,
    blueprint: &str,
    sponsors: &[String],
) -> Result<(), CommandError> {
    let blueprint = BLUEPRINT.find(client, blueprint).await?;
    let body = json!({
        "displayName": name,
        "agentIdentityBlueprintId": member(&blueprint, "appId")?,
        "sponsors@odata.bind": references(client, sponsors).await?,
    });
    show(output, &client.post(AGENT.path, &body).await?);
    Ok(())
}

async fn switch(client: &Client, output: Output, agent: &str, enabled: bool) -> Result<(), CommandError> {
    let path = path(&AGENT.find(client, agent).await?)?;
    client.patch(&path, &json!({ "accountEnabled": enabled })).await?;
    output.note(match enabled {
        true => "Enabled: the agent gets tokens again. Tokens from before stay void.",
        false => "Disabled: the agent gets no token from now on, and those that are out are void.",
    });
    Ok(())
}

fn path(agent: &Value) -> Result<String, CommandError> {
    Ok(format!("/servicePrincipals/{}", member(agent, "id")?))
}

fn show(output: Output, agent: &Value) {
    output.object(
        agent,
        &[
            ("name", "displayName"),
            ("id, also its client id", "id"),
            ("blueprint", "agentIdentityBlueprintId"),
            ("enabled", "accountEnabled"),
            ("created", "createdDateTime"),
        ],
    );
}
