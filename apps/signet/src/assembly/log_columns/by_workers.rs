//! Children of this program, which answer queries by columns.

use crate::command_error::CommandError;
use async_trait::async_trait;
use signet_children::Program;
use signet_kernel::Failure;
use signet_log_engine::{Job, Workers};
use signet_log_queries::{AnswersByColumns, ColumnQuery, QueryLimits, Ran};
use std::time::Duration;

/// Queries of all tenants that are answered at once.
const WORKERS: usize = 2;

/// `signet query-worker`, as often as it is needed.
pub(super) struct ByWorkers(Workers);

impl ByWorkers {
    pub(super) fn of_this_program(limits: QueryLimits) -> Result<Self, CommandError> {
        let memory = limits.memory.to_string();
        let program = Program::this(["query-worker", "--memory", &memory]).map_err(CommandError::failed)?;
        Ok(Self(Workers::new(program, WORKERS)))
    }
}

#[async_trait]
impl AnswersByColumns for ByWorkers {
    async fn answer(&self, query: ColumnQuery, wait: Duration) -> Result<Ran, Failure> {
        let ColumnQuery { text, now, window, rows, memory, tables, documents } = query;
        let worked = self.0.answer(Job { text, now, window, rows, memory, tables, documents }, wait).await;
        let worked = worked.map_err(Failure::busy)?;
        Ok(Ran { rows: worked.rows, stopped: worked.stopped })
    }
}
