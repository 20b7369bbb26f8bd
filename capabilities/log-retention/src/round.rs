//! One round in one tenant: what is in hand is finished, then the next frames leave.

use crate::choose::{Chosen, Deciding};
use crate::hold::LegalHold;
use crate::policy::{Policy, Settings};
use crate::progress::{LogPurge, in_hand};
use crate::table::LogTable;
use async_trait::async_trait;
use signet_jobs::Held;
use signet_kernel::{Caller, Context, Failure, TenantId, Timestamp};
use signet_logs::audit::{Activity, OperationType, Target, success};
use signet_logs::{AUDITS, AuditCopier};
use signet_record::{AgedFrame, FoundFrame, Place, REMOVED_AT_ONCE, Record};
use signet_store::{CommitError, Id, Kind, ListQuery, Liveness, Object, Store, TenantStore, UnitOfWork};
use signet_transparency_log::{PURGE, ProveError, PurgeStatement, TransparencyLogs, Unburied};
use std::sync::Arc;

const PURGED: Activity =
    Activity { name: PURGE, category: "Policy", operation: OperationType::Delete, service: "Agent Identity" };
/// Says of records that a tombstone states that they are held and have stayed; kept as long as the tombstone.
pub(crate) const KEPT: Activity = Activity {
    name: "Keep held log records",
    category: "Policy",
    operation: OperationType::Update,
    service: "Agent Identity",
};
/// Why records leave.
const AGE: &str = "retention";
/// Objects of a kind that a tenant may have here.
const MOST: usize = LegalHold::MOST;

/// Who reads the record from a place of their own, and has to have read what leaves.
#[async_trait]
pub trait Readers: Send + Sync + 'static {
    /// Where each stands in a tenant.
    async fn places(&self, tenant: TenantId) -> Result<Vec<(String, Place)>, Failure>;
}

/// Frames on their way into an archive.
#[derive(Debug)]
pub struct Archived<'a> {
    /// Whose.
    pub tenant: TenantId,
    /// Of which table.
    pub table: &'a str,
    /// Which, with when each was committed.
    pub frames: &'a [AgedFrame],
    /// What is stated of them.
    pub statement: &'a PurgeStatement,
}

/// Where records go that cannot be queried any longer, and are still kept.
#[async_trait]
pub trait Archive: Send + Sync + 'static {
    /// Puts frames there, durably; the same again changes nothing.
    async fn put(&self, frames: &Archived<'_>) -> Result<(), Failure>;

    /// Removes what was committed before `before`, but for what `held` says of a span; the names of what went.
    async fn expire(
        &self,
        tenant: TenantId,
        table: &str,
        before: Timestamp,
        held: &(dyn Fn(Timestamp, Timestamp) -> bool + Send + Sync),
    ) -> Result<Vec<String>, Failure>;
}

/// What retention works with.
pub struct Parts {
    /// What tenants say, and what is in hand.
    pub store: Store,
    /// What leaves.
    pub record: Record,
    /// Tombstones on their way into the record.
    pub audit: AuditCopier,
    /// What proves that it was there.
    pub logs: TransparencyLogs,
    /// Who has to have read it.
    pub readers: Arc<dyn Readers>,
    /// Where it goes, if anywhere.
    pub archive: Option<Arc<dyn Archive>>,
    /// What the operator says.
    pub settings: Settings,
    /// Who removes: the deployment itself.
    pub caller: fn(&Context, TenantId) -> Caller,
}

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Frames that were removed.
    pub removed: usize,
    /// Whether another round has something to do right now, or soon: a tombstone is on its way into the log.
    pub more: bool,
}

/// Removes what is too old.
pub struct Retention {
    pub(crate) parts: Parts,
}

impl std::fmt::Debug for Retention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Retention").field("settings", &self.parts.settings).finish_non_exhaustive()
    }
}

type InHand = Arc<Object<LogPurge>>;

impl Retention {
    /// Of these parts.
    pub fn new(parts: Parts) -> Self {
        Self { parts }
    }

    /// Goes on in a tenant: one purge at most. Units of work are fenced by `held`, the lease of whoever works.
    pub async fn round(&self, tenant: TenantId, held: &Held) -> Result<Outcome, Failure> {
        let store = self.parts.store.tenant(tenant);
        let found = in_hand(&store).await?;
        if let Some(purge) = found.as_ref().filter(|purge| !purge.body.frames.is_empty()) {
            return self.finish(&store, purge, held).await;
        }
        let tables: Vec<LogTable> = all(&store).await?;
        let holds: Vec<LegalHold> = all(&store).await?;
        let readers = self.parts.readers.places(tenant).await?;
        let policy = Policy::new(self.parts.settings, tables);
        let now = store.context().now();
        let deciding = Deciding { policy: &policy, holds: &holds, readers: &readers, now };
        let Some(chosen) = self.choose(tenant, &deciding).await? else { return Ok(Outcome::default()) };
        match self.begin(&store, found, (&chosen, &policy), held).await? {
            Some(purge) => {
                let done = self.finish(&store, &purge, held).await?;
                Ok(Outcome { more: done.more || chosen.more, ..done })
            }
            None => Ok(Outcome { more: chosen.more, removed: 0 }),
        }
    }

    /// Keeps the proofs, fills the archive, and commits what is in hand with its tombstone.
    async fn begin(
        &self,
        store: &TenantStore,
        before: Option<InHand>,
        (chosen, policy): (&Chosen, &Policy),
        held: &Held,
    ) -> Result<Option<InHand>, Failure> {
        let tenant = store.id();
        let Some((frames, statement)) = self.bury(tenant, chosen).await? else { return Ok(None) };
        let now = store.context().now();
        let kept = policy.kept(&chosen.table, now);
        if let Some(archive) = self.parts.archive.as_ref().filter(|_| kept.total > kept.retention) {
            let archived = Archived { tenant, table: &chosen.table, frames: &frames, statement: &statement };
            archive.put(&archived).await?;
        }
        let mut unit = store.unit();
        let id = store.context().new_object_id();
        let looked = before.as_ref().and_then(|before| before.body.archive_looked);
        let numbers: Vec<i64> = frames.iter().map(|frame| frame.number).collect();
        let purge = LogPurge {
            frames: numbers,
            tombstone: LogPurge::tombstone_of(id),
            removing: false,
            archive_looked: looked,
            other: serde_json::Map::new(),
        };
        put(&mut unit, store, before.as_ref(), &purge);
        let caller = (self.parts.caller)(store.context(), tenant);
        let details = statement.details();
        let count = statement.count().to_string();
        let span = span(&frames);
        let mut details: Vec<(&str, &str)> = details.iter().map(|(key, value)| (*key, value.as_str())).collect();
        details.extend([("RecordCount", count.as_str()), ("CommittedFrom", &span.0), ("CommittedUntil", &span.1)]);
        let target = Target::other(chosen.table.clone(), "log records, by age");
        unit.audit(success(&caller, now, id.uuid(), &PURGED, vec![target], &details));
        if commit(store, unit, held).await? { in_hand(store).await } else { Ok(None) }
    }

    /// Keeps the entries of frames that are in the log; those, and what is stated of them.
    async fn bury(
        &self,
        tenant: TenantId,
        chosen: &Chosen,
    ) -> Result<Option<(Vec<AgedFrame>, PurgeStatement)>, Failure> {
        let mut frames = Vec::new();
        let mut tombstones = Vec::new();
        for some in chosen.frames.chunks(REMOVED_AT_ONCE) {
            match self.parts.logs.bury(tenant, some.iter().map(|frame| frame.number).collect()).await {
                Ok(buried) => {
                    tombstones.extend(buried);
                    frames.extend_from_slice(some);
                }
                // It and what follows are for another time.
                Err(Unburied::NotYet(_)) => break,
                Err(Unburied::Damaged(problem)) => return Err(Failure::bug(problem)),
                Err(Unburied::Failed(failure)) => return Err(failure),
            }
        }
        let statement = PurgeStatement::of(&chosen.table, AGE, &tombstones);
        Ok((!frames.is_empty()).then_some((frames, statement)))
    }

    /// Removes what is in hand once its tombstone is in the log.
    async fn finish(&self, store: &TenantStore, purge: &InHand, held: &Held) -> Result<Outcome, Failure> {
        let tenant = store.id();
        self.parts.audit.caught_up().await?;
        match self.parts.logs.prove(&self.parts.record, tenant, (AUDITS, &purge.body.tombstone)).await {
            Ok(_) => {}
            Err(ProveError::NotYet | ProveError::Unsigned | ProveError::NoSuchRecord) => {
                return Ok(Outcome { removed: 0, more: true });
            }
            Err(error) => return Err(error.into()),
        }
        let Some(purge) = self.start_removing(store, purge.clone(), held).await? else { return Ok(Outcome::default()) };
        let mut removed = 0;
        for some in purge.body.frames.chunks(REMOVED_AT_ONCE) {
            removed += self.parts.record.remove(tenant, some.to_vec()).await?;
        }
        let mut unit = store.unit();
        let nothing = LogPurge { frames: Vec::new(), removing: false, ..purge.body.clone() };
        put(&mut unit, store, Some(&purge), &nothing);
        commit(store, unit, held).await?;
        Ok(Outcome { removed, more: false })
    }

    /// Takes out of hand what is held by now, and lets nobody hold the rest any more; none if somebody was quicker.
    async fn start_removing(&self, store: &TenantStore, purge: InHand, held: &Held) -> Result<Option<InHand>, Failure> {
        if purge.body.removing {
            return Ok(Some(purge));
        }
        let kept = self.held_in_hand(store, &purge.body.frames).await?;
        let mut frames = purge.body.frames.clone();
        frames.retain(|frame| kept.iter().all(|kept| kept.number != *frame));
        let mut unit = store.unit();
        put(&mut unit, store, Some(&purge), &LogPurge { removing: !frames.is_empty(), frames, ..purge.body.clone() });
        if let Some(first) = kept.first() {
            let caller = (self.parts.caller)(store.context(), store.id());
            let count = kept.iter().map(|frame| u64::from(frame.count)).sum::<u64>().to_string();
            let details = [("RecordCount", count.as_str()), ("Purge", purge.body.tombstone.as_str())];
            let target = Target::other(first.table.clone(), "log records, held since");
            let (now, id) = (store.context().now(), store.context().new_uuid());
            unit.audit(success(&caller, now, id, &KEPT, vec![target], &details));
        }
        if commit(store, unit, held).await? { in_hand(store).await } else { Ok(None) }
    }

    /// Those of the frames that a hold has come for since they were chosen.
    async fn held_in_hand(&self, store: &TenantStore, frames: &[i64]) -> Result<Vec<FoundFrame>, Failure> {
        let holds: Vec<LegalHold> = all(store).await?;
        let mut kept = Vec::new();
        if holds.is_empty() {
            return Ok(kept);
        }
        for some in frames.chunks(REMOVED_AT_ONCE) {
            let mut found = self.parts.logs.store().frames(store.id(), some.to_vec()).await?;
            found.retain(|frame| holds.iter().any(|hold| hold.holds(frame)));
            kept.extend(found);
        }
        Ok(kept)
    }

    /// Removes from the archive what was kept for long enough; how many of its parts.
    pub async fn expire(&self, tenant: TenantId, tables: &[&str]) -> Result<usize, Failure> {
        let Some(archive) = &self.parts.archive else { return Ok(0) };
        let store = self.parts.store.tenant(tenant);
        let now = store.context().now();
        let policy = Policy::new(self.parts.settings, all(&store).await?);
        let holds: Vec<LegalHold> = all(&store).await?;
        let mut count = 0;
        for table in tables {
            let held = |from, until| holds.iter().any(|hold| hold.concerns(table) && hold.overlaps(from, until));
            let before = now.minus(policy.kept(table, now).total);
            let gone = archive.expire(tenant, table, before, &held).await?;
            if gone.is_empty() {
                continue;
            }
            count += gone.len();
            let caller = (self.parts.caller)(store.context(), tenant);
            let names = gone.join(", ");
            let details = [("Table", *table), ("Reason", "total retention"), ("Archives", names.as_str())];
            let target = Target::other((*table).to_owned(), "archived log records, by age");
            let id = store.context().new_uuid();
            let mut unit = store.unit();
            unit.audit(success(&caller, now, id, &EXPIRED, vec![target], &details));
            store.commit(unit).await?;
        }
        Ok(count)
    }
}

const EXPIRED: Activity = Activity {
    name: "Delete archived log records",
    category: "Policy",
    operation: OperationType::Delete,
    service: "Agent Identity",
};

fn span(frames: &[AgedFrame]) -> (String, String) {
    let times = || frames.iter().map(|frame| frame.committed);
    let text = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    (text(times().min()), text(times().max()))
}

fn put(unit: &mut UnitOfWork, store: &TenantStore, before: Option<&InHand>, purge: &LogPurge) {
    match before {
        Some(before) => {
            unit.update(before, purge);
        }
        None => {
            unit.create(Id::of(store.context().new_object_id()), purge);
        }
    }
}

/// Whether it was committed: if not, somebody wrote in between, who set a hold or has the lease now.
async fn commit(store: &TenantStore, mut unit: UnitOfWork, held: &Held) -> Result<bool, Failure> {
    held.fence(&mut unit);
    match store.commit(unit).await {
        Ok(_) => Ok(true),
        Err(CommitError::Conflict(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What lives of a kind in a tenant.
async fn all<K: Kind + Clone>(store: &TenantStore) -> Result<Vec<K>, Failure> {
    let query = ListQuery { kinds: vec![K::NAME], liveness: Liveness::Live, after: None, limit: MOST, index: None };
    let mut found = Vec::new();
    for row in store.list(query).await?.items {
        found.extend(store.find(Id::<K>::of(row.id)).await?.map(|object| object.body.clone()));
    }
    Ok(found)
}
