//! The key that wraps all others. It lies in a file of its own and in no backup.

use aws_lc_rs::digest::{SHA256, digest};
use signet_kernel::{Context, SealingKey};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why the master key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// It cannot be read or made.
    #[error("the master key file {path} cannot be used: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others than its owner may read it.
    #[error("the master key file {0} can be read by others; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// It does not hold a key.
    #[error("{0} does not hold a master key: 64 hexadecimal digits on its last line")]
    Malformed(String),
}

/// The master key.
#[derive(Debug)]
pub struct MasterKey {
    sealing: SealingKey,
    fingerprint: String,
}

const HEADER: &str =
    "# Signet master key. Opens everything sealed in this data directory; keep it apart from backups.\n";

impl MasterKey {
    /// The key in the file at `path`; made, readable by its owner alone, if there is none.
    pub fn load_or_create(path: &Path, context: &Context) -> Result<Self, MasterKeyError> {
        match Self::load(path) {
            Err(MasterKeyError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                Self::create(path, context)
            }
            loaded => loaded,
        }
    }

    /// The key in the file at `path`.
    pub fn load(path: &Path) -> Result<Self, MasterKeyError> {
        let file = |source| MasterKeyError::File { path: path.to_owned(), source };
        let mut opened = File::open(path).map_err(file)?;
        // INVARIANT 14: a key that others can read is refused, not used with a warning.
        if opened.metadata().map_err(file)?.permissions().mode() & 0o077 != 0 {
            return Err(MasterKeyError::Exposed(path.to_owned()));
        }
        let mut text = Zeroizing::new(String::new());
        opened.read_to_string(&mut text).map_err(file)?;
        Self::parse(&text).ok_or_else(|| MasterKeyError::Malformed(path.display().to_string()))
    }

    /// The key in a text, such as an environment variable: 64 hexadecimal digits, perhaps after a comment line.
    pub fn from_text(text: &str) -> Result<Self, MasterKeyError> {
        Self::parse(text).ok_or_else(|| MasterKeyError::Malformed("the environment".to_owned()))
    }

    /// What tells one master key from another without telling the key.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(crate) fn sealing(&self) -> &SealingKey {
        &self.sealing
    }

    fn create(path: &Path, context: &Context) -> Result<Self, MasterKeyError> {
        let file = |source| MasterKeyError::File { path: path.to_owned(), source };
        let bytes = Zeroizing::new(context.random::<32>());
        let text = Zeroizing::new(format!("{HEADER}{}\n", hex::encode(bytes.as_slice())));
        let mut created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(file)?;
        created.write_all(text.as_bytes()).and_then(|()| created.sync_all()).map_err(file)?;
        // The name must survive a power loss too: without its key the data would be lost.
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|directory| directory.sync_all()).map_err(file)?;
        Ok(Self::of(*bytes))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim_end().lines().next_back()?.trim(), bytes.as_mut_slice()).ok()?;
        Some(Self::of(*bytes))
    }

    fn of(bytes: [u8; 32]) -> Self {
        let labelled = Zeroizing::new([b"signet master key fingerprint".as_slice(), &bytes].concat());
        let hash = hex::encode(digest(&SHA256, &labelled));
        Self { sealing: SealingKey::from_bytes(bytes), fingerprint: hash.chars().take(32).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_made_once_and_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let made = MasterKey::load_or_create(&path, &Context::system()).unwrap();
        let again = MasterKey::load_or_create(&path, &Context::system()).unwrap();
        assert_eq!(made.fingerprint(), again.fingerprint());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn invariant_14_an_exposed_or_damaged_key_stops_the_start() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        MasterKey::load_or_create(&path, &Context::system()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let refused = MasterKey::load_or_create(&path, &Context::system()).unwrap_err();
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
        std::fs::write(&path, "abc").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(MasterKey::load(&path), Err(MasterKeyError::Malformed(_))));
        assert!(MasterKey::from_text("").is_err());
    }
}
