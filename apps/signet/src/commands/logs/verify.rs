//! `signet logs verify`: everything recomputed, with nothing believed but keys.

use crate::admin::{self, VerifyLogs, VerifyRecord, named};
use crate::cli::Global;
use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::output::Output;
use clap::Args;
use serde_json::{Value, json};
use signet_record::LogSnapshot;
use signet_signing_keys::{RecordKey, RecordVerifier};
use signet_tlog::VerifierKey;
use signet_transparency_log::verify_static;
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
            let report = verify_static(files, |origin| named(&self.keys, origin)).map_err(CommandError::failed)?;
            let shown = json!({ "leaves": report.leaves, "tiles": report.tiles });
            output.object(&shown, &[("records", "leaves"), ("tiles", "tiles")]);
            output.note("The copy is the log that its checkpoint states.");
            return Ok(());
        }
        let ask = self.ask()?;
        let (record, verified) = match &self.directory {
            Some(directory) => {
                let snapshot = LogSnapshot::of_files(directory).map_err(CommandError::failed)?;
                (verify_copy(directory, output)?, ask.verify(&snapshot, None).await?)
            }
            None => {
                let config = global.load(Vec::new())?.config;
                (verify_record(&config).await?, admin::run(&config, ask).await?)
            }
        };
        show(&record, &verified.logs, output);
        Ok(())
    }

    fn ask(&self) -> Result<VerifyLogs, CommandError> {
        let read = |path: &PathBuf| {
            let wrong = |error| CommandError::failed(format!("{}: {error}", path.display()));
            std::fs::read_to_string(path).map_err(wrong)
        };
        let texts = |keys: &[VerifierKey]| keys.iter().map(ToString::to_string).collect();
        let outside = self.checkpoints.iter().map(read).collect::<Result<_, _>>()?;
        Ok(VerifyLogs { keys: texts(&self.keys), witnesses: texts(&self.witnesses), outside })
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
        "removed": report.removed,
    }))
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
    const PURGE: [(&str, &str); 5] =
        [("PURGED", "at"), ("TABLE", "table"), ("RECORDS", "records"), ("WHY", "reason"), ("STATED BY", "auditRecord")];
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
        if let Some(purges) = log.get("purges").and_then(Value::as_array).filter(|purges| !purges.is_empty()) {
            output.list(purges, &PURGE);
        }
    }
    output.note("Every log is what its record, its tiles and its checkpoints say.");
}
