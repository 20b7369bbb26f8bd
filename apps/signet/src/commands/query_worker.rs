//! `signet query-worker`: the child that answers queries. The server starts it; people do not.

use crate::command_error::CommandError;
use clap::Args;
use signet_children::{Files, confine};
use signet_log_engine::worker;
use std::io;

/// Answer queries that are read from standard input
#[derive(Debug, Args)]
pub(crate) struct QueryWorker {
    /// Bytes that a query may hold
    #[arg(long)]
    memory: u64,
    /// Threads that a query may take
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

impl QueryWorker {
    /// Gives way to everything else, and ends with its server: then there is nothing more to read.
    pub(crate) async fn run(self) -> Result<(), CommandError> {
        confine(19, self.memory, Files::Read).map_err(CommandError::failed)?;
        let serving = move || worker::serve(io::stdin().lock(), io::stdout().lock(), self.threads);
        let served = tokio::task::spawn_blocking(serving).await.map_err(CommandError::failed)?;
        served.map_err(CommandError::failed)
    }
}
