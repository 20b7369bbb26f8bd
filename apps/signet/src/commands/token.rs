//! `signet token`

use crate::cli::Global;
use crate::client::{Client, access_token};
use crate::client_key::JWT_BEARER;
use crate::command_error::CommandError;
use crate::decoded::Decoded;
use crate::profile::read_secret;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

const EXCHANGE_SCOPE: &str = "api://AzureADTokenExchange/.default";

/// Get an agent's token by the two steps and show what is in it
#[derive(Debug, Args)]
#[command(
    after_help = "Step one: the blueprint proves itself and names the agent (fmi_path). Step two: the agent presents what\n\
    it got as its assertion and asks for the resource.\n\n\
    Example: signet token --blueprint CLIENT_ID --agent ID --secret-file order-desk.secret --scope api://orders/.default"
)]
pub(crate) struct Token {
    /// The blueprint's client id
    #[arg(long, value_name = "CLIENT_ID")]
    blueprint: String,
    /// The agent identity's id
    #[arg(long, value_name = "ID")]
    agent: String,
    /// File with a client secret of the blueprint
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// What to ask for: a resource's identifier URI with /.default
    #[arg(long)]
    scope: String,
    /// Also print the token itself
    #[arg(long)]
    show_token: bool,
}

impl Token {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let client = Client::load(&global.load(Vec::new())?.config)?;
        let secret = read_secret(&self.secret_file)?;
        let token = two_steps(&client, &self.blueprint, &secret, &self.agent, &self.scope).await?;
        let decoded = Decoded::of(&token);
        let (header, claims) = decoded.map(|decoded| (decoded.header, decoded.claims)).unzip();
        let mut shown = json!({ "header": header, "claims": claims });
        if let (true, Some(shown)) = (self.show_token, shown.as_object_mut()) {
            shown.insert("token".to_owned(), token.into());
        }
        global.output().json(&shown);
        Ok(())
    }
}

/// Step one and step two; the agent's access token.
pub(crate) async fn two_steps(
    client: &Client,
    blueprint: &str,
    secret: &str,
    agent: &str,
    scope: &str,
) -> Result<String, CommandError> {
    let first = first_step(client, blueprint, secret, agent).await?;
    second_step(client, agent, &first, scope).await
}

/// The blueprint's word for one of its agents.
pub(crate) async fn first_step(
    client: &Client,
    blueprint: &str,
    secret: &str,
    agent: &str,
) -> Result<String, CommandError> {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", blueprint),
        ("client_secret", secret),
        ("scope", EXCHANGE_SCOPE),
        ("fmi_path", agent),
    ];
    let answer = client.form(&client.token_endpoint(), &fields).await?;
    access_token(&answer).map(str::to_owned)
}

/// The agent's own token.
pub(crate) async fn second_step(
    client: &Client,
    agent: &str,
    first: &str,
    scope: &str,
) -> Result<String, CommandError> {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", agent),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", first),
        ("scope", scope),
    ];
    let answer = client.form(&client.token_endpoint(), &fields).await?;
    access_token(&answer).map(str::to_owned)
}
