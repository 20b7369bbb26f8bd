//! `signet restore`

use crate::admin::{self, ConfirmRestore, MANIFEST, MANIFEST_VERSION, Manifest, digest};
use crate::anchors;
use crate::cli::Global;
use crate::command_error::CommandError;
use crate::data_dir::{DataDir, write_private};
use crate::lock::Lock;
use crate::output::Output;
use crate::storage::Storage;
use clap::Args;
use signet_kernel::Context;
use signet_signing_keys::{MasterKey, RecordKey};
use signet_store::SqliteBackend;
use std::path::{Path, PathBuf};

/// Make a data directory of a backup; it issues nothing until confirmed
#[derive(Debug, Args)]
#[command(
    after_help = "Every token that was issued before the restore is void. The restored directory authenticates and answers,\n\
    but issues no token until you have looked at it and said so with --confirm.\n\n\
    Example:\n  signet restore /backups/signet-2026-11-21 --master-key /safe/master.key --data-dir ./signet-data\n  \
    signet serve &\n  signet restore --confirm"
)]
pub(crate) struct Restore {
    /// The backup
    #[arg(required_unless_present = "confirm")]
    backup: Option<PathBuf>,
    /// File with the master key that the backup was made under
    #[arg(long, value_name = "FILE", required_unless_present = "confirm")]
    master_key: Option<PathBuf>,
    /// Let what was restored issue tokens: the data directory, or, on any of its nodes, the PostgreSQL database
    #[arg(long, conflicts_with_all = ["backup", "master_key"])]
    confirm: bool,
}

impl Restore {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let (config, output) = (global.load(Vec::new())?.config, global.output());
        let (Some(backup), Some(master_key)) = (self.backup, self.master_key) else {
            return confirm(&config, output).await;
        };
        let data = DataDir::at(&config.data_dir);
        let restored = tokio::task::spawn_blocking(move || restore(&backup, &master_key, &data).map(|()| data));
        let data = restored.await.map_err(CommandError::failed)??;
        // A new log begins over what was restored: this is where the one before ended.
        anchors::before("what was restored is served", &config, &data, &Storage::Embedded, &Context::system()).await;
        output.note(&format!("Restored to {}. Tokens from before are void.", data.path().display()));
        output.note("It issues nothing yet: start `signet serve`, look at it, then run `signet restore --confirm`.");
        Ok(())
    }
}

async fn confirm(config: &crate::config::Config, output: Output) -> Result<(), CommandError> {
    let confirmed = admin::run(config, ConfirmRestore {}).await?;
    output.note(match confirmed.was_waiting {
        true => "Confirmed: tokens are issued.",
        false => "There was nothing to confirm: tokens are issued.",
    });
    Ok(())
}

/// Copies a backup into an empty data directory and starts a new epoch there.
fn restore(backup: &Path, master_key: &Path, data: &DataDir) -> Result<(), CommandError> {
    let manifest = read_manifest(backup)?;
    let master = MasterKey::load(master_key).map_err(CommandError::failed)?;
    if master.fingerprint() != manifest.master_key_fingerprint {
        return Err(CommandError::failed(format!(
            "{} is not the master key of this backup: its fingerprint is {}, the backup needs {}",
            master_key.display(),
            master.fingerprint(),
            manifest.master_key_fingerprint
        )));
    }
    check_files(backup, &manifest)?;
    if !data.is_empty() {
        let path = data.path().display();
        return Err(CommandError::failed(format!("{path} is not empty; name a directory that does not exist")));
    }
    data.make()?;
    let _lock = Lock::take(data)?;
    fill(backup, master_key, &manifest, data)
        .map_err(|error| CommandError::failed(format!("cannot restore to {}: {error}", data.path().display())))?;
    RecordKey::load_or_create(&data.record_key(), &master, &Context::system()).map_err(CommandError::failed)?;
    SqliteBackend::start_new_epoch(&data.directory_db(), Context::system().now()).map_err(CommandError::failed)?;
    Ok(())
}

fn fill(backup: &Path, master_key: &Path, manifest: &Manifest, data: &DataDir) -> std::io::Result<()> {
    // INVARIANT: the mark comes first, so that no half-done restore ever issues.
    let mark = format!("restored from a backup of {}; `signet restore --confirm` removes this file\n", manifest.at);
    write_private(&data.restored(), mark.as_bytes())?;
    for name in manifest.files.keys() {
        let to = data.path().join(name);
        std::fs::copy(backup.join(name), &to)?;
        let file = std::fs::File::open(&to)?;
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        file.sync_all()?;
    }
    write_private(&data.master_key(), &std::fs::read(master_key)?)?;
    std::fs::File::open(data.path())?.sync_all()
}

fn read_manifest(backup: &Path) -> Result<Manifest, CommandError> {
    let path = backup.join(MANIFEST);
    let unusable = |reason: String| CommandError::failed(format!("{} is no backup: {reason}", path.display()));
    let text = std::fs::read(&path).map_err(|error| unusable(error.to_string()))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))?;
    if manifest.version != MANIFEST_VERSION {
        return Err(unusable(format!("version {} is not known to this program", manifest.version)));
    }
    Ok(manifest)
}

fn check_files(backup: &Path, manifest: &Manifest) -> Result<(), CommandError> {
    for (name, expected) in &manifest.files {
        let path = backup.join(name);
        let plain =
            Path::new(name).components().count() == 1 && path.file_name().is_some_and(|file| file == name.as_str());
        let found =
            if plain { digest(&path).map_err(|error| error.to_string()) } else { Err("not a plain name".to_owned()) };
        match found {
            Ok(found) if found == *expected => {}
            Ok(_) => {
                return Err(CommandError::failed(format!(
                    "{} is not what the backup's manifest states",
                    path.display()
                )));
            }
            Err(error) => return Err(CommandError::failed(format!("{}: {error}", path.display()))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
