//! A handler that panics ends its request, and nothing else.

use crate::server::{Gate, Server, limits, router};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use prometheus_client::registry::Registry;
use signet_kernel::{Context, Failure, Origin, Timestamp};
use signet_web::{Front, Peer, RouteClasses, Traffic};
use std::sync::Arc;

#[tokio::test]
async fn it_is_answered_with_500_and_the_connection_goes_on() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    let answer = client.ask("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!((answer.status(), answer.header("connection")), (500, None));
    assert_eq!(answer.error()["innerError"]["request-id"].as_str(), answer.header("request-id"));
    assert!(!answer.body.contains("abacus"), "what broke is for the log: {}", answer.body);
    assert_eq!(client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.body, "hello");
}

#[tokio::test]
async fn it_is_counted_and_worded_as_its_path_demands() {
    let mut registry = Registry::default();
    let traffic = Traffic::register(&mut registry, RouteClasses { names: &["all"], of: |_| 0 });
    let wording = |path: &str, failure: &Failure, origin: &Origin, _: Timestamp| {
        let detail = failure.detail.clone().unwrap_or_default();
        (StatusCode::IM_A_TEAPOT, format!("{path} {} {detail}", origin.request_id)).into_response()
    };
    let front = Front::new(router(Gate::closed()), Context::system());
    let front = front.with_traffic(traffic).with_wording(Arc::new(wording));
    let request = Request::get("/panic").body(Body::empty()).unwrap();
    let answer = front.answer(request, Peer::Local { uid: 0 }).await;
    assert_eq!(answer.status(), StatusCode::IM_A_TEAPOT);
    let id = answer.headers()["request-id"].to_str().unwrap().to_owned();
    let body = axum::body::to_bytes(answer.into_body(), 1024).await.unwrap();
    assert_eq!(body, format!("/panic {id} the handler panicked: the abacus broke"));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    assert!(text.contains("http_panics_total 1\n"), "{text}");
    assert!(text.contains("http_requests_total{route=\"all\",status=\"4xx\"} 1\n"), "{text}");
}
