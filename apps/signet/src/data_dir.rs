//! What lies where in the data directory.

use crate::command_error::CommandError;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The data directory: one process owns it at a time.
#[derive(Debug, Clone)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    /// The directory at `path`, which need not exist.
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Makes the directory, for its owner alone, if it does not exist.
    pub(crate) fn make(&self) -> Result<(), CommandError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(|error| {
            CommandError::failed(format!("cannot make the data directory {}: {error}", self.0.display()))
        })
    }

    /// The directory itself; `records.db` lies in it.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The directory's database.
    pub(crate) fn directory_db(&self) -> PathBuf {
        self.0.join("directory.db")
    }

    /// The key that wraps all others.
    pub(crate) fn master_key(&self) -> PathBuf {
        self.0.join("master.key")
    }

    /// The key that will take its place, while it is being rotated.
    pub(crate) fn next_master_key(&self) -> PathBuf {
        self.0.join("master.key.next")
    }

    /// A master key of before, which backups of that time need.
    pub(crate) fn former_master_key(&self, fingerprint: &str) -> PathBuf {
        self.0.join(format!("master-{fingerprint}.key"))
    }

    /// The key that signs the record's checkpoints; its private half is sealed.
    pub(crate) fn record_key(&self) -> PathBuf {
        self.0.join("record-key.json")
    }

    /// The local certificate authority.
    pub(crate) fn tls(&self) -> PathBuf {
        self.0.join("tls")
    }

    /// What clients of a local certificate must trust.
    pub(crate) fn ca(&self) -> PathBuf {
        self.tls().join("ca.pem")
    }

    /// Held by the process that owns the directory.
    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("signet.lock")
    }

    /// Where that process listens for local commands.
    pub(crate) fn admin_socket(&self) -> PathBuf {
        self.0.join("admin.sock")
    }

    /// There while a restored backup issues nothing.
    pub(crate) fn restored(&self) -> PathBuf {
        self.0.join("restored-not-confirmed")
    }

    /// There once what lay here was moved to PostgreSQL.
    pub(crate) fn moved(&self) -> PathBuf {
        self.0.join("moved-to-postgresql")
    }

    /// Which administrator the commands of the public API act as.
    pub(crate) fn profile(&self) -> PathBuf {
        self.0.join("client.json")
    }

    /// Whether nothing but what every start makes is in the directory.
    pub(crate) fn is_empty(&self) -> bool {
        fs::read_dir(&self.0).map_or(true, |mut entries| entries.next().is_none())
    }
}

/// Writes a file that its owner alone can read; a crash leaves the old one or the new one.
pub(crate) fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let draft = path.with_extension("new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}
