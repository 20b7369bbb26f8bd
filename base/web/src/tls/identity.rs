//! The certificate a listener shows, replaceable while it serves.

use super::pem_files::{read_chain, read_key};
use super::{LocalCa, TlsError};
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use signet_kernel::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A certificate and its key. Cloning shares them: a reload is seen by every listener at its next handshake.
#[derive(Debug, Clone)]
pub struct TlsIdentity {
    source: Arc<Source>,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

#[derive(Debug)]
enum Source {
    Files { certificate: PathBuf, key: PathBuf },
    Local(LocalCa),
}

#[derive(Debug)]
struct Current(ArcSwap<Loaded>);

#[derive(Debug)]
struct Loaded {
    key: Arc<CertifiedKey>,
    not_after: Timestamp,
}

impl TlsIdentity {
    /// A certificate chain (leaf first) and its key, both PEM.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        Self::new(Source::Files { certificate: certificate.to_owned(), key: key.to_owned() })
    }

    /// A certificate of the local authority.
    pub fn from_local_ca(authority: LocalCa) -> Result<Self, TlsError> {
        Self::new(Source::Local(authority))
    }

    fn new(source: Source) -> Result<Self, TlsError> {
        let current = Arc::new(Current(ArcSwap::from_pointee(source.load()?)));
        let config = server_config(current.clone())?;
        Ok(Self { source: Arc::new(source), current, config })
    }

    /// Reads the files again; a local certificate close to its end is replaced first. On an error the old certificate
    /// stays. To be called on SIGHUP and once a day.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.current.0.store(Arc::new(self.source.load()?));
        Ok(())
    }

    /// When the certificate expires.
    pub fn not_after(&self) -> Timestamp {
        self.current.0.load().not_after
    }

    /// Whether the certificate comes from a local authority.
    pub fn is_local(&self) -> bool {
        matches!(*self.source, Source::Local(_))
    }

    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }
}

/// TLS 1.2 and 1.3 on aws-lc-rs, HTTP/1.1 alone.
fn server_config(certificate: Arc<Current>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

impl Source {
    fn load(&self) -> Result<Loaded, TlsError> {
        match self {
            Self::Files { certificate, key } => Loaded::read(certificate, key),
            Self::Local(authority) => {
                authority.renew_if_due()?;
                Loaded::read(&authority.leaf_path(), &authority.leaf_key_path())
            }
        }
    }
}

impl Loaded {
    fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let (chain, not_after) = read_chain(certificate)?;
        let signer = aws_lc_rs::sign::any_supported_type(&read_key(key)?).map_err(|error| TlsError::key(key, error))?;
        let certified = CertifiedKey::new(chain, signer);
        certified.keys_match().map_err(|_| TlsError::Mismatch { certificate: certificate.into(), key: key.into() })?;
        Ok(Self { key: Arc::new(certified), not_after })
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().key.clone())
    }
}
