//! Traces as a collector receives them: OTLP over HTTP, protobuf.

use crate::served::Served;
use crate::{signet, text};
use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use tokio::runtime::Runtime;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const SECRET: &str = "sgn_cs_not-a-secret-that-exists";

/// A collector in this process.
struct Collector {
    runtime: Runtime,
    address: SocketAddr,
    received: Receiver<(HeaderMap, Bytes)>,
}

impl Collector {
    fn start() -> Self {
        let (sender, received) = channel();
        let take = move |headers: HeaderMap, body: Bytes| {
            sender.send((headers, body)).unwrap();
            std::future::ready(Bytes::new())
        };
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/v1/traces", post(take));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { runtime, address, received }
    }

    /// What was received so far, and the bytes of it.
    fn exports(&self) -> Vec<(HeaderMap, Bytes)> {
        self.received.try_iter().collect()
    }
}

fn spans(exports: &[(HeaderMap, Bytes)]) -> Vec<Span> {
    let decoded = exports.iter().map(|(_, body)| ExportTraceServiceRequest::decode(body.clone()).unwrap());
    let scopes = decoded.flat_map(|export| export.resource_spans).flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

fn attribute(span: &Span, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}

/// A token request with a traceparent, from a client that nobody knows; answers its `request-id`.
async fn ask_for_a_token(url: &str, ca: &Path, tenant: &str) -> String {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    let http = reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "6f0b7c1e-1f0e-4f7c-9d25-5f4f3a1f6a01"),
        ("client_secret", SECRET),
        ("scope", "api://orders/.default"),
    ];
    let request = http.post(format!("{url}/{tenant}/oauth2/v2.0/token?state={SECRET}")).form(&form);
    let answer = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01")).send().await.unwrap();
    answer.headers()["request-id"].to_str().unwrap().to_owned()
}

#[test]
fn the_collector_sees_the_span_of_a_token_request_and_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let at = data.display().to_string();
    let made = signet(&["tenant", "create", "Contoso", "--data-dir", &at, "--output", "json"]);
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let tenant = made["tenantId"].as_str().unwrap();
    let headers = directory.path().join("headers");
    std::fs::write(&headers, "x-api-key: of-the-collector\n").unwrap();

    let collector = Collector::start();
    let (endpoint, headers) = (format!("http://{}", collector.address), headers.display().to_string());
    let server = Served::start_with(
        &data,
        &[("SIGNET_TELEMETRY__OTLP_ENDPOINT", &endpoint), ("SIGNET_TELEMETRY__HEADERS_FILE", &headers)],
    );
    let ca = data.join("tls/ca.pem");
    let request_id = collector.runtime.block_on(ask_for_a_token(server.url(), &ca, tenant));
    let listed = server.signet(&["blueprint", "list"]);
    assert!(listed.status.success(), "{}", text(&listed));
    let log = server.stopped();
    assert!(!log.contains("request{") && !log.contains("WARN"), "spans are not for the log: {log}");

    let exports = collector.exports();
    assert!(exports.iter().all(|(headers, _)| headers["x-api-key"] == "of-the-collector"));
    let all = spans(&exports);
    let token = all.iter().find(|span| attribute(span, "signet.request_id").as_ref() == Some(&request_id)).unwrap();
    assert_eq!(token.name, "POST /{tenant}/oauth2/v2.0/token");
    assert_eq!((hex(&token.trace_id), hex(&token.parent_span_id)), (TRACE.to_owned(), PARENT.to_owned()));
    let says = |name| attribute(token, name);
    assert_eq!(says("http.route").as_deref(), Some("/{tenant}/oauth2/v2.0/token"));
    assert_eq!(says("signet.tenant").as_deref(), Some(tenant));
    assert_eq!(says("http.response.status_code").as_deref(), Some("400"));
    assert_eq!(says("http.request.method").as_deref(), Some("POST"));
    let of_directory = |span: &&Span| span.name.starts_with("GET /v1.0/");
    let listing = all.iter().find(of_directory).unwrap();
    assert_eq!(attribute(listing, "signet.tenant").as_deref(), Some(tenant), "from the caller's token");
    assert_ne!(hex(&listing.trace_id), TRACE);
    let administrator = std::fs::read_to_string(data.join("client.secret")).unwrap();
    for (_, body) in &exports {
        for secret in [SECRET, administrator.trim(), "eyJ", "of-the-collector"] {
            assert!(!body.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
}

#[test]
fn a_collector_that_is_away_neither_stops_the_start_nor_any_answer() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let made = signet(&["tenant", "create", "Contoso", "--data-dir", &data.display().to_string()]);
    assert!(made.status.success());
    let nobody = format!("http://{}", crate::free_address());
    let server = Served::start_with(&data, &[("SIGNET_TELEMETRY__OTLP_ENDPOINT", &nobody)]);
    let listed = server.signet(&["blueprint", "list"]);
    assert!(listed.status.success(), "{}", text(&listed));
    server.stopped();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
