//! The rules on made-up workspaces: each one broken once, so that it is known to bite.

use crate::{AllowedEdges, Metadata, check, names::check_name};
use serde_json::{Value, json};

fn package(place: &str, uses: &[&str]) -> Value {
    let folder = place.rsplit('/').next().unwrap();
    json!({
        "name": format!("signet-{folder}"),
        "manifest_path": format!("/house/{place}/Cargo.toml"),
        "dependencies": uses.iter().map(|to| dependency(to)).collect::<Vec<_>>(),
    })
}

fn dependency(to: &str) -> Value {
    let (to, kind) = to.split_once(' ').map_or((to, Value::Null), |(to, kind)| (to, json!(kind)));
    json!({ "name": to, "kind": kind, "path": format!("/house/{to}") })
}

fn wrong_with(packages: &[Value], edges: &str) -> Vec<String> {
    let metadata = json!({ "workspace_root": "/house", "packages": packages });
    let metadata: Metadata = serde_json::from_value(metadata).unwrap();
    check(&metadata, &AllowedEdges::parse(edges).unwrap())
}

const NONE: &str = "base = []\ncapabilities = []";

#[test]
fn a_lower_floor_never_uses_an_upper_one() {
    let found = wrong_with(&[package("base/store", &["standards/jose"])], NONE);
    assert_eq!(
        found,
        [
            "base/store -> standards/jose: base never uses standards, which lies above it; remove it from base/store/Cargo.toml"
        ]
    );
    assert_eq!(wrong_with(&[package("standards/jose", &["capabilities/tokens"])], NONE).len(), 1);
    assert_eq!(wrong_with(&[package("capabilities/tokens", &["apps/signet"])], NONE).len(), 1);
    assert_eq!(wrong_with(&[package("apps/signet", &["bench/yardstick"])], NONE).len(), 1);
}

#[test]
fn an_edge_upward_needs_its_own_line() {
    let edge = [package("base/graph", &["standards/odata"]), package("standards/odata", &["base/kernel"])];
    assert_eq!(wrong_with(&edge, NONE).len(), 1);
    let listed = format!("{NONE}\nupward = [\"base/graph -> standards/odata\"]");
    assert_eq!(wrong_with(&edge, &listed), Vec::<String>::new());
    assert_eq!(wrong_with(&[package("base/store", &["standards/odata"])], &listed).len(), 1);
}

#[test]
fn a_development_dependency_counts_as_an_edge() {
    assert_eq!(wrong_with(&[package("base/store", &["standards/jose dev"])], NONE).len(), 1);
}

#[test]
fn a_standard_uses_no_other_standard_and_only_the_kernel() {
    let found = wrong_with(&[package("standards/oauth", &["standards/jose"])], NONE);
    assert!(found[0].starts_with("standards/oauth -> standards/jose: a standard uses nothing"), "{found:?}");
    assert_eq!(wrong_with(&[package("standards/oauth", &["base/store"])], NONE).len(), 1);
}

#[test]
fn no_app_uses_another() {
    assert_eq!(wrong_with(&[package("apps/signet", &["apps/console"])], NONE).len(), 1);
}

#[test]
fn an_edge_inside_a_floor_must_be_listed() {
    let tokens = [package("capabilities/tokens", &["capabilities/agents"])];
    assert_eq!(
        wrong_with(&tokens, NONE),
        ["tokens -> agents inside capabilities is not allowed: do without it, or list \"tokens -> agents\" under \
          capabilities in docs/edges.toml"]
    );
    assert_eq!(wrong_with(&tokens, "base = []\ncapabilities = ['tokens -> agents']"), Vec::<String>::new());
}

#[test]
fn a_listed_edge_that_nobody_uses_is_reported() {
    let found = wrong_with(&[package("base/store", &[])], "base = ['store -> kernel']\ncapabilities = []");
    assert_eq!(found, ["store -> kernel inside base is listed but used by no one: remove it from docs/edges.toml"]);
}

#[test]
fn listed_edges_that_make_a_circle_are_refused() {
    let edges = "base = []\ncapabilities = ['agents -> tokens', 'tokens -> agents']";
    let agents = package("capabilities/agents", &["capabilities/tokens"]);
    let found = wrong_with(&[agents.clone(), package("capabilities/tokens", &["capabilities/agents"])], edges);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("capabilities/agents, capabilities/tokens use each other"), "{found:?}");
    // A test kit may close the circle for tests.
    let tests_only = package("capabilities/tokens", &["capabilities/agents dev"]);
    assert_eq!(wrong_with(&[agents, tests_only], edges), Vec::<String>::new());
}

#[test]
fn a_package_is_named_as_its_folder() {
    let mut store = package("base/store", &[]);
    store["name"] = json!("signet-database");
    let found = wrong_with(&[store], NONE);
    assert_eq!(
        found,
        ["base/store holds the package signet-database: name it store or signet-store in base/store/Cargo.toml"]
    );
}

#[test]
fn a_package_outside_every_floor_is_refused() {
    assert_eq!(wrong_with(&[package("store", &[])], NONE).len(), 1);
    assert_eq!(wrong_with(&[package("base/store", &["attic/old"])], NONE).len(), 1);
}

#[test]
fn names_that_say_nothing_are_refused() {
    for name in ["utils", "helpers.rs", "common.py", "shared", "core.rs", "Manager.ts", "misc.toml"] {
        assert!(check_name(name).is_some(), "{name}");
    }
    for name in ["kernel.rs", "score.rs", "shared_signals.rs"] {
        assert_eq!(check_name(name), None);
    }
}

#[test]
fn downward_edges_are_fine() {
    let house = [
        package("base/kernel", &[]),
        package("standards/jose", &["base/kernel"]),
        package("capabilities/tokens", &["standards/jose", "base/kernel"]),
        package("apps/signet", &["capabilities/tokens", "base/kernel"]),
        package("acceptance/layering", &["apps/signet dev"]),
    ];
    assert_eq!(wrong_with(&house, NONE), Vec::<String>::new());
}
