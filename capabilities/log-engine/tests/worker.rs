//! Queries answered by a child process.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use signet_children::{ChildError, Program};
use signet_kql::{Column, Row, RunError, Type, Value};
use signet_log_engine::{Job, TableParts, TimeSpan, Workers, batch};

const NOW: i64 = 638_678_304_000_000_000;
const LONG: Duration = Duration::from_mins(5);

fn worker() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples/worker")
}

fn shell(script: &str) -> Workers {
    let arguments = vec!["-c".into(), script.into()];
    Workers::new(Program { program: "/bin/sh".into(), arguments }, 2)
}

fn workers() -> Workers {
    Workers::new(Program { program: worker(), arguments: Vec::new() }, 2)
}

fn job(text: &str) -> Job {
    let columns = vec![Column::new("TimeGenerated", Type::DateTime), Column::new("Name", Type::String)];
    let row = |minutes: i64, name: &str| -> Row { vec![Value::DateTime(NOW - minutes * 600_000_000), name.into()] };
    let rows = [row(1, "an agent"), row(2, "agents"), row(3, "Agent")];
    let parts = TableParts { hot: vec![batch(&columns, &rows).unwrap()], ..TableParts::default() };
    Job {
        text: text.to_owned(),
        now: NOW,
        window: TimeSpan::ALWAYS,
        rows: 100,
        memory: 64 << 20,
        tables: BTreeMap::from([("T".to_owned(), (columns, parts))]),
        documents: BTreeMap::new(),
    }
}

fn texts(rows: &[Row]) -> Vec<String> {
    rows.iter().flatten().map(Value::to_text).collect()
}

#[tokio::test]
async fn a_child_that_ends_says_so_and_another_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let flag = folder.path().join("flag");
    let (flag, program) = (flag.display(), worker());
    let workers = shell(&format!("if [ -e {flag} ]; then exec {}; fi; : > {flag}; exit 1", program.display()));
    let query = || job("T | where Name has 'agent' | project Name | order by Name asc");
    assert!(matches!(workers.answer(query(), LONG).await, Err(ChildError::Ended(_))));
    let worked = workers.answer(query(), LONG).await.unwrap();
    assert_eq!((texts(&worked.rows), worked.stopped), (vec!["Agent".to_owned(), "an agent".to_owned()], None));
}

#[tokio::test]
async fn a_child_that_does_not_answer_is_not_waited_for() {
    let workers = shell("exec /bin/sleep 600");
    let worked = workers.answer(job("T"), Duration::from_millis(50)).await.unwrap();
    assert_eq!(worked.stopped, Some(RunError::Time));
}

#[tokio::test]
async fn a_table_that_the_child_was_not_told_of_is_not_there() {
    let worked = workers().answer(job("U | count"), LONG).await.unwrap();
    let Some(RunError::Source { why, .. }) = worked.stopped else { unreachable!("{worked:?}") };
    assert!(why.contains('U'), "{why}");
}

#[tokio::test]
async fn a_document_that_the_child_was_not_handed_is_not_there() {
    for address in ["file:///etc/passwd", "https://lists.example/b.csv"] {
        let documents = BTreeMap::from([("https://lists.example/a.csv".to_owned(), "agent\n".to_owned())]);
        let query = format!("externaldata(x:string)['{address}']");
        let worked = workers().answer(Job { documents, ..job(&query) }, LONG).await.unwrap();
        let Some(RunError::Source { table, .. }) = worked.stopped else { unreachable!("{worked:?}") };
        assert_eq!((table.as_str(), worked.rows.len()), ("externaldata", 0));
    }
}

#[tokio::test]
async fn a_document_is_a_table_of_the_query() {
    let address = "https://lists.example/a.csv";
    let documents = BTreeMap::from([(address.to_owned(), "Name,Why\nagent,seen\n\"agents\",\n".to_owned())]);
    let list = |columns: &str| format!("externaldata({columns})['{address}'] with(ignoreFirstRecord=true)");
    for (query, wanted) in [
        (format!("{} | where Why != '' | project Name", list("Name:string, Why:string")), vec!["agent"]),
        (format!("T | where Name in~ ({}) | project Name", list("Name:string")), vec!["agents", "Agent"]),
        (format!("T | join kind=inner ({}) on Name | project Name", list("Name:string, Why:string")), vec!["agents"]),
        (format!("{} | project TimeGenerated", list("Name:string, TimeGenerated:datetime")), vec!["", ""]),
        (format!("{} | project Why", list("Name:string, Why:decimal")), vec!["", ""]),
    ] {
        let window = TimeSpan { from: 0, until: i64::MAX };
        let job = Job { documents: documents.clone(), window, ..job(&query) };
        let worked = workers().answer(job, LONG).await.unwrap();
        assert_eq!(
            (texts(&worked.rows), worked.stopped),
            (wanted.into_iter().map(str::to_owned).collect(), None),
            "{query}"
        );
    }
}

#[tokio::test]
async fn limits_of_the_job_hold_in_the_child() {
    let workers = workers();
    let worked = workers.answer(Job { rows: 2, ..job("T") }, LONG).await.unwrap();
    assert_eq!((worked.rows.len(), worked.stopped), (2, Some(RunError::Rows(2))));
    let heavy = Job { memory: 1 << 10, ..job("T | summarize make_list(Name), dcount(Name) by Name") };
    let worked = workers.answer(heavy, LONG).await.unwrap();
    assert_eq!(worked.stopped, Some(RunError::Memory(1 << 10)));
}

#[tokio::test]
async fn what_lies_outside_the_window_is_not_there() {
    let at = |minutes: i64| (NOW - 621_355_968_000_000_000) / 10 - minutes * 60_000_000;
    let window = TimeSpan { from: at(2), until: at(2) };
    let worked = workers().answer(Job { window, ..job("T | project Name") }, LONG).await.unwrap();
    assert_eq!(texts(&worked.rows), ["agents"]);
}
