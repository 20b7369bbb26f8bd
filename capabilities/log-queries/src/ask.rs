//! One question, from its text to its answer.

use crate::answer::{Answer, Statistics, render};
use crate::catalog::{shown, with_lists};
use crate::columns::{AnswersByColumns, Columns, Tenant};
use crate::external::{ExternalSources, SourceRefused};
use crate::limits::{AtWork, QueryLimits, Turn};
use crate::refusal::QueryRefused;
use crate::saved::{Expanded, expand};
use crate::source::TenantTables;
use crate::timespan::Window;
use signet_graph::Authenticate;
use signet_kernel::{Caller, Context, Failure, Timestamp};
use signet_kql::{Column, Environment, ExternalData, Limits, Patience, Row, RunError, Script};
use signet_log_engine::TableSource;
use signet_logs::tables::ticks;
use signet_logs::{AuditCopier, LogRead};
use signet_record::Record;
use signet_store::TenantStore;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Answers questions about the logs. Cheap to clone.
#[derive(Clone)]
pub struct LogQueries {
    pub(crate) authenticate: Arc<dyn Authenticate>,
    pub(crate) context: Context,
    record: Record,
    audit: AuditCopier,
    limits: QueryLimits,
    at_work: AtWork,
    columns: Option<Columns>,
    observer: Option<Observer>,
    external: ExternalSources,
}

/// Who is told of each question.
type Observer = Arc<dyn Fn(&Asked) + Send + Sync>;

/// What became of a question, for whoever counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The status of its answer.
    pub status: u16,
    /// How long it took.
    pub duration: Duration,
    /// Rows of its answer.
    pub rows: usize,
}

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// The query.
    pub text: String,
    /// The stretch of time, as it was sent; none for all of it.
    pub timespan: Option<String>,
    /// How long it may take; none for as long as usual.
    pub wait: Option<Duration>,
}

impl LogQueries {
    /// Over what `audit` carries to `record`; callers are found by `authenticate`.
    pub fn new(
        authenticate: Arc<dyn Authenticate>,
        context: Context,
        (record, audit): (Record, AuditCopier),
        limits: QueryLimits,
    ) -> Self {
        Self {
            authenticate,
            context,
            record,
            audit,
            limits,
            at_work: AtWork::default(),
            columns: None,
            observer: None,
            external: ExternalSources::default(),
        }
    }

    /// The same, with what `externaldata` may read; otherwise nothing.
    #[must_use]
    pub fn with_external_data(mut self, sources: ExternalSources) -> Self {
        self.external = sources;
        self
    }

    /// The same, with somebody who is told of each question that was answered or refused.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Fn(&Asked) + Send + Sync>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// The same, answered by columns instead of row by row over the record.
    #[must_use]
    pub fn with_columns(mut self, source: Arc<dyn TableSource>, answers: Arc<dyn AnswersByColumns>) -> Self {
        self.columns = Some(Columns { source, answers });
        self
    }

    /// Answers a question of `caller`, who may ask it. That it was asked is durable before anything of the logs is told.
    pub async fn ask(&self, caller: &Caller, store: &TenantStore, asked: Question) -> Result<Answer, QueryRefused> {
        let began = self.context.monotonic();
        let mut window = Window::default();
        let text = asked.text.clone();
        let done = self.answer(store, asked, &mut window).await;
        let duration = self.context.monotonic().saturating_sub(began);
        let (status, rows) = match &done {
            Ok(answer) => (200, answer.rows.len()),
            Err(refused) => (crate::http::status(refused).as_u16(), 0),
        };
        if let Some(observer) = &self.observer {
            observer(&Asked { status, duration, rows });
        }
        let at = self.context.now();
        let range = (window.from, window.to);
        let read = LogRead { caller, at, duration, query: &text, range, status, rows };
        self.record.append(read.to_entry(&self.context), None).await.map_err(Failure::from)?;
        done
    }

    /// Answers a question that a rule of the tenant asks: nobody reads the logs by it.
    pub async fn look(&self, store: &TenantStore, asked: Question) -> Result<Answer, QueryRefused> {
        self.answer(store, asked, &mut Window::default()).await
    }

    async fn answer(&self, store: &TenantStore, asked: Question, window: &mut Window) -> Result<Answer, QueryRefused> {
        let now = self.context.now();
        if let Some(timespan) = &asked.timespan {
            *window = Window::parse(timespan, now)?;
        }
        let expanded = expand(store, &asked.text).await?;
        let prepared = Prepared::of(&expanded, &asked.text)?;
        self.external.check(&prepared.external)?;
        let turn = self.at_work.enter(store.id(), self.limits.at_once);
        let turn = turn.ok_or(QueryRefused::AtOnce(self.limits.at_once))?;
        // What was done before the question is in the answer.
        self.audit.caught_up().await?;
        let began = self.context.monotonic();
        let wait = asked.wait.unwrap_or(self.limits.usual).min(self.limits.longest);
        let text = expanded.text.clone();
        let (columns, rows, stopped, looked_at) = match &self.columns {
            Some(columns) if !prepared.needs_rows => {
                let tenant = Tenant { store, now, window: *window };
                let documents = self.external.documents(&prepared.external, wait).await?;
                let read = (&prepared.tables, documents);
                let ran = columns.answer(&tenant, &expanded, read, self.limits, wait).await?;
                (prepared.columns, ran.rows, ran.stopped, 0)
            }
            _ => self.answer_by_rows(store, expanded, (*window, now), (turn, wait)).await?,
        };
        let cut_at = match stopped {
            None => None,
            Some(RunError::Rows(limit)) => Some(limit),
            Some(error) => return Err(error.into()),
        };
        let kept = shown(&columns, &text);
        let rows = rows.into_iter().map(|row| kept_of(row.into_iter(), &kept)).collect();
        let columns = kept_of(columns.into_iter(), &kept);
        let ran = self.context.monotonic().saturating_sub(began);
        let statistics = Statistics { ran, looked_at };
        Ok(Answer { columns, rows, cut_at, statistics, render: prepared.render })
    }

    /// Row by row over the record, on a thread of its own.
    async fn answer_by_rows(
        &self,
        store: &TenantStore,
        expanded: Expanded,
        (window, now): (Window, Timestamp),
        (turn, wait): (Turn, Duration),
    ) -> Result<RanByRows, QueryRefused> {
        self.record.caught_up().await;
        let running = Running {
            tables: TenantTables {
                store: store.clone(),
                record: self.record.clone(),
                window,
                now,
                runtime: Handle::current(),
                looked_at: Cell::new(0),
                lists: expanded.lists,
                external: self.external.clone(),
                wait,
            },
            limits: Limits { rows: self.limits.rows, memory: self.limits.memory },
            patience: Until { context: self.context.clone(), until: self.context.monotonic() + wait },
            _turn: turn,
        };
        let ran = tokio::task::spawn_blocking(move || running.run(&expanded.text)).await;
        ran.map_err(|error| QueryRefused::Failed(Failure::bug(error)))?
    }
}

/// Columns, rows, why these end early, and how many were looked at.
type RanByRows = (Vec<Column>, Vec<Row>, Option<RunError>, u64);

/// What is known of a query before it runs.
struct Prepared {
    columns: Vec<Column>,
    /// Its columns depend on rows.
    needs_rows: bool,
    render: Option<serde_json::Value>,
    /// Of each table, whether anybody looks at each of its columns.
    tables: BTreeMap<String, Vec<bool>>,
    external: Vec<ExternalData>,
}

impl Prepared {
    /// Positions in refusals are those in the text that was sent.
    fn of(expanded: &Expanded, sent: &str) -> Result<Self, QueryRefused> {
        let text = expanded.text.as_str();
        let refused = |error| QueryRefused::of(error, expanded.before, sent);
        let script = Script::parse(text).map_err(refused)?;
        let plan = script.bind(&with_lists(&expanded.lists)).map_err(refused)?;
        if let Some(error) = plan.unsupported()
            && !plan.needs_rows()
        {
            return Err(refused(error.clone()));
        }
        Ok(Self {
            columns: plan.columns().to_vec(),
            needs_rows: plan.needs_rows(),
            render: render(&script),
            tables: plan.looked_at().into_iter().map(|(name, read)| (name.to_owned(), read)).collect(),
            external: plan.external_data().map_err(SourceRefused::from)?,
        })
    }
}

/// A query on its own thread.
struct Running {
    tables: TenantTables,
    limits: Limits,
    patience: Until,
    _turn: Turn,
}

/// A deadline.
struct Until {
    context: Context,
    until: Duration,
}

impl Patience for Until {
    fn goes_on(&self) -> bool {
        self.context.monotonic() < self.until
    }
}

impl Running {
    fn run(&self, text: &str) -> Result<RanByRows, QueryRefused> {
        let refused = |error| QueryRefused::of(error, 0, text);
        let catalog = with_lists(&self.tables.lists);
        let script = Script::parse(text).map_err(refused)?;
        let environment = Environment {
            tables: &self.tables,
            now: ticks(self.tables.now),
            limits: self.limits,
            patience: &self.patience,
        };
        let plan = script.bind_over(&catalog, environment).map_err(|error| match error {
            RunError::Refused(error) => refused(error),
            other => other.into(),
        })?;
        let (mut rows, mut stopped) = (Vec::new(), None);
        for row in plan.run(environment)? {
            match row {
                Ok(row) => rows.push(row),
                Err(error) => {
                    stopped = Some(error);
                    break;
                }
            }
        }
        Ok((plan.columns().to_vec(), rows, stopped, self.tables.looked_at.get()))
    }
}

fn kept_of<T>(of: impl Iterator<Item = T>, kept: &[bool]) -> Vec<T> {
    of.zip(kept).filter(|(_, kept)| **kept).map(|(one, _)| one).collect()
}

impl std::fmt::Debug for LogQueries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogQueries").field("limits", &self.limits).finish_non_exhaustive()
    }
}
