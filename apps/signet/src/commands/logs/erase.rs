//! `signet logs erase`

use super::ask::Whose;
use crate::admin::{self, ErasePersonal};
use crate::cli::Global;
use crate::command_error::CommandError;
use clap::Args;

/// Erase the personal values of records, for good
#[derive(Debug, Args)]
#[command(
    after_help = "Names of people, their addresses, and addresses of calls and texts of queries that may name them. Records, chains, logs\n\
    and proofs stay as they are. Find the ids by a query; _ItemId has them in every table. What was handed on to others, and what lies\n\
    in backups, stays there.\n\n\
    Example:\n  signet query --csv \"MicrosoftGraphActivityLogs | where RequestUri has 'ada@contoso.example' | project _ItemId\"\n  \
    signet logs erase --table MicrosoftGraphActivityLogs ID ID"
)]
pub(crate) struct Erase {
    #[command(flatten)]
    whose: Whose,
    /// Their table
    #[arg(long)]
    table: String,
    /// Only this value: a column, or the JSON pointer of a place in one, as /InitiatedBy/user/displayName
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<String>,
    /// The records' ids
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

impl Erase {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let Self { whose, table, fields, ids } = self;
        let config = global.load(Vec::new())?.config;
        let erased = admin::run(&config, ErasePersonal { tenant: whose.tenant, table, ids, fields }).await?;
        let shown = serde_json::to_value(&erased).map_err(CommandError::failed)?;
        global.output().object(&shown, &[("records", "records"), ("values erased", "values")]);
        Ok(())
    }
}
