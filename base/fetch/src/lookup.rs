//! From a name to addresses that may be connected to.

use crate::{AddressRules, FetchError};
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Where names are looked up.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// The addresses of `host`.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Gives the HTTP client only addresses that the rules allow.
pub(crate) struct CheckedLookup {
    pub(crate) rules: Arc<AddressRules>,
    pub(crate) lookup: Arc<dyn Lookup>,
}

impl Resolve for CheckedLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (rules, lookup) = (self.rules.clone(), self.lookup.clone());
        Box::pin(async move {
            let addresses = checked(&rules, lookup.as_ref(), name.as_str()).await?;
            // INVARIANT: the client connects to these and asks no resolver again. Port 0 is replaced by the URL's.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// One refused address refuses the name: who mixes in an inside address is not to be trusted with the others.
pub(crate) async fn checked(rules: &AddressRules, lookup: &dyn Lookup, host: &str) -> Result<Vec<IpAddr>, FetchError> {
    let unresolved = |reason: String| FetchError::Unresolved { host: host.to_owned(), reason };
    let addresses = lookup.addresses(host).await.map_err(|error| unresolved(error.to_string()))?;
    if addresses.is_empty() {
        return Err(unresolved("it has no address".to_owned()));
    }
    for address in &addresses {
        rules.check(host, *address)?;
    }
    Ok(addresses)
}
