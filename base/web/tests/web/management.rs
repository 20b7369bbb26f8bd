//! The management routes.

use crate::server::{Client, limits};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use signet_kernel::Context;
use signet_web::management::{self, Health};
use signet_web::{Front, Listener, stop_signal};
use std::sync::Arc;
use tokio::net::TcpStream;

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let health = Health::starting(&["records", "store"]);
    let mut registry = Registry::default();
    registry.register("tokens", "Tokens issued", Counter::<u64>::default());
    let router = management::router(health.clone(), Arc::new(registry));
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), limits()).await.unwrap();
    let address = listener.local_address().unwrap();
    let (_stopper, stop) = stop_signal();
    tokio::spawn(listener.serve(Front::new(router, Context::system()), stop));
    let mut client = Client(TcpStream::connect(address).await.unwrap());
    let mut get = async |path: &str| {
        let answer = client.ask(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        (answer.status(), answer.body)
    };

    assert_eq!(get("/healthz").await, (200, r#"{"status":"alive"}"#.to_owned()));
    health.set_ready("store", Ok(()));
    let missing = r#"{"status":"not ready","checks":[{"name":"records","reason":"starting"}]}"#;
    assert_eq!(get("/readyz").await, (503, missing.to_owned()));
    health.set_ready("records", Ok(()));
    assert_eq!(get("/readyz").await, (200, r#"{"status":"ready"}"#.to_owned()));
    health.set_ready("records", Err("the disk is full".to_owned()));
    assert_eq!(get("/readyz").await.0, 503);
    let (status, metrics) = get("/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.contains("tokens_total 0\n") && metrics.ends_with("# EOF\n"), "{metrics}");
}
