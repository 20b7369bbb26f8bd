//! Handing something on over HTTPS: what is refused, and what comes back.

use crate::server::{OneName, Server, answer};
use signet_fetch::{AddressRules, Answered, FetchError, FetchOptions, HeaderMap, HeaderValue, HttpFetch, Post};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use url::Url;

const BODY: &str = "[{\"secret\":1}]";

async fn server() -> Server {
    Server::start(HashMap::from([
        ("/taken", answer("202 Accepted", "", "thanks")),
        ("/busy", answer("429 Too Many Requests", "Retry-After: 7\r\n", "later")),
        ("/dated", answer("503 Service Unavailable", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", "")),
        ("/bad", answer("400 Bad Request", "", "no")),
        ("/moved", answer("307 Temporary Redirect", "Location: /taken\r\n", "")),
        ("/inside", answer("308 Permanent Redirect", "Location: https://169.254.169.254/\r\n", "")),
        ("/long", answer("200 OK", "", "01234567890123456789")),
        ("/cut", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx".to_vec()),
    ]))
    .await
}

async fn post(client: &HttpFetch, url: &Url, options: &FetchOptions) -> Result<Answered, FetchError> {
    client.post(url, HeaderMap::new(), BODY.into(), options).await
}

fn small() -> FetchOptions {
    FetchOptions { limit: 16, ..FetchOptions::default() }
}

#[tokio::test]
async fn nothing_is_handed_to_a_special_address_however_it_is_written() {
    let server = server().await;
    let client = server.client(&[]);
    for host in ["localhost", "127.0.0.1", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]", "2130706433", "0x7f.1"] {
        let refused = post(&client, &server.url(host, "/taken"), &small()).await;
        assert!(matches!(refused, Err(FetchError::AddressRefused { .. })), "{host}: {refused:?}");
    }
    for url in
        ["http://example.com/", "ftp://example.com/", "https://user@example.com/", "https://:password@example.com/"]
    {
        let refused = post(&client, &Url::parse(url).unwrap(), &small()).await;
        assert!(matches!(refused, Err(FetchError::UrlRefused(_))), "{url}: {refused:?}");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_leads_inside_gets_nothing_also_among_addresses_outside() {
    let server = server().await;
    for addresses in
        [vec!["127.0.0.1"], vec!["8.8.8.8", "127.0.0.1"], vec!["10.0.0.1"], vec!["169.254.169.254"], vec!["fd00::1"]]
    {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        let lookup = Arc::new(OneName { name: "siem.test", addresses, asked: AtomicUsize::new(0) });
        let client = HttpFetch::with_lookup(AddressRules::default(), &server.trust(), lookup.clone()).unwrap();
        let refused = post(&client, &server.url("siem.test", "/taken"), &small()).await;
        assert!(matches!(refused, Err(FetchError::AddressRefused { .. })), "{refused:?}");
        assert_eq!(lookup.asked.load(Ordering::SeqCst), 1, "it is resolved once");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_is_not_followed_so_what_is_sent_goes_nowhere_else() {
    let server = server().await;
    let client = server.client(&["localhost"]);
    assert_eq!(post(&client, &server.url("localhost", "/moved"), &small()).await, Err(FetchError::Redirected(307)));
    assert_eq!(post(&client, &server.url("localhost", "/inside"), &small()).await, Err(FetchError::Redirected(308)));
    assert_eq!(server.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_or_another_name_gets_nothing() {
    let (server, other) = (server().await, server().await);
    let stranger = post(&other.client(&["localhost"]), &server.url("localhost", "/taken"), &small()).await;
    assert!(matches!(stranger, Err(FetchError::Tls(_))), "{stranger:?}");
    let addresses = vec!["127.0.0.1".parse().unwrap()];
    let lookup = OneName { name: "other.test", addresses, asked: AtomicUsize::new(0) };
    let rules = AddressRules::parse(&["other.test"], &[]).unwrap();
    let client = HttpFetch::with_lookup(rules, &server.trust(), Arc::new(lookup)).unwrap();
    let misnamed = post(&client, &server.url("other.test", "/taken"), &small()).await;
    assert!(matches!(misnamed, Err(FetchError::Tls(_))), "{misnamed:?}");
}

#[tokio::test]
async fn an_answer_beyond_its_limit_cut_short_or_never_given_is_none() {
    let server = server().await;
    let client = server.client(&["localhost"]);
    let url = |path| server.url("localhost", path);
    assert_eq!(post(&client, &url("/long"), &small()).await, Err(FetchError::TooLarge(16)));
    let cut = post(&client, &url("/cut"), &FetchOptions::default()).await;
    assert!(matches!(cut, Err(FetchError::Connection(_))), "{cut:?}");
    let impatient = FetchOptions { within: Duration::from_millis(20), ..small() };
    assert_eq!(post(&client, &url("/silent"), &impatient).await, Err(FetchError::Timeout));
}

#[tokio::test]
async fn any_other_answer_is_told_as_it_is_with_when_to_ask_again() {
    let server = server().await;
    let client = server.client(&["localhost"]);
    for (path, status, after, words) in [
        ("/taken", 202, None, "thanks"),
        ("/busy", 429, Some(7), "later"),
        ("/dated", 503, None, ""),
        ("/bad", 400, None, "no"),
    ] {
        let answered = post(&client, &server.url("localhost", path), &small()).await.unwrap();
        let after = after.map(Duration::from_secs);
        assert_eq!((answered.status, answered.retry_after, &*answered.body), (status, after, words.as_bytes()));
    }
}

#[tokio::test]
async fn headers_and_body_arrive_as_they_were_given() {
    let server = server().await;
    let headers = HeaderMap::from_iter([("webhook-id".parse().unwrap(), HeaderValue::from_static("msg_1"))]);
    let url = server.url("localhost", "/taken");
    server.client(&["localhost"]).post(&url, headers, BODY.into(), &small()).await.unwrap();
    let request = server.last_request();
    assert!(request.starts_with("POST /taken HTTP/1.1\r\n"), "{request}");
    assert!(
        request.contains("\r\nwebhook-id: msg_1\r\n") && request.ends_with(&format!("\r\n\r\n{BODY}")),
        "{request}"
    );
}
