//! What every answer carries.

use crate::server::{Server, limits};
use signet_web::Front;

const CORRELATION: &str = "4c390976-b2b7-42e0-9187-c6be3bead001";

#[tokio::test]
async fn ids_go_to_the_handler_and_back_to_the_client() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    let head = format!("Host: a\r\nclient-request-id: {CORRELATION}\r\nUser-Agent: msal\r\n\r\n");
    let answer = client.ask(format!("GET /origin HTTP/1.1\r\n{head}")).await;
    let request_id = answer.header("request-id").unwrap();
    assert_eq!(answer.body, format!("{request_id} {CORRELATION} Some(127.0.0.1) Some(\"msal\")"));
    assert_eq!(answer.header("client-request-id"), Some(CORRELATION));
    assert!(answer.header("date").is_some());
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("strict-transport-security"), None);
}

#[tokio::test]
async fn without_a_guid_the_correlation_id_is_the_request_id() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    let answer = client.ask("GET /origin HTTP/1.1\r\nHost: a\r\nclient-request-id: 7\r\n\r\n").await;
    assert_eq!(answer.header("client-request-id"), answer.header("request-id"));
    let again = client.ask("GET /origin HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_ne!(again.header("request-id"), answer.header("request-id"));
}

#[tokio::test]
async fn an_unknown_method_is_405_with_allow_and_an_unknown_path_404() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    for method in ["TRACE", "DELETE", "BREW"] {
        let answer = client.ask(format!("{method} /json HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        assert_eq!((answer.status(), answer.header("allow")), (405, Some("POST")), "{method}");
        assert_eq!(answer.error()["innerError"]["request-id"].as_str(), answer.header("request-id"));
    }
    for target in ["GET /nothing", "OPTIONS *", "TRACE /json/", "GET //", "GET /%00", "CONNECT a:1"] {
        let mut client = server.connect().await;
        let answer = client.ask(format!("{target} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        assert_eq!((answer.status(), answer.error()["code"].as_str()), (404, Some("ResourceNotFound")), "{target}");
    }
}

#[tokio::test]
async fn requests_are_counted_by_class_without_a_socket() {
    use prometheus_client::registry::Registry;
    use signet_web::{Peer, RouteClasses, Traffic};
    let mut registry = Registry::default();
    let routes = RouteClasses { names: &["json", "other"], of: |path| usize::from(path != "/json") * 9 };
    let traffic = Traffic::register(&mut registry, routes);
    let front = Front::new(crate::server::router(crate::server::Gate::closed()), signet_kernel::Context::system())
        .with_traffic(traffic);
    let request = |uri| axum::http::Request::get(uri).body(axum::body::Body::empty()).unwrap();
    for uri in ["/", "/nothing", "/json"] {
        front.answer(request(uri), Peer::Local { uid: 0 }).await;
    }
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    for line in [
        "http_requests_total{route=\"other\",status=\"2xx\"} 1",
        "http_requests_total{route=\"other\",status=\"4xx\"} 1",
        "http_requests_total{route=\"json\",status=\"4xx\"} 1",
        "http_requests_total{route=\"json\",status=\"5xx\"} 0",
        "http_request_duration_seconds_count{route=\"other\"} 2",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}
