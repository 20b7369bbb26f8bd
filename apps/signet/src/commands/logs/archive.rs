//! `signet logs archive`

use crate::admin::{self, AskArchive, BringBack};
use crate::cli::Global;
use crate::command_error::CommandError;
use clap::{Args, Subcommand};
use signet_kernel::{TenantId, Timestamp};
use std::path::PathBuf;

/// All of time that can be written.
const EARLIEST: i64 = 0;
const LATEST: i64 = 253_370_764_800;

/// Records that can be queried no longer, and are still kept
#[derive(Debug, Subcommand)]
pub(crate) enum Archive {
    /// List the parts of a table's archive
    List(OfTable),
    /// Bring records back from the archive, each verified, as lines of JSON
    #[command(
        after_help = "Example: signet logs archive restore --table AuditLogs --from 2025-01-01T00:00:00Z --to audits.jsonl"
    )]
    Restore {
        #[command(flatten)]
        of: OfTable,
        /// What was committed not before this moment
        #[arg(long)]
        from: Option<String>,
        /// What was committed not after this moment
        #[arg(long)]
        until: Option<String>,
        /// The file that is written; it must not be there
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

/// Which table
#[derive(Debug, Args)]
pub(crate) struct OfTable {
    /// Whose; of the only tenant, if there is one
    #[arg(long)]
    tenant: Option<TenantId>,
    /// The table
    #[arg(long)]
    table: String,
}

impl Archive {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let (config, output) = (global.load(Vec::new())?.config, global.output());
        let (of, restore) = match self {
            Self::List(of) => (of, None),
            Self::Restore { of, from, until, to } => {
                let to = std::path::absolute(&to).map_err(CommandError::usage)?;
                let from = moment(from, EARLIEST)?;
                (of, Some(BringBack { from, until: moment(until, LATEST)?, to }))
            }
        };
        let answer = admin::run(&config, AskArchive { tenant: of.tenant, table: of.table, restore }).await?;
        match answer.restored {
            Some(restored) => output.object(&restored, &[("parts read", "parts"), ("records", "records")]),
            None => output.list(&answer.parts, &[("PART", "name"), ("DATE", "date"), ("FIRST LEAF", "firstLeaf")]),
        }
        Ok(())
    }
}

fn moment(text: Option<String>, otherwise: i64) -> Result<Timestamp, CommandError> {
    let Some(text) = text else { return Ok(Timestamp::from_seconds(otherwise)) };
    text.parse().map_err(|_| CommandError::usage(format!("'{text}' is no moment; it is written 2026-11-21T00:00:00Z")))
}
