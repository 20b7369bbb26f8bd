//! Dead letters that somebody wants sent again.

use super::{Halt, Mind, Pump, RESEND_EVERY};
use crate::dead_letter::DeadLetter;
use crate::deliver::deliver;
use crate::event::Event;
use signet_graph::JsonMap;
use signet_kernel::TenantId;
use signet_record::{Followed, Query};
use signet_store::{Id, IndexMatch, Kind, ListQuery, Liveness, Object, TenantStore};
use std::sync::Arc;

/// Letters read at a time.
const BATCH: usize = 100;
const GONE: &str = "the record is not kept any more";

impl Pump {
    /// Sends what was asked for since it looked last.
    pub(super) async fn send_again(&self, mind: &mut Mind) -> Result<(), Halt> {
        let now = self.store.context().monotonic();
        if now < mind.next_resend {
            return Ok(());
        }
        for tenant in mind.changed.clone() {
            self.send_letters(tenant).await?;
            mind.changed.remove(&tenant);
        }
        mind.next_resend = now + RESEND_EVERY;
        Ok(())
    }

    async fn send_letters(&self, tenant: TenantId) -> Result<(), Halt> {
        let store = self.store.tenant(tenant);
        let mut after = None;
        loop {
            let index = IndexMatch { field: DeadLetter::RESEND, key: DeadLetter::resend_key(&self.name) };
            let kinds = vec![DeadLetter::NAME];
            let query = ListQuery { kinds, liveness: Liveness::Live, after, limit: BATCH, index: Some(index) };
            let page = store.list(query).await?;
            for row in page.items {
                if let Some(letter) = store.find(Id::<DeadLetter>::of(row.id)).await? {
                    self.send_letter(&store, &letter).await?;
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// A letter that is taken is gone; one that is not says why.
    async fn send_letter(&self, store: &TenantStore, letter: &Arc<Object<DeadLetter>>) -> Result<(), Halt> {
        let mut unit = store.unit();
        let refused = match self.event(store, &letter.body).await? {
            None => Some(GONE.to_owned()),
            Some(event) => {
                let refused = deliver(self.sink.as_ref(), &[event]).await.map_err(Halt::Receiver)?;
                refused.into_iter().next().map(|(_, reason)| reason)
            }
        };
        let taken = usize::from(refused.is_none());
        match refused {
            None => unit.remove(letter, store.context().new_uuid()),
            Some(reason) => {
                let other = letter.body.clone();
                unit.update(letter, &DeadLetter { reason, is_resend_requested: false, ..other })
            }
        };
        store.commit(unit).await?;
        self.meter.delivered(taken, 0);
        Ok(())
    }

    /// The record that a letter names.
    async fn event(&self, store: &TenantStore, letter: &DeadLetter) -> Result<Option<Event>, Halt> {
        let (table, id) = (letter.table.clone(), letter.record.clone());
        let query = Query { id: Some(id.clone()), limit: 1, ..Query::new(store.id(), table.clone()) };
        let found = self.record.query(query).await?;
        let record = found.records.into_iter().zip(found.committed).next();
        Ok(record.map(|(columns, committed)| {
            let columns: JsonMap = serde_json::from_value(columns).unwrap_or_default();
            Event::of(store.id(), Followed { table, id, committed, columns })
        }))
    }
}
