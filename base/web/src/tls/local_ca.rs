//! A certificate authority of this machine alone, so that TLS is on from the first start.

use super::TlsError;
use super::pem_files::{read_chain, require_private, write};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SerialNumber,
};
use signet_kernel::{Context, Timestamp};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const AUTHORITY_LIFE: Duration = DAY.saturating_mul(3650);
const LEAF_LIFE: Duration = DAY.saturating_mul(90);
const RENEW_BEFORE: Duration = DAY.saturating_mul(30);
/// Clocks that are a little behind must not refuse a fresh certificate.
const BACKDATE: Duration = Duration::from_secs(60 * 60);
const ALWAYS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A certificate authority in a directory: `ca.pem` for clients to trust, its key, and a leaf for this server.
#[derive(Debug, Clone)]
pub struct LocalCa {
    directory: PathBuf,
    names: Vec<String>,
    context: Context,
}

impl LocalCa {
    /// Opens the authority in `directory`, made at the first start, with a leaf for localhost, its addresses and
    /// `names`. The authority stays the same ever after; the leaf is replaced when it nears its end or the names
    /// change.
    pub fn open(directory: &Path, names: &[String], context: Context) -> Result<Self, TlsError> {
        let names = ALWAYS.iter().map(|name| (*name).to_owned()).chain(names.iter().cloned());
        let mut authority = Self { directory: directory.to_owned(), names: Vec::new(), context };
        for name in names {
            if !authority.names.contains(&name) {
                authority.names.push(name);
            }
        }
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
        made.map_err(|error| TlsError::file(directory, error))?;
        if !authority.ca_path().exists() || !authority.key_path().exists() {
            authority.make_authority()?;
        }
        require_private(&authority.key_path())?;
        authority.renew_if_due()?;
        Ok(authority)
    }

    /// The file that clients must trust.
    pub fn ca_path(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    pub(super) fn leaf_path(&self) -> PathBuf {
        self.directory.join("server.pem")
    }

    pub(super) fn leaf_key_path(&self) -> PathBuf {
        self.directory.join("server.key")
    }

    fn key_path(&self) -> PathBuf {
        self.directory.join("ca.key")
    }

    fn names_path(&self) -> PathBuf {
        self.directory.join("server.names")
    }

    /// Issues a leaf if there is none, if it is close to its end, or if it has other names.
    pub(super) fn renew_if_due(&self) -> Result<(), TlsError> {
        if self.is_due() { self.issue_leaf() } else { Ok(()) }
    }

    fn is_due(&self) -> bool {
        let Ok((_, not_after)) = read_chain(&self.leaf_path()) else { return true };
        let names = fs::read_to_string(self.names_path()).unwrap_or_default();
        !self.leaf_key_path().exists()
            || names != self.names.join("\n")
            || not_after.since(self.context.now()) < RENEW_BEFORE
    }

    fn make_authority(&self) -> Result<(), TlsError> {
        let key = KeyPair::generate()?;
        let mut params = self.params("Signet local CA", AUTHORITY_LIFE);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?;
        // The key first: a certificate without its key would be trusted and of no use.
        write(&self.key_path(), &key.serialize_pem(), 0o600)?;
        write(&self.ca_path(), &certificate.pem(), 0o644)
    }

    fn issue_leaf(&self) -> Result<(), TlsError> {
        let authority = self.issuer()?;
        let key = KeyPair::generate()?;
        let mut params = self.params("Signet server", LEAF_LIFE);
        params.subject_alt_names = CertificateParams::new(self.names.clone())
            .map_err(|error| TlsError::Name { name: self.names.join(", "), reason: error.to_string() })?
            .subject_alt_names;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &authority)?;
        // INVARIANT: a crash in between leaves names that do not match, so that the next start issues again.
        let _ = fs::remove_file(self.names_path());
        write(&self.leaf_key_path(), &key.serialize_pem(), 0o600)?;
        write(&self.leaf_path(), &certificate.pem(), 0o644)?;
        write(&self.names_path(), &self.names.join("\n"), 0o644)
    }

    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, TlsError> {
        let read = |file: &Path| fs::read_to_string(file).map_err(|error| TlsError::file(file, error));
        let (key_file, ca_file) = (self.key_path(), self.ca_path());
        let key = KeyPair::from_pem(&read(&key_file)?).map_err(|error| TlsError::key(&key_file, error))?;
        Issuer::from_ca_cert_pem(&read(&ca_file)?, key).map_err(|error| TlsError::certificate(&ca_file, error))
    }

    fn params(&self, common_name: &str, life: Duration) -> CertificateParams {
        let mut params = CertificateParams::default();
        let now = self.context.now();
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        params.not_before = epoch + since_1970(now.minus(BACKDATE));
        params.not_after = epoch + since_1970(now.plus(life));
        params.serial_number = Some(self.serial());
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params
    }

    /// SPEC: RFC 5280 4.1.2.2: positive, at most 20 octets.
    fn serial(&self) -> SerialNumber {
        let [first, rest @ ..] = self.context.random::<16>();
        SerialNumber::from_slice(&[&[first & 0x7f | 0x40], rest.as_slice()].concat())
    }
}

/// The time since 1970, in whole seconds; certificates have no finer times.
fn since_1970(at: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(at.seconds()).unwrap_or(0))
}
