//! The record is gathered into its logs, signed, shown to witnesses and anchored. Over PostgreSQL one node does it, under
//! a lease for all tenants: the lease saves double work, and what excludes forks is the commit of a round.

use super::directory::authenticate;
use crate::anchors::sinks;
use crate::command_error::CommandError;
use crate::node::Node;
use crate::transparency::{know, published, witnesses};
use axum::Router;
use signet_jobs::Held;
use signet_kernel::{Failure, TenantId};
use signet_record::Scope;
use signet_transparency_log::{Access, AnchorSink, Anchored, Submitted, WatchedBy};
use signet_web::Stop;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The work whose lease a node holds while it gathers.
const WORK: &str = "log";
/// A round begins when the last is so old.
const ROUND_EVERY: Duration = Duration::from_secs(1);
/// Rounds after which, in a database that nodes share, tenants are looked for again, and the lease is asked for by who
/// lacks it.
const LOOK_ROUNDS: u64 = 5;
/// Rounds after which writers that ended are looked for, and how large the logs are.
const TEND_ROUNDS: u64 = 60;
/// Rounds that a tenant without news waits at most, where each has to be asked for.
const QUIET_ROUNDS: u32 = 8;
/// A writer that was silent for so long is ended.
const SILENT: Duration = Duration::from_hours(24);
const SUBMIT_EVERY: Duration = Duration::from_secs(10);
const ANCHOR_EVERY: Duration = Duration::from_mins(10);

/// The read side of every tenant's log.
pub(super) fn routes(node: &Node) -> Result<Router, CommandError> {
    let access = Access { authenticate: authenticate(node), published: published(&node.config.transparency)? };
    Ok(signet_transparency_log::routes(node.transparency.clone(), node.record.clone(), access))
}

/// Starts everything; it ends at `stop`.
pub(super) fn start(node: &Arc<Node>, stop: &Stop, tasks: &mut JoinSet<()>) -> Result<(), CommandError> {
    let witnesses = witnesses(&node.config.transparency, &node.config.fetch)?;
    let sinks = sinks(&node.config, &node.context)?;
    let gatherer = Gatherer { node: node.clone(), held: None, rounds: 0, quiet: BTreeMap::new() };
    tasks.spawn(gatherer.run(stop.clone(), Outside { witnesses, sinks }));
    Ok(())
}

/// Who is shown the log.
struct Outside {
    witnesses: Vec<Arc<WatchedBy>>,
    sinks: Vec<Arc<dyn AnchorSink>>,
}

struct Gatherer {
    node: Arc<Node>,
    held: Option<Held>,
    rounds: u64,
    /// Rounds that each tenant without news still waits, and waited the last time.
    quiet: BTreeMap<TenantId, (u32, u32)>,
}

impl Gatherer {
    async fn run(mut self, mut stop: Stop, outside: Outside) {
        let mut ticks = tokio::time::interval(ROUND_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let context = self.node.context.clone();
        let (mut submitted, mut anchored) = (None, None);
        loop {
            let stopping = tokio::select! {
                () = stop.requested() => true,
                _ = ticks.tick() => false,
            };
            if let Err(failure) = self.round().await {
                tracing::warn!(%failure, "the record could not be gathered into its log; trying again");
            }
            if stopping {
                return self.end().await;
            }
            if !self.leads() {
                self.node.transparency.rests();
                continue;
            }
            let now = context.monotonic();
            let due = |last: &mut Option<Duration>, every: Duration| {
                let due = last.is_none_or(|last| now.saturating_sub(last) >= every);
                if due {
                    *last = Some(now);
                }
                due
            };
            if due(&mut submitted, SUBMIT_EVERY) {
                submit(&self.node, &outside.witnesses).await;
            }
            if due(&mut anchored, ANCHOR_EVERY) {
                anchor(&self.node, &outside.sinks).await;
            }
        }
    }

    /// Whether this node gathers.
    fn leads(&self) -> bool {
        self.held.is_some() || !self.node.transparency.store().is_shared()
    }

    async fn round(&mut self) -> Result<(), Failure> {
        let (node, round) = (self.node.clone(), self.rounds);
        self.rounds += 1;
        if !node.transparency.store().is_shared() || round.is_multiple_of(LOOK_ROUNDS) {
            know(&node.transparency, &node.store).await?;
        }
        if !self.may_lead(round).await? {
            return Ok(());
        }
        let logs = &node.transparency;
        if round.is_multiple_of(TEND_ROUNDS) {
            logs.store().tend(node.context.now().minus(SILENT)).await?;
            logs.survey().await?;
        }
        for scope in logs.store().scopes(logs.tenants()) {
            if !self.is_due(scope) {
                continue;
            }
            let mut records = 0;
            loop {
                let since = node.context.monotonic();
                let gathered = logs.gather(scope).await?;
                records += gathered.records;
                if !gathered.more {
                    logs.caught_up(scope, since);
                    break;
                }
                if !self.keep().await? {
                    break;
                }
            }
            self.note(scope, records > 0);
        }
        Ok(())
    }

    async fn may_lead(&mut self, round: u64) -> Result<bool, Failure> {
        if !self.node.transparency.store().is_shared() || self.keep().await? {
            return Ok(true);
        }
        if !round.is_multiple_of(LOOK_ROUNDS) {
            return Ok(false);
        }
        self.held = self.node.worker.take_for_all(WORK).await?;
        // Another may have written since this node last did.
        self.node.transparency.forget();
        Ok(self.held.is_some())
    }

    /// Whether the lease is still held, where there is one.
    async fn keep(&mut self) -> Result<bool, Failure> {
        if !self.node.transparency.store().is_shared() {
            return Ok(true);
        }
        let Some(mut held) = self.held.take() else { return Ok(false) };
        if held.keep().await? {
            self.held = Some(held);
        }
        Ok(self.held.is_some())
    }

    fn is_due(&mut self, scope: Scope) -> bool {
        let Scope::Tenant(tenant) = scope else { return true };
        match self.quiet.get_mut(&tenant).filter(|(left, _)| *left > 0) {
            Some((left, _)) => {
                *left -= 1;
                false
            }
            None => true,
        }
    }

    /// A tenant without news is asked for less and less often.
    fn note(&mut self, scope: Scope, news: bool) {
        let Scope::Tenant(tenant) = scope else { return };
        let waited = self.quiet.get(&tenant).map_or(0, |(_, waited)| *waited);
        let waits = if news { 0 } else { (waited * 2).clamp(1, QUIET_ROUNDS) };
        self.quiet.insert(tenant, (waits, waits));
    }

    async fn end(self) {
        if let Some(held) = self.held
            && let Err(error) = held.give_back().await
        {
            tracing::debug!(%error, "the lease of gathering was not given back");
        }
    }
}

async fn submit(node: &Node, witnesses: &[Arc<WatchedBy>]) {
    for (tenant, witness) in pairs(node, witnesses) {
        match node.transparency.submit(tenant, witness).await {
            Ok(Submitted::Unanswered(why)) => {
                tracing::warn!(%tenant, witness = %witness.key().name(), why, "a witness did not cosign");
            }
            Ok(_) => {}
            Err(failure) => tracing::warn!(%tenant, %failure, "a checkpoint could not be shown to a witness"),
        }
    }
}

async fn anchor(node: &Node, sinks: &[Arc<dyn AnchorSink>]) {
    for (tenant, sink) in pairs(node, sinks) {
        match node.transparency.anchor(tenant, sink.as_ref(), false).await {
            Ok(Anchored::Put { name }) => {
                tracing::info!(%tenant, sink = sink.name(), name, "anchored the record's log")
            }
            Ok(Anchored::Before | Anchored::Nothing) => {}
            Err(error) => {
                tracing::error!(%tenant, %error, "the record's log could not be anchored; trying again later")
            }
        }
    }
}

fn pairs<'a, T>(node: &Node, to: &'a [Arc<T>]) -> impl Iterator<Item = (TenantId, &'a Arc<T>)>
where
    T: ?Sized,
{
    node.transparency.tenants().into_iter().flat_map(move |tenant| to.iter().map(move |to| (tenant, to)))
}
