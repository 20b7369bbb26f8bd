//! Bad input gets a 4xx, in time, and never a reset.

use crate::server::{Server, limits};
use signet_web::Limits;
use std::time::Duration;

#[tokio::test]
async fn headers_over_the_limit_are_431() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    client.send(format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(9_000))).await;
    assert_eq!(client.answer().await.status(), 431);

    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nHost: a\r\n").await;
    client.send(b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(100_000)).await;
    assert_eq!(client.answer().await.status(), 431);
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn more_than_a_hundred_headers_are_431() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    let answer = client.ask(format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(101))).await;
    assert_eq!(answer.status(), 431);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_and_the_client_can_read_it() {
    let server = Server::start(limits()).await;
    for head in ["Content-Length: 4000000", "Transfer-Encoding: chunked"] {
        let mut client = server.connect().await;
        client
            .send(format!("POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{head}\r\n\r\n"))
            .await;
        let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat();
        client.send(chunk.repeat(1_000)).await;
        let answer = client.answer().await;
        assert_eq!((answer.status(), answer.error()["code"].as_str()), (413, Some("RequestEntityTooLarge")), "{head}");
        assert_eq!(client.rest().await, "");
    }
}

#[tokio::test]
async fn a_body_of_the_wrong_type_is_415_and_a_malformed_one_400() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    for (media_type, body, status) in [
        ("text/plain", "{}", 415),
        ("application/x-www-form-urlencoded", "a=b", 415),
        ("application/json", "{\"a\":1,\"a\":2}", 400),
        ("application/json", "{\"a\":", 400),
        ("application/json;charset=utf-8", "{\"a\":1}", 200),
    ] {
        let length = body.len();
        let request = format!("Host: a\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}");
        assert_eq!(
            client.ask(format!("POST /json HTTP/1.1\r\n{request}")).await.status(),
            status,
            "{media_type} {body}"
        );
    }
}

#[tokio::test]
async fn bytes_that_are_not_http_are_400() {
    let server = Server::start(limits()).await;
    for text in
        ["\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
    {
        let mut client = server.connect().await;
        assert_eq!(client.ask(text).await.status(), 400, "{text:?}");
    }
}

#[tokio::test]
async fn a_header_sent_too_slowly_ends_the_connection() {
    let server = Server::start(Limits { header_read: Duration::from_millis(20), ..limits() }).await;
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nHost:").await;
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_503_with_retry_after() {
    let server = Server::start(Limits { request: Duration::from_millis(20), ..limits() }).await;
    let mut client = server.connect().await;
    let answer = client.ask("POST /gate HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!((answer.status(), answer.header("retry-after")), (503, Some("1")));
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_for_its_turn() {
    let server = Server::start(Limits { connections: 1, ..limits() }).await;
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    assert_eq!(first.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.status(), 200);
    second.send("POST /gate HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(first.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.status(), 200);
    assert_eq!(server.gate.entered.available_permits(), 0);
    drop(first);
    server.gate.entered.acquire().await.unwrap().forget();
    server.gate.leave.add_permits(1);
    assert_eq!(second.answer().await.body, "passed");
}
