//! A TLS server with an authority of its own, that answers with the bytes it was given.

use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use signet_fetch::{AddressRules, HttpFetch, Lookup, Trust};
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use url::Url;

/// A server whose certificate is for `localhost` and `127.0.0.1`.
pub(crate) struct Server {
    authority: NamedTempFile,
    port: u16,
    pub(crate) connections: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
}

impl Server {
    /// Answers each path with its bytes, then closes; an unknown path is never answered.
    pub(crate) async fn start(answers: HashMap<&'static str, Vec<u8>>) -> Self {
        let (config, authority) = identity();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (acceptor, count) = (TlsAcceptor::from(Arc::new(config)), connections.clone());
        let (answers, last) = (Arc::new(answers), Arc::<Mutex<String>>::default());
        let kept = last.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, acceptor.clone(), answers.clone(), kept.clone()));
            }
        });
        Self { authority, port, connections, last }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The last request that was answered, with its body.
    pub(crate) fn last_request(&self) -> String {
        self.last.lock().clone()
    }

    pub(crate) fn url(&self, host: &str, path: &str) -> Url {
        Url::parse(&format!("https://{host}:{}{path}", self.port)).unwrap()
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust { system: false, files: vec![self.authority.path().to_owned()] }
    }

    /// A client that trusts this server and may reach `allowed`.
    pub(crate) fn client(&self, allowed: &[&str]) -> HttpFetch {
        HttpFetch::new(AddressRules::parse(allowed, &[]).unwrap(), &self.trust()).unwrap()
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    answers: Arc<HashMap<&'static str, Vec<u8>>>,
    last: Arc<Mutex<String>>,
) {
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let mut request = String::from_utf8(head).unwrap();
    let path = request.split(' ').nth(1).unwrap().to_owned();
    let length = request.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.unwrap();
    request += std::str::from_utf8(&body).unwrap();
    *last.lock() = request;
    match answers.get(path.as_str()) {
        Some(answer) => {
            // A client that has read enough hangs up.
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
        None => std::future::pending().await,
    }
}

fn identity() -> (ServerConfig, NamedTempFile) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    (config, file)
}

/// An answer with the given status line, headers and body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

/// A resolver that knows one name, and counts how often it was asked.
pub(crate) struct OneName {
    pub(crate) name: &'static str,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) asked: AtomicUsize,
}

#[async_trait::async_trait]
impl Lookup for OneName {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if host == self.name { Ok(self.addresses.clone()) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}
