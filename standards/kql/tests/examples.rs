//! The examples of the language's reference give what the reference prints.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;

use serde_json::Value as Json;
use signet_kql::{Catalog, Column, Environment, Limits, Patience, Row, RunError, Script, SourceRows, Tables, Value};

/// Why an example is not compared: the file, and a part of its query where not all of the file's are meant.
const NOT_COUNTED: &[(&str, &str, &str)] = include!("data/not-counted.in");

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
    let unsupported = |error: &signet_kql::KqlError| Outcome::Unsupported(error.problem.to_string());
    let environment = Environment {
        tables: &Nothing,
        now: 638_000_000_000_000_000,
        limits: Limits { rows: 100_000, memory: 400_000_000 },
        patience: &Nothing,
    };
    let catalog = Catalog::default();
    let failed = |error: RunError| match &error {
        RunError::Refused(inner) | RunError::Unsupported(inner) if inner.code() == "not-supported" => {
            unsupported(inner)
        }
        _ => Outcome::Refused(error.to_string()),
    };
    let script = Script::parse(query).map_err(RunError::Refused).map_err(failed)?;
    let plan = script.bind_over(&catalog, environment).map_err(failed)?;
    if let Some(error) = plan.unsupported() {
        return Err(unsupported(error));
    }
    let names = plan.columns().iter().map(|column| column.name.clone()).collect();
    plan.run(environment).and_then(Iterator::collect::<Result<Vec<Row>, _>>).map(|rows| (names, rows)).map_err(failed)
}

/// A cell without what the page's markup and the printer's choice add.
fn plain(text: &str) -> String {
    let text = text.replace("&nbsp;", "").replace('`', "").replace("\\_", "_").replace('\u{a0}', " ");
    let trimmed = text.trim().trim_end_matches("<br>");
    let unquoted = trimmed.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(trimmed);
    let text = unquoted.trim_matches('"').to_owned();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit() || c == b',');
    let text = match text.as_str() {
        "null" | "(null)" => String::new(),
        "True" => "true".to_owned(),
        "False" => "false".to_owned(),
        number if digits(number) => number.replace(',', ""),
        _ => text,
    };
    // A date: the page prints a blank and no zone.
    let date = text.len() >= 19 && text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(13) == Some(&b':');
    if date {
        let text = text.replacen('T', " ", 1);
        let text = text.trim_end_matches('Z');
        return if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }.to_owned();
    }
    text
}

/// Whether a number is the one that is printed, to as many digits as are printed.
fn near(got: f64, wanted: f64, printed: &str) -> bool {
    let decimals = printed.split(['e', 'E']).next().and_then(|text| text.split_once('.')).map_or(0, |(_, d)| d.len());
    let rounded = if decimals >= 2 { 0.5000001 * 10_f64.powi(-i32::try_from(decimals).unwrap_or(0)) } else { 0.0 };
    (got - wanted).abs() <= (1e-6 * got.abs().max(wanted.abs()).max(1e-9)).max(rounded)
        || (got.is_nan() && wanted.is_nan())
}

/// A ring may begin at any of its points.
fn rings_alike(got: &[Json], wanted: &[Json]) -> bool {
    let is_point =
        |value: &Json| value.as_array().is_some_and(|pair| pair.len() == 2 && pair.iter().all(Json::is_number));
    let closed =
        |ring: &[Json]| ring.len() > 3 && ring.iter().all(is_point) && json_alike(&ring[0], &ring[ring.len() - 1]);
    if got.len() != wanted.len() || !closed(got) || !closed(wanted) {
        return false;
    }
    let (got, wanted) = (&got[1..], &wanted[1..]);
    (0..got.len()).any(|shift| {
        let turned = got.iter().cycle().skip(shift).zip(wanted);
        turned.clone().take(got.len()).all(|(a, b)| json_alike(a, b))
    })
}

/// Cells that a function gives have no order.
fn cells_alike(got: &[Json], wanted: &[Json]) -> bool {
    let cells = |items: &[Json]| {
        let mut cells: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
        let hex = |cell: &&str| cell.len() > 4 && cell.bytes().all(|c| c.is_ascii_hexdigit());
        let all = cells.len() == items.len() && cells.iter().all(hex);
        cells.sort_unstable();
        all.then(|| cells.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    cells(got).is_some_and(|got| Some(got) == cells(wanted))
}

fn json_alike(got: &Json, wanted: &Json) -> bool {
    match (got, wanted) {
        (Json::Number(a), Json::Number(b)) => {
            near(a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN), &b.to_string())
        }
        (Json::Array(a), Json::Array(b)) => {
            (a.len() == b.len() && a.iter().zip(b).all(|(a, b)| json_alike(a, b)))
                || rings_alike(a, b)
                || cells_alike(a, b)
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && b.iter().all(|(key, b)| a.get(key).is_some_and(|a| json_alike(a, b)))
        }
        (Json::String(a), Json::String(b)) => alike(a, b),
        (Json::Bool(a), Json::Number(b)) | (Json::Number(b), Json::Bool(a)) => b.as_i64() == Some(i64::from(*a)),
        (a, b) => a == b,
    }
}

fn alike(got: &str, wanted: &str) -> bool {
    let (got, wanted) = (plain(got), plain(wanted));
    if got == wanted || matches!((got.as_str(), wanted.as_str()), ("true", "1") | ("false", "0")) {
        return true;
    }
    let words = |text: &str| text.replace("<br>", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    if words(&got) == words(&wanted) {
        return true;
    }
    if got.starts_with('[') || got.starts_with('{') {
        let loose = |text: &str| text.replace("<br>", "").replace(['"', ' ', '\t'], "");
        if loose(&got) == loose(&wanted) {
            return true;
        }
        let json = |text: &str| serde_json::from_str::<Json>(text).ok();
        let parsed = json(&got).zip(json(&wanted.replace("<br>", " ")));
        return parsed.is_some_and(|(got, wanted)| json_alike(&got, &wanted));
    }
    match (got.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(a), Ok(b)) => near(a, b, &wanted),
        _ => false,
    }
}

fn compare(example: &Json) -> Outcome {
    let (names, rows) = match run(example["query"].as_str().expect("a query")) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let mut wanted: Vec<Vec<String>> = serde_json::from_value(example["output"]["rows"].clone()).expect("rows");
    // The page leaves out empty cells at the end of a row.
    let width = rows.first().map_or(0, Vec::len);
    for row in &mut wanted {
        row.resize(width.max(row.len()), String::new());
    }
    // The page may print the columns in another order.
    let printed: Vec<String> = serde_json::from_value(example["output"]["cols"].clone()).unwrap_or_default();
    let printed: Vec<String> = printed.iter().map(|name| plain(name)).collect();
    let places: Vec<usize> =
        names.iter().filter_map(|name| printed.iter().position(|printed| *printed == plain(name))).collect();
    if places.len() == printed.len() && places.len() == width && wanted.iter().all(|row| row.len() == width) {
        let turned = |row: &Vec<String>| places.iter().map(|place| row[*place].clone()).collect();
        let turned: Vec<Vec<String>> = wanted.iter().map(turned).collect();
        if let same @ Outcome::Same = compare_rows(example, &rows, &turned) {
            return same;
        }
    }
    compare_rows(example, &rows, &wanted)
}

fn compare_rows(example: &Json, rows: &[Row], wanted: &[Vec<String>]) -> Outcome {
    let got: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(Value::to_text).collect()).collect();
    let row_alike = |got: &Vec<String>, wanted: &Vec<String>| {
        got.len() == wanted.len() && got.iter().zip(wanted).all(|(got, wanted)| alike(got, wanted))
    };
    // The order of rows is only said where the query sorts.
    let mut left = got.clone();
    let found = wanted.iter().all(|wanted| {
        let found = left.iter().position(|got| row_alike(got, wanted));
        found.map(|place| left.remove(place)).is_some()
    });
    // A page that ends in dots prints the first rows only.
    let whole = left.is_empty() || example["output"]["cut"].as_bool() == Some(true);
    if found && whole { Outcome::Same } else { Outcome::Different(format!("{got:?} for {wanted:?}")) }
}

#[test]
fn documented_examples_give_the_printed_result() {
    let examples: Vec<Json> = serde_json::from_str(include_str!("data/doc-examples.json")).expect("examples");
    let printed = |example: &&Json| example["output"]["rows"].as_array().is_some_and(|rows| !rows.is_empty());
    let (mut same, mut different, mut unsupported, mut refused) = (0, Vec::new(), Vec::new(), Vec::new());
    let (mut not_counted, mut used) = (BTreeMap::new(), vec![false; NOT_COUNTED.len()]);
    for example in examples.iter().filter(printed) {
        let file = example["file"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let query = example["query"].as_str().unwrap_or_default();
        let excused = NOT_COUNTED.iter().position(|(name, part, _)| *name == file && query.contains(part));
        match compare(example) {
            Outcome::Same => same += 1,
            _ if excused.is_some() => {
                let place = excused.expect("a reason");
                used[place] = true;
                *not_counted.entry(NOT_COUNTED[place].2).or_insert(0) += 1;
            }
            Outcome::Different(how) => different.push(format!("{file}: {how:.400}")),
            Outcome::Unsupported(what) => unsupported.push(format!("{file}: {what}")),
            Outcome::Refused(why) => refused.push(format!("{file}: {why}")),
        }
    }
    let all = same + different.len() + unsupported.len() + refused.len();
    println!(
        "{same} same, {} different, {} unsupported, {} refused of {all} that count; not counted: {not_counted:#?}",
        different.len(),
        unsupported.len(),
        refused.len(),
    );
    println!("{different:#?}\n{refused:#?}\n{unsupported:#?}");
    let unused: Vec<_> = NOT_COUNTED.iter().zip(used).filter(|(_, used)| !used).map(|(excuse, _)| excuse).collect();
    println!("excuses that nothing needs: {unused:#?}");
    assert!(same * 100 >= all * 97, "{same} of {all}: {different:#?}");
}
