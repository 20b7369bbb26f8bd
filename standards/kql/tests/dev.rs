//! The public identity queries of the specification, where they are at hand (`SIGNET_KQL_SPEC` names the folder).

use serde_json::Value;
use signet_kql::Script;

fn rows(name: &str) -> Option<String> {
    let folder = std::env::var("SIGNET_KQL_SPEC").ok()?;
    std::fs::read_to_string(std::path::Path::new(&folder).join(name)).ok()
}

#[test]
fn public_queries_parse() {
    let Some(text) = rows("dev.jsonl") else { return };
    let queries: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    let mut parsed = 0;
    for row in &queries {
        match Script::parse(row["query"].as_str().expect("a query")) {
            Ok(_) => parsed += 1,
            Err(error) => println!("{}: {error}", row["id"]),
        }
    }
    println!("{parsed} of {} parse", queries.len());
    assert!(parsed * 100 >= queries.len() * 97);
}

#[test]
fn documented_examples_parse() {
    let Some(text) = rows("doc-examples.json") else { return };
    let examples: Vec<Value> = serde_json::from_str(&text).expect("examples");
    let mut parsed = 0;
    for row in &examples {
        match Script::parse(row["query"].as_str().expect("a query")) {
            Ok(_) => parsed += 1,
            Err(error) => println!("{}: {error}", row["file"]),
        }
    }
    println!("{parsed} of {} examples parse", examples.len());
    assert!(parsed * 100 >= examples.len() * 90);
}
