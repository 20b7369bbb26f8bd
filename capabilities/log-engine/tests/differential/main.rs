//! Columns answer what the row evaluator answers.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

mod generate;
mod store;

use std::{cell::Cell, collections::BTreeMap};

use generate::{Chance, Words};
use signet_kql::{
    Catalog, Column, Environment, Limits, Part, Patience, Plan, Row, RunError, Script, SourceRows, Tables, Type, Value,
};
use signet_log_engine::{Asked, Engine, Shares, TimeSpan};

const NOW: i64 = 638_678_304_000_000_000;

fn columns_of(columns: &serde_json::Value) -> Vec<Column> {
    let mut all: Vec<Column> = Vec::new();
    for pair in columns.as_array().unwrap() {
        let ty = pair[1].as_str().unwrap().to_ascii_lowercase();
        let ty = if ty == "bigint" { Type::Long } else { Type::named(&ty).unwrap_or(Type::Dynamic) };
        let name = pair[0].as_str().unwrap();
        if !all.iter().any(|column| column.name == name) {
            all.push(Column::new(name, ty));
        }
    }
    for (name, ty) in [
        ("TenantId", Type::String),
        ("TimeGenerated", Type::DateTime),
        ("SourceSystem", Type::String),
        ("Type", Type::String),
        ("_TimeReceived", Type::DateTime),
        ("_ItemId", Type::String),
    ] {
        if !all.iter().any(|column| column.name == name) {
            all.push(Column::new(name, ty));
        }
    }
    all
}

fn catalog() -> Catalog {
    let text = include_str!("../../../../standards/kql/tests/data/tables.json");
    let tables: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).unwrap();
    Catalog {
        tables: tables.iter().map(|(name, columns)| (name.clone(), columns_of(columns))).collect(),
        ..Catalog::default()
    }
}

/// The row evaluator alone, over rows in memory.
struct InRows(BTreeMap<String, Vec<Row>>);

impl Tables for InRows {
    fn rows(&self, table: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        Ok(Box::new(self.0.get(table).into_iter().flatten().map(|row| Ok(row.clone()))))
    }
}

/// Counts which parts the columns answered.
struct Counted<'t> {
    tables: &'t dyn Tables,
    answered: Cell<usize>,
}

impl Tables for Counted<'_> {
    fn rows(&self, table: &str, arguments: &[Value], columns: &[Column]) -> Result<SourceRows<'_>, RunError> {
        self.tables.rows(table, arguments, columns)
    }

    fn answer(&self, part: Part<'_>) -> Option<Result<SourceRows<'_>, RunError>> {
        let answer = self.tables.answer(part)?;
        self.answered.set(self.answered.get() + 1);
        Some(answer)
    }
}

/// No table is read row by row.
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

fn run(plan: &Plan, tables: &dyn Tables) -> Result<Vec<Row>, RunError> {
    let limits = Limits { rows: 100_000, memory: 200_000_000 };
    plan.run(Environment { tables, now: NOW, limits, patience: &Nothing })?.collect()
}

/// A value as a text in which order within lists, and the last digits of a real number, do not count.
fn said(value: &Value) -> String {
    match value {
        Value::Real(real) => format!("{real:.6e}"),
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(said).collect();
            items.sort();
            format!("[{}]", items.join(","))
        }
        Value::Bag(pairs) => {
            let mut pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}:{}", said(value))).collect();
            pairs.sort();
            format!("{{{}}}", pairs.join(","))
        }
        other => format!("{other:?}"),
    }
}

fn sorted(rows: &[Row]) -> Vec<String> {
    let mut rows: Vec<String> = rows.iter().map(|row| row.iter().map(said).collect::<Vec<_>>().join(" | ")).collect();
    rows.sort();
    rows
}

/// Whether a query may answer in more than one way.
fn is_free(query: &str) -> bool {
    [
        "take ",
        "top ",
        "limit ",
        "any(",
        "take_any",
        "sample",
        "row_number",
        "prev(",
        "next(",
        "serialize",
        "innerunique",
    ]
    .iter()
    .any(|word| query.contains(word))
}

struct Bench {
    catalog: Catalog,
    engine: Engine,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            catalog: catalog(),
            engine: Engine::new(Shares { threads: 2, memory: 200_000_000 }).unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// What both say, and how many parts columns answered.
    #[expect(clippy::type_complexity, reason = "the answers, side by side")]
    fn both(
        &self,
        query: &str,
        seed: u64,
        count: usize,
    ) -> (Result<Vec<Row>, RunError>, Result<Vec<Row>, RunError>, usize) {
        let plan = Script::parse(query).and_then(|script| script.bind(&self.catalog)).expect("binds");
        let words = Words::of(query);
        let (mut rows, mut parts) = (BTreeMap::new(), BTreeMap::new());
        for (index, (name, columns)) in self.catalog.tables.iter().enumerate() {
            if !query.contains(name.as_str()) && !query.contains('*') {
                continue;
            }
            let mut chance = Chance::new(seed * 1000 + u64::try_from(index).unwrap());
            let made = words.rows(columns, count, NOW, &mut chance);
            parts.insert(
                name.clone(),
                (
                    columns.clone(),
                    store::parts(self.folder.path(), name, columns, &made, &|column| words.mentions(column)),
                ),
            );
            rows.insert(name.clone(), made);
        }
        let asked = Asked { text: query, now: NOW, window: TimeSpan::ALWAYS };
        let over = self.engine.over(&parts, &Nothing, asked);
        let counted = Counted { tables: &over, answered: Cell::new(0) };
        let by_columns = run(&plan, &counted);
        (run(&plan, &InRows(rows)), by_columns, counted.answered.get())
    }
}

/// One public query in five; all of them, with `SIGNET_EVERY_QUERY` set, take minutes.
#[test]
fn public_queries_are_answered_alike() {
    let bench = Bench::new();
    let step = if std::env::var_os("SIGNET_EVERY_QUERY").is_some() { 1 } else { 5 };
    let (mut compared, mut answered, mut rows, mut full) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for (index, line) in
        include_str!("../../../../standards/kql/tests/data/dev.jsonl").lines().enumerate().step_by(step)
    {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let query = row["query"].as_str().unwrap();
        let Ok(plan) = Script::parse(query).and_then(|script| script.bind(&bench.catalog)) else { continue };
        if plan.unsupported().is_some() {
            continue;
        }
        let (by_rows, by_columns, parts) = bench.both(query, u64::try_from(index).unwrap(), 48);
        compared += 1;
        full += usize::from(by_rows.as_ref().is_ok_and(|rows| !rows.is_empty()));
        answered += usize::from(parts > 0);
        match (by_rows, by_columns) {
            (Ok(expected), Ok(found)) if is_free(query) => {
                rows += found.len();
                if found.len() != expected.len() && !query.contains("innerunique") {
                    wrong.push(format!("{}: {} rows for {}", row["id"], found.len(), expected.len()));
                }
            }
            (Ok(expected), Ok(found)) => {
                rows += found.len();
                let (expected, found) = (sorted(&expected), sorted(&found));
                if expected != found {
                    let first = expected.iter().zip(&found).find(|(a, b)| a != b);
                    wrong.push(format!("{}: {} for {} rows; {first:#?}", row["id"], found.len(), expected.len()));
                }
            }
            (Err(expected), Err(found)) if expected == found => {}
            (expected, found) => wrong.push(format!("{}: {:?} for {:?}", row["id"], found.err(), expected.err())),
        }
    }
    println!(
        "{compared} queries, {answered} of them by columns in part or whole, {full} with rows, {rows} rows; {} wrong",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(full * 3 >= compared, "queries without rows say little: {full} of {compared} have some");
    assert!(answered * 100 >= compared * 95, "{answered} of {compared}");
}

/// What the rows of a small table come to, by both.
#[test]
fn values_that_are_missing_are_treated_alike() {
    let bench = Bench::new();
    for query in [
        "SigninLogs | project a = isempty(UserPrincipalName), b = UserPrincipalName == '', c = UserPrincipalName != 'a', d = not(UserPrincipalName == 'a')",
        "SigninLogs | project IsRisky == true, IsRisky != true, not(IsRisky == true), IsRisky == false or DurationMs > 1",
        "SigninLogs | where not(IsRisky == true) | summarize count() by IsRisky",
        "SigninLogs | where not(DurationMs != 3) or DurationMs < 0 | count",
        "SigninLogs | project DurationMs == 3, DurationMs != 3, DurationMs > 3, not(DurationMs > 3), DurationMs in (1, 2), DurationMs !in (1, 2)",
        "SigninLogs | summarize sum(DurationMs), avg(DurationMs), min(DurationMs), max(DurationMs), dcount(DurationMs), count() by UserType",
        "SigninLogs | where UserType == 'nobody' | summarize sum(DurationMs), avg(DurationMs), min(DurationMs), max(UserType), count(), make_set(UserType), arg_max(TimeGenerated, UserType)",
        "SigninLogs | summarize countif(DurationMs > 2), make_set(UserType), make_list(DurationMs), arg_max(TimeGenerated, *) by ResultType",
        "SigninLogs | summarize min(UserType), max(UserType), dcount(UserType), dcountif(UserType, DurationMs > 0) by IsRisky",
        "SigninLogs | summarize dcount(UserType), dcount(DurationMs), dcount(TimeGenerated), dcountif(ResultType, IsRisky), count() by IsRisky, ResultType",
        "SigninLogs | summarize dcount(UserType), dcountif(DurationMs, UserType == 'nobody'), dcount(CreatedDateTime)",
        "SigninLogs | project UserType =~ 'AGENT one', UserType !~ 'agent ONE', UserType =~ '\u{e4}', 'A' =~ UserType, ResultType =~ ''",
        "SigninLogs | extend K = strcat(UserType, '\u{c4}\u{212a}') | where K =~ 'a\u{e4}k' or K !~ 'agent one\u{e4}k' | summarize count() by UserType",
        "SigninLogs | order by DurationMs asc, TimeGenerated desc | project DurationMs, TimeGenerated",
        "SigninLogs | order by DurationMs asc nulls last, UserType desc nulls first, TimeGenerated asc | project DurationMs, UserType",
        "SigninLogs | top 5 by TimeGenerated asc | extend x = strcat(UserType, '-', DurationMs) | project x, TimeGenerated",
        "SigninLogs | where TimeGenerated between (ago(2h) .. 1h) or TimeGenerated !between (ago(9d) .. now())| project TimeGenerated",
        "SigninLogs | where TimeGenerated <= datetime(2024-11-20T23:59:59.9999999Z) and TimeGenerated >= datetime(2024-11-10 00:00:00.0000001) | count",
        "SigninLogs | summarize count() by bin(TimeGenerated, 1h), startofday(CreatedDateTime), bin(DurationMs, 2)",
        "SigninLogs | extend e = Status.errorCode, f = tostring(Status.failureReason) | project e, f, e == 1, f == '', e > 0, isnull(e)",
        "AuditLogs | extend u = tostring(InitiatedBy.user.userPrincipalName), v = tostring(parse_json(tostring(InitiatedBy.user)).userPrincipalName), w = InitiatedBy.user.userPrincipalName | project u, v, w, u == v, isempty(w), w has 'a'",
        "AuditLogs | extend n = TargetResources[0].displayName, m = tostring(TargetResources[1].id) | summarize count(), make_set(n) by m",
        "SigninLogs | join kind=leftouter (SigninLogs | summarize n = count() by UserType) on UserType | project UserType, n",
        "SigninLogs | join kind=leftanti (SigninLogs | where DurationMs > 3) on UserType | summarize count() by UserType",
        "SigninLogs | where DurationMs > 1 | join kind=fullouter (SigninLogs | where DurationMs < 2 | project DurationMs, UserType) on DurationMs | project DurationMs, DurationMs1, UserType, UserType1",
        "union SigninLogs, AuditLogs | summarize count() by Type, bin(TimeGenerated, 1d)",
        "let busy = SigninLogs | where DurationMs > 2 | distinct UserType; SigninLogs | where UserType in~ (busy) | project UserType, DurationMs",
        "let last = toscalar(SigninLogs | summarize max(TimeGenerated)); SigninLogs | where TimeGenerated == last | project TimeGenerated",
        "SigninLogs | project iff(DurationMs > 2, UserType, ResultType), case(IsRisky, 1, DurationMs < 0, 2, 3), coalesce(UserType, ResultType), DurationMs / 2, DurationMs % 3, _BilledSize * 2",
        "SigninLogs | where ResultType == 0 or ResultType in (1, 2) or UserType has_any ('agent', 'x') or UserType matches regex 'A.' | project ResultType, UserType",
    ] {
        for seed in 0..3 {
            let (by_rows, by_columns, parts) = bench.both(query, seed, 90);
            assert!(parts > 0, "{query}");
            let (by_rows, by_columns) = (by_rows.unwrap(), by_columns.unwrap());
            assert_eq!(sorted(&by_rows), sorted(&by_columns), "{query}");
            if query.contains("order by") || query.contains("top ") {
                assert_eq!(by_rows, by_columns, "{query}");
            }
        }
    }
}
