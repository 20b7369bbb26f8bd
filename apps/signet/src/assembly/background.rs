//! What a server does by itself, now and then.

use super::readiness;
use crate::node::Node;
use crate::operator::audit;
use crate::storage::Storage;
use signet_jobs::Held;
use signet_kernel::{Failure, ObjectId, TenantId};
use signet_logs::audit::{Activity, Target, TargetType, activities};
use signet_store::{AuditEntry, Precondition};
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
const CERTIFICATE_EVERY: Duration = Duration::from_hours(24);

/// How long deleted objects can be restored.
const RESTORABLE: Duration = Duration::from_hours(30 * 24);
/// How long clients that follow changes may stay away.
const FOLLOWED: Duration = Duration::from_hours(30 * 24);
/// The work whose lease a node holds while it purges a tenant's deleted objects.
const PURGE: &str = "purge";
/// Roots purged before looking again.
const BATCH: usize = 100;

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
    let forgetting = node.clone();
    tasks.spawn(every(PURGE_EVERY, stop.clone(), move || forget_changes(forgetting.clone())));
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
    loop {
        match purge_some(&node, before).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(failure) => {
                tracing::error!(%failure, "deleted objects whose time is up could not be purged; trying again later");
                return;
            }
        }
    }
}

async fn forget_changes(node: Arc<Node>) {
    if let Err(error) = node.store.forget_changes(node.context.now().minus(FOLLOWED)).await {
        tracing::error!(%error, "old changes could not be forgotten; trying again later");
    }
}

async fn purge_some(node: &Node, before: signet_kernel::Timestamp) -> Result<usize, Failure> {
    let expired = node.store.expired(before, BATCH).await?;
    let mut purged = 0;
    for roots in expired.chunk_by(|(one, _), (next, _)| one == next) {
        let Some((tenant, _)) = roots.first() else { continue };
        // What waits for another node's work is looked at again the next time.
        let Some(mut held) = node.worker.take(*tenant, PURGE).await? else { continue };
        for (tenant, root) in roots {
            if !held.keep().await? {
                break;
            }
            purge_one(node, &held, *tenant, *root, before).await?;
            purged += 1;
        }
        held.give_back().await?;
    }
    Ok(purged)
}

/// Purges a root whose time is still up now that this node holds the lease: another may have been at it, and what was
/// restored meanwhile stays.
async fn purge_one(
    node: &Node,
    held: &Held,
    tenant: TenantId,
    root: ObjectId,
    before: signet_kernel::Timestamp,
) -> Result<(), Failure> {
    let store = node.store.tenant(tenant);
    let Some(row) = store.read_row(root).await? else { return Ok(()) };
    if row.deleted.is_none_or(|deletion| deletion.at >= before) {
        return Ok(());
    }
    let (kind, mut unit) = (row.kind, store.unit());
    held.fence(&mut unit);
    unit.expect(Precondition::Version(root, row.version));
    unit.purge(root).audit(audit(&node.context, tenant, hard_delete(&kind), vec![Target::new(&kind, root, "")]));
    store.commit(unit).await?;
    Ok(())
}
