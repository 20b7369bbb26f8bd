//! `signet logs checkpoint`, `proof`, `check-proof`, `anchor` and `resume`.

use crate::admin::{self, AskLog, LogQuestion};
use crate::cli::Global;
use crate::command_error::CommandError;
use clap::Args;
use serde_json::json;
use signet_kernel::TenantId;
use signet_tlog::{Hash, Log, ProofFile, VerifierKey};
use std::path::PathBuf;

/// Whose log.
#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// The tenant; may be left out where there is one
    #[arg(long, value_name = "ID")]
    pub(super) tenant: Option<TenantId>,
}

/// Which record.
#[derive(Debug, Args)]
pub(crate) struct Which {
    #[command(flatten)]
    whose: Whose,
    /// Its table
    #[arg(long, default_value = "AADServicePrincipalSignInLogs")]
    table: String,
    /// Its id
    id: String,
}

/// A proof to check.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The proof
    file: PathBuf,
    /// The log's key
    #[arg(long, value_name = "KEY")]
    key: VerifierKey,
}

impl Whose {
    /// Prints a checkpoint, or the key.
    pub(crate) async fn checkpoint(self, global: &Global, key: bool) -> Result<(), CommandError> {
        let what = if key { LogQuestion::Key } else { LogQuestion::Checkpoint };
        print(global, AskLog { tenant: self.tenant, what }).await
    }

    /// Puts anchors now.
    pub(crate) async fn anchor(self, global: &Global) -> Result<(), CommandError> {
        print(global, AskLog { tenant: self.tenant, what: LogQuestion::Anchor }).await
    }

    /// Lets a stopped log go on.
    pub(crate) async fn resume(self, global: &Global) -> Result<(), CommandError> {
        print(global, AskLog { tenant: self.tenant, what: LogQuestion::Resume }).await
    }
}

impl Which {
    /// Prints the proof.
    pub(crate) async fn prove(self, global: &Global) -> Result<(), CommandError> {
        let Self { whose, table, id } = self;
        print(global, AskLog { tenant: whose.tenant, what: LogQuestion::Proof { table, id } }).await
    }
}

impl Check {
    /// Checks a proof, with nothing believed but the key.
    pub(crate) fn run(self, global: &Global) -> Result<(), CommandError> {
        let wrong = |why: String| CommandError::failed(format!("{}: {why}", self.file.display()));
        let bytes = std::fs::read(&self.file).map_err(|error| wrong(error.to_string()))?;
        let proof = ProofFile::parse(&bytes).map_err(|error| wrong(error.to_string()))?;
        let entry = proof.extra.clone().ok_or_else(|| wrong("the proof carries no entry".to_owned()))?;
        let (index, log) = (proof.inclusion.index, Log::new(self.key.name().as_str(), [self.key.clone()]));
        let checkpoint = proof.verify(&Hash::leaf(&entry), &log).map_err(|error| wrong(error.to_string()))?;
        let entry = String::from_utf8(entry).map_err(|error| wrong(error.to_string()))?;
        let mut lines = entry.lines().skip(1);
        let mut next = || lines.next().unwrap_or_default().to_owned();
        let shown = json!({
            "leaf": index, "size": checkpoint.head().size, "table": next(), "place": next(),
            "keys": next(), "body": next(),
        });
        let output = global.output();
        output.object(
            &shown,
            &[
                ("leaf", "leaf"),
                ("of", "size"),
                ("table", "table"),
                ("writer, frame, line", "place"),
                ("SHA-256 of its key line", "keys"),
                ("SHA-256 of its body line", "body"),
            ],
        );
        output.note("The log states this record. Compare the hashes with those of the record that you hold.");
        Ok(())
    }
}

async fn print(global: &Global, ask: AskLog) -> Result<(), CommandError> {
    let config = global.load(Vec::new())?.config;
    let answer = admin::run(&config, ask).await?;
    global.output().line(answer.text.trim_end_matches('\n'));
    Ok(())
}
