//! Connections: TLS, session settings, the pools.

use super::activity::Activity;
use super::fault::engine;
use super::options::{PostgresOptions, TlsFiles};
use super::steps::{Session, Step, ask};
use crate::backend::BackendError;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::{Client, Config, Connection, Row, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) type TlsStream = <MakeRustlsConnect as tokio_postgres::tls::MakeTlsConnect<Socket>>::Stream;

/// How often a statement is tried again on a new connection before its failure is passed on.
const ATTEMPTS: u32 = 4;

/// Makes connections to one database.
#[derive(Clone)]
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
    settings: String,
    pub(super) activity: Arc<Activity>,
}

impl Connector {
    pub(super) fn new(options: &PostgresOptions) -> Result<Self, BackendError> {
        let mut config = options.config.clone();
        let timeout = options.statement_timeout;
        config.connect_timeout(options.connect_timeout).tcp_user_timeout(timeout);
        config.keepalives_idle(timeout).keepalives_interval(timeout / 4).keepalives_retries(3);
        let files = options.tls.clone();
        // A transaction whose node has gone must not hold its tenants for long.
        let settings =
            format!("SET statement_timeout = {0}; SET idle_in_transaction_session_timeout = {0}", timeout.as_millis());
        let tls = MakeRustlsConnect::new(
            files.map_or_else(|| client_config(&TlsFiles::default(), false), |files| client_config(&files, true))?,
        );
        Ok(Self { config, tls, settings, activity: options.activity.clone() })
    }

    /// A connection of its own, outside the pools.
    pub(super) async fn connect(&self) -> Result<(Client, Connection<Socket, TlsStream>), BackendError> {
        let made = self.config.connect(self.tls.clone()).await.map_err(engine)?;
        Activity::note(&self.activity.connections);
        Ok(made)
    }

    /// A connection of its own with the settings of the pools, its driver running.
    async fn client(&self) -> Result<Client, BackendError> {
        let (client, connection) = self.connect().await?;
        tokio::spawn(connection);
        client.batch_execute(&self.settings).await.map_err(engine)?;
        Ok(client)
    }

    /// A pool of at most `size` connections.
    pub(super) fn pool(&self, size: usize, options: &PostgresOptions) -> Result<Pool, BackendError> {
        let recycle = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let (settings, activity) = (self.settings.clone(), self.activity.clone());
        let prepare = Hook::async_fn(move |client, _| {
            Activity::note(&activity.connections);
            let settings = settings.clone();
            Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
        });
        Pool::builder(Manager::from_config(self.config.clone(), self.tls.clone(), recycle))
            .max_size(size.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(options.acquire_timeout))
            .create_timeout(Some(options.connect_timeout))
            .post_create(prepare)
            .build()
            .map_err(|error| BackendError::Engine(error.to_string()))
    }
}

impl PostgresOptions {
    /// A connection to the same database outside the backend's pools, for what is kept beside the directory.
    pub async fn connect(&self) -> Result<Client, BackendError> {
        Connector::new(self)?.client().await
    }
}

fn client_config(files: &TlsFiles, verify: bool) -> Result<ClientConfig, BackendError> {
    let roots = match &files.roots {
        Some(path) => read_roots(path)?,
        None if verify => system_roots()?,
        None => RootCertStore::empty(),
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| BackendError::Address(error.to_string()))?
        .with_root_certificates(roots);
    match (&files.certificate, &files.key) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
            builder
                .with_client_auth_cert(read_certificates(certificate)?, key)
                .map_err(|error| BackendError::Address(format!("sslcert and sslkey do not fit together: {error}")))
        }
        _ => Err(BackendError::Address("sslcert and sslkey go together; name both files".to_owned())),
    }
}

fn system_roots() -> Result<RootCertStore, BackendError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(BackendError::Address("the system trusts no certificate; name a file with sslrootcert".to_owned()));
    }
    Ok(roots)
}

fn read_roots(path: &Path) -> Result<RootCertStore, BackendError> {
    let mut roots = RootCertStore::empty();
    for certificate in read_certificates(path)? {
        roots.add(certificate).map_err(|error| unreadable(path, &error))?;
    }
    Ok(roots)
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, BackendError> {
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(|error| unreadable(path, &error));
    let certificates = certificates?;
    if certificates.is_empty() {
        return Err(BackendError::Address(format!("{} holds no certificate", path.display())));
    }
    Ok(certificates)
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> BackendError {
    BackendError::Address(format!("{} cannot be read: {error}", path.display()))
}

/// Statements that change nothing, or nothing more when done twice: asked again on a new connection if one
/// breaks, as it does when the server fails over.
#[derive(Clone)]
pub(super) struct Repeatable {
    pub(super) pool: Pool,
    /// How long a round trip may take.
    pub(super) limit: Duration,
    pub(super) activity: Arc<Activity>,
}

impl Repeatable {
    /// The answer to one step.
    pub(super) async fn one(&self, step: Step) -> Result<Vec<Row>, BackendError> {
        Ok(self.ask(&[step]).await?.pop().unwrap_or_default())
    }

    /// The answers to steps that are sent together.
    pub(super) async fn ask(&self, steps: &[Step]) -> Result<Vec<Vec<Row>>, BackendError> {
        let mut attempt = 1;
        loop {
            match self.once(steps).await {
                Err(BackendError::Unreachable(_) | BackendError::Interrupted(_)) if attempt < ATTEMPTS => {
                    Activity::note(&self.activity.repeated);
                    tokio::time::sleep(pause(attempt)).await;
                    attempt += 1;
                }
                outcome => {
                    if matches!(outcome, Err(BackendError::Busy)) {
                        Activity::note(&self.activity.refused_reads);
                    }
                    return outcome;
                }
            }
        }
    }

    async fn once(&self, steps: &[Step]) -> Result<Vec<Vec<Row>>, BackendError> {
        let session = Session::acquire(&self.pool, self.limit).await?;
        let outcome = ask(&session, steps).await;
        if outcome.is_err() {
            session.discard();
        }
        outcome
    }
}

/// Longer with every attempt.
pub(super) fn pause(attempt: u32) -> Duration {
    Duration::from_millis(20) * 2_u32.saturating_pow(attempt.min(6))
}
