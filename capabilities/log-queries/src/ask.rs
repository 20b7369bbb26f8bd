//! One question, from its text to its answer.

use crate::answer::{Answer, Statistics, render};
use crate::catalog::{catalog, shown};
use crate::limits::{AtWork, QueryLimits, Turn};
use crate::refusal::QueryRefused;
use crate::source::TenantTables;
use crate::timespan::Window;
use signet_graph::Authenticate;
use signet_kernel::{Caller, Context, Failure};
use signet_kql::{Environment, Limits, Patience, RunError, Script};
use signet_logs::tables::ticks;
use signet_logs::{AuditCopier, LogRead};
use signet_record::{Entry, Record};
use signet_store::TenantStore;
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Takes the record of each read of the logs. Must not wait.
pub type OnLogRead = Arc<dyn Fn(Entry) + Send + Sync>;

/// Answers questions about the logs. Cheap to clone.
#[derive(Clone)]
pub struct LogQueries {
    pub(crate) authenticate: Arc<dyn Authenticate>,
    pub(crate) context: Context,
    record: Record,
    audit: AuditCopier,
    limits: QueryLimits,
    at_work: AtWork,
    on_read: OnLogRead,
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
        on_read: OnLogRead,
    ) -> Self {
        Self { authenticate, context, record, audit, limits, at_work: AtWork::default(), on_read }
    }

    /// Answers a question of `caller`, who may ask it, and records that it was asked.
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
        let at = self.context.now();
        let range = (window.from, window.to);
        let read = LogRead { caller, at, duration, query: &text, range, status, rows };
        (self.on_read)(read.to_entry(&self.context));
        done
    }

    async fn answer(&self, store: &TenantStore, asked: Question, window: &mut Window) -> Result<Answer, QueryRefused> {
        let now = self.context.now();
        if let Some(timespan) = &asked.timespan {
            *window = Window::parse(timespan, now)?;
        }
        let turn = self.at_work.enter(store.id(), self.limits.at_once);
        let turn = turn.ok_or(QueryRefused::AtOnce(self.limits.at_once))?;
        // What was done before the question is in the answer.
        self.audit.caught_up().await?;
        self.record.caught_up().await;
        let until = self.context.monotonic() + asked.wait.unwrap_or(self.limits.usual).min(self.limits.longest);
        let running = Running {
            tables: TenantTables {
                store: store.clone(),
                record: self.record.clone(),
                window: *window,
                now,
                runtime: Handle::current(),
                looked_at: Cell::new(0),
            },
            limits: Limits { rows: self.limits.rows, memory: self.limits.memory },
            patience: Until { context: self.context.clone(), until },
            _turn: turn,
        };
        let ran = tokio::task::spawn_blocking(move || running.run(&asked.text)).await;
        ran.map_err(|error| QueryRefused::Failed(Failure::bug(error)))?
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
    fn run(&self, text: &str) -> Result<Answer, QueryRefused> {
        let began = self.patience.context.monotonic();
        let refused = |error| QueryRefused::of(error, text);
        let script = Script::parse(text).map_err(refused)?;
        let plan = script.bind(catalog()).map_err(refused)?;
        if let Some(error) = plan.unsupported() {
            return Err(refused(error.clone()));
        }
        let environment = Environment {
            tables: &self.tables,
            now: ticks(self.tables.now),
            limits: self.limits,
            patience: &self.patience,
        };
        let kept = shown(plan.columns(), text);
        let columns = kept_of(plan.columns().iter().cloned(), &kept);
        let mut rows = Vec::new();
        let mut cut_at = None;
        for row in plan.run(environment)? {
            match row {
                Ok(row) => rows.push(kept_of(row.into_iter(), &kept)),
                Err(RunError::Rows(limit)) => {
                    cut_at = Some(limit);
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let ran = self.patience.context.monotonic().saturating_sub(began);
        let statistics = Statistics { ran, looked_at: self.tables.looked_at.get() };
        Ok(Answer { columns, rows, cut_at, statistics, render: render(&script) })
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
