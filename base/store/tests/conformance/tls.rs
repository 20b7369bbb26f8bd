//! A database across a network: both ends prove who they are, or nothing is said.

use crate::node::Node;
use crate::suite::{Fixture, note};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use signet_store::{BackendError, PostgresBackend, PostgresOptions};
use signet_testkit_postgres::{Cluster, ServerTls, USER, database_of};
use std::path::{Path, PathBuf};

struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// A certificate and its key.
    fn issue(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// A server that `localhost` names, a database, and a folder for files.
struct Network {
    cluster: Cluster,
    database: String,
    folder: tempfile::TempDir,
    authority: Authority,
}

impl Network {
    fn start() -> Self {
        let authority = Authority::new();
        let (certificate, key) = authority.issue("localhost");
        let cluster = Cluster::start_with_tls(&ServerTls { certificate, key, clients: authority.certificate.clone() });
        let database = database_of(&cluster.create_database()).to_owned();
        Self { cluster, database, folder: tempfile::tempdir().unwrap(), authority }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn address(&self, host: &str, parameters: &[(&str, &Path)]) -> String {
        let parameters: Vec<_> = parameters.iter().map(|(name, path)| format!("{name}={}", path.display())).collect();
        let port = self.cluster.port();
        format!("postgresql://{USER}@{host}:{port}/{}?{}", self.database, parameters.join("&"))
    }

    async fn problem(&self, host: &str, parameters: &[(&str, &Path)]) -> BackendError {
        let options = PostgresOptions::at(&self.address(host, parameters)).unwrap();
        PostgresBackend::migrate(&options).await.unwrap_err()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_trusted_server_of_that_name_and_a_certified_client_come_together() {
    let network = Network::start();
    let roots = network.file("ca.pem", &network.authority.certificate);
    let (certificate, key) = network.authority.issue(USER);
    let (certificate, key) = (network.file("node.pem", &certificate), network.file("node.key", &key));
    let client = [("sslcert", certificate.as_path()), ("sslkey", &key)];

    let stranger = network.file("stranger.pem", &Authority::new().certificate);
    let error = network.problem("localhost", &[("sslrootcert", &stranger), client[0], client[1]]).await;
    assert!(matches!(&error, BackendError::Unreachable(text) if text.contains("certificate")), "{error}");
    let error = network.problem("127.0.0.1", &[("sslrootcert", &roots), client[0], client[1]]).await;
    assert!(matches!(&error, BackendError::Unreachable(text) if text.contains("certificate")), "{error}");
    let error = network.problem("localhost", &[("sslrootcert", &roots)]).await;
    assert!(error.to_string().contains("client certificate"), "{error}");
    let error = network.problem("localhost", &[("sslmode", Path::new("disable"))]).await;
    assert!(matches!(&error, BackendError::Rights(text) if text.contains("no encryption")), "{error}");
    let error = network.problem("localhost", &[("sslrootcert", &roots), client[0]]).await;
    assert!(matches!(&error, BackendError::Address(text) if text.contains("sslkey")), "{error}");
    let error = network.problem("localhost", &[("sslrootcert", &network.folder.path().join("absent.pem"))]).await;
    assert!(matches!(&error, BackendError::Address(text) if text.contains("absent.pem")), "{error}");

    let fixture = Fixture::new();
    let address = network.address("localhost", &[("sslrootcert", &roots), client[0], client[1]]);
    let node = Node::start(&PostgresOptions::at(&address).unwrap(), &fixture).await;
    note(&node.store.tenant(fixture.tenant), "a").await;
    let encrypted = network.cluster.execute(
        &network.database,
        "SELECT count(*) > 0 AND bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
         WHERE a.application_name = 'signet'",
    );
    assert_eq!(encrypted.trim(), "t");
}
