//! How to reach PostgreSQL: an address, certificates, sizes and patience.

use super::activity::{Activity, DatabaseActivity};
use crate::backend::BackendError;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use url::Url;

/// How to reach the database and how hard to lean on it.
#[derive(Clone)]
pub struct PostgresOptions {
    /// Where and as whom.
    pub(super) config: Config,
    /// The certificates at both ends; `None` for a plain connection.
    pub(super) tls: Option<TlsFiles>,
    /// Counted for all that copies of these options open.
    pub(super) activity: Arc<Activity>,
    /// Connections that read what is named by an id, a key or an index row.
    pub readers: usize,
    /// Connections that read on and on: lists without an index, counts, sweeps.
    pub scanners: usize,
    /// Units that may wait to be committed; one more is refused as busy.
    pub write_queue: usize,
    /// How long to wait for a new connection.
    pub connect_timeout: Duration,
    /// How long a read waits for a free connection before it is refused as busy.
    pub acquire_timeout: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// How often other nodes' commits are looked for when no notification tells of them.
    pub poll_interval: Duration,
    /// Whether opening brings an older schema up to date, for which the role must own it.
    pub migrate: bool,
}

/// The files of `sslrootcert`, `sslcert` and `sslkey`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TlsFiles {
    pub(super) roots: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

impl std::fmt::Debug for PostgresOptions {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("hosts", &self.config.get_hosts())
            .field("database", &self.config.get_dbname())
            .field("user", &self.config.get_user())
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

impl PostgresOptions {
    /// The usual sizes for the database at `address`: `postgresql://user:password@host:port/database?…`, with
    /// several hosts if need be, and libpq's parameters. `sslmode` is `verify-full` (the default over a
    /// network), `require` (the same here: an unverified certificate protects nobody), or `disable` (the default
    /// on a socket). `sslrootcert`, `sslcert` and `sslkey` name PEM files; without the first the system's roots
    /// are trusted.
    pub fn at(address: &str) -> Result<Self, BackendError> {
        let (address, tls) = split(address)?;
        let mut config: Config = address.as_str().parse().map_err(|error: tokio_postgres::Error| {
            let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            refused(&reason)
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(refused("it names no host; a socket's directory is given as ?host=/run/postgresql"));
        }
        let local =
            config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_))) && config.get_hostaddrs().is_empty();
        let tls = match tls.mode.as_deref() {
            Some("disable") => None,
            None if local => None,
            None | Some("verify-full" | "require") => Some(tls.files),
            Some(other) => {
                return Err(refused(&format!(
                    "sslmode={other} would let an impostor in; say verify-full, or disable on a trusted network"
                )));
            }
        };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_application_name().is_none() {
            config.application_name("signet");
        }
        Ok(Self {
            config,
            tls,
            activity: Arc::default(),
            readers: 8,
            scanners: 2,
            write_queue: 1024,
            connect_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            poll_interval: Duration::from_millis(500),
            migrate: true,
        })
    }
}

impl PostgresOptions {
    /// Whether the address holds a password.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// What the connections that were opened with these options, or with copies of them, went through.
    pub fn activity(&self) -> DatabaseActivity {
        self.activity.snapshot()
    }

    /// Sets the password, which is better kept apart from the address.
    pub fn set_password(&mut self, password: &str) {
        self.config.password(password);
    }
}

fn refused(reason: &str) -> BackendError {
    BackendError::Address(reason.to_owned())
}

struct Tls {
    mode: Option<String>,
    files: TlsFiles,
}

/// Takes out the parameters about TLS, which the driver does not know.
fn split(address: &str) -> Result<(String, Tls), BackendError> {
    // The driver reads several hosts and an empty one, a URL parser does not: only the query is taken apart.
    let (head, query) = address.split_once('?').unwrap_or((address, ""));
    if !head.starts_with("postgresql://") && !head.starts_with("postgres://") {
        return Err(refused("it does not start with postgresql://"));
    }
    let mut pairs = Url::parse("postgresql://host").map_err(|error| refused(&error.to_string()))?;
    pairs.set_query(Some(query));
    let mut tls = Tls { mode: None, files: TlsFiles::default() };
    let mut kept = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.query_pairs() {
        let value = value.into_owned();
        match name.as_ref() {
            "sslmode" => tls.mode = Some(value),
            "sslrootcert" => tls.files.roots = Some(value.into()),
            "sslcert" => tls.files.certificate = Some(value.into()),
            "sslkey" => tls.files.key = Some(value.into()),
            _ => drop(kept.append_pair(&name, &value)),
        }
    }
    // The driver decodes percent signs but no plus signs.
    let kept = kept.finish().replace('+', "%20");
    Ok((if kept.is_empty() { head.to_owned() } else { format!("{head}?{kept}") }, tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(address: &str) -> String {
        PostgresOptions::at(address).unwrap_err().to_string()
    }

    #[test]
    fn an_address_that_cannot_be_used_says_why() {
        assert!(problem("/var/lib/directory.db").contains("does not start with postgresql://"));
        assert!(problem("postgresql:///signet").contains("names no host"));
        assert!(problem("postgresql://db/signet?conect_timeout=3").contains("conect_timeout"));
        assert!(problem("postgresql://db:port/signet").contains("port"));
        assert!(problem("postgresql://db/signet?sslmode=prefer").contains("say verify-full"));
    }

    #[test]
    fn a_network_is_never_trusted_unless_told() {
        let files = |address: &str| PostgresOptions::at(address).unwrap().tls;
        assert_eq!(files("postgresql://a,b:5433/signet"), Some(TlsFiles::default()));
        assert_eq!(files("postgresql://a/signet?sslmode=disable"), None);
        assert_eq!(files("postgresql:///signet?host=/run/postgresql"), None);
        let named =
            files("postgresql://a/s?sslmode=require&sslrootcert=/r%20s.pem&sslcert=c.pem&sslkey=k.pem").unwrap();
        assert_eq!((named.roots.unwrap().to_str(), named.key.unwrap().to_str()), (Some("/r s.pem"), Some("k.pem")));
    }

    #[test]
    fn the_password_is_not_shown() {
        let shown = format!("{:?}", PostgresOptions::at("postgresql://me:hunter2@db/signet").unwrap());
        assert!(shown.contains("me") && !shown.contains("hunter2"), "{shown}");
    }
}
