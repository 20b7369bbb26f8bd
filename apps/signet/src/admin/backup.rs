//! A copy of the data directory while it is in use, without the master key.

use super::AdminCommand;
use crate::data_dir::write_private;
use crate::node::Node;
use crate::storage::Storage;
use aws_lc_rs::digest::{Context as Sha256, SHA256};
use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault, Timestamp};
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The name of the manifest in a backup.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Everything that a restore needs, in one new directory.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Backup {
    /// Where to; absolute, since the server has another working directory.
    pub(crate) directory: PathBuf,
}

/// What a backup says of itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The shape of this file.
    pub(crate) version: u32,
    /// The program that made it.
    pub(crate) program: String,
    /// When.
    pub(crate) at: Timestamp,
    /// Which master key opens it; the key itself is not here.
    pub(crate) master_key_fingerprint: String,
    /// The deployment's epoch.
    pub(crate) epoch: u64,
    /// SHA-256 of each file.
    pub(crate) files: BTreeMap<String, String>,
}

/// The version of the manifest that this program writes and reads.
pub(crate) const MANIFEST_VERSION: u32 = 1;

impl AdminCommand for Backup {
    const PATH: &'static str = "/backup";
    type Answer = Manifest;

    async fn run(self, node: &Node) -> Result<Manifest, Failure> {
        if let Storage::Postgres(_) = node.storage {
            let message = "The data lies in PostgreSQL: back it up with its own tools, such as pg_basebackup and an \
                archive of its log (docs/operations/postgresql.md), and keep master.key and record-key.json apart.";
            return Err(Failure::new(Fault::Input, "BadRequest", message));
        }
        let to = self.directory;
        if !to.is_absolute() {
            return Err(Failure::new(Fault::Input, "BadRequest", "Name the backup's directory by an absolute path."));
        }
        let _sealing = node.sealing.lock().await;
        let made = DirBuilder::new().mode(0o700).create(&to);
        made.map_err(|error| unwritable(&to, &error))?;
        // The directory first: its outbox then holds every audit entry that the copy of the record lacks.
        node.store.backup(&to.join("directory.db")).await?;
        // The log before the record, so that every frame that it names is in the copy.
        node.transparency.store().backup(to.join("record-log.db")).await?;
        node.record.backup(to.join("records.db")).await?;
        let epoch = node.store.heads().await?.iter().map(|head| head.position.0 >> 40).max().unwrap_or(0);
        let mut manifest = Manifest {
            version: MANIFEST_VERSION,
            program: concat!("signet ", env!("CARGO_PKG_VERSION")).to_owned(),
            at: node.context.now(),
            master_key_fingerprint: node.signing_keys.master().fingerprint().to_owned(),
            epoch,
            files: BTreeMap::new(),
        };
        let record_key = node.data.record_key();
        let finished = tokio::task::spawn_blocking(move || {
            let directory = to.clone();
            finish(&directory, &record_key, &mut manifest).map(|()| manifest).map_err(|error| unwritable(&to, &error))
        });
        finished.await.map_err(Failure::bug)?
    }
}

fn finish(directory: &Path, record_key: &Path, manifest: &mut Manifest) -> io::Result<()> {
    // The private half in this file is sealed by the master key.
    write_private(&directory.join("record-key.json"), &std::fs::read(record_key)?)?;
    for name in ["directory.db", "records.db", "record-log.db", "record-key.json"] {
        File::open(directory.join(name))?.sync_all()?;
        manifest.files.insert(name.to_owned(), digest(&directory.join(name))?);
    }
    write_private(&directory.join(MANIFEST), &serde_json::to_vec_pretty(manifest)?)?;
    File::open(directory)?.sync_all()
}

/// SHA-256 of a file, in hexadecimal.
pub(crate) fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(&SHA256), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => hash.update(buffer.get(..read).unwrap_or_default()),
        }
    }
    Ok(hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn unwritable(to: &Path, error: &io::Error) -> Failure {
    let message = format!("Cannot write the backup to {}: {error}. The directory must not exist yet.", to.display());
    Failure::new(Fault::Conflict, "BackupUnwritable", message)
}
