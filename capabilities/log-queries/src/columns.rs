//! Answers by columns: what a query reads is gathered, and somebody else answers it.

use crate::inventory;
use crate::limits::QueryLimits;
use crate::refusal::QueryRefused;
use crate::saved::Expanded;
use crate::timespan::Window;
use async_trait::async_trait;
use signet_kernel::{Failure, Timestamp};
use signet_kql::{Column, Row, RunError};
use signet_log_engine::{TableParts, TableSource, TimeSpan, batch};
use signet_logs::tables::{Held, Table, table, ticks};
use signet_store::TenantStore;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What a window narrows, whether or not a query looks at it.
const TIME: &str = "TimeGenerated";

/// A query and all that it may read: parts of one tenant's tables.
#[derive(Debug)]
pub struct ColumnQuery {
    /// The query.
    pub text: String,
    /// When it is, in hundreds of nanoseconds since the year 1.
    pub now: i64,
    /// Rows outside of this are not there.
    pub window: TimeSpan,
    /// Rows of the answer.
    pub rows: usize,
    /// Bytes that may be held at once.
    pub memory: usize,
    /// The tables that it names, and no others.
    pub tables: BTreeMap<String, (Vec<Column>, TableParts)>,
    /// What its `externaldata` reads, by address.
    pub documents: BTreeMap<String, String>,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// The rows.
    pub rows: Vec<Row>,
    /// Why they end early, if they do.
    pub stopped: Option<RunError>,
}

/// Whoever answers queries by columns.
#[async_trait]
pub trait AnswersByColumns: Send + Sync {
    /// The rows of a query, which may take so long.
    async fn answer(&self, query: ColumnQuery, wait: Duration) -> Result<Ran, Failure>;
}

/// Where columns are, and who answers by them.
#[derive(Clone)]
pub(crate) struct Columns {
    pub(crate) source: Arc<dyn TableSource>,
    pub(crate) answers: Arc<dyn AnswersByColumns>,
}

/// Whose tables, as of when, and which stretch of them.
pub(crate) struct Tenant<'a> {
    pub(crate) store: &'a TenantStore,
    pub(crate) now: Timestamp,
    pub(crate) window: Window,
}

impl Columns {
    pub(crate) async fn answer(
        &self,
        tenant: &Tenant<'_>,
        expanded: &Expanded,
        (read, documents): (&BTreeMap<String, Vec<bool>>, BTreeMap<String, String>),
        limits: QueryLimits,
        wait: Duration,
    ) -> Result<Ran, QueryRefused> {
        let window = span(tenant.window);
        let mut tables = BTreeMap::new();
        for (known, read) in read.iter().filter_map(|(name, read)| Some((table(name)?, read))) {
            let is_read = |name: &str| {
                let mut columns = known.columns.iter().zip(read);
                name == TIME || columns.any(|(column, read)| *read && column.name == name)
            };
            let parts = self.parts(tenant, known, window).await?.with_columns(is_read).map_err(Failure::bug)?;
            tables.insert(known.name.to_owned(), (known.columns.clone(), parts));
        }
        for (name, (columns, rows)) in &expanded.lists {
            let hot = vec![batch(columns, rows).map_err(Failure::bug)?];
            tables.insert(name.clone(), (columns.clone(), TableParts { hot, ..TableParts::default() }));
        }
        let query = ColumnQuery {
            text: expanded.text.clone(),
            now: ticks(tenant.now),
            window,
            rows: limits.rows,
            memory: limits.memory,
            tables,
            documents,
        };
        Ok(self.answers.answer(query, wait).await?)
    }

    async fn parts(&self, of: &Tenant<'_>, table: &'static Table, span: TimeSpan) -> Result<TableParts, QueryRefused> {
        match table.held {
            Held::Record(..) => {
                let parts = self.source.parts(of.store.id(), table.name, span).await;
                parts.map_err(|error| RunError::Source { table: error.table, why: error.why }.into())
            }
            Held::Directory => {
                let rows = inventory::rows(of.store, table.name, &table.columns, of.now).await?;
                let hot = batch(&table.columns, &rows).map_err(Failure::bug)?;
                Ok(TableParts { hot: vec![hot], ..TableParts::default() })
            }
            Held::Nothing => Ok(TableParts::default()),
        }
    }
}

fn span(window: Window) -> TimeSpan {
    let edge = |at: Option<Timestamp>, otherwise| at.map_or(otherwise, Timestamp::micros);
    TimeSpan { from: edge(window.from, i64::MIN), until: edge(window.to, i64::MAX) }
}
