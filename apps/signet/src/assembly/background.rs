//! What a server does by itself, now and then. What all nodes would do alike, one does under a lease: signing keys, purge,
//! retention. The rest is each node's own: its health, its certificate, its counts, its chains in the record.

use super::readiness;
use crate::node::Node;
use crate::operator::audit;
use crate::storage::Storage;
use signet_kernel::{Failure, TenantId};
use signet_logs::audit::{Activity, Target, TargetType, activities};
use signet_store::AuditEntry;
use signet_web::management::Health;
use signet_web::{Stop, TlsIdentity};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Well below the least bound that can be configured.
const LOOK_AT_VIEW_EVERY: Duration = Duration::from_millis(200);
const KEYS_EVERY: Duration = Duration::from_mins(5);
const PURGE_EVERY: Duration = Duration::from_mins(60);
const RETAIN_EVERY: Duration = Duration::from_mins(10);
const CERTIFICATE_EVERY: Duration = Duration::from_hours(24);

/// How long deleted objects can be restored.
const RESTORABLE: Duration = Duration::from_hours(30 * 24);
/// How long clients that follow changes may stay away.
const FOLLOWED: Duration = Duration::from_hours(30 * 24);
/// The work whose lease a node holds while it forgets what is over.
const RETENTION: &str = "retention";

/// Starts everything; it ends at `stop`.
pub(super) fn start(node: &Arc<Node>, tls: &TlsIdentity, health: &Health, stop: &Stop, tasks: &mut JoinSet<()>) {
    let (looking, health, seen) = (node.clone(), health.clone(), health.clone());
    tasks.spawn(every(LOOK_EVERY, stop.clone(), move || {
        readiness::look(&health, &looking);
        std::future::ready(())
    }));
    if let Storage::Postgres(_) = node.storage {
        let (looking, health) = (node.clone(), seen);
        tasks.spawn(every(LOOK_AT_VIEW_EVERY, stop.clone(), move || {
            readiness::look_at_view(&health, &looking);
            std::future::ready(())
        }));
    }
    let counting = node.clone();
    tasks.spawn(every(LOOK_EVERY, stop.clone(), move || record_counts(counting.clone())));
    let keys = node.clone();
    tasks.spawn(every(KEYS_EVERY, stop.clone(), move || maintain_keys(keys.clone())));
    let purged = node.clone();
    tasks.spawn(every(PURGE_EVERY, stop.clone(), move || purge(purged.clone())));
    let retained = node.clone();
    tasks.spawn(every(RETAIN_EVERY, stop.clone(), move || retain(retained.clone())));
    let tls = tls.clone();
    tasks.spawn(every(CERTIFICATE_EVERY, stop.clone(), move || {
        if let Err(error) = tls.reload() {
            tracing::error!(%error, "the TLS certificate stays as it is");
        }
        std::future::ready(())
    }));
}

async fn record_counts(node: Arc<Node>) {
    if let Err(failure) = node.server.record_counts(false).await {
        tracing::warn!(%failure, "counted refusals could not be recorded");
    }
}

async fn every<F: Future<Output = ()>>(period: Duration, mut stop: Stop, mut work: impl FnMut() -> F) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.requested() => return,
            _ = ticks.tick() => {}
        }
        // What was begun ends before the stop is looked at again.
        work().await;
    }
}

async fn maintain_keys(node: Arc<Node>) {
    let entry = |tenant: TenantId, kids: &[String]| -> AuditEntry {
        let targets = kids.iter().map(|kid| Target::other(kid.clone(), "token-signing key")).collect();
        audit(&node.context, tenant, &activities::ADD_SIGNING_KEY, targets)
    };
    if let Err(failure) = node.signing_keys.maintain(entry).await {
        tracing::error!(%failure, "signing keys could not be looked after; trying again later");
    }
}

/// The activity under which a kind's end is known.
fn hard_delete(kind: &str) -> &'static Activity {
    match TargetType::of_kind(kind) {
        TargetType::Application => &activities::HARD_DELETE_APPLICATION,
        TargetType::User => &activities::HARD_DELETE_USER,
        _ => &activities::HARD_DELETE_SERVICE_PRINCIPAL,
    }
}

async fn purge(node: Arc<Node>) {
    let before = node.context.now().minus(RESTORABLE);
    let entry =
        |tenant, kind: &str, root| audit(&node.context, tenant, hard_delete(kind), vec![Target::new(kind, root, "")]);
    if let Err(failure) = node.worker.purge(before, entry).await {
        tracing::error!(%failure, "deleted objects whose time is up could not be purged; trying again later");
    }
}

async fn retain(node: Arc<Node>) {
    if let Err(failure) = forget(&node).await {
        tracing::error!(%failure, "what is over could not be forgotten; trying again later");
    }
}

/// Forgets what was used once and can be used no more, and changes that nobody may ask for any longer. What is forgotten
/// is over for good: a node that was paused, and does it again, finds nothing.
async fn forget(node: &Node) -> Result<(), Failure> {
    let Some(mut held) = node.worker.take_for_all(RETENTION).await? else { return Ok(()) };
    while node.record.forget().await? > 0 {
        if !held.keep().await? {
            return Ok(());
        }
    }
    node.store.forget_changes(node.context.now().minus(FOLLOWED)).await?;
    Ok(held.give_back().await?)
}
