//! No request is lost when the server stops.

use crate::server::{Client, Server, limits};
use signet_web::{Drained, Limits};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::TcpStream;

const GATE: &str = "POST /gate HTTP/1.1\r\nHost: a\r\n\r\n";
/// Longer than any test runs.
const AGES: Duration = Duration::from_secs(3600);
const HELLO: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async fn enter(server: &Server) -> Client<TcpStream> {
    let mut client = server.connect().await;
    client.send(GATE).await;
    server.gate.entered.acquire().await.unwrap().forget();
    client
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_on_one_connection() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    server.gate.leave.add_permits(1);
    client.send([HELLO, GATE, HELLO].concat()).await;
    let bodies = [client.answer().await.body, client.answer().await.body, client.answer().await.body];
    assert_eq!(bodies, ["hello", "passed", "hello"]);
}

#[tokio::test]
async fn a_request_in_flight_is_answered_and_its_connection_closed() {
    let server = Server::start(limits()).await;
    let mut client = enter(&server).await;
    server.stopper.stop();
    until_refused(&server).await;
    server.gate.leave.add_permits(1);
    let answer = client.answer().await;
    assert_eq!((answer.status(), answer.header("connection"), &*answer.body), (200, Some("close"), "passed"));
    assert_eq!(client.rest().await, "");
    drop(client);
    assert_eq!(server.ended().await, Drained { cut: 0 });
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let server = Server::start(limits()).await;
    let mut idle = server.connect().await;
    assert_eq!(idle.ask(HELLO).await.header("connection"), None);
    server.stopper.stop();
    assert_eq!(idle.rest().await, "");
    drop(idle);
    assert_eq!(server.ended().await, Drained { cut: 0 });
}

#[tokio::test]
async fn as_a_lame_duck_it_serves_old_and_new_connections_and_each_answer_is_the_last() {
    let server = Server::start(Limits { lame_duck: AGES, ..limits() }).await;
    let (mut kept, mut fresh) = (server.connect().await, server.connect().await);
    assert_eq!(kept.ask(HELLO).await.header("connection"), None);
    server.stopper.stop();
    // The stop is seen by the listener's task at some moment; from then on each answer is its connection's last.
    while kept.ask(HELLO).await.header("connection").is_none() {}
    assert_eq!(kept.rest().await, "");
    let answer = fresh.ask(HELLO).await;
    assert_eq!((answer.status(), answer.header("connection")), (200, Some("close")));
    let mut late = server.connect().await;
    assert_eq!(late.ask(HELLO).await.status(), 200);
}

#[tokio::test]
async fn an_idle_connection_may_still_ask_within_the_grace_when_nobody_new_is_let_in() {
    let server = Server::start(Limits { idle_grace: AGES, ..limits() }).await;
    let (mut kept, mut fresh) = (server.connect().await, server.connect().await);
    assert_eq!(kept.ask(HELLO).await.header("connection"), None);
    server.stopper.stop();
    until_refused(&server).await;
    for client in [&mut kept, &mut fresh] {
        let answer = client.ask(HELLO).await;
        assert_eq!((answer.status(), answer.header("connection")), (200, Some("close")));
        assert_eq!(client.rest().await, "");
    }
    drop((kept, fresh));
    assert_eq!(server.ended().await, Drained { cut: 0 });
}

#[tokio::test]
async fn half_a_request_is_answered_when_its_other_half_has_come() {
    let server = Server::start(limits()).await;
    let mut client = server.connect().await;
    let (half, rest) = HELLO.split_at(20);
    client.send(half).await;
    server.stopper.stop();
    until_refused(&server).await;
    let answer = client.ask(rest).await;
    assert_eq!((answer.status(), answer.header("connection")), (200, Some("close")));
    drop(client);
    assert_eq!(server.ended().await, Drained { cut: 0 });
}

#[tokio::test]
async fn whoever_has_connected_and_waits_for_his_turn_at_the_stop_gets_it() {
    let server = Server::start(Limits { connections: 1, ..limits() }).await;
    let mut first = enter(&server).await;
    let mut second = server.connect().await;
    second.send(HELLO).await;
    server.stopper.stop();
    server.gate.leave.add_permits(1);
    assert_eq!(first.answer().await.body, "passed");
    drop(first);
    let answer = second.answer().await;
    assert_eq!((answer.status(), answer.header("connection")), (200, Some("close")));
    drop(second);
    assert_eq!(server.ended().await, Drained { cut: 0 });
}

#[tokio::test]
async fn a_request_that_outlasts_the_drain_is_cut() {
    let server = Server::start(Limits { drain: Duration::from_millis(20), ..limits() }).await;
    let mut client = enter(&server).await;
    assert_eq!(server.ended().await, Drained { cut: 1 });
    assert_eq!(client.rest().await, "");
}

/// Ends when nobody listens any more.
async fn until_refused(server: &Server) {
    loop {
        match TcpStream::connect(server.address).await {
            Ok(made) => drop(made),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => return assert_eq!(error.kind(), ErrorKind::ConnectionRefused),
        }
    }
}
