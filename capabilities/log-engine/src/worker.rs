//! The child that answers queries: it reads what it is told to, writes rows, and nothing else.

use std::io::{self, Read, Write};

use rustix::process::{Resource, Rlimit, setpriority_process, setrlimit};
use signet_kql::{Catalog, Column, Environment, Limits, Patience, RunError, Script, SourceRows, Tables, Value};

use crate::{
    Asked, Engine, Shares,
    job::{Job, Sender},
};

/// Address space beside what a query holds: the program, stacks, and what the allocator sets aside.
const BESIDE: u64 = 3 << 30;

/// Makes this process give way to others, write no file, and end rather than take more than `memory` bytes.
pub fn confine(memory: u64) -> io::Result<()> {
    setpriority_process(None, 19)?;
    let at_most = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    setrlimit(Resource::As, at_most(memory.saturating_mul(2).saturating_add(BESIDE)))?;
    setrlimit(Resource::Core, at_most(0))?;
    setrlimit(Resource::Fsize, at_most(0))?;
    Ok(())
}

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
struct Elsewhere;

impl Patience for Elsewhere {
    fn goes_on(&self) -> bool {
        true
    }
}

impl Tables for Elsewhere {
    fn rows(&self, table: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        Err(unread(table, "it is not kept in columns"))
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
    let catalog = Catalog { tables, ..Catalog::default() };
    let script = Script::parse(&job.text).map_err(|error| unread("the query", &error.to_string()))?;
    let engine = Engine::new(Shares { threads, memory: job.memory });
    let engine = engine.map_err(|error| unread("the log tables", &error.to_string()))?;
    let asked = Asked { text: &job.text, now: job.now, window: job.window };
    let over = engine.over(&job.tables, &Elsewhere, asked);
    let limits = Limits { rows: job.rows, memory: job.memory };
    let environment = Environment { tables: &over, now: job.now, limits, patience: &Elsewhere };
    let plan = script.bind_over(&catalog, environment)?;
    for row in plan.run(environment)? {
        each(&row?)?;
    }
    Ok(())
}
