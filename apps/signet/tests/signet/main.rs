//! The built program, as an operator runs it.

#![expect(clippy::unwrap_used, reason = "these are tests throughout")]

mod admin_key;
mod main_job;
mod served;
mod traces;

use served::Served;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

fn signet(words: &[&str]) -> Output {
    command(words).output().unwrap()
}

/// The program in an environment that configures nothing of it.
fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
    let inherited: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    for name in inherited.iter().filter(|name| name.to_string_lossy().starts_with("SIGNET_")) {
        command.env_remove(name);
    }
    command.args(words);
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn quickstart(data: &Path) -> String {
    let (listen, management) = (free_address(), free_address());
    let data = data.display().to_string();
    let words = ["quickstart", "--exit", "--data-dir", &data, "--listen", &listen, "--management-listen", &management];
    let output = signet(&words);
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

#[test]
fn the_walk_reaches_its_end_and_again_from_the_same_data() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let first = quickstart(&data);
    for said in [
        "the token from before: inactive",
        "the token from before: still inactive",
        "a new token: active",
        "AADSTS7000112",
        "cd examples/python-agent",
    ] {
        assert!(first.contains(said), "{said}: {first}");
    }
    let agent = |walk: &str| walk.lines().find(|line| line.contains("order-bot, ")).unwrap().to_owned();
    let second = quickstart(&data);
    assert!(second.contains("continues with the data"), "{second}");
    assert_eq!(agent(&first), agent(&second));
}

#[test]
fn invariant_12_secrets_stay_in_files_of_their_owner() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let walk = quickstart(&data);
    for name in ["client.secret", "order-desk.secret", "orders.secret"] {
        let path = data.join(name);
        let secret = std::fs::read_to_string(&path).unwrap();
        assert!(secret.starts_with("sgn_cs_") && !walk.contains(secret.trim()), "{name}");
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert!(!walk.contains("eyJ"), "tokens print only when asked for: {walk}");
    for name in ["client.json", "quickstart.env", "master.key"] {
        assert_eq!(std::fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn invariant_14_an_unknown_key_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("signet.toml");
    std::fs::write(&config, "lisen = \"127.0.0.1:1\"\n").unwrap();
    let output = signet(&["serve", "--config", &config.display().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("did you mean `listen`?"), "{}", text(&output));
}

#[test]
fn the_exit_status_says_who_must_act() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data").display().to_string();
    let code = |words: &[&str]| signet(&[words, &["--data-dir", &data]].concat()).status.code();
    assert_eq!(code(&["doctor"]), Some(1), "there is no data");
    assert!(!Path::new(&data).exists(), "looking makes nothing");
    assert_eq!(code(&["agent", "list"]), Some(2), "there is nobody to act as");
    assert_eq!(code(&["agents"]), Some(2));
    assert_eq!(code(&["tenant", "create", " "]), Some(2), "a tenant has a name");
    assert_eq!(code(&["tenant", "create", "Contoso"]), Some(0));
    assert_eq!(code(&["agent", "list"]), Some(69), "no server answers");
    assert_eq!(code(&["doctor"]), Some(0));
}

#[test]
fn the_effective_configuration_says_where_each_value_comes_from() {
    let output = signet(&["serve", "--print-config", "--listen", "127.0.0.1:1"]);
    assert!(output.status.success());
    let shown = text(&output);
    assert!(shown.contains("listen = \"127.0.0.1:1\" # --listen\n"), "{shown}");
    assert!(shown.contains("public_url = \"https://localhost:1\" # default, from listen\n"), "{shown}");
}

#[test]
fn the_orderly_stop_warns_of_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let log = Served::start(&directory.path().join("data")).stopped();
    assert!(log.contains(" INFO signet_web::management::health: stopping"), "{log}");
    assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
}
