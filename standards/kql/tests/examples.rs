//! The examples of the language's reference give what the reference prints.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may stop where it stands")]

use serde_json::Value as Json;
use signet_kql::{Catalog, Column, Environment, Limits, Patience, Row, RunError, Script, SourceRows, Tables, Value};

struct Nothing;

impl Tables for Nothing {
    fn rows(&self, _: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        Ok(Box::new(std::iter::empty()))
    }
}

impl Patience for Nothing {
    fn goes_on(&self) -> bool {
        true
    }
}

enum Outcome {
    Same,
    Different(String),
    Unsupported(String),
    Refused(String),
}

fn run(query: &str) -> Result<(Vec<String>, Vec<Row>), Outcome> {
    let refused = |error: &dyn std::fmt::Display| Outcome::Refused(error.to_string());
    let bind = |query: &str| Script::parse(query).and_then(|script| script.bind(&Catalog::default()));
    let plan = bind(query).map_err(|error| match error.code() {
        "not-supported" => Outcome::Unsupported(error.problem.to_string()),
        _ => refused(&error),
    })?;
    if let Some(error) = plan.unsupported() {
        return Err(Outcome::Unsupported(error.problem.to_string()));
    }
    let environment = Environment {
        tables: &Nothing,
        now: 638_000_000_000_000_000,
        limits: Limits { rows: 100_000, memory: 200_000_000 },
        patience: &Nothing,
    };
    let rows = plan.run(environment).and_then(Iterator::collect::<Result<Vec<Row>, _>>);
    let names = plan.columns().iter().map(|column| column.name.clone()).collect();
    rows.map(|rows| (names, rows)).map_err(|error| refused(&error))
}

/// A cell without what the page's markup and the printer's choice add.
fn plain(text: &str) -> String {
    let text = text.replace("&nbsp;", "").replace("<br>", "").replace('`', "").replace("\\_", "_");
    let text = text.trim().trim_matches('"').to_owned();
    if let Ok(json) = serde_json::from_str::<Json>(&text)
        && (json.is_array() || json.is_object())
    {
        return json.to_string();
    }
    let text = match text.as_str() {
        "null" | "(null)" => String::new(),
        "True" => "true".to_owned(),
        "False" => "false".to_owned(),
        _ => text,
    };
    // A date: the page prints a blank and no zone.
    let date = text.len() >= 19 && text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(13) == Some(&b':');
    if date { text.replacen('T', " ", 1).trim_end_matches('Z').trim_end_matches(".0000000").to_owned() } else { text }
}

fn alike(got: &str, wanted: &str) -> bool {
    let (got, wanted) = (plain(got), plain(wanted));
    if got == wanted || matches!((got.as_str(), wanted.as_str()), ("true", "1") | ("false", "0")) {
        return true;
    }
    let loose = |text: &str| text.replace(['"', ' ', '\t'], "");
    if (got.starts_with('[') || got.starts_with('{')) && loose(&got) == loose(&wanted) {
        return true;
    }
    match (got.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-9) || (a.is_nan() && b.is_nan()),
        _ => false,
    }
}

fn compare(example: &Json) -> Outcome {
    let (_, rows) = match run(example["query"].as_str().expect("a query")) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let mut wanted: Vec<Vec<String>> = serde_json::from_value(example["output"]["rows"].clone()).expect("rows");
    // The page leaves out empty cells at the end of a row.
    let width = rows.first().map_or(0, Vec::len);
    for row in &mut wanted {
        row.resize(width.max(row.len()), String::new());
    }
    let got: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(Value::to_text).collect()).collect();
    let same = |got: &[Vec<String>]| {
        got.len() == wanted.len()
            && got.iter().zip(&wanted).all(|(got, wanted)| {
                got.len() == wanted.len() && got.iter().zip(wanted).all(|(got, wanted)| alike(got, wanted))
            })
    };
    // The order of rows is only said where the query sorts.
    let mut left = got.clone();
    let unordered = got.len() == wanted.len()
        && wanted.iter().all(|wanted| {
            let found = left.iter().position(|got| {
                got.len() == wanted.len() && got.iter().zip(wanted).all(|(got, wanted)| alike(got, wanted))
            });
            found.map(|place| left.remove(place)).is_some()
        });
    if same(&got) || unordered { Outcome::Same } else { Outcome::Different(format!("{got:?} for {wanted:?}")) }
}

#[test]
fn documented_examples_give_the_printed_result() {
    let examples: Vec<Json> = serde_json::from_str(include_str!("data/doc-examples.json")).expect("examples");
    let printed = |example: &&Json| example["output"]["rows"].as_array().is_some_and(|rows| !rows.is_empty());
    let (mut same, mut different, mut unsupported, mut refused) = (0, Vec::new(), Vec::new(), Vec::new());
    for example in examples.iter().filter(printed) {
        let file = example["file"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        match compare(example) {
            Outcome::Same => same += 1,
            Outcome::Different(how) => different.push(format!("{file}: {how:.400}")),
            Outcome::Unsupported(what) => unsupported.push(format!("{file}: {what}")),
            Outcome::Refused(why) => refused.push(format!("{file}: {why}")),
        }
    }
    println!(
        "{same} same, {} different, {} unsupported, {} refused",
        different.len(),
        unsupported.len(),
        refused.len()
    );
    println!("{different:#?}\n{refused:#?}\n{unsupported:#?}");
    let ran = same + different.len();
    assert!(same * 100 >= ran * 86, "{same} of {ran} that run: {different:#?}");
    assert!(refused.len() * 100 <= examples.len() * 7, "{refused:#?}");
}
