//! What the configuration allows outbound requests: `base/fetch`, with the ports that the operator named.

use crate::command_error::CommandError;
use crate::config::{FetchConfig, QueriesConfig};
use async_trait::async_trait;
use bytes::Bytes;
use signet_exports::Outside;
use signet_fetch::{
    AddressRules, Answered, Dial, Dialer, Exchange, Fetch, FetchError, FetchOptions, Fetched, Get, HeaderMap,
    HttpFetch, HttpFetchError, Post, TlsStream, Trust,
};
use signet_kernel::Context;
use signet_log_queries::{ExternalSources, WrongPrefix};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use url::Url;

/// Makes the one client for outbound requests.
pub(crate) fn fetch(config: &FetchConfig) -> Result<Arc<dyn Fetch>, CommandError> {
    Ok(Arc::new(outbound(config, HttpFetch::new)?))
}

/// What records are sent to the outside with.
pub(crate) fn outside(config: &FetchConfig, context: Context, source: &str) -> Result<Outside, CommandError> {
    let (post, dial) = (Arc::new(outbound(config, HttpFetch::new)?), Arc::new(outbound(config, Dialer::new)?));
    Ok(Outside { post, dial, exchange: exchange(config)?, context, source: source.to_owned() })
}

/// What buckets are reached with.
pub(crate) fn exchange(config: &FetchConfig) -> Result<Arc<dyn Exchange>, CommandError> {
    Ok(Arc::new(outbound(config, HttpFetch::new)?))
}

/// What a witness is reached with.
pub(crate) fn post(config: &FetchConfig) -> Result<Arc<dyn Post>, CommandError> {
    Ok(Arc::new(outbound(config, HttpFetch::new)?))
}

/// What queries read from outside, at the addresses that the operator lists for them.
pub(crate) fn external_data(config: &FetchConfig, queries: &QueriesConfig) -> Result<ExternalSources, CommandError> {
    let wrong = |error: WrongPrefix| CommandError::usage(format!("queries.external_data: {error}"));
    let parsed = queries.external_data.iter().filter_map(|address| Url::parse(address).ok());
    let plain = parsed.filter(|url| url.scheme() == "http");
    let plain: Vec<String> = plain.filter_map(|url| url.host_str().map(str::to_owned)).collect();
    let get = outbound_with(config, &plain, HttpFetch::new)?;
    ExternalSources::new(Arc::new(get), &queries.external_data).map_err(wrong)
}

fn outbound<T>(
    config: &FetchConfig,
    make: impl FnOnce(AddressRules, &Trust) -> Result<T, HttpFetchError>,
) -> Result<Outbound<T>, CommandError> {
    outbound_with(config, &[], make)
}

/// The same, over plain HTTP too to the hosts in `plain`.
fn outbound_with<T>(
    config: &FetchConfig,
    plain: &[String],
    make: impl FnOnce(AddressRules, &Trust) -> Result<T, HttpFetchError>,
) -> Result<Outbound<T>, CommandError> {
    let (hosts, ports) = split_ports(&config.allow);
    let rules =
        AddressRules::parse(&hosts, plain).map_err(|error| CommandError::usage(format!("fetch.allow: {error}")))?;
    let trust = Trust { system: true, files: config.extra_ca.clone() };
    let inner = make(rules, &trust).map_err(|error| CommandError::usage(format!("fetch.extra_ca: {error}")))?;
    Ok(Outbound { inner, ports, within: config.timeout() })
}

type Ports = BTreeMap<String, BTreeSet<u16>>;

/// Rules without their ports, and the ports of hosts that have some. A host named once without a port has none.
fn split_ports(rules: &[String]) -> (Vec<String>, Ports) {
    let (mut hosts, mut ports, mut any) = (Vec::new(), Ports::new(), BTreeSet::new());
    for rule in rules {
        // An IPv6 address has many colons; a port follows one.
        let parts = rule.rsplit_once(':').filter(|(host, _)| !host.contains(':'));
        match parts.and_then(|(host, port)| Some((host.to_ascii_lowercase(), port.parse().ok()?))) {
            Some((host, port)) => {
                hosts.push(host.clone());
                ports.entry(host).or_default().insert(port);
            }
            None => {
                hosts.push(rule.clone());
                any.insert(rule.to_ascii_lowercase());
            }
        }
    }
    ports.retain(|host, _| !any.contains(host));
    (hosts, ports)
}

struct Outbound<F> {
    inner: F,
    ports: Ports,
    within: Duration,
}

impl<T> Outbound<T> {
    fn check_port(&self, host: Option<&str>, port: Option<u16>) -> Result<(), FetchError> {
        let ports = host.and_then(|host| self.ports.get(&host.to_ascii_lowercase()));
        match (ports, port) {
            (Some(ports), Some(port)) if !ports.contains(&port) => {
                Err(FetchError::UrlRefused("the configuration allows this host on other ports alone"))
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl<P: Post> Post for Outbound<P> {
    async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        options: &FetchOptions,
    ) -> Result<Answered, FetchError> {
        self.check_port(url.host_str(), url.port_or_known_default())?;
        self.inner.post(url, headers, body, options).await
    }
}

#[async_trait]
impl<E: Exchange> Exchange for Outbound<E> {
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
        options: &FetchOptions,
    ) -> Result<http::Response<Bytes>, FetchError> {
        self.check_port(request.uri().host(), request.uri().port_u16().or(Some(443)))?;
        self.inner.exchange(request, options).await
    }
}

#[async_trait]
impl<G: Get> Get for Outbound<G> {
    async fn get(&self, url: &Url, options: &FetchOptions) -> Result<Bytes, FetchError> {
        self.check_port(url.host_str(), url.port_or_known_default())?;
        let options = FetchOptions { within: self.within.min(options.within), ..*options };
        self.inner.get(url, &options).await
    }
}

#[async_trait]
impl<D: Dial> Dial for Outbound<D> {
    async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, FetchError> {
        self.check_port(Some(host), Some(port))?;
        self.inner.dial(host, port).await
    }

    async fn secure(&self, stream: TcpStream, host: &str) -> Result<TlsStream<TcpStream>, FetchError> {
        self.inner.secure(stream, host).await
    }
}

#[async_trait]
impl<F: Fetch> Fetch for Outbound<F> {
    async fn get_json(&self, url: &Url, options: &FetchOptions) -> Result<Fetched, FetchError> {
        self.check_port(url.host_str(), url.port_or_known_default())?;
        let options = FetchOptions { within: self.within.min(options.within), ..*options };
        self.inner.get_json(url, &options).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    #[async_trait]
    impl Fetch for Nothing {
        async fn get_json(&self, _: &Url, _: &FetchOptions) -> Result<Fetched, FetchError> {
            Err(FetchError::Status(404))
        }
    }

    async fn reaches(allow: &[&str], url: &str) -> bool {
        let allow: Vec<String> = allow.iter().map(|rule| (*rule).to_owned()).collect();
        let outbound = Outbound { inner: Nothing, ports: split_ports(&allow).1, within: Duration::from_secs(1) };
        let answer = outbound.get_json(&Url::parse(url).unwrap(), &FetchOptions::default()).await;
        answer.unwrap_err() == FetchError::Status(404)
    }

    #[tokio::test]
    async fn a_host_that_is_named_with_a_port_is_reached_on_that_port_alone() {
        assert!(!reaches(&["localhost:9000"], "https://localhost/x").await);
        assert!(!reaches(&["LOCALHOST:9000"], "https://localhost:9001/x").await);
        assert!(reaches(&["localhost:9000"], "https://localhost:9000/x").await);
        assert!(reaches(&["localhost:9000", "localhost:443"], "https://localhost/x").await);
        assert!(reaches(&["localhost:9000", "localhost"], "https://localhost:1/x").await);
        assert!(
            reaches(&["localhost:9000"], "https://issuer.example:1/x").await,
            "other hosts have rules of their own"
        );
    }

    #[test]
    fn addresses_and_networks_stay_whole() {
        let rules = ["::1", "fd00::/8", "10.0.0.0/8", "127.0.0.1:80"].map(str::to_owned);
        assert_eq!(split_ports(&rules).0, ["::1", "fd00::/8", "10.0.0.0/8", "127.0.0.1"]);
        let config = FetchConfig::allowing(&["not a host"]);
        assert!(fetch(&config).is_err());
    }
}
