//! The columns that come out of the public identity queries are those that Microsoft's language service infers.

#![expect(clippy::expect_used, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;

use serde_json::Value;
use signet_kql::{
    Catalog, Column, Environment, Limits, Patience, RunError, Script, SourceRows, TableFunction, Tables, Type,
};

fn table(columns: &Value) -> Vec<Column> {
    let mut all: Vec<Column> = columns
        .as_array()
        .into_iter()
        .flatten()
        .map(|pair| {
            let ty = pair[1].as_str().unwrap_or_default().to_ascii_lowercase();
            let ty = if ty == "bigint" { Type::Long } else { Type::named(&ty).unwrap_or(Type::Dynamic) };
            Column::new(pair[0].as_str().unwrap_or_default(), ty)
        })
        .collect();
    let hidden = [
        ("TenantId", Type::String),
        ("TimeGenerated", Type::DateTime),
        ("SourceSystem", Type::String),
        ("Type", Type::String),
        ("_TimeReceived", Type::DateTime),
        ("_ItemId", Type::String),
    ];
    for (name, ty) in hidden {
        if !all.iter().any(|column| column.name == name) {
            all.push(Column::new(name, ty));
        }
    }
    all
}

fn catalog() -> Catalog {
    let tables: BTreeMap<String, Value> = serde_json::from_str(include_str!("data/tables.json")).expect("tables");
    let watchlist = TableFunction {
        parameters: vec![Type::String],
        columns: vec![Column::new("_DTItemId", Type::String), Column::new("SearchKey", Type::String)],
    };
    Catalog {
        tables: tables.iter().map(|(name, columns)| (name.clone(), table(columns))).collect(),
        functions: BTreeMap::from([("_GetWatchlist".to_owned(), watchlist)]),
        external: vec!["*".to_owned()],
        places: true,
    }
}

/// Name and type of each column, as the service prints them.
fn expected(row: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    row["columns"].as_array().into_iter().flatten().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

#[test]
fn columns_are_those_of_the_language_service() {
    let catalog = catalog();
    let rows: Vec<Value> =
        include_str!("data/dev.jsonl").lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    let (mut bound, mut agree, mut refused_alike, mut refused) = (0, 0, 0, 0);
    let mut differences = Vec::new();
    for row in &rows {
        let text = row["query"].as_str().expect("a query");
        let plan = Script::parse(text).and_then(|script| script.bind(&catalog));
        if row["bind_ok"] != Value::Bool(true) {
            refused += 1;
            match plan {
                Err(_) => refused_alike += 1,
                Ok(_) => differences.push(format!("{} is bound; the service says {}", row["id"], row["errors"])),
            }
            continue;
        }
        bound += 1;
        match plan {
            Err(error) => differences.push(format!("{}: {error} at {}", row["id"], error.position(text))),
            Ok(plan) => {
                let got: Vec<(String, String)> =
                    plan.columns().iter().map(|column| (column.name.clone(), column.ty.name().to_owned())).collect();
                let wanted = expected(row);
                if got == wanted {
                    agree += 1;
                } else {
                    let wrong = got.iter().zip(&wanted).find(|(got, wanted)| got != wanted);
                    differences.push(format!("{}: {wrong:?} ({} of {} columns)", row["id"], got.len(), wanted.len()));
                }
            }
        }
    }
    println!("{agree} of {bound} agree; {refused_alike} of {refused} refused alike\n{}", differences.join("\n"));
    assert!(agree * 100 >= bound * 97, "{agree} of {bound} agree: {differences:#?}");
    assert!(refused_alike * 100 >= refused * 90, "{refused_alike} of {refused}: {differences:#?}");
}

const NOW: i64 = 638_678_304_000_000_000;

/// A few rows in which every column has some value of its type.
struct Generated;

impl Tables for Generated {
    fn rows(&self, table: &str, _: &[signet_kql::Value], columns: &[Column]) -> Result<SourceRows<'_>, RunError> {
        use signet_kql::Value as Cell;
        let cell = |index: i64, column: &Column| match column.ty {
            Type::Bool => Cell::Bool(index % 2 == 0),
            Type::Int | Type::Long | Type::Decimal => Cell::Long(index),
            Type::Real => Cell::Real(0.5),
            Type::String => {
                Cell::from(format!("{} {index} https://a.example/b?c=d 10.0.0.{index} [\"x\"]", column.name))
            }
            Type::DateTime => Cell::DateTime(NOW - index * 36_000_000_000),
            Type::TimeSpan => Cell::TimeSpan(index),
            Type::Guid => Cell::Guid(index.unsigned_abs().into()),
            Type::Dynamic => Cell::from_json(
                r#"[{"id":"1","displayName":"n","type":"User","modifiedProperties":[{"displayName":"KeyDescription","oldValue":"[]","newValue":"[\"a\"]"}]}]"#,
            ),
        };
        let count = i64::try_from(table.len() % 4).unwrap_or(0) + 2;
        let columns = columns.to_vec();
        Ok(Box::new((0..count).map(move |index| Ok(columns.iter().map(|column| cell(index, column)).collect()))))
    }
}

impl Patience for Generated {
    fn goes_on(&self) -> bool {
        true
    }
}

#[test]
fn public_queries_run() {
    let catalog = catalog();
    let (mut bound, mut ran) = (0, 0);
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    for line in include_str!("data/dev.jsonl").lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        let text = row["query"].as_str().expect("a query");
        let Ok(script) = Script::parse(text) else { continue };
        if script.bind(&catalog).is_err() {
            continue;
        }
        bound += 1;
        let limits = Limits { rows: 10_000, memory: 100_000_000 };
        let environment = Environment { tables: &Generated, now: NOW, limits, patience: &Generated };
        let plan = match script.bind_over(&catalog, environment) {
            Ok(plan) => plan,
            Err(error) => {
                *missing.entry(error.to_string()).or_default() += 1;
                continue;
            }
        };
        let answer = plan.run(environment);
        let rows = answer.and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match rows {
            Ok(rows) => {
                ran += 1;
                assert!(rows.iter().all(|row| row.len() == plan.columns().len()), "{}", row["id"]);
            }
            Err(RunError::Unsupported(error)) if error.code() == "literal" => bound -= 1,
            Err(RunError::Unsupported(error)) => *missing.entry(error.problem.to_string()).or_default() += 1,
            Err(error) => panic!("{}: {error}", row["id"]),
        }
    }
    println!("{ran} of {bound} run; {missing:#?}");
    assert!(ran * 100 >= bound * 99, "{ran} of {bound} run: {missing:#?}");
}
