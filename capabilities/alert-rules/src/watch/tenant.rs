//! One tenant's rules, and how far they have come.

use super::Watch;
use crate::built_in;
use crate::group::AlertGroup;
use crate::progress::AlertProgress;
use crate::raise::raise;
use crate::rule::AlertRule;
use crate::schedule;
use crate::stream::{self, Found, Streaming};
use signet_kernel::{Failure, ObjectId, TenantId, Timestamp};
use signet_record::{Place, Tables};
use signet_store::{Id, IndexKey, IndexWalk, Kind, ListQuery, Liveness, Object, Position, TenantStore};
use signet_tenants::Tenant;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Records followed at a time.
const BATCH: usize = 1_000;
/// Rules that a tenant may have.
pub(crate) const MOST_RULES: usize = 500;
/// How long progress that raised nothing stays unwritten.
const KEPT: Duration = Duration::from_mins(1);
/// How long a tenant counts as just made.
const YOUNG: Duration = Duration::from_hours(1);
/// Groups that have been silent and are not any more are forgotten so many at a time.
const FORGOTTEN: usize = 200;

/// Whether records were followed that no rule may be asked of again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moved {
    On,
    /// Only an alert is worth a commit.
    Perhaps,
}

/// What is known of a tenant.
pub(super) struct Known {
    store: TenantStore,
    progress: Arc<Object<AlertProgress>>,
    place: Place,
    written_at: Duration,
    /// When each scheduled rule was asked last. What found nothing is not written: whoever watches next asks it anew.
    asked: BTreeMap<ObjectId, Timestamp>,
    rules: Vec<Arc<Object<AlertRule>>>,
    streaming: Vec<Streaming>,
    /// The tenant's changes up to here are in `rules`.
    seen: Option<Position>,
}

impl Known {
    pub(super) async fn begin(watch: &Watch, tenant: TenantId) -> Result<Self, Failure> {
        let store = watch.store.tenant(tenant);
        built_in::seed(&store).await?;
        let progress = match find(&store).await? {
            Some(progress) => progress,
            None => {
                let place = if is_young(&store).await? { Place::default() } else { watch.record.end(tenant).await? };
                let (asked, other) = (Default::default(), serde_json::Map::new());
                let mut unit = store.unit();
                unit.create(Id::of(store.context().new_object_id()), &AlertProgress { place, asked, other });
                store.commit(unit).await?;
                find(&store).await?.ok_or_else(|| Failure::bug("progress that was written is not there"))?
            }
        };
        let (place, asked) = (progress.body.place.clone(), progress.body.asked.clone());
        let written_at = store.context().monotonic();
        Ok(Self { store, progress, place, written_at, asked, rules: Vec::new(), streaming: Vec::new(), seen: None })
    }

    /// Asks streaming rules of what was recorded since.
    pub(super) async fn follow(&mut self, watch: &Watch) -> Result<(), Failure> {
        loop {
            self.learn().await?;
            let tables = self.tables();
            let (records, next) = watch.record.follow(self.store.id(), &tables, &self.place, BATCH).await?;
            // A rule that came meanwhile is asked of what came after it, also where nothing was read yet.
            self.learn().await?;
            if self.tables() != tables {
                continue;
            }
            let Some(first) = records.first() else {
                self.place = next;
                return Ok(());
            };
            let now = self.store.context().now();
            let lag = now.since(first.committed);
            let (rules, tenant, count) = (self.streaming.clone(), self.store.id(), records.len() as u64);
            let asked = tokio::task::spawn_blocking(move || stream::ask(&rules, tenant, &records, now)).await;
            let (found, failed) = asked.map_err(Failure::bug)?;
            self.place = next;
            let idle = self.store.context().monotonic().saturating_sub(self.written_at) < KEPT;
            if !found.is_empty() || !idle {
                self.write(watch, found, Moved::On).await?;
            }
            watch.count(|counts| {
                counts.records += count;
                counts.failures += failed as u64;
                counts.lag = lag;
            });
        }
    }

    /// The tables of the record that streaming rules read.
    fn tables(&self) -> Tables {
        Tables::Only(self.streaming.iter().map(|rule| rule.stored().to_owned()).collect())
    }

    /// Asks the scheduled rules whose time it is.
    pub(super) async fn ask_scheduled(&mut self, watch: &Watch) -> Result<(), Failure> {
        self.learn().await?;
        let now = self.store.context().now();
        let due = self.rules.iter().filter(|rule| schedule::is_due(rule, &self.asked, now));
        for rule in due.cloned().collect::<Vec<_>>() {
            let minutes = rule.body.period_in_minutes;
            let found = schedule::ask(&watch.queries, &self.store, &rule.body, minutes).await;
            let groups = found.unwrap_or_else(|failure| {
                tracing::warn!(rule = rule.body.display_name, %failure, "a scheduled rule could not be asked");
                watch.count(|counts| counts.failures += 1);
                Vec::new()
            });
            watch.count(|counts| counts.scheduled += 1);
            self.asked.insert(rule.id.object(), now);
            if !groups.is_empty() {
                self.write(watch, vec![(rule, groups)], Moved::Perhaps).await?;
            }
        }
        self.forget(now).await
    }

    /// Writes how far the rules have come, and the alerts that came of it, in one commit.
    async fn write(&mut self, watch: &Watch, found: Found, moved: Moved) -> Result<(), Failure> {
        let mut unit = self.store.unit();
        let mut raised = Vec::new();
        for (rule, groups) in found {
            raised.extend(raise(&self.store, &mut unit, &rule, groups).await?);
        }
        if raised.is_empty() && moved == Moved::Perhaps {
            return Ok(());
        }
        self.asked.retain(|id, _| self.rules.iter().any(|rule| rule.id.object() == *id));
        let (place, asked) = (self.place.clone(), self.asked.clone());
        let next = AlertProgress { place, asked, ..self.progress.body.clone() };
        unit.update(&self.progress, &next);
        self.store.commit(unit).await?;
        if !raised.is_empty() {
            // They go out as records do: the sooner they are some, the sooner.
            watch.audit.wake();
        }
        raised.into_iter().for_each(signet_alerts::Raised::tell);
        let written = find(&self.store).await?;
        self.progress = written.ok_or_else(|| Failure::bug("progress that was written is not there"))?;
        self.written_at = self.store.context().monotonic();
        Ok(())
    }

    /// Reads the rules again if anything of the tenant has changed.
    async fn learn(&mut self) -> Result<(), Failure> {
        let position = self.store.position().await?;
        if self.seen == Some(position) {
            return Ok(());
        }
        self.rules = rules(&self.store).await?;
        let known = std::mem::take(&mut self.streaming);
        let same = |rule: &Arc<Object<AlertRule>>| {
            known.iter().find(|one| one.rule.id == rule.id && one.rule.version == rule.version).cloned()
        };
        self.streaming = self.rules.iter().filter_map(|rule| same(rule).or_else(|| Streaming::of(rule))).collect();
        self.seen = Some(position);
        Ok(())
    }

    /// Forgets groups that are not silent any more.
    async fn forget(&self, now: Timestamp) -> Result<(), Failure> {
        let field = AlertGroup::UNTIL;
        let walk = IndexWalk { kinds: vec![AlertGroup::NAME], field, after: None, limit: FORGOTTEN, descending: false };
        let until = IndexKey::time(now);
        let walked = self.store.walk(walk).await?;
        let over = walked.into_iter().take_while(|(key, _)| *key < until);
        let mut unit = self.store.unit();
        for (_, row) in over {
            if let Some(group) = self.store.find(Id::<AlertGroup>::of(row.id)).await? {
                unit.remove(&group, self.store.context().new_uuid());
            }
        }
        if !unit.is_empty() {
            self.store.commit(unit).await?;
        }
        Ok(())
    }
}

async fn find(store: &TenantStore) -> Result<Option<Arc<Object<AlertProgress>>>, Failure> {
    match store.find_key(AlertProgress::ONE, &AlertProgress::key()).await? {
        Some(id) => Ok(store.find(Id::of(id)).await?),
        None => Ok(None),
    }
}

/// What happened before anybody watched raises no alerts; a tenant that was just made is watched from its start.
async fn is_young(store: &TenantStore) -> Result<bool, Failure> {
    let tenant = store.find(Tenant::id(store.id())).await?;
    Ok(tenant.is_some_and(|tenant| store.context().now().since(tenant.created) < YOUNG))
}

/// The living rules of a tenant.
pub(crate) async fn rules(store: &TenantStore) -> Result<Vec<Arc<Object<AlertRule>>>, Failure> {
    let query = ListQuery {
        kinds: vec![AlertRule::NAME],
        liveness: Liveness::Live,
        after: None,
        limit: MOST_RULES,
        index: None,
    };
    let page = store.list(query).await?;
    let mut rules = Vec::with_capacity(page.items.len());
    for row in page.items {
        rules.extend(store.find(Id::<AlertRule>::of(row.id)).await?);
    }
    Ok(rules)
}
