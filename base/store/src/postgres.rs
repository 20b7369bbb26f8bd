//! The PostgreSQL backend: several nodes over one database, each with one writer that commits many units per
//! transaction and a follower that tells it what the others commit.
//!
//! A commit locks its tenants' rows in `heads` before it looks at anything and raises them as its last act. So
//! within a tenant commits are serial on all nodes, positions are gapless and in commit order, and what a unit
//! expects is judged on what is there; tenants do not wait for each other. Units are decided in memory
//! (`apply`), so one that is refused does not touch its neighbours; two round trips carry a whole batch.
//!
//! Used: transactions, row locks, `unnest`, lateral joins, recursive queries. Not used: sequences, triggers,
//! advisory locks, deferred constraints. `LISTEN`/`NOTIFY` only wakes; a clock does it where they are missing.

mod activity;
mod apply;
mod batch;
mod connect;
mod fault;
mod feed;
mod follower;
mod held;
mod ledger;
mod load;
mod options;
mod read;
mod rows;
pub(crate) mod schema;
mod steps;
mod subtree;
mod touched;
mod write;
mod writer;

pub use activity::DatabaseActivity;
pub use options::PostgresOptions;

use crate::backend::{
    Backend, BackendError, Change, CommitObserver, CommitReceipt, Head, IndexRange, IndexWalk, LinkQuery, LinkSet,
    ListQuery, Liveness, NeededLink, OutboxEntry, Position, Row, UniqueKeyOwner,
};
use crate::kind::{IndexKey, KeyScope};
use crate::unit::{CommitError, UnitOfWork};
use async_trait::async_trait;
use connect::{Connector, Repeatable};
use feed::Feed;
use follower::{Crier, Follower, Wake, listen};
use signet_kernel::{Context, ObjectId, Revocation, TenantId, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use steps::{Session, Step, ask, value};
use tokio::task::JoinSet;

/// The PostgreSQL backend. Dropping it lets the writer finish what is queued.
pub struct PostgresBackend {
    readers: Repeatable,
    /// For what reads on and on: it keeps nobody waiting who wants one object.
    scanners: Repeatable,
    writer: writer::Writer,
    feed: Arc<Feed>,
    /// The follower and the listener; they end with this.
    _background: JoinSet<()>,
}

impl std::fmt::Debug for PostgresBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresBackend").field("readers", &self.readers.pool.status()).finish_non_exhaustive()
    }
}

impl PostgresBackend {
    /// Connects, brings the schema up to date or checks it, and starts to follow the other nodes. Needs a Tokio
    /// runtime that outlives the backend.
    pub async fn open(
        options: &PostgresOptions,
        context: Context,
        observer: Arc<dyn CommitObserver>,
    ) -> Result<Self, BackendError> {
        let connector = Connector::new(options)?;
        // Beyond what the server itself allows a statement: only a server that is gone is later.
        let limit = options.statement_timeout + options.statement_timeout / 2;
        let activity = &connector.activity;
        let pool = |size| {
            Ok::<_, BackendError>(Repeatable {
                pool: connector.pool(size, options)?,
                limit,
                activity: activity.clone(),
            })
        };
        let (readers, scanners) = (pool(options.readers)?, pool(options.scanners)?);
        // A second backend over the same options is not told apart.
        let _ = activity.readers.set(readers.pool.clone());
        schema::prepare(&readers.pool, limit, options.migrate).await?;
        let asked = context.monotonic();
        let found = follower::state(&readers).await?;
        let feed = Arc::new(Feed::starting(&found.heads, asked, context.clone(), observer));
        feed.awaits_confirmation(found.awaits);
        let ((crier, cries), wake) = (Crier::new(), Arc::new(Wake::default()));
        let every = options.poll_interval;
        let follower = Follower { connection: pool(1)?, feed: feed.clone(), wake: wake.clone(), every };
        let writer = writer::Tools { connection: pool(1)?, feed: feed.clone(), crier, context };
        let writer = writer::Writer::start(writer, options.write_queue);
        let mut background = JoinSet::new();
        background.spawn(follower.run());
        background.spawn(listen(connector, cries, wake, feed.clone()));
        Ok(Self { readers, scanners, writer, feed, _background: background })
    }

    /// Creates the schema or brings it up to date, and nothing else: for the role that owns it.
    pub async fn migrate(options: &PostgresOptions) -> Result<(), BackendError> {
        let pool = Connector::new(options)?.pool(1, options)?;
        schema::prepare(&pool, options.statement_timeout, true).await
    }

    /// Brings the schema up to date or checks it, as `options` say, and nothing else.
    pub async fn check(options: &PostgresOptions) -> Result<(), BackendError> {
        let pool = Connector::new(options)?.pool(1, options)?;
        schema::prepare(&pool, options.statement_timeout, options.migrate).await
    }

    /// Whether any tenant has ever been written there; without a schema, none has.
    pub async fn is_used(options: &PostgresOptions) -> Result<bool, BackendError> {
        let pool = Connector::new(options)?.pool(1, options)?;
        schema::is_used(&pool, options.statement_timeout).await
    }

    /// Starts a new epoch, as a restore must: every position and counter given from now on is above all that were
    /// ever given, also since the moment restored. Nodes that run meanwhile take it for a change of everything. It waits
    /// to be [confirmed](Self::confirm).
    pub async fn start_new_epoch(options: &PostgresOptions, now: Timestamp) -> Result<u32, BackendError> {
        let pool = Connector::new(options)?.pool(1, options)?;
        schema::prepare(&pool, options.statement_timeout, options.migrate).await?;
        let session = Session::acquire(&pool, options.statement_timeout).await?;
        // INVARIANT: heads, gates, counters, each in the order of the tenants, as every commit locks them.
        let steps = [
            Step::plain("BEGIN"),
            Step::plain("SELECT FROM heads ORDER BY tenant FOR UPDATE"),
            Step::plain(
                "INSERT INTO gates (tenant) SELECT tenant FROM revocations ORDER BY tenant ON CONFLICT DO NOTHING",
            ),
            Step::plain("SELECT FROM gates ORDER BY tenant FOR UPDATE"),
            Step::plain("SELECT FROM revocations ORDER BY tenant FOR UPDATE"),
            Step::plain("SELECT epoch FROM deployment FOR UPDATE"),
        ];
        let rows = ask(&session, &steps).await?.pop().unwrap_or_default();
        let row = rows.first().ok_or_else(|| BackendError::Corrupt("the deployment has no row".to_owned()))?;
        let epoch = Revocation::epoch_after(rows::small(row, 0)?, now);
        let start = || value(rows::stored(Revocation::start_of(epoch).as_u64()));
        let raise = [
            Step::of("UPDATE deployment SET epoch = $1", [value(i64::from(epoch))]),
            Step::of("UPDATE heads SET position = $1", [start()]),
            Step::of("UPDATE revocations SET counter = $1", [start()]),
            Step::plain("COMMIT"),
        ];
        ask(&session, &raise).await?;
        Ok(epoch)
    }

    /// Says that the operator has looked at what a new epoch began with, for all nodes. Whether it had to be said.
    pub async fn confirm(options: &PostgresOptions) -> Result<bool, BackendError> {
        const CONFIRM: &str = "UPDATE deployment SET confirmed = epoch WHERE confirmed <> epoch RETURNING epoch";
        let pool = Connector::new(options)?.pool(1, options)?;
        let session = Session::acquire(&pool, options.statement_timeout).await?;
        let rows = ask(&session, &[Step::plain(CONFIRM)]).await?.pop().unwrap_or_default();
        Ok(!rows.is_empty())
    }
}

#[async_trait]
impl Backend for PostgresBackend {
    async fn read(&self, tenant: TenantId, ids: &[ObjectId]) -> Result<Vec<Row>, BackendError> {
        read::objects(&self.readers, tenant, ids).await
    }

    async fn list(&self, tenant: TenantId, query: ListQuery) -> Result<Vec<Row>, BackendError> {
        let from = if query.index.is_some() { &self.readers } else { &self.scanners };
        read::list(from, tenant, &query).await
    }

    async fn walk(&self, tenant: TenantId, walk: IndexWalk) -> Result<Vec<(IndexKey, Row)>, BackendError> {
        read::walk(&self.scanners, tenant, &walk).await
    }

    async fn count(&self, tenant: TenantId, kinds: &[&'static str], liveness: Liveness) -> Result<u64, BackendError> {
        read::count(&self.scanners, tenant, kinds, liveness).await
    }

    async fn ids_in_range(
        &self,
        tenant: TenantId,
        kinds: &[&'static str],
        range: IndexRange,
        limit: usize,
    ) -> Result<Vec<ObjectId>, BackendError> {
        read::ids_in_range(&self.readers, tenant, kinds, &range, limit).await
    }

    async fn links(&self, tenant: TenantId, query: LinkQuery) -> Result<LinkSet, BackendError> {
        read::links(&self.readers, tenant, &query).await
    }

    async fn find_key(
        &self,
        scope: KeyScope,
        space: &str,
        key: &IndexKey,
    ) -> Result<Option<UniqueKeyOwner>, BackendError> {
        read::key_owner(&self.readers, scope, space, key).await
    }

    async fn commit(&self, unit: UnitOfWork, at: Timestamp) -> Result<CommitReceipt, CommitError> {
        self.writer.commit(unit, at).await
    }

    async fn changes(&self, tenant: TenantId, after: Position, limit: usize) -> Result<Vec<Change>, BackendError> {
        read::changes(&self.readers, tenant, after, limit).await
    }

    async fn forget_changes(&self, before: Timestamp, limit: usize) -> Result<u64, BackendError> {
        read::forget_changes(&self.readers, before, limit).await
    }

    async fn contradictions(
        &self,
        tenant: TenantId,
        needed: &[NeededLink],
        limit: usize,
    ) -> Result<Vec<String>, BackendError> {
        read::contradictions(&self.scanners, tenant, needed, limit).await
    }

    async fn heads(&self) -> Result<Vec<Head>, BackendError> {
        read::heads(&self.readers).await
    }

    async fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, BackendError> {
        read::outbox(&self.readers, limit).await
    }

    async fn clear_outbox(&self, tenant: TenantId, up_to: Position) -> Result<(), BackendError> {
        read::clear_outbox(&self.readers, tenant, up_to).await
    }

    async fn expired(&self, before: Timestamp, limit: usize) -> Result<Vec<(TenantId, ObjectId)>, BackendError> {
        read::expired(&self.readers, before, limit).await
    }

    async fn backup(&self, _: &Path) -> Result<(), BackendError> {
        Err(BackendError::Unsupported(
            "PostgreSQL is backed up with its own tools, pg_dump or a base backup with archived log; \
             docs/operations/postgresql.md says how"
                .to_owned(),
        ))
    }

    fn current_as_of(&self) -> Option<Duration> {
        Some(self.feed.current_as_of())
    }

    fn awaits_confirmation(&self) -> bool {
        self.feed.is_awaiting_confirmation()
    }
}
