//! Connections that speak no HTTP, within the same rules.

use crate::http::{HttpFetchError, tls};
use crate::lookup::checked;
use crate::{AddressRules, FetchError, Lookup, SystemLookup, Trust};
use async_trait::async_trait;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
/// A connection of which the other end has proven its name.
pub use tokio_rustls::client::TlsStream;

const CONNECT_TIME: Duration = Duration::from_secs(5);

/// Connects to the outside.
#[async_trait]
pub trait Dial: Send + Sync + 'static {
    /// A connection to one of the host's addresses. Nothing on it is protected yet.
    async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, FetchError>;

    /// The same connection under TLS, if whoever is there is `host`.
    async fn secure(&self, stream: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, FetchError>;
}

/// Connects within the rules.
#[derive(Clone)]
pub struct Dialer {
    rules: AddressRules,
    lookup: Arc<dyn Lookup>,
    tls: Arc<ClientConfig>,
}

impl Dialer {
    /// Keeps to `rules` and believes `trust`.
    pub fn new(rules: AddressRules, trust: &Trust) -> Result<Self, HttpFetchError> {
        Self::with_lookup(rules, trust, Arc::new(SystemLookup))
    }

    /// The same, looking names up elsewhere.
    pub fn with_lookup(rules: AddressRules, trust: &Trust, lookup: Arc<dyn Lookup>) -> Result<Self, HttpFetchError> {
        Ok(Self { rules, lookup, tls: Arc::new(tls(trust, &[])?) })
    }

    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, FetchError> {
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => {
                self.rules.check(host, address)?;
                vec![address]
            }
            Err(_) => checked(&self.rules, self.lookup.as_ref(), host).await?,
        };
        let mut last = None;
        for address in addresses {
            match TcpStream::connect(SocketAddr::new(address, port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        Err(FetchError::Connection(last.map_or_else(|| "it has no address".to_owned(), |error| error.to_string())))
    }
}

#[async_trait]
impl Dial for Dialer {
    async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, FetchError> {
        tokio::time::timeout(CONNECT_TIME, self.connect(host, port)).await.unwrap_or(Err(FetchError::Timeout))
    }

    async fn secure(&self, stream: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, FetchError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| FetchError::UrlRefused("the host is neither a name nor an address"))?;
        let secured = TlsConnector::from(self.tls.clone()).connect(name, stream);
        let secured = tokio::time::timeout(CONNECT_TIME, secured).await.map_err(|_| FetchError::Timeout)?;
        secured.map_err(|error| FetchError::Tls(error.to_string()))
    }
}

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialer").field("rules", &self.rules).finish_non_exhaustive()
    }
}
