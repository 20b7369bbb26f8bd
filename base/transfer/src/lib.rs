//! Tables of a SQLite file, copied whole into PostgreSQL and compared.
//!
//! A [`Table`] says which columns of the source become which of the target, and by which columns both are ordered.
//! Rows are read in that order, page by page, and each page is written in one transaction: where the target ends is
//! where a copy that was interrupted goes on. Afterwards both sides are read again, and count and digest of every table
//! must agree.
//!
//! The crates that own the tables list them; this one knows none of them. While a transfer is under way the target holds
//! a table named `transfer`, by which whoever opens it can tell that it is not whole.

mod digest;
mod error;
mod source;
mod table;
mod target;

pub use error::TransferError;
pub use table::{Column, ColumnType, Derived, Row, Table, Value};
pub use target::is_unfinished;

use digest::Digest;
use rusqlite::Connection;
use tokio_postgres::Client;

/// Rows of one page.
const PAGE: usize = 2_000;

/// How far a transfer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The table's name in the target.
    pub table: &'static str,
    /// Rows that the target has of it.
    pub rows: u64,
    /// Rows that the source has of it.
    pub of: u64,
    /// Whether rows are compared, after all were copied.
    pub comparing: bool,
}

/// Copies every table that is not whole yet, compares all of them, and lets the target plan for what is in them. Nobody may
/// write either side meanwhile. Answers the rows of each table.
pub async fn transfer(
    source: &Connection,
    target: &mut Client,
    tables: &[Table],
    mut progress: impl FnMut(Progress),
) -> Result<Vec<(&'static str, u64)>, TransferError> {
    for table in tables {
        copy(source, target, table, &mut progress).await?;
    }
    let mut counts = Vec::with_capacity(tables.len());
    for table in tables {
        counts.push((table.target, compare(source, target, table, &mut progress).await?));
        target::analyze(target, table).await?;
    }
    Ok(counts)
}

/// Marks the target as not whole.
pub async fn begin(target: &Client) -> Result<(), TransferError> {
    target::begin(target).await
}

/// Takes the mark away, once everything was copied and compared.
pub async fn finish(target: &Client) -> Result<(), TransferError> {
    target::finish(target).await
}

async fn copy(
    source: &Connection,
    target: &mut Client,
    table: &Table,
    progress: &mut impl FnMut(Progress),
) -> Result<(), TransferError> {
    let of = source::count(source, table)?;
    let mut rows = target::count(target, table.target).await?;
    let mut last = target::last(target, table).await?;
    loop {
        progress(Progress { table: table.target, rows, of, comparing: false });
        let page = source::page(source, table, last.as_ref(), PAGE)?;
        let Some(end) = page.last() else { return Ok(()) };
        last = Some(table.key_of(end));
        rows += page.len() as u64;
        target::write(target, table, &page).await?;
    }
}

async fn compare(
    source: &Connection,
    target: &Client,
    table: &Table,
    progress: &mut impl FnMut(Progress),
) -> Result<u64, TransferError> {
    let of = source::count(source, table)?;
    let (mut here, mut there) = (Digest::new(), Digest::new());
    let (mut before, mut derived) = (None, 0);
    loop {
        let page = source::page(source, table, before.as_ref(), PAGE)?;
        let Some(end) = page.last() else { break };
        before = Some(table.key_of(end));
        here.add(&page);
        for row in &page {
            derived += table.derive(row)?.len() as u64;
        }
        progress(Progress { table: table.target, rows: here.rows(), of, comparing: true });
    }
    before = None;
    loop {
        let page = target::page(target, table, before.as_ref(), PAGE).await?;
        let Some(end) = page.last() else { break };
        before = Some(table.key_of(end));
        there.add(&page);
    }
    let rows = here.rows();
    if here.finish() != there.finish() {
        return Err(TransferError::Differs { table: table.target });
    }
    if let Some(made) = &table.derived
        && target::count(target, made.target).await? != derived
    {
        return Err(TransferError::Differs { table: made.target });
    }
    Ok(rows)
}
