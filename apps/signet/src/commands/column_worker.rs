//! `signet column-worker`: the child that makes columns of records. The server starts it; people do not.

use crate::command_error::CommandError;
use clap::Args;
use signet_children::{Files, confine};
use std::io;

/// Bytes that it may hold: some times what the largest segments are made of.
const MEMORY: u64 = 1 << 30;
/// Its work has to be done sooner or later, and who asks waits for it: not the last that gets a turn, as a query is.
const NICE: i32 = 5;

/// Make columns of records that are read from standard input
#[derive(Debug, Args)]
pub(crate) struct ColumnWorker {}

impl ColumnWorker {
    /// Gives way to everything else, and ends with its server: then there is nothing more to read.
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        confine(NICE, MEMORY, Files::Write).map_err(CommandError::failed)?;
        let serving = || signet_log_storage::serve(io::stdin().lock(), io::stdout().lock());
        let served = tokio::task::spawn_blocking(serving).await.map_err(CommandError::failed)?;
        served.map_err(CommandError::failed)
    }
}
