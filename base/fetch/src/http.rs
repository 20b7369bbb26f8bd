//! The real thing, on reqwest and rustls.

use crate::lookup::CheckedLookup;
use crate::{AddressRules, Fetch, FetchError, FetchOptions, Fetched, Lookup, SystemLookup, cache_control};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Client, Response, StatusCode, redirect};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::de::IgnoredAny;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const CONNECT_TIME: Duration = Duration::from_secs(3);
const USER_AGENT: &str = concat!("signet/", env!("CARGO_PKG_VERSION"));

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// Whether the system's authorities are.
    pub system: bool,
    /// PEM files of further authorities.
    pub files: Vec<PathBuf>,
}

/// Why the client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum HttpFetchError {
    /// A file of authorities that cannot be used.
    #[error("{} holds no usable certificate authority: {reason}", file.display())]
    Authority {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The TLS library refused its own defaults.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP library refused its settings.
    #[error("cannot set up the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Fetches over HTTPS, within the rules.
#[derive(Debug, Clone)]
pub struct HttpFetch {
    pub(crate) client: Client,
    pub(crate) rules: Arc<AddressRules>,
}

impl HttpFetch {
    /// A client that keeps to `rules` and believes `trust`.
    pub fn new(rules: AddressRules, trust: &Trust) -> Result<Self, HttpFetchError> {
        Self::with_lookup(rules, trust, Arc::new(SystemLookup))
    }

    /// The same, looking names up elsewhere.
    pub fn with_lookup(rules: AddressRules, trust: &Trust, lookup: Arc<dyn Lookup>) -> Result<Self, HttpFetchError> {
        let rules = Arc::new(rules);
        let client = Client::builder()
            .tls_backend_preconfigured(tls(trust, &[b"http/1.1"])?)
            .dns_resolver(Arc::new(CheckedLookup { rules: rules.clone(), lookup }))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .connect_timeout(CONNECT_TIME)
            .user_agent(USER_AGENT)
            .build()?;
        Ok(Self { client, rules })
    }

    pub(crate) async fn answer(
        &self,
        url: &Url,
        options: &FetchOptions,
        accept: HeaderValue,
    ) -> Result<Response, FetchError> {
        let request = self.client.get(url.clone()).timeout(options.within).header(ACCEPT, accept);
        let response = request.send().await.map_err(|error| sort(&error))?;
        match response.status() {
            StatusCode::OK => Ok(response),
            status if status.is_redirection() => Err(FetchError::Redirected(status.as_u16())),
            status => Err(FetchError::Status(status.as_u16())),
        }
    }
}

#[async_trait]
impl Fetch for HttpFetch {
    async fn get_json(&self, url: &Url, options: &FetchOptions) -> Result<Fetched, FetchError> {
        self.rules.check_url(url)?;
        let accept = HeaderValue::from_static("application/json, application/*+json");
        let response = self.answer(url, options, accept).await?;
        let max_age = cache_control::max_age(response.headers());
        let body = read(response, options.limit).await?;
        // Told by its content, not by Content-Type: object stores serve key sets as octets or text.
        serde_json::from_slice::<IgnoredAny>(&body).map_err(|error| FetchError::NotJson(error.to_string()))?;
        Ok(Fetched { body, max_age })
    }
}

pub(crate) async fn read(mut response: Response, limit: usize) -> Result<Bytes, FetchError> {
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(FetchError::TooLarge(limit));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| sort(&error))? {
        if chunk.len() > limit.saturating_sub(body.len()) {
            return Err(FetchError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// What a failure of the HTTP library comes from.
pub(crate) fn sort(error: &reqwest::Error) -> FetchError {
    let found = causes(error).find_map(|cause| {
        let ours = cause.downcast_ref::<FetchError>().cloned();
        ours.or_else(|| cause.downcast_ref::<rustls::Error>().map(|error| FetchError::Tls(error.to_string())))
    });
    match found {
        Some(found) => found,
        None if error.is_timeout() => FetchError::Timeout,
        None => FetchError::Connection(causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)),
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let cause = next?;
        // An I/O error stands for what it wraps.
        let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| cause.source());
        Some(cause)
    })
}

pub(crate) fn tls(trust: &Trust, protocols: &[&[u8]]) -> Result<ClientConfig, HttpFetchError> {
    let mut roots = RootCertStore::empty();
    if trust.system {
        // Some system stores hold certificates that no library accepts; the others still count.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    for file in &trust.files {
        add_authorities(&mut roots, file)?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

fn add_authorities(roots: &mut RootCertStore, file: &Path) -> Result<(), HttpFetchError> {
    let wrong = |reason: String| HttpFetchError::Authority { file: file.to_owned(), reason };
    let certificates = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(error.to_string()))?;
    if certificates.is_empty() {
        return Err(wrong("it has no CERTIFICATE section".to_owned()));
    }
    for certificate in certificates {
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    Ok(())
}
