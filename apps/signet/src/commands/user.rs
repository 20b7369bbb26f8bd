//! `signet user`

use super::find::{USER, member};
use crate::cli::Global;
use crate::client::Client;
use crate::command_error::CommandError;
use crate::output::Output;
use clap::Subcommand;
use serde_json::{Value, json};

/// People, who answer for blueprints and agents
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make a person, who can be a sponsor or an owner; nobody signs in yet
    #[command(after_help = "Example: signet user create ada@contoso.example --name 'Ada Lovelace'")]
    Create {
        /// The userPrincipalName: what the person is called in the tenant, in the form of a mail address
        user_principal_name: String,
        /// What people call the person [default: what stands before the @]
        #[arg(long)]
        name: Option<String>,
        /// The mail address, if it is another
        #[arg(long, value_name = "ADDRESS")]
        mail: Option<String>,
    },
    /// List people
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show one
    Show {
        /// Id, userPrincipalName or exact name
        user: String,
    },
    /// Switch the account off; what the person answers for stays as it is
    Disable {
        /// Id, userPrincipalName or exact name
        user: String,
    },
    /// Switch the account on again
    Enable {
        /// Id, userPrincipalName or exact name
        user: String,
    },
    /// Delete a person; sponsorship passes on, so that no agent is left without a sponsor
    Delete {
        /// Id, userPrincipalName or exact name
        user: String,
    },
}

const COLUMNS: [(&str, &str); 4] = [
    ("NAME", "displayName"),
    ("USER PRINCIPAL NAME", "userPrincipalName"),
    ("ID", "id"),
    ("ENABLED", "accountEnabled"),
];

impl User {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let client = Client::load(&global.load(Vec::new())?.config)?;
        let output = global.output();
        match self {
            Self::Create { user_principal_name, name, mail } => {
                let body = body(&user_principal_name, name, mail)?;
                show(output, &client.post(USER.path, &body).await?);
            }
            Self::List { limit } => output.list(&client.pages(USER.path, limit).await?, &COLUMNS),
            Self::Show { user } => show(output, &USER.find(&client, &user).await?),
            Self::Disable { user } => switch(&client, output, &user, false).await?,
            Self::Enable { user } => switch(&client, output, &user, true).await?,
            Self::Delete { user } => {
                client.delete(&path(&USER.find(&client, &user).await?)?).await?;
                output.note(&format!("Deleted {user}; it can be restored for 30 days."));
            }
        }
        Ok(())
    }
}

fn body(user_principal_name: &str, name: Option<String>, mail: Option<String>) -> Result<Value, CommandError> {
    let nickname = match user_principal_name.split_once('@') {
        Some((nickname, domain)) if !nickname.is_empty() && !domain.is_empty() => nickname,
        _ => {
            let message = format!("`{user_principal_name}` is no userPrincipalName; it looks like ada@contoso.example");
            return Err(CommandError::usage(message));
        }
    };
    let mut body = json!({
        "userPrincipalName": user_principal_name,
        "displayName": name.as_deref().unwrap_or(nickname),
        "mailNickname": nickname,
        "accountEnabled": true,
    });
    if let (Some(mail), Some(body)) = (mail, body.as_object_mut()) {
        body.insert("mail".to_owned(), mail.into());
    }
    Ok(body)
}

async fn switch(client: &Client, output: Output, user: &str, enabled: bool) -> Result<(), CommandError> {
    let path = path(&USER.find(client, user).await?)?;
    client.patch(&path, &json!({ "accountEnabled": enabled })).await?;
    output.note(if enabled { "Enabled." } else { "Disabled." });
    Ok(())
}

fn path(user: &Value) -> Result<String, CommandError> {
    Ok(format!("{}/{}", USER.path, member(user, "id")?))
}

fn show(output: Output, user: &Value) {
    let rows = [
        ("name", "displayName"),
        ("user principal name", "userPrincipalName"),
        ("id", "id"),
        ("mail", "mail"),
        ("enabled", "accountEnabled"),
    ];
    output.object(user, &rows);
}
