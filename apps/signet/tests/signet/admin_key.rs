//! An administrator with a key instead of a secret: from a fresh pair to a call of the directory API.

use crate::served::Served;
use crate::{command, signet, text};
use serde_json::Value;

#[test]
fn rfc7523_s3_an_administrator_with_a_key_needs_no_secret() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).display().to_string();
    let (key, jwk, data) = (file("admin.key"), file("admin.jwk"), file("data"));
    let made = signet(&["credential", "new-key", "--key-file", &key]);
    assert!(made.status.success(), "{}", text(&made));
    std::fs::write(&jwk, &made.stdout).unwrap();
    let create = ["tenant", "create", "Contoso", "--data-dir", &data, "--output", "json", "--admin-jwk", &jwk];
    let tenant = signet(&[&create[..], &["--admin-key-file", &key]].concat());
    let shown: Value = serde_json::from_slice(&tenant.stdout).unwrap();
    let public: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!((&shown["adminKeyThumbprint"], &shown["adminClientSecret"]), (&public["kid"], &Value::Null));
    assert!(!std::path::Path::new(&data).join("client.secret").exists(), "there is no secret to keep");

    let server = Served::start(directory.path().join("data").as_path());
    let listed = server.signet(&["blueprint", "list"]);
    assert!(listed.status.success(), "{}", text(&listed));
    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), "[]");
    let other = file("other.key");
    assert!(signet(&["credential", "new-key", "--key-file", &other]).status.success());
    let refused = server.signet_with(&["blueprint", "list"], ("SIGNET_CLIENT_KEY_FILE", &other));
    assert!(text(&refused).contains("AADSTS700027"), "another key proves nothing: {}", text(&refused));
    assert!(!text(&signet(&["doctor", "--data-dir", &data])).contains("expires"), "a key has no end to warn of");
    server.stopped();
}

#[test]
fn invariant_12_a_private_key_is_refused_before_it_leaves_the_command() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).display().to_string();
    let (jwk, data) = (file("admin.jwk"), file("data"));
    let key = signet(&["credential", "new-key", "--key-file", &file("admin.key")]);
    let mut members: Value = serde_json::from_slice(&key.stdout).unwrap();
    members["d"] = "AAAA".into();
    std::fs::write(&jwk, members.to_string()).unwrap();
    let refused = signet(&["tenant", "create", "Contoso", "--data-dir", &data, "--admin-jwk", &jwk]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused).contains("contains the private member `d`"), "{}", text(&refused));
    assert!(!std::path::Path::new(&data).exists(), "nothing was made");

    std::fs::write(&jwk, &key.stdout).unwrap();
    let other = file("other.key");
    signet(&["credential", "new-key", "--key-file", &other]);
    let words = ["tenant", "create", "Contoso", "--data-dir", &data, "--admin-jwk", &jwk, "--admin-key-file", &other];
    let refused = command(&words).output().unwrap();
    assert!(text(&refused).contains("is not the private half"), "{}", text(&refused));
}
