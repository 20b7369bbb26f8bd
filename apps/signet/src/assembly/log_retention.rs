//! Records leave when their time is over: by one node at a time, tenant by tenant, never while a backup is taken.

use crate::archive;
use crate::command_error::CommandError;
use crate::config::Config;
use crate::node::Node;
use crate::operator::operator;
use async_trait::async_trait;
use signet_alert_rules::AlertProgress;
use signet_exports::ExportCursor;
use signet_kernel::{Failure, TenantId};
use signet_log_archive::ObjectArchive;
use signet_log_retention::{Archive, Parts, Readers, Retention, Settings};
use signet_logs::tables::{Held, tables};
use signet_record::Place;
use signet_store::{Id, Kind, ListQuery, Liveness, Store, TenantStore};
use signet_web::Stop;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The work whose lease a node holds while it purges a tenant.
const WORK: &str = "log retention";
/// How soon a purge goes on whose tombstone was not in the log yet.
const SOON: Duration = Duration::from_secs(2);
/// Between two purges of a tenant: others want the disk too.
const PAUSE: Duration = Duration::from_millis(50);
/// Sinks that a deployment has at most, with a cursor in each tenant.
const CURSORS: usize = 1_000;

/// What the operator says.
pub(super) fn settings(config: &Config) -> Settings {
    config.logs.retention(config.archive.url.is_some())
}

/// Starts purging; it ends at `stop`.
pub(super) fn start(node: &Arc<Node>, mut stop: Stop, tasks: &mut JoinSet<()>) -> Result<(), CommandError> {
    let purger = Purger { node: node.clone(), retention: Retention::new(parts(node)?) };
    tasks.spawn(async move {
        let every = purger.node.config.logs.purge_interval();
        let mut wait = every;
        loop {
            tokio::select! {
                () = stop.requested() => return,
                () = tokio::time::sleep(wait) => {}
            }
            // What is cut off here goes on at the next start: nothing is half done.
            let passed = tokio::select! {
                () = stop.requested() => return,
                passed = purger.pass() => passed,
            };
            wait = match passed {
                Ok(true) => SOON.min(every),
                Ok(false) => every,
                Err(failure) => {
                    tracing::warn!(%failure, "old records could not be removed; trying again");
                    every
                }
            };
        }
    });
    Ok(())
}

fn parts(node: &Arc<Node>) -> Result<Parts, CommandError> {
    let archive = archive::objects(&node.config)?;
    let archive = archive.map(|objects| ObjectArchive::new(objects, node.transparency.clone()));
    let sinks = &node.config.exports;
    let sinks = sinks.iter().map(|(name, sink)| (name.clone(), sink.choice.tenants.clone())).collect();
    Ok(Parts {
        store: node.store.clone(),
        record: node.record.clone(),
        audit: node.audit.clone(),
        logs: node.transparency.clone(),
        readers: Arc::new(Cursors { store: node.store.clone(), sinks }),
        archive: archive.map(|archive| Arc::new(archive) as Arc<dyn Archive>),
        settings: settings(&node.config),
        caller: operator,
    })
}

struct Purger {
    node: Arc<Node>,
    retention: Retention,
}

impl Purger {
    /// Goes through all tenants once; whether something waits to be finished.
    async fn pass(&self) -> Result<bool, Failure> {
        let mut waits = false;
        for head in self.node.store.heads().await? {
            match self.purge(head.tenant).await {
                Ok(unfinished) => waits |= unfinished,
                Err(failure) => {
                    tracing::warn!(%failure, tenant = %head.tenant, "old records of a tenant could not be removed; trying again");
                }
            }
        }
        Ok(waits)
    }

    async fn purge(&self, tenant: TenantId) -> Result<bool, Failure> {
        let Some(mut held) = self.node.worker.take(tenant, WORK).await? else { return Ok(false) };
        let mut removed = 0;
        let mut waits = false;
        while held.keep().await? {
            let done = {
                // A backup copies the record and what proves it one after the other.
                let _whole = self.node.sealing.lock().await;
                self.retention.round(tenant, &held).await?
            };
            removed += done.removed;
            waits = done.more && done.removed == 0;
            if !done.more || waits {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        if removed > 0 {
            tracing::info!(%tenant, frames = removed, "records whose time was over were removed");
        }
        if !waits {
            self.retention.expire(tenant, &stored_tables()).await?;
        }
        held.give_back().await?;
        Ok(waits)
    }
}

/// The tables that records lie in.
fn stored_tables() -> Vec<&'static str> {
    let stored = |held: &Held| if let Held::Record(stored, _) = held { Some(*stored) } else { None };
    let mut stored: Vec<&str> = tables().iter().filter_map(|table| stored(&table.held)).collect();
    stored.sort_unstable();
    stored.dedup();
    stored
}

/// Who reads the record from a place of their own: every sink of the configuration, and the alert rules.
struct Cursors {
    store: Store,
    /// The name of each, and its tenants: all, if there are none.
    sinks: Vec<(String, Vec<TenantId>)>,
}

#[async_trait]
impl Readers for Cursors {
    async fn places(&self, tenant: TenantId) -> Result<Vec<(String, Place)>, Failure> {
        let store = self.store.tenant(tenant);
        let cursors: Vec<ExportCursor> = all(&store).await?;
        let wanted = self.sinks.iter().filter(|(_, tenants)| tenants.is_empty() || tenants.contains(&tenant));
        let place = |name: &str| cursors.iter().find(|own| own.sink == name).map(|own| own.place.clone());
        let mut places: Vec<_> = wanted.map(|(name, _)| (name.clone(), place(name).unwrap_or_default())).collect();
        let rules: Vec<AlertProgress> = all(&store).await?;
        places.extend(rules.into_iter().map(|rules| ("alert rules".to_owned(), rules.place)));
        Ok(places)
    }
}

async fn all<K: Kind + Clone>(store: &TenantStore) -> Result<Vec<K>, Failure> {
    let query = ListQuery { kinds: vec![K::NAME], liveness: Liveness::Live, after: None, limit: CURSORS, index: None };
    let mut found = Vec::new();
    for row in store.list(query).await?.items {
        found.extend(store.find(Id::<K>::of(row.id)).await?.map(|object| object.body.clone()));
    }
    Ok(found)
}
