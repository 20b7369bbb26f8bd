//! Questions about the logs, answered by columns: segments and tails are kept here, and children of this program answer.

use super::directory;
use crate::command_error::CommandError;
use crate::node::Node;
use async_trait::async_trait;
use signet_kernel::{Failure, TenantId};
use signet_log_engine::{Job, WorkerProgram, Workers};
use signet_log_queries::{AnswersByColumns, ColumnQuery, LogQueries, QueryLimits, Ran};
use signet_log_storage::{LogStorage, StorageOptions};
use signet_web::Stop;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Queries of all tenants that are answered at once.
const WORKERS: usize = 2;
/// How often tails are looked after.
const TEND_EVERY: Duration = Duration::from_secs(10);

/// The record by columns, and who asks it.
pub(super) struct LogColumns {
    storage: LogStorage,
    workers: Arc<ByWorkers>,
}

/// Opens the segments in the data directory; every node has its own.
pub(super) fn open(node: &Node) -> Result<LogColumns, CommandError> {
    let folder = node.data.path().join("log-columns");
    let storage = LogStorage::open(&folder, node.record.clone(), node.context.clone(), StorageOptions::default());
    let storage = storage.map_err(CommandError::failed)?;
    let program = std::env::current_exe().map_err(CommandError::failed)?;
    let memory = QueryLimits::default().memory.to_string();
    let arguments = ["query-worker", "--memory", &memory].map(Into::into).to_vec();
    let workers = Arc::new(ByWorkers(Workers::new(WorkerProgram { program, arguments }, WORKERS)));
    Ok(LogColumns { storage, workers })
}

impl LogColumns {
    /// Questions about the logs.
    pub(super) fn queries(&self, node: &Arc<Node>) -> LogQueries {
        let logs = (node.record.clone(), node.audit.clone());
        LogQueries::new(directory::authenticate(node), node.context.clone(), logs, QueryLimits::default())
            .with_columns(Arc::new(self.storage.clone()), self.workers.clone())
    }

    /// Looks after the tails of all tenants until `stop`.
    pub(super) fn start(self, node: &Arc<Node>, mut stop: Stop, tasks: &mut JoinSet<()>) {
        let node = node.clone();
        tasks.spawn(async move {
            loop {
                tokio::select! {
                    () = stop.requested() => return,
                    () = tokio::time::sleep(TEND_EVERY) => {}
                }
                if let Err(failure) = self.tend(&node).await {
                    tracing::warn!(%failure, "the columns of the record could not be looked after; trying again");
                }
            }
        });
    }

    async fn tend(&self, node: &Node) -> Result<(), Failure> {
        for head in node.store.heads().await? {
            self.tend_one(head.tenant).await;
        }
        Ok(())
    }

    async fn tend_one(&self, tenant: TenantId) {
        if let Err(error) = self.storage.tend(tenant).await {
            tracing::warn!(%error, %tenant, "the columns of a tenant could not be looked after; trying again");
        }
    }
}

/// Children of this program.
struct ByWorkers(Workers);

#[async_trait]
impl AnswersByColumns for ByWorkers {
    async fn answer(&self, query: ColumnQuery, wait: Duration) -> Result<Ran, Failure> {
        let ColumnQuery { text, now, window, rows, memory, tables } = query;
        let worked = self.0.answer(Job { text, now, window, rows, memory, tables }, wait).await;
        let worked = worked.map_err(Failure::busy)?;
        Ok(Ran { rows: worked.rows, stopped: worked.stopped })
    }
}
