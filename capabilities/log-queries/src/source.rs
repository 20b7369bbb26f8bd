//! Where a query's rows come from: the record of one tenant, newest first, and its directory.

use crate::external::ExternalSources;
use crate::inventory;
use crate::refusal::QueryRefused;
use crate::timespan::Window;
use serde_json::Value as Json;
use signet_graph::JsonMap;
use signet_kernel::{Failure, Timestamp};
use signet_kql::{Column, ExternalData, Row, RunError, SourceRows, Tables, Value};
use signet_logs::tables::{Held, Received, Table, table};
use signet_record::{Cursor, Query, Record};
use signet_store::TenantStore;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::runtime::Handle;

/// Records read at a time.
const BATCH: usize = 1_000;

/// The tables of one tenant, read where they lie. Used on a thread that may block.
pub(crate) struct TenantTables {
    /// The tenant's part of the directory; its tenant is the only one that is read.
    pub(crate) store: TenantStore,
    pub(crate) record: Record,
    pub(crate) window: Window,
    pub(crate) now: Timestamp,
    pub(crate) runtime: Handle,
    pub(crate) looked_at: Cell<u64>,
    /// Lists, under the names that the query has for them.
    pub(crate) lists: BTreeMap<String, (Vec<Column>, Vec<Row>)>,
    pub(crate) external: ExternalSources,
    /// How long the query may take.
    pub(crate) wait: Duration,
}

impl Tables for TenantTables {
    fn rows(&self, name: &str, arguments: &[Value], columns: &[Column]) -> Result<SourceRows<'_>, RunError> {
        if name == ExternalData::TABLE {
            return self.external(arguments, columns);
        }
        if let Some((_, rows)) = self.lists.get(name) {
            return Ok(Box::new(rows.iter().cloned().map(Ok)));
        }
        let Some(table) = table(name) else { return Err(unread(name, "there is no such table")) };
        match table.held {
            Held::Record(stored, _) => Ok(Box::new(self.records(table, stored))),
            Held::Directory => {
                let rows = self.runtime.block_on(inventory::rows(&self.store, table.name, columns, self.now));
                let rows = rows.map_err(|failure| failed(name, &failure))?;
                self.looked_at.set(self.looked_at.get() + rows.len() as u64);
                let within = self.window.holds(self.now);
                Ok(Box::new(rows.into_iter().filter(move |_| within).map(Ok)))
            }
            Held::Nothing => Ok(Box::new(std::iter::empty())),
        }
    }
}

impl TenantTables {
    fn external(&self, arguments: &[Value], columns: &[Column]) -> Result<SourceRows<'_>, RunError> {
        let data =
            ExternalData::of(arguments, columns).map_err(|error| unread(ExternalData::TABLE, &error.to_string()))?;
        let rows = self.runtime.block_on(self.external.rows(&data, self.wait)).map_err(|refused| match refused {
            QueryRefused::Run(error) => error,
            other => unread(ExternalData::TABLE, &other.to_string()),
        })?;
        Ok(Box::new(rows.into_iter().map(Ok)))
    }

    fn records(&self, table: &'static Table, stored: &'static str) -> Records<'_> {
        // A window has its end, the record's search does not.
        let to = self.window.to.map(|to| to.plus(Duration::from_micros(1)));
        let query = Query { from: self.window.from, to, limit: BATCH, ..Query::new(self.store.id(), stored) };
        Records { of: self, table, query: Some(query), page: Vec::new().into_iter() }
    }
}

/// The records of one table, page by page.
struct Records<'t> {
    of: &'t TenantTables,
    table: &'static Table,
    /// Where to go on; none at the end.
    query: Option<Query>,
    page: std::vec::IntoIter<(Json, Timestamp)>,
}

impl Records<'_> {
    fn next_page(&mut self) -> Result<(), Failure> {
        let Some(query) = self.query.take() else { return Ok(()) };
        let found = self.of.runtime.block_on(self.of.record.query(query.clone()))?;
        self.of.looked_at.set(self.of.looked_at.get() + found.records.len() as u64);
        self.query = found.next.map(|after: Cursor| Query { after: Some(after), ..query });
        self.page = found.records.into_iter().zip(found.committed).collect::<Vec<_>>().into_iter();
        Ok(())
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<Value>, RunError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((record, at)) = self.page.next() {
                let record = if let Json::Object(record) = record { record } else { JsonMap::new() };
                return Some(Ok(self.table.row(record, Received { tenant: self.of.store.id(), at })));
            }
            self.query.as_ref()?;
            if let Err(failure) = self.next_page() {
                self.query = None;
                return Some(Err(failed(self.table.name, &failure)));
            }
        }
    }
}

fn failed(table: &str, failure: &Failure) -> RunError {
    tracing::warn!(%failure, table, "a table could not be read");
    unread(table, &failure.message)
}

fn unread(table: &str, why: &str) -> RunError {
    RunError::Source { table: table.to_owned(), why: why.to_owned() }
}
