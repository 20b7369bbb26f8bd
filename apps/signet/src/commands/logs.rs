//! `signet logs`

mod archive;
mod ask;
mod erase;
mod verify;

use crate::cli::Global;
use crate::client::Client;
use crate::command_error::CommandError;
use crate::output::Output;
use ask::{Check, Which, Whose};
use clap::Subcommand;
use erase::Erase;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use verify::Verify;

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
    /// Recompute every hash chain, digest, signed checkpoint and Merkle log
    Verify(Verify),
    /// Print the newest checkpoint of a tenant's log
    Checkpoint {
        #[command(flatten)]
        whose: Whose,
        /// Print the key that verifies it instead, for witnesses and for who verifies elsewhere
        #[arg(long)]
        key: bool,
    },
    /// Print the proof that a record is in its tenant's log
    Proof(Which),
    /// Check a proof, with nothing believed but the log's key
    CheckProof(Check),
    /// Erase the personal values of records, for good
    Erase(Erase),
    /// Put the newest checkpoint where anchors go, now: before an upgrade or a restore
    Anchor(Whose),
    /// Let a log go on that was stopped, after you have looked why
    Resume(Whose),
    /// Records that can be queried no longer, and are still kept
    #[command(subcommand)]
    Archive(archive::Archive),
}

const SIGN_INS: &str = "/auditLogs/signIns";
/// A page is at most so long.
const PAGE: usize = 500;
const POLL: Duration = Duration::from_secs(1);

impl Logs {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        match self {
            Self::Tail { number, follow } => {
                tail(&Client::load(&global.load(Vec::new())?.config)?, global.output(), number, follow).await
            }
            Self::Verify(verify) => verify.run(global).await,
            Self::Checkpoint { whose, key } => whose.checkpoint(global, key).await,
            Self::Proof(which) => which.prove(global).await,
            Self::CheckProof(check) => check.run(global),
            Self::Erase(erase) => erase.run(global).await,
            Self::Anchor(whose) => whose.anchor(global).await,
            Self::Resume(whose) => whose.resume(global).await,
            Self::Archive(archive) => archive.run(global).await,
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
