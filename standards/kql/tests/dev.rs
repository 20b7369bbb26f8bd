//! The public identity queries and the reference's examples are read.

use serde_json::Value;
use signet_kql::{Problem, Script};

#[test]
fn public_queries_parse() {
    let text = include_str!("data/dev.jsonl");
    let queries: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    let mut refused = Vec::new();
    for row in &queries {
        if let Err(error) = Script::parse(row["query"].as_str().expect("a query")) {
            refused.push(format!("{}: {error}", row["id"]));
        }
    }
    assert!(refused.len() * 100 <= queries.len() * 3, "{} of {}: {refused:#?}", refused.len(), queries.len());
}

/// What is refused is refused by name: nothing is skipped.
#[test]
fn documented_examples_parse_or_are_refused_by_name() {
    let examples: Vec<Value> = serde_json::from_str(include_str!("data/doc-examples.json")).expect("examples");
    let mut refused = Vec::new();
    let mut unsupported = 0;
    for row in &examples {
        match Script::parse(row["query"].as_str().expect("a query")) {
            Ok(_) => {}
            Err(error) if matches!(error.problem, Problem::Unsupported(_)) => unsupported += 1,
            Err(error) => refused.push(format!("{}: {error}", row["file"])),
        }
    }
    let bad = refused.len() + unsupported;
    assert!(bad * 100 <= examples.len() * 6, "{bad} of {} ({unsupported} unsupported): {refused:#?}", examples.len());
}
