//! Questions about the logs, answered by columns: segments and tails are kept here, and children of this program answer.
//! Built without the feature `engine`, there are no children, and they are answered row by row.

#[cfg(feature = "engine")]
mod by_workers;

use super::directory;
use crate::command_error::CommandError;
use crate::node::Node;
use crate::outbound;
#[cfg(feature = "engine")]
use by_workers::ByWorkers;
use signet_children::{Children, Program};
use signet_kernel::{Failure, TenantId};
use signet_log_queries::{ExternalSources, LogQueries, QueryLimits};
use signet_log_storage::{LogStorage, Maker, StorageOptions};
use signet_record::News;
use signet_web::Stop;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often what was written is read, where that is known: what who asks has to wait for is not more than this.
const READ_EVERY: Duration = Duration::from_secs(1);
/// How often, counted in these, every tenant is looked after.
const TEND_EVERY: u32 = 10;

/// Children that make columns: one for who asks while another makes segments.
const MAKERS: usize = 2;

/// The record by columns, and who asks it.
pub(super) struct LogColumns {
    storage: LogStorage,
    external: ExternalSources,
    #[cfg(feature = "engine")]
    workers: Arc<ByWorkers>,
}

/// Opens the segments in the data directory; every node has its own.
pub(super) fn open(node: &Node) -> Result<LogColumns, CommandError> {
    let folder = node.data.path().join("log-columns");
    let program = Program::this(["column-worker"]).map_err(CommandError::failed)?;
    let maker = Maker::Children(Arc::new(Children::new(program, MAKERS)));
    let (record, context) = (node.record.clone(), node.context.clone());
    let storage = LogStorage::open(&folder, record, context, StorageOptions::default(), maker);
    let storage = storage.map_err(CommandError::failed)?;
    Ok(LogColumns {
        storage,
        external: outbound::external_data(&node.config.fetch, &node.config.queries)?,
        #[cfg(feature = "engine")]
        workers: Arc::new(ByWorkers::of_this_program(QueryLimits::default())?),
    })
}

impl LogColumns {
    /// Questions about the logs.
    pub(super) fn queries(&self, node: &Node) -> LogQueries {
        let logs = (node.record.clone(), node.audit.clone());
        let authenticate = directory::authenticate(node);
        let queries = LogQueries::new(authenticate, node.context.clone(), logs, QueryLimits::default())
            .with_external_data(self.external.clone());
        #[cfg(feature = "engine")]
        let queries = queries.with_columns(Arc::new(self.storage.clone()), self.workers.clone());
        queries
    }

    /// The same columns for `queries` that nobody waits for: over children of their own, so that they take no turns from
    /// whoever asks by himself.
    #[cfg_attr(
        not(feature = "engine"),
        expect(clippy::unused_self, reason = "without the engine there are no columns")
    )]
    pub(super) fn answer(&self, queries: LogQueries, limits: QueryLimits) -> Result<LogQueries, CommandError> {
        #[cfg(feature = "engine")]
        let queries = {
            let workers = Arc::new(ByWorkers::of_this_program(limits)?);
            queries.with_columns(Arc::new(self.storage.clone()), workers)
        };
        #[cfg(not(feature = "engine"))]
        let _ = limits;
        Ok(queries)
    }

    /// The segments and tails.
    pub(super) fn storage(&self) -> &LogStorage {
        &self.storage
    }

    /// Looks after the tails of all tenants until `stop`.
    pub(super) fn start(self, node: &Arc<Node>, mut stop: Stop, tasks: &mut JoinSet<()>) {
        let node = node.clone();
        tasks.spawn(async move {
            let mut mark = 0;
            for round in 1.. {
                tokio::select! {
                    () = stop.requested() => return,
                    () = tokio::time::sleep(READ_EVERY) => {}
                }
                // What is cut off here is done again after the next start: nothing is half done.
                let tended = tokio::select! {
                    () = stop.requested() => return,
                    tended = self.tend(&node, &mut mark, round % TEND_EVERY == 0) => tended,
                };
                if let Err(failure) = tended {
                    tracing::warn!(%failure, "the columns of the record could not be looked after; trying again");
                }
            }
        });
    }

    /// Looks after every tenant, or after those of whom there is news.
    async fn tend(&self, node: &Node, mark: &mut i64, everybody: bool) -> Result<(), Failure> {
        let news = node.record.news(mark).await?;
        if everybody {
            for head in node.store.heads().await? {
                self.tend_one(head.tenant).await;
            }
        } else if let News::Of(tenants) = news {
            for tenant in tenants {
                self.tend_one(tenant).await;
            }
        }
        Ok(())
    }

    async fn tend_one(&self, tenant: TenantId) {
        if let Err(error) = self.storage.tend(tenant).await {
            tracing::warn!(%error, %tenant, "the columns of a tenant could not be looked after; trying again");
        }
    }
}
