//! Who the server is in TLS.

mod identity;
mod local_ca;
mod pem_files;

pub use identity::TlsIdentity;
pub use local_ca::LocalCa;

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no usable certificate. Each says which file to look at.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read or written.
    #[error("cannot use {}: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file without a PEM certificate, or with a broken one.
    #[error("{} holds no usable PEM certificate: {reason}", file.display())]
    Certificate {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file without a PEM private key, or with one that cannot sign.
    #[error("{} holds no usable PEM private key: {reason}", file.display())]
    Key {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A key that is not the certificate's.
    #[error("the private key in {} does not belong to the certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// A private key that others may read.
    #[error("{} can be read by other users; run chmod 600 on it", file.display())]
    Exposed {
        /// The file.
        file: PathBuf,
    },
    /// A name that cannot stand in a certificate.
    #[error("`{name}` cannot stand in a certificate: {reason}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The cryptographic library refused.
    #[error("cannot make a certificate: {0}")]
    Issue(#[from] rcgen::Error),
    /// The TLS library refused its own defaults.
    #[error("cannot set up TLS: {0}")]
    Setup(#[from] rustls::Error),
}

impl TlsError {
    fn file(file: &Path, source: io::Error) -> Self {
        Self::File { file: file.to_owned(), source }
    }

    fn certificate(file: &Path, reason: impl ToString) -> Self {
        Self::Certificate { file: file.to_owned(), reason: reason.to_string() }
    }

    fn key(file: &Path, reason: impl ToString) -> Self {
        Self::Key { file: file.to_owned(), reason: reason.to_string() }
    }
}
