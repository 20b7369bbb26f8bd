//! The child that answers queries: it reads what it is told to, writes rows, and nothing else.

use std::io::{self, Read, Write};

use signet_kql::{
    Catalog, Column, Environment, ExternalData, Limits, Patience, RunError, Script, SourceRows, Tables, Value,
};

use crate::{
    Asked, Engine, Shares,
    external::{self, Documents},
    job::{Job, KnownTables, Sender},
};

/// Answers jobs until there are no more.
pub fn serve(mut from: impl Read, mut to: impl Write, threads: usize) -> io::Result<()> {
    while let Some(job) = Job::read(&mut from)? {
        let mut sender = Sender::new(&mut to);
        let mut broken = None;
        let how = answer(&job, threads, |row| {
            sender.row(row).map_err(|error| {
                broken = Some(error);
                RunError::Time
            })
        });
        if let Some(error) = broken {
            return Err(error);
        }
        sender.end(how)?;
    }
    Ok(())
}

/// The server ends a query that takes too long by ending the process.
struct ByTheServer;

impl Patience for ByTheServer {
    fn goes_on(&self) -> bool {
        true
    }
}

/// What is not lowered: rows of documents. No other table is read row by row.
struct Elsewhere<'j>(&'j Documents);

impl Tables for Elsewhere<'_> {
    fn rows(&self, table: &str, arguments: &[Value], columns: &[Column]) -> Result<SourceRows<'_>, RunError> {
        if table != ExternalData::TABLE {
            return Err(unread(table, "it is not kept in columns"));
        }
        let rows = external::asked(arguments, columns, self.0)?;
        Ok(Box::new(rows.into_iter().map(Ok)))
    }
}

fn unread(table: &str, why: &str) -> RunError {
    RunError::Source { table: table.to_owned(), why: why.to_owned() }
}

fn answer(
    job: &Job,
    threads: usize,
    mut each: impl FnMut(&signet_kql::Row) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let tables = job.tables.iter().map(|(name, (columns, _))| (name.clone(), columns.clone())).collect();
    // What may be read from outside was decided by who had the documents; without one there are no rows.
    let catalog = Catalog { tables, external: vec!["*".to_owned()], ..Catalog::default() };
    let script = Script::parse(&job.text).map_err(|error| unread("the query", &error.to_string()))?;
    let tables = with_documents(job, &script, &catalog)?;
    let engine = Engine::new(Shares { threads, memory: job.memory });
    let engine = engine.map_err(|error| unread("the log tables", &error.to_string()))?;
    let asked = Asked { text: &job.text, now: job.now, window: job.window };
    let elsewhere = Elsewhere(&job.documents);
    let over = engine.over(&tables, &elsewhere, asked);
    let limits = Limits { rows: job.rows, memory: job.memory };
    let environment = Environment { tables: &over, now: job.now, limits, patience: &ByTheServer };
    let plan = script.bind_over(&catalog, environment)?;
    for row in plan.run(environment)? {
        each(&row?)?;
    }
    Ok(())
}

/// The tables of a job, and its documents as tables.
fn with_documents(job: &Job, script: &Script, catalog: &Catalog) -> Result<KnownTables, RunError> {
    let mut tables = job.tables.clone();
    if job.documents.is_empty() {
        return Ok(tables);
    }
    let plan = script.bind(catalog).map_err(|error| unread("the query", &error.to_string()))?;
    let read = plan.external_data().map_err(|error| unread(ExternalData::TABLE, &error.to_string()))?;
    for data in read {
        if let Some(table) = external::table(&data, &job.documents)? {
            tables.insert(external::name(&data), table);
        }
    }
    Ok(tables)
}
