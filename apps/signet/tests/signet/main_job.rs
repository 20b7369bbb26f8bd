//! The main job by commands alone: people, blueprint, agent, API, permission, token, kill switch.

use crate::served::Served;
use crate::{signet, text};
use serde_json::Value;

#[test]
fn the_main_job_needs_nothing_but_the_program() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let made = signet(&["tenant", "create", "Contoso", "--data-dir", &data.display().to_string()]);
    assert!(made.status.success(), "{}", text(&made));
    let server = Served::start(&data);
    let run = |words: &[&str]| {
        let output = server.signet(words);
        assert!(output.status.success(), "{words:?}: {}", text(&output));
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default()
    };
    let fails = |words: &[&str]| {
        let output = server.signet(words);
        assert!(!output.status.success(), "{words:?}");
        text(&output)
    };
    assert!(fails(&["user", "create", "ada"]).contains("is no userPrincipalName"));
    let ada = run(&["user", "create", "ada@contoso.example", "--name", "Ada"]);
    assert_eq!(ada["displayName"], "Ada");
    assert!(fails(&["user", "create", "ada@contoso.example"]).contains("409"), "one name, one person");
    let blueprint = run(&["blueprint", "create", "Order desk", "--sponsor", "ada@contoso.example"]);
    run(&["agent", "create", "order-bot", "--blueprint", "Order desk", "--sponsor", "Ada"]);
    let (bot_secret, api_secret) = (directory.path().join("bot.secret"), directory.path().join("api.secret"));
    let (bot_secret, api_secret) = (bot_secret.display().to_string(), api_secret.display().to_string());
    run(&["credential", "add-secret", "Order desk", "--secret-file", &bot_secret]);

    let orders = ["resource", "create", "orders", "--uri", "api://orders", "--role", "Orders.Read"];
    let orders = run(&[&orders[..], &["--token-version", "rfc9068", "--token-minutes", "20"]].concat());
    assert_eq!(orders["api"]["requestedAccessTokenVersion"], 9068);
    run(&["resource", "add-role", "orders", "Orders.Write"]);
    let shown = run(&["resource", "show", "orders"]);
    let roles: Vec<&Value> = shown["appRoles"].as_array().unwrap().iter().map(|role| &role["value"]).collect();
    assert_eq!(roles, ["Orders.Read", "Orders.Write"]);
    run(&["resource", "add-secret", "orders", "--secret-file", &api_secret]);
    let listed = run(&["resource", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 1, "blueprints and administrators are no resources");

    run(&["permission", "grant", "order-bot", "--resource", "orders", "--role", "Orders.Write"]);
    let agent = run(&["agent", "show", "order-bot"])["id"].as_str().unwrap().to_owned();
    let blueprint = blueprint["appId"].as_str().unwrap();
    let ask = ["token", "--blueprint", blueprint, "--agent", &agent, "--secret-file", &bot_secret];
    let ask = [&ask[..], &["--scope", "api://orders/.default"]].concat();
    let token = run(&ask);
    assert!(token.to_string().contains("Orders.Write") && token.to_string().contains("at+jwt"), "{token}");
    run(&["blueprint", "disable", "Order desk"]);
    assert!(fails(&ask).contains("AADSTS7000112"));

    run(&["user", "disable", "Ada"]);
    assert_eq!(run(&["user", "show", "ada@contoso.example"])["accountEnabled"], false);
    run(&["user", "enable", "Ada"]);
    run(&["resource", "delete", "orders"]);
    assert_eq!(run(&["resource", "list"]), Value::Array(Vec::new()));
    server.stopped();
}
