//! The administration socket.

use crate::server::{Client, Server, limits};
use signet_web::{Drained, Listener};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tokio::net::UnixStream;

#[tokio::test]
async fn the_socket_is_private_replaces_a_dead_one_and_goes_with_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("admin.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let server = Server::serve(Listener::bind_unix(&path, limits()).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let mut client = Client(UnixStream::connect(&path).await.unwrap());
    let answer = client.ask("GET /origin HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.body.ends_with(" None None"), "{}", answer.body);
    drop(client);
    assert_eq!(server.ended().await, Drained { cut: 0 });
    assert!(!path.exists());
}

#[tokio::test]
async fn a_file_that_is_no_socket_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("admin.sock");
    fs::write(&path, "precious").unwrap();
    assert!(Listener::bind_unix(&path, limits()).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}
