//! Queries over what was made, and how long they take.

use std::{collections::BTreeMap, path::Path, time::Instant};

use signet_kql::{Catalog, Column, Environment, Limits, Patience, RunError, Script, SourceRows, Tables, Type, Value};
use signet_log_engine::{Asked, Engine, Segment, Shares, TableParts, TimeSpan};

use crate::made::END;

struct Nothing;

impl Tables for Nothing {
    fn rows(&self, table: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        Err(RunError::Source { table: table.to_owned(), why: "columns did not answer it".to_owned() })
    }
}

impl Patience for Nothing {
    fn goes_on(&self) -> bool {
        true
    }
}

fn catalog() -> Catalog {
    let text = include_str!("../../../../standards/kql/tests/data/tables.json");
    let tables: BTreeMap<String, Vec<(String, String)>> = serde_json::from_str(text).unwrap();
    let column = |(name, ty): &(String, String)| Column::new(name, Type::named(ty).unwrap_or(Type::Dynamic));
    let table = |columns: &Vec<(String, String)>| columns.iter().map(column).collect();
    Catalog {
        tables: tables.iter().map(|(name, columns)| (name.clone(), table(columns))).collect(),
        ..Catalog::default()
    }
}

pub(crate) fn ask(folder: &Path, file: &Path) {
    let segments: BTreeMap<String, Vec<Segment>> =
        serde_json::from_slice(&std::fs::read(folder.join("segments.json")).unwrap()).unwrap();
    let queries: Vec<(String, String)> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let catalog = catalog();
    let engine = Engine::new(Shares { threads: 2, memory: 1 << 30 }).unwrap();
    let now = END * 10 + 621_355_968_000_000_000;
    for (name, query) in queries {
        let mut best = f64::MAX;
        let mut count = Err(RunError::Time);
        for _ in 0..3 {
            let began = Instant::now();
            let tables = segments.iter().map(|(name, segments)| {
                let parts = TableParts { segments: segments.clone(), ..TableParts::default() };
                (name.clone(), (catalog.tables[name].clone(), parts))
            });
            let asked = Asked { text: &query, now, window: TimeSpan::ALWAYS };
            let over = engine.over(&tables.collect(), &Nothing, asked);
            let plan = Script::parse(&query).and_then(|script| script.bind(&catalog)).unwrap();
            let limits = Limits { rows: 1_000_000, memory: 1 << 30 };
            let environment = Environment { tables: &over, now, limits, patience: &Nothing };
            count =
                plan.run(environment).and_then(|answer| answer.collect::<Result<Vec<_>, _>>()).map(|rows| rows.len());
            best = best.min(began.elapsed().as_secs_f64());
        }
        println!(
            "{}",
            serde_json::json!({"name": name, "seconds": best, "rows": count.map_err(|error| error.to_string())})
        );
    }
}
