//! Certificates and keys as PEM files.

use super::TlsError;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem};
use signet_kernel::Timestamp;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// The certificates in `file`, leaf first, and when the leaf expires.
pub(super) fn read_chain(file: &Path) -> Result<(Vec<CertificateDer<'static>>, Timestamp), TlsError> {
    let text = fs::read(file).map_err(|error| TlsError::file(file, error))?;
    let chain = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, pem::Error>>()
        .map_err(|error| TlsError::certificate(file, error))?;
    let leaf = chain.first().ok_or_else(|| TlsError::certificate(file, "it has no CERTIFICATE section"))?;
    let (_, parsed) = x509_parser::parse_x509_certificate(leaf).map_err(|error| TlsError::certificate(file, error))?;
    let not_after = Timestamp::from_seconds(parsed.validity().not_after.timestamp());
    Ok((chain, not_after))
}

/// The private key in `file`.
pub(super) fn read_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = fs::read(file).map_err(|error| TlsError::file(file, error))?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| TlsError::key(file, error))
}

/// Refuses a key file that anyone but its owner can read.
pub(super) fn require_private(file: &Path) -> Result<(), TlsError> {
    let mode = fs::metadata(file).map_err(|error| TlsError::file(file, error))?.mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(TlsError::Exposed { file: file.to_owned() }) }
}

/// Writes `text` to `file` so that a crash leaves the old file or the new one, and nobody but the owner can read it
/// unless `mode` says so.
pub(super) fn write(file: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let draft = file.with_extension("new");
    let written = (|| {
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut open = OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        fs::rename(&draft, file)
    })();
    written.map_err(|error| TlsError::file(file, error))
}
