//! TLS with the local authority and with configured files.

use crate::server::{Client, Server, limits};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use signet_kernel::{Context, MockClock, SystemClock, SystemRandomness, Timestamp};
use signet_web::{Listener, LocalCa, TlsError, TlsIdentity};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const DAY: Duration = Duration::from_secs(86_400);

fn local(directory: &Path, names: &[String], context: Context) -> TlsIdentity {
    TlsIdentity::from_local_ca(LocalCa::open(directory, names, context).unwrap()).unwrap()
}

async fn serve(identity: &TlsIdentity) -> Server {
    Server::serve(Listener::bind(([127, 0, 0, 1], 0).into(), limits()).await.unwrap().with_tls(identity))
}

async fn connect(
    server: &Server,
    ca: &Path,
    name: &str,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> std::io::Result<Client<TlsStream<TcpStream>>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map(Client)
}

#[tokio::test]
async fn the_local_certificate_serves_every_local_name_in_both_versions() {
    let directory = tempfile::tempdir().unwrap();
    let identity = local(directory.path(), &["signet.test".to_owned()], Context::system());
    let server = serve(&identity).await;
    let ca = directory.path().join("ca.pem");
    for name in ["localhost", "127.0.0.1", "::1", "signet.test"] {
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let mut client = connect(&server, &ca, name, &[version]).await.unwrap();
            let answer = client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
            assert_eq!((&*answer.body, answer.header("strict-transport-security")), ("hello", None));
        }
    }
    assert!(connect(&server, &ca, "other.test", rustls::ALL_VERSIONS).await.is_err());
}

#[tokio::test]
async fn an_answer_to_a_body_nobody_reads_survives_tls_too() {
    let directory = tempfile::tempdir().unwrap();
    let server = serve(&local(directory.path(), &[], Context::system())).await;
    let mut client =
        connect(&server, &directory.path().join("ca.pem"), "localhost", rustls::ALL_VERSIONS).await.unwrap();
    client.send("PUT /json HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n").await;
    client.send(vec![b'x'; 4_000_000]).await;
    assert_eq!(client.answer().await.status(), 405);
    assert_eq!(client.rest().await, "");
}

#[test]
fn a_second_start_uses_the_same_files() {
    let directory = tempfile::tempdir().unwrap();
    let files =
        || ["ca.pem", "ca.key", "server.pem", "server.key"].map(|f| fs::read(directory.path().join(f)).unwrap());
    local(directory.path(), &[], Context::system());
    let first = files();
    local(directory.path(), &[], Context::system());
    assert_eq!(files(), first);
    for key in ["ca.key", "server.key"] {
        assert_eq!(fs::metadata(directory.path().join(key)).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn the_leaf_is_renewed_near_its_end_or_for_new_names_and_the_authority_stays() {
    let directory = tempfile::tempdir().unwrap();
    let read = |file: &str| fs::read(directory.path().join(file)).unwrap();
    let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
    let context = Context::new(clock.clone(), Arc::new(SystemRandomness));
    let identity = local(directory.path(), &[], context.clone());
    let (ca, first, expiry) = (read("ca.pem"), read("server.pem"), identity.not_after());
    clock.advance(59 * DAY);
    identity.reload().unwrap();
    assert_eq!((read("server.pem"), identity.not_after()), (first.clone(), expiry));
    clock.advance(2 * DAY);
    identity.reload().unwrap();
    assert_ne!(read("server.pem"), first);
    assert_eq!(identity.not_after(), expiry.plus(61 * DAY));
    let second = read("server.pem");
    local(directory.path(), &["signet.test".to_owned()], context);
    assert_ne!(read("server.pem"), second);
    assert_eq!(read("ca.pem"), ca);
}

#[tokio::test]
async fn configured_files_are_reloaded_for_new_handshakes_and_survive_a_bad_reload() {
    let (directory, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (at, from) = (|f: &str| directory.path().join(f), |f: &str| other.path().join(f));
    local(directory.path(), &[], Context::system());
    local(other.path(), &[], Context::system());
    let identity = TlsIdentity::from_files(&at("server.pem"), &at("server.key")).unwrap();
    let server = serve(&identity).await;
    let mut kept = connect(&server, &at("ca.pem"), "localhost", rustls::ALL_VERSIONS).await.unwrap();

    fs::copy(from("server.pem"), at("server.pem")).unwrap();
    assert!(matches!(identity.reload(), Err(TlsError::Mismatch { .. })));
    assert!(connect(&server, &at("ca.pem"), "localhost", rustls::ALL_VERSIONS).await.is_ok());

    fs::copy(from("server.key"), at("server.key")).unwrap();
    identity.reload().unwrap();
    assert!(connect(&server, &at("ca.pem"), "localhost", rustls::ALL_VERSIONS).await.is_err());
    assert!(connect(&server, &from("ca.pem"), "localhost", rustls::ALL_VERSIONS).await.is_ok());
    let answer = kept.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
}

#[test]
fn errors_name_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let at = |f: &str| directory.path().join(f);
    local(directory.path(), &[], Context::system());
    fs::write(at("empty.pem"), "").unwrap();
    let error =
        |certificate: &str, key: &str| TlsIdentity::from_files(&at(certificate), &at(key)).unwrap_err().to_string();
    assert!(error("missing.pem", "server.key").contains("missing.pem"));
    assert!(error("empty.pem", "server.key").contains("empty.pem holds no usable PEM certificate"));
    assert!(error("server.pem", "empty.pem").contains("empty.pem holds no usable PEM private key"));
    assert!(error("server.pem", "ca.key").contains("does not belong"));
    fs::set_permissions(at("ca.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let opened =
        LocalCa::open(directory.path(), &[], Context::new(Arc::new(SystemClock::new()), Arc::new(SystemRandomness)));
    assert!(matches!(opened, Err(TlsError::Exposed { file }) if file == at("ca.key")));
    let bad_name = LocalCa::open(&at("new"), &["ü.test".to_owned()], Context::system());
    assert!(matches!(bad_name, Err(TlsError::Name { .. })));
}
