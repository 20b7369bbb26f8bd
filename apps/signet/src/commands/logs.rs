//! `signet logs`

use crate::admin::{self, VerifyRecord};
use crate::cli::Global;
use crate::client::Client;
use crate::command_error::CommandError;
use crate::output::Output;
use clap::Subcommand;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// The record
#[derive(Debug, Subcommand)]
pub(crate) enum Logs {
    /// Show the newest requests for tokens, granted and refused
    #[command(after_help = "Example: signet logs tail --follow")]
    Tail {
        /// How many
        #[arg(short, long, default_value_t = 20)]
        number: usize,
        /// Go on showing new ones
        #[arg(short, long)]
        follow: bool,
    },
    /// Recompute every hash chain, digest and signed checkpoint
    Verify,
}

const SIGN_INS: &str = "/auditLogs/signIns";
/// A page is at most so long.
const PAGE: usize = 500;
const POLL: Duration = Duration::from_secs(1);

impl Logs {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let config = global.load(Vec::new())?.config;
        match self {
            Self::Tail { number, follow } => tail(&Client::load(&config)?, global.output(), number, follow).await,
            Self::Verify => {
                let verified = admin::run(&config, VerifyRecord {}).await?;
                let shown = serde_json::to_value(&verified).map_err(CommandError::failed)?;
                global.output().object(
                    &shown,
                    &[
                        ("records", "records"),
                        ("frames", "frames"),
                        ("chains", "chains"),
                        ("signed checkpoints", "checkpoints"),
                        ("frames after the last checkpoint", "uncovered"),
                        ("personal values erased", "erased"),
                    ],
                );
                global.output().note("The record is what was written.");
                Ok(())
            }
        }
    }
}

async fn tail(client: &Client, output: Output, number: usize, follow: bool) -> Result<(), CommandError> {
    let mut records = newest(client, number).await?;
    records.reverse();
    if !follow {
        let lines: Vec<Value> = records.iter().map(line).collect();
        output.list(&lines, &COLUMNS);
        return Ok(());
    }
    let mut shown = BTreeSet::new();
    loop {
        for record in &records {
            if shown.insert(text(record, "/id").to_owned()) {
                print(output, record);
            }
        }
        let present: BTreeSet<String> = records.iter().map(|record| text(record, "/id").to_owned()).collect();
        shown.retain(|id| present.contains(id));
        tokio::time::sleep(POLL).await;
        records = newest(client, PAGE).await?;
        records.reverse();
    }
}

/// The newest sign-ins, newest first.
pub(crate) async fn newest(client: &Client, number: usize) -> Result<Vec<Value>, CommandError> {
    client.pages(&format!("{SIGN_INS}?$top={}", number.clamp(1, PAGE)), number).await
}

const COLUMNS: [(&str, &str); 6] = [
    ("TIME", "time"),
    ("CLIENT", "client"),
    ("BLUEPRINT", "blueprint"),
    ("RESOURCE", "resource"),
    ("BY", "credential"),
    ("RESULT", "result"),
];

/// What a person wants to see of a sign-in.
pub(crate) fn line(record: &Value) -> Value {
    let code = record.pointer("/status/errorCode").and_then(Value::as_i64).unwrap_or_default();
    let result = match code {
        0 => "granted".to_owned(),
        code => format!("AADSTS{code} {}", text(record, "/status/failureReason")),
    };
    json!({
        "time": record.get("createdDateTime"),
        "client": record.get("servicePrincipalName").filter(|name| !name.is_null()).or(record.get("appId")),
        "blueprint": record.pointer("/agent/parentAppId"),
        "resource": record.get("resourceDisplayName").filter(|name| !name.is_null()).or(record.get("resourceId")),
        "credential": record.get("clientCredentialType"),
        "result": result,
    })
}

fn print(output: Output, record: &Value) {
    if output.is_json() {
        return output.line(&record.to_string());
    }
    let line = line(record);
    let cell = |name: &str| text(&line, &format!("/{name}")).replace(char::is_control, "");
    let cells = COLUMNS.map(|(_, member)| cell(member));
    output.line(&cells.join("  "));
}

fn text<'a>(of: &'a Value, pointer: &str) -> &'a str {
    of.pointer(pointer).and_then(Value::as_str).unwrap_or("-")
}
