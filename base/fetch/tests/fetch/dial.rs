//! Connections that speak no HTTP.

use crate::server::{OneName, Server};
use signet_fetch::{AddressRules, Dial, Dialer, FetchError};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn dialer(server: &Server, allowed: &[&str]) -> Dialer {
    Dialer::new(AddressRules::parse(allowed, &[]).unwrap(), &server.trust()).unwrap()
}

/// One that finds a name at these addresses.
fn resolving(server: &Server, name: &'static str, addresses: &[&str], allowed: &[&str]) -> (Dialer, Arc<OneName>) {
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    let lookup = Arc::new(OneName { name, addresses, asked: AtomicUsize::new(0) });
    let rules = AddressRules::parse(allowed, &[]).unwrap();
    (Dialer::with_lookup(rules, &server.trust(), lookup.clone()).unwrap(), lookup)
}

#[tokio::test]
async fn a_special_address_is_not_dialled_by_name_nor_by_number() {
    let server = Server::start(HashMap::new()).await;
    for host in ["localhost", "127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"] {
        let refused = dialer(&server, &[]).dial(host, server.port()).await;
        assert!(matches!(refused, Err(FetchError::AddressRefused { .. })), "{host}: {refused:?}");
    }
    for addresses in [&["127.0.0.1"][..], &["8.8.8.8", "127.0.0.1"], &["192.168.0.1"], &["fe80::1"]] {
        let (dialer, lookup) = resolving(&server, "siem.test", addresses, &[]);
        let refused = dialer.dial("siem.test", server.port()).await;
        assert!(matches!(refused, Err(FetchError::AddressRefused { .. })), "{addresses:?}: {refused:?}");
        assert_eq!(lookup.asked.load(Ordering::SeqCst), 1);
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_is_not_configured_beside_what_is_stays_refused() {
    let server = Server::start(HashMap::new()).await;
    let refused = dialer(&server, &["127.0.0.2"]).dial("127.0.0.1", server.port()).await;
    assert!(matches!(refused, Err(FetchError::AddressRefused { .. })), "{refused:?}");
    let (dialer, _) = resolving(&server, "siem.test", &["127.0.0.1"], &["other.test"]);
    let refused = dialer.dial("siem.test", server.port()).await;
    assert!(matches!(refused, Err(FetchError::AddressRefused { .. })), "{refused:?}");
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_without_an_address_and_a_port_without_a_listener_are_told_apart() {
    let server = Server::start(HashMap::new()).await;
    let (nowhere, _) = resolving(&server, "siem.test", &[], &["siem.test"]);
    for name in ["siem.test", "unknown.test"] {
        let unresolved = nowhere.dial(name, server.port()).await;
        assert!(matches!(unresolved, Err(FetchError::Unresolved { .. })), "{name}: {unresolved:?}");
    }
    // Port 1 of an address of its own, where nobody listens.
    let refused = dialer(&server, &["127.0.0.0/8"]).dial("127.5.5.5", 1).await;
    assert!(matches!(refused, Err(FetchError::Connection(_))), "{refused:?}");
}

#[tokio::test]
async fn whoever_does_not_prove_the_name_that_was_dialled_is_hung_up_on() {
    let (server, other) = (Server::start(HashMap::new()).await, Server::start(HashMap::new()).await);
    let stranger = dialer(&other, &["localhost"]);
    let stream = stranger.dial("localhost", server.port()).await.unwrap();
    let refused = stranger.secure(stream, "localhost").await.map(drop);
    assert!(matches!(refused, Err(FetchError::Tls(_))), "{refused:?}");

    let (misled, _) = resolving(&server, "other.test", &["127.0.0.1"], &["other.test"]);
    let stream = misled.dial("other.test", server.port()).await.unwrap();
    let refused = misled.secure(stream, "other.test").await.map(drop);
    assert!(matches!(refused, Err(FetchError::Tls(_))), "{refused:?}");

    let dialer = dialer(&server, &["localhost"]);
    let stream = dialer.dial("localhost", server.port()).await.unwrap();
    let refused = dialer.secure(stream, "not a name").await.map(drop);
    assert!(matches!(refused, Err(FetchError::UrlRefused(_))), "{refused:?}");
}

#[tokio::test]
async fn whoever_is_configured_and_proves_its_name_is_spoken_to() {
    let server = Server::start(HashMap::from([("/x", b"hello".to_vec())])).await;
    for (allowed, host) in [("localhost", "localhost"), ("127.0.0.0/8", "127.0.0.1")] {
        let dialer = dialer(&server, &[allowed]);
        let stream = dialer.dial(host, server.port()).await.unwrap();
        let mut stream = dialer.secure(stream, host).await.unwrap();
        stream.write_all(b"GET /x HTTP/1.1\r\n\r\n").await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        assert_eq!(said, b"hello");
    }
}
