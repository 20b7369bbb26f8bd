//! One tenant's records on their way to a sink.

use super::{Halt, Pump};
use crate::config::{Beginning, Records};
use crate::cursor::ExportCursor;
use crate::dead_letter::DeadLetter;
use crate::deliver::{NotNow, Refused, deliver};
use crate::event::Event;
use signet_kernel::{TenantId, Timestamp};
use signet_record::Place;
use signet_store::{Id, Liveness, Object, TenantStore, UnitOfWork};
use std::sync::Arc;
use std::time::Duration;

/// How long a cursor that has passed nothing but what is not wanted stays unwritten.
const KEPT: Duration = Duration::from_mins(1);

/// How far a sink has come in a tenant.
#[derive(Debug)]
pub(super) struct Progress {
    written: Option<Arc<Object<ExportCursor>>>,
    place: Place,
    /// By the monotonic clock.
    written_at: Duration,
}

impl Progress {
    /// Everything before this was taken.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }
}

impl Pump {
    /// Where the sink goes on in a tenant.
    pub(super) async fn begin(&self, tenant: TenantId) -> Result<Progress, Halt> {
        let store = self.store.tenant(tenant);
        let written = self.cursor(&store).await?;
        let place = match &written {
            Some(cursor) => cursor.body.place.clone(),
            None if self.choice.from == Beginning::Now => self.record.end(tenant).await?,
            None => Place::default(),
        };
        let mut progress = Progress { written, place, written_at: store.context().monotonic() };
        if progress.written.is_none() {
            self.commit(&store, &mut progress, store.unit()).await?;
        }
        Ok(progress)
    }

    /// Sends the next records of a tenant; whether there were none.
    pub(super) async fn advance(&self, tenant: TenantId, progress: &mut Progress) -> Result<bool, Halt> {
        let tables = self.choice.of_record();
        let (records, next) = self.record.follow(tenant, &tables, &progress.place, self.batch()).await?;
        let Some(oldest) = records.first().map(|record| record.committed) else {
            self.meter.waits(tenant, None);
            progress.place = next;
            return Ok(true);
        };
        let events = records.into_iter().map(|record| Event::of(tenant, record)).filter(|event| self.wants(event));
        let taken = self.taken.lock().get(&tenant).cloned().unwrap_or_default();
        let events: Vec<Event> = events.filter(|event| !taken.contains(&event.id)).collect();
        self.meter.waits(tenant, (!events.is_empty()).then_some(oldest));
        let refused = self.hand_over(tenant, &events).await.map_err(Halt::Receiver)?;
        progress.place = next;
        let store = self.store.tenant(tenant);
        let idle = store.context().monotonic().saturating_sub(progress.written_at) < KEPT;
        if events.is_empty() && idle {
            return Ok(false);
        }
        let mut unit = store.unit();
        self.bury(&store, &mut unit, &events, &refused).await?;
        self.commit(&store, progress, unit).await?;
        self.taken.lock().remove(&tenant);
        self.meter.delivered(0, refused.len());
        Ok(false)
    }

    /// Events handed over at a time.
    fn batch(&self) -> usize {
        self.choice.batch.min(self.sink.most())
    }

    fn wants(&self, event: &Event) -> bool {
        let table = self.choice.tables.is_empty() || self.choice.tables.contains(&event.table);
        table && (self.choice.records == Records::All || event.is_alert())
    }

    async fn hand_over(&self, tenant: TenantId, events: &[Event]) -> Result<Refused, NotNow> {
        let mut refused = Refused::new();
        let mut at = 0;
        let together = |one: &Event, next: &Event| !self.sink.one_table() || one.table == next.table;
        for some in events.chunk_by(together).flat_map(|some| some.chunks(self.batch())) {
            let found = deliver(self.sink.as_ref(), some).await?;
            let is_refused = |number: usize| found.iter().any(|(refused, _)| *refused == number);
            let taken = some.iter().enumerate().filter(|(number, _)| !is_refused(*number));
            self.taken.lock().entry(tenant).or_default().extend(taken.map(|(_, event)| event.id.clone()));
            self.meter.delivered(some.len() - found.len(), 0);
            refused.extend(found.into_iter().map(|(number, reason)| (at + number, reason)));
            at += some.len();
        }
        Ok(refused)
    }

    async fn bury(
        &self,
        store: &TenantStore,
        unit: &mut UnitOfWork,
        events: &[Event],
        refused: &Refused,
    ) -> Result<(), Halt> {
        if refused.is_empty() {
            return Ok(());
        }
        if store.count(&[<DeadLetter as signet_store::Kind>::NAME], Liveness::Live).await? >= self.most_dead {
            return Err(Halt::Full);
        }
        for (number, reason) in refused {
            let Some(event) = events.get(*number) else { continue };
            tracing::warn!(
                sink = self.name,
                table = event.table,
                record = event.id,
                reason,
                "a receiver refused an event"
            );
            let letter = DeadLetter {
                sink: self.name.clone(),
                table: event.table.clone(),
                record: event.id.clone(),
                reason: reason.clone(),
                is_resend_requested: false,
                other: serde_json::Map::new(),
            };
            unit.create(Id::of(store.context().new_object_id()), &letter);
        }
        Ok(())
    }

    /// Writes the cursor with what goes with it. Should another node have moved it, this fails, and its place counts.
    async fn commit(&self, store: &TenantStore, progress: &mut Progress, mut unit: UnitOfWork) -> Result<(), Halt> {
        let moved: Timestamp = store.context().now();
        let (sink, place) = (self.name.clone(), progress.place.clone());
        match &progress.written {
            Some(seen) => {
                unit.update(seen, &ExportCursor { place, moved, ..seen.body.clone() });
            }
            None => {
                let cursor = ExportCursor { sink, place, moved, other: serde_json::Map::new() };
                unit.create(Id::of(store.context().new_object_id()), &cursor);
            }
        }
        store.commit(unit).await?;
        progress.written = self.cursor(store).await?;
        progress.written_at = store.context().monotonic();
        Ok(())
    }

    async fn cursor(&self, store: &TenantStore) -> Result<Option<Arc<Object<ExportCursor>>>, Halt> {
        match store.find_key(ExportCursor::BY_SINK, &ExportCursor::key(&self.name)).await? {
            Some(id) => Ok(store.find(Id::of(id)).await?),
            None => Ok(None),
        }
    }
}
