//! Follows what other nodes commit: woken by notifications, and by the clock when they get lost.

use super::connect::{Connector, Repeatable};
use super::fault::engine;
use super::feed::{Entry, Feed};
use super::load::CHANGES;
use super::rows::{self, stored};
use super::steps::{Step, value};
use super::touched::everything;
use crate::backend::{BackendError, Head, Position};
use parking_lot::Mutex;
use signet_kernel::TenantId;
use std::collections::{HashMap, HashSet};
use std::mem::discriminant;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::MissedTickBehavior;
use tokio_postgres::AsyncMessage;
use uuid::Uuid;

const CHANNEL: &str = "signet_commit";
/// Changes read at once, for each tenant.
const PAGE: i64 = 1_000;
/// Between two looks, at least.
const SHORTEST: Duration = Duration::from_millis(1);
/// Between two tries to listen.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

pub(super) const HEADS: &str =
    "SELECT h.tenant, h.position, r.counter FROM heads h JOIN revocations r ON r.tenant = h.tenant";
const DEPLOYMENT: &str = "SELECT epoch, confirmed <> epoch FROM deployment";

/// What the database holds.
pub(super) struct State {
    /// One for each tenant.
    pub(super) heads: Vec<Head>,
    pub(super) epoch: u32,
    /// Whether a restore waits to be confirmed.
    pub(super) awaits: bool,
}

/// Asks what the database holds. The heads are read first: none is of a later epoch than the one read after them.
pub(super) async fn state(connection: &Repeatable) -> Result<State, BackendError> {
    let answers = connection.ask(&[Step::plain(HEADS), Step::plain(DEPLOYMENT)]).await?;
    let [heads, deployment] = answers.as_slice() else { return Err(missing()) };
    let (heads, deployment) = (heads.iter().map(rows::head), deployment.first().ok_or_else(missing)?);
    Ok(State {
        heads: heads.collect::<Result<_, _>>()?,
        epoch: rows::small(deployment, 0)?,
        awaits: rows::get(deployment, 1)?,
    })
}

fn missing() -> BackendError {
    BackendError::Corrupt("the deployment has no row".to_owned())
}

/// The tenants that a notification named and that were not looked at since.
#[derive(Default)]
pub(super) struct Wake {
    tenants: Mutex<HashSet<TenantId>>,
    rung: Notify,
}

/// Tells other nodes. What it cannot send is left to their clocks.
pub(super) struct Crier(mpsc::Sender<Head>);

impl Crier {
    /// The crier, and what it cries.
    pub(super) fn new() -> (Self, mpsc::Receiver<Head>) {
        let (heads, cries) = mpsc::channel(4_096);
        (Self(heads), cries)
    }

    pub(super) fn cry(&self, heads: impl Iterator<Item = Head>) {
        let last: HashMap<TenantId, Head> = heads.map(|head| (head.tenant, head)).collect();
        for head in last.into_values() {
            if self.0.try_send(head).is_err() {
                return;
            }
        }
    }
}

/// Reads the feed.
pub(super) struct Follower {
    pub(super) connection: Repeatable,
    pub(super) feed: Arc<Feed>,
    pub(super) wake: Arc<Wake>,
    pub(super) every: Duration,
}

impl Follower {
    pub(super) async fn run(self) {
        let mut clock = tokio::time::interval(self.every.max(SHORTEST));
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = None;
        loop {
            let done = tokio::select! {
                _ = clock.tick() => self.follow_all().await,
                () = self.wake.rung.notified() => self.follow_named().await,
            };
            match done {
                Err(error) => {
                    // Said once, and again when it has another reason.
                    if failing.replace(discriminant(&error)) != Some(discriminant(&error)) {
                        tracing::warn!(%error, "what other nodes committed cannot be read; trying on");
                    }
                }
                Ok(()) if failing.take().is_some() => tracing::info!("what other nodes committed is read again"),
                Ok(()) => {}
            }
        }
    }

    /// Sees every head, and tells of all that lies behind it.
    async fn follow_all(&self) -> Result<(), BackendError> {
        let (asked, told) = (self.feed.now(), self.feed.told_of_all());
        let State { heads, epoch, awaits } = state(&self.connection).await?;
        self.feed.awaits_confirmation(awaits);
        self.feed.refuses_the_past(&told, &heads, epoch)?;
        let behind: Vec<Head> = heads.into_iter().filter(|head| self.feed.told(head.tenant) < head.position).collect();
        self.follow(behind.iter().map(|head| head.tenant).collect()).await?;
        // Rows that are gone, or a new epoch: the feed takes the jump for a gap.
        self.feed.tell(behind.into_iter().map(|head| Entry { head, touched: everything() }));
        self.feed.is_current_as_of(asked);
        Ok(())
    }

    async fn follow_named(&self) -> Result<(), BackendError> {
        let named = std::mem::take(&mut *self.wake.tenants.lock());
        self.follow(named.into_iter().collect()).await
    }

    async fn follow(&self, mut tenants: Vec<TenantId>) -> Result<(), BackendError> {
        while !tenants.is_empty() {
            let told: Vec<i64> = tenants.iter().map(|tenant| stored(self.feed.told(*tenant).0)).collect();
            let ids: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
            let rows = self.connection.one(Step::of(CHANGES, [value(ids), value(told), value(PAGE)])).await?;
            let entries = rows.iter().map(rows::feed_entry).collect::<Result<Vec<_>, _>>()?;
            tenants = entries.iter().map(|entry| entry.head.tenant).collect::<HashSet<_>>().into_iter().collect();
            self.feed.tell(entries);
        }
        Ok(())
    }
}

/// Sends cries and hears those of others, over connections of its own, as long as the backend lives.
pub(super) async fn listen(connector: Connector, mut cries: mpsc::Receiver<Head>, wake: Arc<Wake>, feed: Arc<Feed>) {
    loop {
        if let Err(error) = listen_once(&connector, &mut cries, &wake, &feed).await {
            tracing::warn!(%error, "notifications of other nodes are not heard; polling goes on");
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

async fn listen_once(
    connector: &Connector,
    cries: &mut mpsc::Receiver<Head>,
    wake: &Arc<Wake>,
    feed: &Arc<Feed>,
) -> Result<(), BackendError> {
    let (client, mut connection) = connector.connect().await?;
    let (wake, feed) = (wake.clone(), feed.clone());
    let mut hearing = tokio::spawn(async move {
        loop {
            match std::future::poll_fn(|context| connection.poll_message(context)).await {
                Some(Ok(AsyncMessage::Notification(heard))) => hear(heard.payload(), &wake, &feed),
                Some(Ok(_)) => {}
                Some(Err(error)) => return engine(error),
                None => return BackendError::Unreachable("the connection was closed".to_owned()),
            }
        }
    });
    // A cry need not be flushed to disk: what it says is.
    let start = format!("SET synchronous_commit = off; LISTEN {CHANNEL}");
    client.batch_execute(&start).await.map_err(engine)?;
    let cry = client.prepare("SELECT pg_notify($1, w) FROM unnest($2::text[]) w").await.map_err(engine)?;
    let mut heads = Vec::new();
    loop {
        tokio::select! {
            ended = &mut hearing => {
                return Err(ended.unwrap_or_else(|error| BackendError::Engine(error.to_string())));
            }
            count = cries.recv_many(&mut heads, 1_024) => {
                if count == 0 {
                    return Ok(());
                }
                let texts: Vec<String> =
                    heads.drain(..).map(|head| format!("{} {}", head.tenant, head.position.0)).collect();
                client.query(&cry, &[&CHANNEL, &texts]).await.map_err(engine)?;
            }
        }
    }
}

fn hear(payload: &str, wake: &Wake, feed: &Feed) {
    let Some((tenant, position)) = payload.split_once(' ') else { return };
    let (Ok(tenant), Ok(position)) = (tenant.parse::<TenantId>(), position.parse::<u64>()) else { return };
    if feed.told(tenant) < Position(position) {
        wake.tenants.lock().insert(tenant);
        wake.rung.notify_one();
    }
}
