//! `signet logs verify`: everything recomputed, with nothing believed but keys.

use crate::admin::{self, VerifyRecord};
use crate::cli::Global;
use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::output::Output;
use crate::storage::Storage;
use crate::transparency::log_store;
use clap::Args;
use serde_json::{Value, json};
use signet_kernel::{Context, TenantId};
use signet_record::LogSnapshot;
use signet_signing_keys::{MasterKey, RecordKey, RecordVerifier};
use signet_tlog::{KeyName, Log, Signer as _, UnverifiedCheckpoint, VerifierKey};
use signet_transparency_log::{LogProblem, LogReport, Trust, verify, verify_static};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Recompute every hash chain, digest, signed checkpoint and Merkle log
#[derive(Debug, Args)]
#[command(
    after_help = "Finds any byte that was changed, and what was dropped, moved, cut or rewritten. What was committed after the\n\
    last checkpoint that was kept outside can be rewritten by whoever has all keys: name your copies with --checkpoint.\n\n\
    Examples:\n  signet logs verify --checkpoint anchors/TENANT/2026-11-21-1200.checkpoint\n  \
    signet logs verify --directory /copy/of/signet-data --key 'id.example/TENANT/log+…'\n  \
    signet logs verify --static /copy/of/log --key 'id.example/TENANT/log+…'"
)]
pub(crate) struct Verify {
    /// A checkpoint that was kept elsewhere: an anchor, or what a witness saw
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// Believe this key of a log, instead of those that the record key gives
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<VerifierKey>,
    /// Say which checkpoints this witness cosigned
    #[arg(long = "witness", value_name = "KEY")]
    witnesses: Vec<VerifierKey>,
    /// A copy of a data directory, without its keys
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    directory: Option<PathBuf>,
    /// A copy of a log's static files: checkpoint, tile/…
    #[arg(long = "static", id = "files", value_name = "DIR", requires = "keys")]
    files: Option<PathBuf>,
}

impl Verify {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let output = global.output();
        if let Some(files) = &self.files {
            let report = verify_static(files, |origin| self.named(origin)).map_err(CommandError::failed)?;
            output.object(
                &json!({ "leaves": report.leaves, "tiles": report.tiles }),
                &[("records", "leaves"), ("tiles", "tiles")],
            );
            output.note("The copy is the log that its checkpoint states.");
            return Ok(());
        }
        let config = global.load(Vec::new())?.config;
        let record = match &self.directory {
            Some(directory) => verify_copy(directory, output)?,
            None => verify_record(&config).await?,
        };
        let logs = self.verify_logs(&config).await?;
        show(&record, &logs, output);
        Ok(())
    }

    async fn verify_logs(&self, config: &Config) -> Result<Vec<Value>, CommandError> {
        let snapshot = self.snapshot(config).await?;
        let record_key = if self.keys.is_empty() { own_key(config) } else { None };
        let log = |origin: &str| self.named(origin).or_else(|| derived(record_key.as_ref()?, origin));
        let trust = Trust { log: &log, witnesses: self.witnesses.clone(), outside: self.outside()? };
        let heads = snapshot.heads().await.map_err(CommandError::failed)?;
        check_no_log_is_gone(&trust.outside, heads.iter().map(|(tenant, _)| *tenant))?;
        let mut verified = Vec::new();
        for (tenant, head) in heads.into_iter().filter(|(_, head)| head.size > 0) {
            let report = verify(&snapshot, (tenant, head), &trust).await;
            let report = report.map_err(|problem| CommandError::failed(format!("tenant {tenant}: {problem}")))?;
            verified.push(told(tenant, &report));
        }
        Ok(verified)
    }

    async fn snapshot(&self, config: &Config) -> Result<LogSnapshot, CommandError> {
        if let Some(directory) = &self.directory {
            return LogSnapshot::of_files(directory).map_err(CommandError::failed);
        }
        let (data, storage) = (DataDir::at(&config.data_dir), Storage::of(&config.storage)?);
        match &storage {
            Storage::Embedded => LogSnapshot::of_files(data.path()).map_err(CommandError::failed),
            Storage::Postgres(_) => log_store(&data, &storage)?.snapshot().await.map_err(CommandError::failed),
        }
    }

    fn outside(&self) -> Result<Vec<Vec<u8>>, CommandError> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| CommandError::failed(format!("{}: {error}", path.display())))
        };
        self.checkpoints.iter().map(read).collect()
    }

    /// What was named of a log.
    fn named(&self, origin: &str) -> Option<Log> {
        let keys: Vec<_> = self.keys.iter().filter(|key| key.name().as_str() == origin).cloned().collect();
        (!keys.is_empty()).then(|| Log::new(origin, keys))
    }
}

async fn verify_record(config: &Config) -> Result<Value, CommandError> {
    let verified = admin::run(config, VerifyRecord {}).await?;
    serde_json::to_value(&verified).map_err(CommandError::failed)
}

/// A copy has the public half of the record key beside it, or lacks it: then the logs alone are verified.
fn verify_copy(directory: &Path, output: Output) -> Result<Value, CommandError> {
    let data = DataDir::at(directory);
    let Ok(verifier) = RecordVerifier::load(&RecordKey::public_path(&data.record_key())) else {
        output.note("There is no record-key.pub.json: signed statements are not verified, the logs are.");
        return Ok(json!({}));
    };
    let report = signet_record::verify(directory, &verifier).map_err(CommandError::failed)?;
    Ok(json!({
        "records": report.records, "frames": report.frames, "chains": report.chains,
        "checkpoints": report.checkpoints, "uncovered": report.uncovered, "erased": report.erased,
    }))
}

fn told(tenant: TenantId, report: &LogReport) -> Value {
    let since = report.leaves - report.outside.max(report.cosigned).unwrap_or(0);
    json!({
        "tenant": tenant, "leaves": report.leaves, "frames": report.frames, "removed": report.removed,
        "tiles": report.tiles, "checkpoints": report.checkpoints, "unsigned": report.unsigned,
        "outside": report.outside, "cosigned": report.cosigned, "since": since, "waiting": report.waiting,
    })
}

/// One object for who reads JSON; for people the record, then each log.
fn show(record: &Value, logs: &[Value], output: Output) {
    const RECORD: [(&str, &str); 6] = [
        ("records", "records"),
        ("frames", "frames"),
        ("chains", "chains"),
        ("signed checkpoints", "checkpoints"),
        ("frames after the last checkpoint", "uncovered"),
        ("personal values erased", "erased"),
    ];
    const LOG: [(&str, &str); 9] = [
        ("log of tenant", "tenant"),
        ("records in it", "leaves"),
        ("frames removed by right", "removed"),
        ("tiles", "tiles"),
        ("checkpoints", "checkpoints"),
        ("largest checkpoint from outside", "outside"),
        ("largest cosigned checkpoint", "cosigned"),
        ("records that who has all keys could rewrite", "since"),
        ("frames not in it yet", "waiting"),
    ];
    if output.is_json() {
        let mut all = record.clone();
        if let Some(members) = all.as_object_mut() {
            members.insert("logs".to_owned(), logs.into());
        }
        return output.json(&all);
    }
    output.object(record, &RECORD);
    output.note("The record is what was written.");
    for log in logs {
        output.object(log, &LOG);
    }
    output.note("Every log is what its record, its tiles and its checkpoints say.");
}

/// A checkpoint from outside is of a log that must be there.
fn check_no_log_is_gone(outside: &[Vec<u8>], tenants: impl Iterator<Item = TenantId>) -> Result<(), CommandError> {
    let parts: Vec<String> = tenants.map(|tenant| format!("/{tenant}/log")).collect();
    let mut stated = BTreeMap::new();
    for note in outside {
        let said = UnverifiedCheckpoint::parse(note).map_err(CommandError::failed)?;
        stated.insert(said.origin().to_owned(), said.size());
    }
    match stated.into_iter().find(|(origin, _)| !parts.iter().any(|part| origin.contains(part))) {
        Some((origin, stated)) => {
            Err(CommandError::failed(format!("{origin}: {}", LogProblem::Cut { stated, size: 0 })))
        }
        None => Ok(()),
    }
}

/// The deployment's own key, if this is where it lies.
fn own_key(config: &Config) -> Option<RecordKey> {
    let data = DataDir::at(&config.data_dir);
    let master = MasterKey::load(&data.master_key()).ok().filter(|_| data.record_key().exists())?;
    RecordKey::load_or_create(&data.record_key(), &master, &Context::system()).ok()
}

/// What the record key says of a log called so.
fn derived(key: &RecordKey, origin: &str) -> Option<Log> {
    let tenant: TenantId = origin.split('/').rev().skip_while(|part| *part != "log").nth(1)?.parse().ok()?;
    let key = key.log_key(tenant, KeyName::new(origin).ok()?).ok()?;
    Some(Log::new(origin, [key.key().clone()]))
}
