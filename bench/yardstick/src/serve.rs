//! The listener: TLS, HTTP/1.1 with keep-alive, one route.

use crate::{append::Appender, mint::Minter};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::{borrow::Cow, error::Error, io, net::SocketAddr, path::Path, sync::Arc};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What answers a request.
pub(crate) struct Endpoint {
    /// Checks the secret and signs.
    pub(crate) minter: Minter,
    /// Makes the record durable.
    pub(crate) appender: Appender,
}

/// TLS as Signet serves it: rustls on aws-lc-rs, HTTP/1.1.
pub(crate) fn tls(certificate: &Path, key: &Path) -> Result<TlsAcceptor, Box<dyn Error>> {
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts connections until the process ends.
pub(crate) async fn run(listen: SocketAddr, tls: TlsAcceptor, endpoint: Endpoint) -> io::Result<()> {
    let router = Router::new().route("/token", post(token)).with_state(Arc::new(endpoint));
    let listener = TcpListener::bind(listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(stream, tls.clone(), router.clone()));
    }
}

async fn connection(stream: TcpStream, tls: TlsAcceptor, router: Router) {
    let _ = stream.set_nodelay(true);
    // A peer that hangs up or talks nonsense ends its own connection only.
    let Ok(stream) = tls.accept(stream).await else { return };
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
}

async fn token(State(endpoint): State<Arc<Endpoint>>, body: Bytes) -> Response {
    let (mut client, mut secret) = (Cow::Borrowed(""), Cow::Borrowed(""));
    for (name, value) in url::form_urlencoded::parse(&body) {
        match name.as_ref() {
            "client_id" => client = value,
            "client_secret" => secret = value,
            _ => {}
        }
    }
    if !endpoint.minter.accepts(&secret) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(answer) = endpoint.minter.answer(&client) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if !endpoint.appender.append().await {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], answer).into_response()
}
