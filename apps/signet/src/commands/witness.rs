//! `signet witness`

use crate::assembly::{bind, serve, tls_of};
use crate::cli::Global;
use crate::command_error::CommandError;
use crate::commands::serve::{Listen, Signals};
use crate::config::{Config, WitnessConfig};
use crate::data_dir::DataDir;
use crate::lock::Lock;
use crate::telemetry::Telemetry;
use crate::transparency::host;
use crate::{logging, master_files, node};
use clap::Args;
use prometheus_client::registry::Registry;
use signet_kernel::Context;
use signet_record::WitnessStore;
use signet_tlog::{KeyKind, KeyName, Log, Signer as _, SigningKey, VerifierKey};
use signet_transparency_log::Witness;
use signet_web::management::{self, Health};
use signet_web::{Front, Limits, stop_signal};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Run a witness: it cosigns that the logs of other deployments only grow
#[derive(Debug, Args)]
#[command(
    after_help = "A witness is of use in other hands than the logs it watches. It needs neither records nor tiles. Name the logs in\n\
    witness.logs, and give its key and URL to whoever runs them, for transparency.witnesses.\n\n\
    Examples:\n  signet witness --key\n  signet witness --config witness.toml"
)]
pub(crate) struct RunWitness {
    #[command(flatten)]
    listen: Listen,
    /// Print the witness's key, and end
    #[arg(long)]
    key: bool,
}

impl RunWitness {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let (config, context) = (global.load(self.listen.flags())?.config, Context::system());
        let data = DataDir::at(&config.data_dir);
        data.make()?;
        let lock = Lock::take(&data)?;
        let key = key(&config, &data, &context)?;
        if self.key {
            global.output().line(&key.key().to_string());
            return Ok(());
        }
        let logs = logs(&config.witness)?;
        let telemetry = Telemetry::start(&config.telemetry)?;
        let _level = logging::start(&config.log, &telemetry)?;
        let mut signals = Signals::listen()?;
        let store = WitnessStore::open(data.path()).map_err(CommandError::failed)?;
        tracing::info!(key = %key.key(), logs = logs.len(), "witnessing");
        let witness = Witness::new(store, key, logs, context.clone());
        answer_until(&mut signals, &config, &data, (witness, context)).await?;
        telemetry.stop().await;
        drop(lock);
        Ok(())
    }
}

async fn answer_until(
    signals: &mut Signals,
    config: &Config,
    data: &DataDir,
    (witness, context): (Witness, Context),
) -> Result<(), CommandError> {
    let tls = tls_of(config, data, &context)?;
    let public = bind(config.listen, config.limits.listener()).await?.with_tls(&tls);
    let management = bind(config.management_listen, Limits::default()).await?;
    let (health, registry) = (Health::starting(&[]), Arc::new(Registry::default()));
    let (stopper, stop) = stop_signal();
    let mut tasks = JoinSet::new();
    let front = |router| Front::new(router, context.clone());
    tasks.spawn(serve(public, front(witness.routes()), stop.clone()));
    tasks.spawn(serve(management, front(management::router(health, registry)), stop));
    tracing::info!(listen = %config.listen, "ready");
    signals
        .until_stop(|| {
            if let Err(error) = tls.reload() {
                tracing::error!(%error, "the TLS certificate stays as it is");
            }
        })
        .await;
    stopper.stop();
    while tasks.join_next().await.is_some() {}
    Ok(())
}

/// One key, derived as those of logs are: a backup of the data directory's keys is a backup of it.
fn key(config: &Config, data: &DataDir, context: &Context) -> Result<SigningKey, CommandError> {
    let used = data.path().join("witness.db").exists();
    let master = master_files::open(data, used, context)?;
    let record_key = node::record_key(data, used, &master, context)?;
    let name = config.witness.name.clone().unwrap_or_else(|| format!("{}/witness", host(config)));
    let name = KeyName::new(name).map_err(|error| CommandError::usage(format!("witness.name: {error}")))?;
    record_key.witness_key(name).map_err(CommandError::failed)
}

/// The logs that are watched: `<verifier key>`, or `<origin> <verifier key>` where the key is called otherwise.
fn logs(config: &WitnessConfig) -> Result<Vec<Log>, CommandError> {
    let mut logs = Vec::new();
    for text in &config.logs {
        let wrong = |why: String| CommandError::usage(format!("witness.logs: '{text}': {why}"));
        let (origin, key) = text.split_once(' ').map_or((None, text.as_str()), |(origin, key)| (Some(origin), key));
        let key: VerifierKey = key.trim().parse().map_err(|error: signet_tlog::KeyError| wrong(error.to_string()))?;
        if key.kind() != KeyKind::Log {
            return Err(wrong("the key is not a log's".to_owned()));
        }
        logs.push(Log::new(origin.unwrap_or(key.name().as_str()), [key.clone()]));
    }
    if logs.is_empty() {
        return Err(CommandError::usage("witness.logs names no log: there is nothing to witness"));
    }
    Ok(logs)
}
