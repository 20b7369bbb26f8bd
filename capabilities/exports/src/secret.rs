//! A secret that lies in a file.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The file that a secret lies in. It is read at each use, so that it can be replaced while the program runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(PathBuf);

/// A file that holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It cannot be read.
    #[error("{} cannot be read: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its first line is empty.
    #[error("{} is empty; the secret belongs on its first line", .0.display())]
    Empty(PathBuf),
}

impl Secret {
    /// The first line of the file.
    pub fn read(&self) -> Result<Zeroizing<String>, SecretError> {
        let text = std::fs::read_to_string(&self.0).map(Zeroizing::new);
        let text = text.map_err(|source| SecretError::Unreadable { file: self.0.clone(), source })?;
        match text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
            Some(line) => Ok(Zeroizing::new(line.to_owned())),
            None => Err(SecretError::Empty(self.0.clone())),
        }
    }
}
