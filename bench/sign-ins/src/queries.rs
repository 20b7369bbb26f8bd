//! Queries over what was made, and how long they take.

use std::{collections::BTreeMap, path::Path, time::Instant};

use signet_kql::{
    Catalog, Column, Environment, Limits, Part, Patience, RunError, Script, SourceRows, Tables, Type, Value,
};
use signet_log_engine::{Asked, Engine, Over, Segment, Shares, TableParts, TimeSpan};

use crate::made::END;

/// As a server allows a query.
const MEMORY: usize = 256 << 20;
const THREADS: usize = 2;
const NOW: i64 = END * 10 + 621_355_968_000_000_000;

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

/// Says how parts of a plan are gone about.
struct Explained<'o>(&'o Over<'o>);

impl Tables for Explained<'_> {
    fn rows(&self, table: &str, arguments: &[Value], columns: &[Column]) -> Result<SourceRows<'_>, RunError> {
        println!("row by row: {table}");
        self.0.rows(table, arguments, columns)
    }

    fn answer(&self, part: Part<'_>) -> Option<Result<SourceRows<'_>, RunError>> {
        if let Some(plan) = self.0.explain(part.rel) {
            println!("{plan}");
        }
        self.0.answer(part)
    }
}

/// The files, the queries, and what exists for these.
struct Bench {
    segments: BTreeMap<String, Vec<Segment>>,
    queries: Vec<(String, String)>,
    catalog: Catalog,
    engine: Engine,
}

impl Bench {
    fn read(folder: &Path, file: &Path) -> Self {
        Self {
            segments: serde_json::from_slice(&std::fs::read(folder.join("segments.json")).unwrap()).unwrap(),
            queries: serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap(),
            catalog: catalog(),
            engine: Engine::new(Shares { threads: THREADS, memory: MEMORY }).unwrap(),
        }
    }

    fn over(&self, query: &str) -> Over<'_> {
        let tables = self.segments.iter().map(|(name, segments)| {
            let parts = TableParts { segments: segments.clone(), ..TableParts::default() };
            (name.clone(), (self.catalog.tables[name].clone(), parts))
        });
        self.engine.over(&tables.collect(), &Nothing, Asked { text: query, now: NOW, window: TimeSpan::ALWAYS })
    }

    /// How many rows a query has.
    fn run(&self, query: &str, tables: &dyn Tables) -> Result<usize, RunError> {
        let plan = Script::parse(query).and_then(|script| script.bind(&self.catalog)).unwrap();
        let limits = Limits { rows: 1_000_000, memory: MEMORY };
        let answer = plan.run(Environment { tables, now: NOW, limits, patience: &Nothing })?;
        Ok(answer.collect::<Result<Vec<_>, _>>()?.len())
    }
}

fn catalog() -> Catalog {
    let text = include_str!("../../../standards/kql/tests/data/tables.json");
    let tables: BTreeMap<String, Vec<(String, String)>> = serde_json::from_str(text).unwrap();
    let column = |(name, ty): &(String, String)| Column::new(name, Type::named(ty).unwrap_or(Type::Dynamic));
    let table = |columns: &Vec<(String, String)>| columns.iter().map(column).collect();
    Catalog {
        tables: tables.iter().map(|(name, columns)| (name.clone(), table(columns))).collect(),
        ..Catalog::default()
    }
}

pub(crate) fn ask(folder: &Path, file: &Path) {
    let bench = Bench::read(folder, file);
    for (name, query) in &bench.queries {
        let mut best = f64::MAX;
        let mut count = Err(RunError::Time);
        for _ in 0..3 {
            let began = Instant::now();
            count = bench.run(query, &bench.over(query));
            best = best.min(began.elapsed().as_secs_f64());
        }
        let rows = count.map_err(|error| error.to_string());
        println!("{}", serde_json::json!({"name": name, "seconds": best, "rows": rows}));
    }
}

pub(crate) fn explain(folder: &Path, file: &Path) {
    let bench = Bench::read(folder, file);
    for (name, query) in &bench.queries {
        println!("== {name}");
        let over = bench.over(query);
        println!("{:?} rows", bench.run(query, &Explained(&over)));
    }
}
