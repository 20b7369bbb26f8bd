//! What the client refuses, and the little that it does not.

use crate::server::{OneName, Server, answer};
use signet_fetch::{AddressRules, Fetch, FetchError, FetchOptions, Get, HttpFetch, HttpFetchError, Trust};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use url::Url;

async fn server() -> Server {
    let chunked = "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
                   8\r\n[1,2,3,4\r\n8\r\n,5,6,7,8\r\n1\r\n]\r\n0\r\n\r\n";
    Server::start(HashMap::from([
        ("/json", answer("200 OK", "Cache-Control: max-age=600\r\n", "{\"a\":1}")),
        ("/html", answer("200 OK", "Content-Type: application/json\r\n", "<html>")),
        ("/missing", answer("404 Not Found", "", "{}")),
        ("/moved", answer("302 Found", "Location: /json\r\n", "{}")),
        ("/chunked", chunked.into()),
        ("/cut", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec()),
        ("/nonsense", b"\0\0\0\0\r\n\r\n".to_vec()),
    ]))
    .await
}

async fn get(client: &HttpFetch, url: &Url) -> Result<String, FetchError> {
    let options = FetchOptions { limit: 16, ..FetchOptions::default() };
    client.get_json(url, &options).await.map(|fetched| String::from_utf8(fetched.body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_special_address_is_refused_before_anything_is_sent() {
    let server = server().await;
    let client = server.client(&[]);
    for host in ["localhost", "127.0.0.1", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]", "2130706433"] {
        let refused = get(&client, &server.url(host, "/json")).await;
        assert!(matches!(refused, Err(FetchError::AddressRefused { .. })), "{host}: {refused:?}");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_configured_host_or_network_is_reached() {
    let server = server().await;
    for (allowed, host) in [("localhost", "localhost"), ("127.0.0.0/8", "127.0.0.1"), ("127.0.0.1", "127.1")] {
        let url = server.url(host, "/json");
        let fetched = server.client(&[allowed]).get_json(&url, &FetchOptions::default()).await.unwrap();
        assert_eq!((&*fetched.body, fetched.max_age), (b"{\"a\":1}".as_slice(), Some(Duration::from_secs(600))));
    }
}

#[tokio::test]
async fn a_name_is_resolved_once_and_one_special_address_refuses_it() {
    let server = server().await;
    for addresses in
        [vec!["203.0.113.1"], vec!["127.0.0.1"], vec!["8.8.8.8", "127.0.0.1"], vec!["127.0.0.1", "8.8.8.8"]]
    {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        let lookup = Arc::new(OneName { name: "rebind.test", addresses, asked: AtomicUsize::new(0) });
        let client = HttpFetch::with_lookup(AddressRules::default(), &server.trust(), lookup.clone()).unwrap();
        let refused = get(&client, &server.url("rebind.test", "/json")).await;
        assert!(matches!(refused, Err(FetchError::AddressRefused { .. })), "{refused:?}");
        assert_eq!(lookup.asked.load(Ordering::SeqCst), 1);
        let unknown = get(&client, &server.url("unknown.test", "/json")).await;
        assert!(matches!(unknown, Err(FetchError::Unresolved { .. })), "{unknown:?}");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = server().await;
    let moved = get(&server.client(&["localhost"]), &server.url("localhost", "/moved")).await;
    assert_eq!(moved, Err(FetchError::Redirected(302)));
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_is_not_a_complete_small_json_document_is_refused() {
    let server = server().await;
    let client = server.client(&["localhost"]);
    let get = async |path| get(&client, &server.url("localhost", path)).await;
    assert_eq!(get("/chunked").await, Err(FetchError::TooLarge(16)));
    assert_eq!(get("/missing").await, Err(FetchError::Status(404)));
    assert!(matches!(get("/html").await, Err(FetchError::NotJson(_))));
    assert!(matches!(get("/nonsense").await, Err(FetchError::Connection(_))));
    assert_eq!(get("/cut").await, Err(FetchError::TooLarge(16)));
    let whole = client.get_json(&server.url("localhost", "/cut"), &FetchOptions::default()).await;
    assert!(matches!(whole, Err(FetchError::Connection(_))), "{whole:?}");
    assert_eq!(get("/json").await.as_deref(), Ok("{\"a\":1}"));
}

#[tokio::test]
async fn a_document_of_any_kind_is_had_within_the_same_rules() {
    let server = server().await;
    let client = server.client(&["localhost"]);
    let get = async |client: &HttpFetch, path| {
        let options = FetchOptions { limit: 16, ..FetchOptions::default() };
        client.get(&server.url("localhost", path), &options).await
    };
    assert!(matches!(get(&server.client(&[]), "/html").await, Err(FetchError::AddressRefused { .. })));
    assert_eq!(get(&client, "/moved").await, Err(FetchError::Redirected(302)));
    assert_eq!(get(&client, "/chunked").await, Err(FetchError::TooLarge(16)));
    assert_eq!(get(&client, "/html").await.as_deref(), Ok(b"<html>".as_slice()));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let server = server().await;
    let options = FetchOptions { within: Duration::from_millis(20), ..FetchOptions::default() };
    let fetched = server.client(&["localhost"]).get_json(&server.url("localhost", "/silent"), &options).await;
    assert_eq!(fetched, Err(FetchError::Timeout));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_or_another_name_is_refused() {
    let (server, other) = (server().await, server().await);
    let stranger = get(&other.client(&["localhost"]), &server.url("localhost", "/json")).await;
    assert!(matches!(stranger, Err(FetchError::Tls(_))), "{stranger:?}");
    let lookup =
        OneName { name: "other.test", addresses: vec!["127.0.0.1".parse().unwrap()], asked: AtomicUsize::new(0) };
    let rules = AddressRules::parse(&["other.test"], &[]).unwrap();
    let client = HttpFetch::with_lookup(rules, &server.trust(), Arc::new(lookup)).unwrap();
    let misnamed = get(&client, &server.url("other.test", "/json")).await;
    assert!(matches!(misnamed, Err(FetchError::Tls(_))), "{misnamed:?}");
}

#[test]
fn a_file_without_authorities_is_refused_by_name() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let trust = Trust { system: false, files: vec![empty.path().to_owned()] };
    let refused = HttpFetch::new(AddressRules::default(), &trust).unwrap_err();
    assert!(matches!(refused, HttpFetchError::Authority { file, .. } if file == empty.path()));
}
