use super::*;
use crate::assembly::Server;
use crate::command_error::Exit;
use crate::config::Loaded;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use signet_web::{Front, Peer};
use std::path::Path;

fn config(data: &Path) -> Config {
    let data = data.join("data").display().to_string();
    let anywhere = || "127.0.0.1:0".to_owned();
    let flags = [
        ("--data-dir", "data_dir", data),
        ("--listen", "listen", anywhere()),
        ("--management-listen", "management_listen", anywhere()),
    ];
    Loaded::load(None, std::iter::empty(), &flags).unwrap().config
}

fn kids(keys: &[keys::KeyLine]) -> Vec<&str> {
    keys.iter().map(|key| key.kid.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_taken_from_this_machine_alone() {
    let directory = tempfile::tempdir().unwrap();
    let node = Arc::new(Node::open(config(directory.path()), Context::system(), 1).await.unwrap());
    let front = Front::new(router(node.clone()), Context::system());
    let ask = |peer| {
        let request = Request::post(ListKeys::PATH).header(header::CONTENT_TYPE, "application/json");
        front.answer(request.body(Body::from("{}")).unwrap(), peer)
    };
    let network = Peer::Network("127.0.0.1:4000".parse().unwrap());
    assert_eq!(ask(network).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(ask(Peer::Local { uid: 0 }).await.status(), StatusCode::OK);
    node.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_does_the_same_with_and_without_a_server() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path());
    let create = CreateTenant { name: "Contoso".to_owned(), domain: None, admin_key: None };
    run(&config, create.clone()).await.unwrap();
    let alone = run(&config, ListKeys {}).await.unwrap();
    assert_eq!(alone.len(), 2, "one key for each algorithm");
    let server = Server::start(config.clone(), Context::system()).await.unwrap();
    assert_eq!(kids(&run(&config, ListKeys {}).await.unwrap()), kids(&alone));
    let second = run(&config, create).await.unwrap();
    assert!(!second.profile_kept, "the first tenant's administrator stays the one that commands act as");
    let refused = run(&config, RevokeKey { kid: "none".to_owned() }).await.unwrap_err();
    assert!(refused.to_string().contains("No tenant has a signing key 'none'"), "{refused}");
    server.stop().await;
    assert_eq!(run(&config, ListKeys {}).await.unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_is_owned_by_a_silent_process_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path());
    let node = Node::open(config.clone(), Context::system(), 1).await.unwrap();
    assert_eq!(run(&config, ListKeys {}).await.unwrap_err().exit, Exit::Unavailable);
    node.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrators_secret_ends_after_30_days_and_is_known_to_the_doctor() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path());
    let before = Context::system().now();
    let made = run(&config, CreateTenant { name: "Contoso".to_owned(), domain: None, admin_key: None }).await.unwrap();
    let AdminProof::Secret { secret_expires, .. } = made.proof else { panic!("it was given no key") };
    let days = secret_expires.since(before).as_secs() / 86_400;
    assert_eq!(days, 30);
    let seen = run(&config, Inspect {}).await.unwrap();
    let ends: Vec<_> = seen.admin_secrets.iter().map(|secret| (secret.tenant, secret.expires)).collect();
    assert_eq!(ends, [(made.tenant_id, secret_expires)]);
}
