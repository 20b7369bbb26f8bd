//! `docs/permissions.md` is made of the declarations. `UPDATE=1` writes it anew.

use super::world::World;
use signet_directory::roles::{built_in_roles, covers};
use signet_graph::{Operation, OperationKind};
use signet_permissions::catalogue::directory_roles;
use signet_permissions::directory_scopes;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "\
# Who may do what

Made of the declarations by `UPDATE=1 cargo nextest run -p signet permissions_page`; a test compares.

A caller needs one of the permissions, or a role, or to be at the far end of a relation of the object. *Application*
permissions are carried by tokens of applications (`roles`), *delegated* ones by tokens for a person (`scp`); most exist
as both. A role is held in the tenant, in an administrative unit or over one object; a custom role counts with the same
actions. Some operations ask for more: a permission that ends in `CreateAsManager` or `IdentityParentedBy` reaches what
belongs to the caller's own blueprint, and what gives rights asks whether the caller may give them.
";

/// Each name once, in an order.
fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The built-in roles that allow one of these actions. Those over everything are left to the page's second table.
fn roles_for(actions: &[String]) -> Vec<&'static str> {
    let allows = |listed: &&str| actions.iter().any(|asked| covers(listed, asked));
    sorted(built_in_roles().iter().filter(|role| role.actions.iter().any(&allows)).map(|role| role.name))
}

fn row(operation: &Operation) -> String {
    let is_application = |name: &str| directory_roles().iter().any(|role| role.value.as_deref() == Some(name));
    let is_delegated = |name: &str| directory_scopes().iter().any(|scope| scope.value.as_deref() == Some(name));
    let permissions = sorted(operation.permissions.iter().copied()).into_iter().map(|name| {
        match (is_application(name), is_delegated(name)) {
            (true, true) => format!("`{name}`"),
            (true, false) => format!("`{name}` (application)"),
            (false, _) => format!("`{name}` (delegated)"),
        }
    });
    let beta = if operation.beta_only { " (beta)" } else { "" };
    format!(
        "| `{} {}`{beta} | {} | {} | {} |",
        operation.method,
        operation.path,
        permissions.collect::<Vec<_>>().join(", "),
        roles_for(&operation.actions).join(", "),
        operation.relations.join(", "),
    )
}

fn page(operations: &[Operation]) -> String {
    let mut types: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in operations {
        types.entry(operation.entity).or_default().push(operation);
    }
    let mut page = format!("{HEAD}\n{} operations.\n", operations.len());
    for (name, operations) in types {
        let head = "| operation | permissions | built-in roles | relations |\n|---|---|---|---|";
        writeln!(page, "\n## {name}\n\n{head}").unwrap();
        operations.iter().for_each(|operation| writeln!(page, "{}", row(operation)).unwrap());
    }
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn the_permissions_page_tells_what_is_declared() {
    let world = World::open().await;
    let (page, path) =
        (page(&world.operations), Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions.md"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let wrong = kept.lines().zip(page.lines()).find(|(kept, made)| kept != made);
    assert_eq!(wrong, None, "docs/permissions.md is out of date: run with UPDATE=1");
    assert_eq!(kept.len(), page.len(), "docs/permissions.md is out of date: run with UPDATE=1");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_permission_that_lets_in_can_be_given_and_every_call_says_what_it_takes() {
    let world = World::open().await;
    for operation in &world.operations {
        for name in &operation.permissions {
            let given = directory_roles().iter().any(|role| role.value.as_deref() == Some(*name))
                || directory_scopes().iter().any(|scope| scope.value.as_deref() == Some(*name));
            assert!(given, "{} {}: {name} is no app role and no scope", operation.method, operation.path);
        }
        let untold = operation.kind == OperationKind::Call && operation.signature.is_none();
        assert!(!untold, "{} {} does not say what it takes and answers", operation.method, operation.path);
    }
}
