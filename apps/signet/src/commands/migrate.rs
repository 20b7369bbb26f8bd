//! `signet migrate`

use crate::cli::Global;
use crate::command_error::CommandError;
use crate::config::{CacheConfig, SchemaChange, StorageConfig};
use crate::data_dir::{DataDir, write_private};
use crate::lock::Lock;
use crate::node::{record_key, record_options};
use crate::output::Output;
use crate::storage::{Storage, refused};
use crate::transparency::log_store;
use crate::{commands::database::migrate_schema, master_files};
use clap::Args;
use serde_json::{Value, json};
use signet_kernel::Context;
use signet_store::{PostgresBackend, PostgresOptions};
use signet_transfer::{Progress, TransferError};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Move everything from a data directory into a PostgreSQL database, which several nodes can then share
#[derive(Debug, Args)]
#[command(
    after_help = "Stop the server first. If the move is interrupted, run it again: it goes on where it ended. Afterwards every table\n\
    was compared by count and digest, tokens that were issued go on being valid, and the data directory refuses to serve\n\
    the copy that stayed in it. It still holds master.key and record-key.json, which every node needs.\n\n\
    Example:\n  signet migrate --from sqlite://./signet-data --to 'postgres://signet_owner@db1,db2/signet' \\\n    \
    --password-file db-password\n  signet serve --config signet.toml      with storage.url = \"postgresql://signet_node@db1,db2/signet\""
)]
pub(crate) struct Migrate {
    /// The data directory, as sqlite://DIR
    #[arg(long, value_name = "URL")]
    from: String,
    /// The database, as postgres://USER@HOST:PORT/DATABASE?…
    #[arg(long, value_name = "URL")]
    to: String,
    /// File with the role's password, on its first line
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Migrate {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let output = global.output();
        let options = self.target()?;
        let data = DataDir::at(&self.source()?);
        if !data.directory_db().exists() {
            return Err(CommandError::usage(format!("--from: {} holds no Signet data", data.path().display())));
        }
        let _lock = Lock::take(&data)?;
        bring_up_to_date(&data, global.load(Vec::new())?.config.cache).await?;
        let mut target = prepared(&options).await?;
        let mut shown = Shown::new(output);
        let counts = move_tables(&data, &mut target, &mut shown).await.map_err(CommandError::failed)?;
        let mark = format!("Moved to PostgreSQL at {}.\n", Context::system().now());
        write_private(&data.moved(), mark.as_bytes()).map_err(CommandError::failed)?;
        signet_transfer::finish(&target).await.map_err(CommandError::failed)?;
        shown.end();
        let tables: Vec<Value> = counts.iter().map(|(table, rows)| json!({ "table": table, "rows": rows })).collect();
        output.list(&tables, &[("TABLE", "table"), ("ROWS", "rows")]);
        output.note("Every table is the same on both sides. Set storage.url, and copy master.key and record-key.json to each node.");
        Ok(())
    }

    fn source(&self) -> Result<PathBuf, CommandError> {
        let path = self.from.strip_prefix("sqlite://").filter(|path| !path.is_empty());
        path.map(PathBuf::from).ok_or_else(|| CommandError::usage("--from: write sqlite:// and the data directory"))
    }

    fn target(&self) -> Result<PostgresOptions, CommandError> {
        let config = StorageConfig::at(self.to.clone(), self.password_file.clone(), SchemaChange::Migrate);
        match Storage::of(&config)? {
            Storage::Postgres(options) => Ok(*options),
            Storage::Embedded => Err(CommandError::usage("--to: name a PostgreSQL database")),
        }
    }
}

/// Opens the data once as a server would: an older schema becomes the present one, and logs are moved into their files.
async fn bring_up_to_date(data: &DataDir, cache: CacheConfig) -> Result<(), CommandError> {
    let context = Context::system();
    let master = master_files::open(data, true, &context)?;
    if master_files::next(data).map_err(CommandError::failed)?.is_some() {
        return Err(CommandError::failed(
            "a rotation of the master key has not ended; start the server once, then move",
        ));
    }
    if data.restored().exists() {
        return Err(CommandError::failed(
            "the data directory was restored and waits to be confirmed; run `signet restore --confirm`, then move",
        ));
    }
    let options = record_options(record_key(data, true, &master, &context)?);
    let (store, record) = Storage::Embedded.open(data, options, cache, &context).await?;
    record.shutdown().await;
    drop((store, record, log_store(data, &Storage::Embedded)?));
    Ok(())
}

/// The target, empty or with a move under way.
async fn prepared(options: &PostgresOptions) -> Result<signet_record::Client, CommandError> {
    migrate_schema(options).await?;
    let target = options.connect().await.map_err(|error| refused(&error))?;
    target
        .batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        .await
        .map_err(CommandError::failed)?;
    let goes_on = signet_transfer::is_unfinished(&target).await.map_err(CommandError::failed)?;
    if !goes_on && PostgresBackend::is_used(options).await.map_err(|error| refused(&error))? {
        return Err(CommandError::failed("--to: that database holds tenants already; name an empty one"));
    }
    signet_transfer::begin(&target).await.map_err(CommandError::failed)?;
    Ok(target)
}

async fn move_tables(
    data: &DataDir,
    target: &mut signet_record::Client,
    shown: &mut Shown,
) -> Result<Vec<(&'static str, u64)>, TransferError> {
    let mut counts = signet_store::transfer(&data.directory_db(), target, |now| shown.progress(now)).await?;
    counts.extend(signet_record::transfer(data.path(), target, |now| shown.progress(now)).await?);
    Ok(counts)
}

/// One line of progress, on a terminal alone.
struct Shown {
    terminal: bool,
}

impl Shown {
    fn new(output: Output) -> Self {
        Self { terminal: !output.is_json() && std::io::stderr().is_terminal() }
    }

    fn progress(&mut self, now: Progress) {
        if self.terminal {
            let word = if now.comparing { "comparing" } else { "copying" };
            let percent = (now.rows * 100).checked_div(now.of).unwrap_or(100);
            // Nobody needs the line if it cannot be written.
            let _ = write!(std::io::stderr(), "\r\x1b[K{word} {} {percent} % ({} of {})", now.table, now.rows, now.of);
        }
    }

    fn end(&mut self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
