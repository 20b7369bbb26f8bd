//! `signet backup`

use crate::admin;
use crate::cli::Global;
use crate::command_error::CommandError;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Copy the data directory while it is in use, without the master key
#[derive(Debug, Args)]
#[command(
    after_help = "The backup does NOT hold the master key (DATA_DIR/master.key): keep a copy of that file elsewhere.\n\
    Without it nobody can restore.\n\nExample: signet backup /backups/signet-2026-11-21"
)]
pub(crate) struct Backup {
    /// A directory that does not exist yet
    directory: PathBuf,
}

impl Backup {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let (config, output) = (global.load(Vec::new())?.config, global.output());
        let directory = std::path::absolute(&self.directory).map_err(CommandError::usage)?;
        let manifest = admin::run(&config, admin::Backup { directory: directory.clone() }).await?;
        let shown = json!({
            "directory": directory,
            "at": manifest.at,
            "files": manifest.files.keys().collect::<Vec<_>>(),
            "masterKeyFingerprint": manifest.master_key_fingerprint,
        });
        output.object(
            &shown,
            &[
                ("backup", "directory"),
                ("made", "at"),
                ("files", "files"),
                ("opens with master key", "masterKeyFingerprint"),
            ],
        );
        let key = config.data_dir.join("master.key");
        output.note(&format!("The master key is not in it: keep a copy of {} apart from the backup.", key.display()));
        Ok(())
    }
}
