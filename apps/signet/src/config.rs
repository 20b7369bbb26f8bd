//! What the operator decides: one table of keys, read from a TOML file, then the environment, then flags.
//!
//! INVARIANT 14: a key that nobody knows stops the start, as does a value that makes no sense. No key holds a secret.

mod key;
mod layers;
mod logs;
mod nearest;
#[cfg(test)]
mod reference;
mod sinks;

pub(crate) use layers::{ConfigError, Loaded};
pub(crate) use logs::{ArchiveConfig, LogsConfig};

use serde::{Deserialize, Serialize};
use signet_exports::{Secret, SinkConfig};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::{Host, Url};

/// The whole configuration. Each member is one key of [`key::KEYS`], where it is documented.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) data_dir: PathBuf,
    pub(crate) storage: StorageConfig,
    pub(crate) cache: CacheConfig,
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: String,
    pub(crate) management_listen: SocketAddr,
    #[serde(default)]
    pub(crate) tls: TlsConfig,
    pub(crate) log: LogConfig,
    pub(crate) fetch: FetchConfig,
    pub(crate) queries: QueriesConfig,
    pub(crate) keys: KeysConfig,
    pub(crate) logs: LogsConfig,
    #[serde(default)]
    pub(crate) archive: ArchiveConfig,
    pub(crate) telemetry: TelemetryConfig,
    pub(crate) transparency: TransparencyConfig,
    pub(crate) witness: WitnessConfig,
    pub(crate) limits: LimitsConfig,
    /// The tables `[exports.NAME]`: no keys of the table, since there may be any number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) exports: BTreeMap<String, SinkConfig>,
}

/// `storage.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StorageConfig {
    pub(crate) url: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) schema: SchemaChange,
    max_view_age_seconds: f64,
}

/// `cache.*`
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CacheConfig {
    reads: u32,
    page_kib: u32,
}

/// Who brings the database's schema up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SchemaChange {
    /// Every start.
    Migrate,
    /// The operator.
    Check,
}

/// `tls.*`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsConfig {
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    #[serde(default)]
    pub(crate) extra_names: Vec<String>,
}

/// `log.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogConfig {
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// `fetch.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FetchConfig {
    pub(crate) allow: Vec<String>,
    pub(crate) extra_ca: Vec<PathBuf>,
    timeout_seconds: u32,
}

/// `queries.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueriesConfig {
    pub(crate) external_data: Vec<String>,
}

/// `keys.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeysConfig {
    rotation_days: u32,
}

/// `telemetry.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TelemetryConfig {
    pub(crate) otlp_endpoint: Option<Url>,
    pub(crate) headers_file: Option<PathBuf>,
    pub(crate) service_name: String,
    pub(crate) sample_ratio: f64,
    pub(crate) extra_ca: Vec<PathBuf>,
}

/// `transparency.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransparencyConfig {
    pub(crate) published: Vec<String>,
    pub(crate) witnesses: Vec<String>,
    pub(crate) anchor_dir: Option<PathBuf>,
    pub(crate) anchor_url: Option<String>,
    pub(crate) anchor_secret_file: Option<Secret>,
}

/// `witness.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WitnessConfig {
    pub(crate) name: Option<String>,
    pub(crate) logs: Vec<String>,
}

/// `limits.*`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsConfig {
    connections: u32,
    header_bytes: u32,
    request_seconds: u32,
    lame_duck_seconds: u32,
    drain_seconds: u32,
}

impl FetchConfig {
    #[cfg(test)]
    pub(crate) fn allowing(rules: &[&str]) -> Self {
        let allow = rules.iter().map(|rule| (*rule).to_owned()).collect();
        Self { allow, extra_ca: Vec::new(), timeout_seconds: 1 }
    }

    /// For one outbound request, from the look-up of the name to the last byte.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.into())
    }
}

impl StorageConfig {
    /// A database that a command names.
    pub(crate) fn at(url: String, password_file: Option<PathBuf>, schema: SchemaChange) -> Self {
        Self { url: Some(url), password_file, schema, max_view_age_seconds: 2.0 }
    }

    /// How old the view of other nodes' changes may become.
    pub(crate) fn max_view_age(&self) -> Duration {
        Duration::try_from_secs_f64(self.max_view_age_seconds).unwrap_or_default()
    }

    fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        if !(0.6..=60.0).contains(&self.max_view_age_seconds) {
            return Some(("storage.max_view_age_seconds", "it must be from 0.6 to 60"));
        }
        let alone = "it is for PostgreSQL, and storage.url is not set";
        (self.url.is_none() && self.password_file.is_some()).then_some(("storage.password_file", alone))
    }
}

impl CacheConfig {
    /// Decoded reads that are kept.
    pub(crate) fn reads(self) -> usize {
        usize::try_from(self.reads).unwrap_or(usize::MAX)
    }

    /// For the pages of each connection of the embedded database, in KiB.
    pub(crate) fn page_kib(self) -> u32 {
        self.page_kib
    }

    fn contradiction(self) -> Option<(&'static str, &'static str)> {
        if self.reads < 1000 {
            return Some(("cache.reads", "it must be at least 1000"));
        }
        (self.page_kib < 1024).then_some(("cache.page_kib", "it must be at least 1024"))
    }
}

impl KeysConfig {
    /// How long a signing key signs before its successor is made.
    pub(crate) fn rotation(&self) -> Duration {
        Duration::from_hours(u64::from(self.rotation_days) * 24)
    }
}

/// How long a client's connection must have been silent before a server that stops closes it: beyond any pause within
/// the work of a client that is busy.
const SILENCE: Duration = Duration::from_secs(2);

impl LimitsConfig {
    /// Of the public listener.
    pub(crate) fn listener(&self) -> signet_web::Limits {
        let number = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
        signet_web::Limits {
            connections: number(self.connections),
            header_bytes: number(self.header_bytes),
            request: Duration::from_secs(self.request_seconds.into()),
            lame_duck: Duration::from_secs(self.lame_duck_seconds.into()),
            idle_grace: SILENCE,
            drain: Duration::from_secs(self.drain_seconds.into()),
            ..signet_web::Limits::default()
        }
    }
}

impl TelemetryConfig {
    fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            return Some(("telemetry.sample_ratio", "it must be from 0 to 1"));
        }
        let Some(endpoint) = &self.otlp_endpoint else {
            let why = "it is for the collector, and telemetry.otlp_endpoint is not set";
            return self.headers_file.as_ref().map(|_| ("telemetry.headers_file", why));
        };
        if !matches!(endpoint.scheme(), "http" | "https") || !endpoint.has_host() || endpoint.query().is_some() {
            return Some(("telemetry.otlp_endpoint", "it must be an http or https URL without a query"));
        }
        if !endpoint.username().is_empty() || endpoint.password().is_some() {
            return Some(("telemetry.otlp_endpoint", "credentials belong in telemetry.headers_file"));
        }
        if self.headers_file.is_some() && endpoint.scheme() == "http" && !is_this_machine(endpoint) {
            return Some((
                "telemetry.otlp_endpoint",
                "it must be https, since telemetry.headers_file may hold a secret",
            ));
        }
        None
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl Config {
    /// What the types alone cannot say: the key at fault and why.
    fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        let url = Url::parse(&self.public_url).ok();
        if !url.is_some_and(|url| url.scheme() == "https" && url.has_host() && url.query().is_none()) {
            return Some(("public_url", "it must be an https URL without a query"));
        }
        match (&self.tls.certificate, &self.tls.key) {
            (Some(_), None) => return Some(("tls.certificate", "tls.key must be given with it")),
            (None, Some(_)) => return Some(("tls.key", "tls.certificate must be given with it")),
            (Some(_), Some(_)) if !self.tls.extra_names.is_empty() => {
                return Some((
                    "tls.extra_names",
                    "it names hosts for the local certificate, and tls.certificate replaces that",
                ));
            }
            _ => {}
        }
        if self.keys.rotation_days == 0 {
            return Some(("keys.rotation_days", "it must be at least 1"));
        }
        let limits = &self.limits;
        if limits.connections == 0 || limits.request_seconds == 0 {
            return Some(("limits.connections", "limits must be at least 1"));
        }
        if limits.header_bytes < 8192 {
            return Some(("limits.header_bytes", "it must be at least 8192"));
        }
        let storage = self.storage.contradiction().or_else(|| self.cache.contradiction());
        let storage = storage.or_else(|| self.archive.contradiction());
        storage.or_else(|| self.logs.contradiction()).or_else(|| self.telemetry.contradiction())
    }
}

#[cfg(test)]
mod tests;
