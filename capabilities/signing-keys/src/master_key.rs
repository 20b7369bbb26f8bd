//! The key that wraps all others. It lies in a file of its own and in no backup.

use crate::private_file;
use aws_lc_rs::digest::{SHA256, digest};
use signet_kernel::{Context, SealingKey};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why the master key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// It cannot be read or made.
    #[error("the master key file {path} cannot be used: {source}; restore it, or correct the path")]
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
    #[error("{0} does not hold a master key, which is 64 hexadecimal digits on the last line; put back the right one")]
    Malformed(String),
}

/// The master key.
pub struct MasterKey {
    sealing: SealingKey,
    fingerprint: String,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKey").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

const HEADER: &str =
    "# Signet master key. Opens everything sealed in this data directory; keep it apart from backups.\n";

impl MasterKey {
    /// The key in the file at `path`; made, readable by its owner alone, if there is none.
    pub fn load_or_create(path: &Path, context: &Context) -> Result<Self, MasterKeyError> {
        match Self::load(path) {
            Err(MasterKeyError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
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
        private_file::create(path, text.as_bytes()).map_err(file)?;
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
    use std::fs::{self, Permissions};

    fn made() -> (tempfile::TempDir, PathBuf, MasterKey) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let key = MasterKey::load_or_create(&path, &Context::system()).unwrap();
        (directory, path, key)
    }

    #[test]
    fn invariant_14_a_key_that_others_can_read_is_refused() {
        let (_directory, path, _) = made();
        for mode in [0o640, 0o604, 0o620, 0o602, 0o610] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let refused = MasterKey::load_or_create(&path, &Context::system()).unwrap_err();
            assert!(refused.to_string().contains(&format!("chmod 600 {}", path.display())), "{refused}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert!(MasterKey::load(&path).is_ok());
    }

    #[test]
    fn invariant_14_what_is_no_key_is_refused_and_left_alone() {
        let (_directory, path, _) = made();
        for text in ["", "\n", "abc", &"a".repeat(63), &"a".repeat(66), &"g".repeat(64)] {
            fs::write(&path, text).unwrap();
            let refused = MasterKey::load_or_create(&path, &Context::system()).unwrap_err();
            assert!(refused.to_string().contains(&path.display().to_string()), "{refused}");
            assert!(matches!(refused, MasterKeyError::Malformed(_)));
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert!(MasterKey::from_text(text).is_err());
        }
        fs::remove_file(&path).unwrap();
        let missing = MasterKey::load(&path).unwrap_err().to_string();
        assert!(missing.contains(&path.display().to_string()), "{missing}");
    }

    #[test]
    fn it_is_made_once_for_its_owner_alone_and_says_what_it_is() {
        let (_directory, path, key) = made();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# Signet master key."), "{text}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let again = MasterKey::load_or_create(&path, &Context::system()).unwrap();
        assert_eq!(again.fingerprint(), key.fingerprint());
        assert_eq!(MasterKey::from_text(&text).unwrap().fingerprint(), key.fingerprint());
        assert_ne!(made().2.fingerprint(), key.fingerprint());
    }

    #[test]
    fn invariant_12_neither_debug_output_nor_fingerprint_tells_the_key() {
        let (_directory, path, key) = made();
        let digits = fs::read_to_string(&path).unwrap().lines().last().unwrap().to_owned();
        assert!(!format!("{key:?}").contains(&digits) && !digits.contains(key.fingerprint()));
    }
}
