//! Frames that were removed, between those that are there.

use super::Tip;
use super::report::{FramePlace, FrameProblem, VerifyError};
use crate::frame::{Hash, WriterId};
use rusqlite::Connection;
use signet_kernel::TenantId;
use std::collections::VecDeque;
use tokio_postgres::Transaction;
use uuid::Uuid;

const FILES: &str = "SELECT id, tenant, table_name, writer, seq, first, count, prev, hash FROM removed \
    WHERE id > ?1 ORDER BY id LIMIT ?2";
const POSTGRES: &str = "SELECT id, table_name, writer, seq, first, count, prev, hash FROM record_removed \
    WHERE tenant = $1 AND id > $2 \
    ORDER BY id LIMIT $3";
/// Read at once.
const PAGE: i64 = 1_000;

/// What is left of a frame: its place in its chain.
pub(super) struct Removed {
    pub(super) place: FramePlace,
    /// Where the chain stands after it.
    pub(super) tip: Tip,
    pub(super) before: Before,
}

/// What it says of where its chain stood.
pub(super) struct Before {
    seq: u64,
    first: u64,
    prev: Hash,
}

impl Before {
    /// Whether the chain stood there.
    pub(super) fn check(&self, tip: &Tip) -> Result<(), FrameProblem> {
        if self.seq != tip.next_seq {
            return Err(FrameProblem::Gap { expected: tip.next_seq });
        }
        if self.prev != tip.hash || self.first != tip.next_first {
            return Err(FrameProblem::Unlinked);
        }
        Ok(())
    }
}

/// They, by the numbers that their frames had, some at a time.
pub(super) struct Sorted {
    ready: VecDeque<(i64, Removed)>,
    after: i64,
    more: bool,
}

impl Sorted {
    pub(super) fn new() -> Self {
        Self { ready: VecDeque::new(), after: i64::MIN, more: true }
    }

    /// The next that comes before a frame.
    pub(super) fn next(&mut self, connection: &Connection, frame: i64) -> Result<Option<Removed>, VerifyError> {
        if self.ready.is_empty() && self.more {
            let mut select = connection.prepare_cached(FILES)?;
            let mut rows = select.query((self.after, PAGE))?;
            while let Some(row) = rows.next()? {
                let id: i64 = row.get(0)?;
                let blob = |at| row.get_ref(at).ok().and_then(|value| value.as_blob().ok()).unwrap_or_default();
                let number = |at| row.get::<_, i64>(at).map(i64::cast_unsigned);
                let tenant = TenantId::from_slice(blob(1)).ok_or(VerifyError::Row(id))?;
                let writer = WriterId::from_slice(blob(3)).ok_or(VerifyError::Row(id))?;
                let place = FramePlace { tenant, table: row.get(2)?, writer, seq: number(4)? };
                let hashes = (Hash::from_slice(blob(7)), Hash::from_slice(blob(8)));
                self.ready.push_back((id, removed(id, place, (number(5)?, number(6)?), hashes)?));
            }
            self.filled();
        }
        Ok(self.pop(frame))
    }

    /// The next of a tenant that comes before a frame.
    pub(super) async fn next_of(
        &mut self,
        moment: &Transaction<'_>,
        tenant: Uuid,
        frame: i64,
    ) -> Result<Option<Removed>, VerifyError> {
        if self.ready.is_empty() && self.more {
            for row in moment.query(POSTGRES, &[&tenant, &self.after, &PAGE]).await? {
                let id: i64 = row.try_get(0)?;
                let number = |at| row.try_get::<_, i64>(at).map(i64::cast_unsigned);
                let (tenant, writer) = (TenantId::from_uuid(tenant), WriterId::from_uuid(row.try_get(2)?));
                let place = FramePlace { tenant, table: row.try_get(1)?, writer, seq: number(3)? };
                let hashes = (Hash::from_slice(row.try_get(6)?), Hash::from_slice(row.try_get(7)?));
                self.ready.push_back((id, removed(id, place, (number(4)?, number(5)?), hashes)?));
            }
            self.filled();
        }
        Ok(self.pop(frame))
    }

    fn filled(&mut self) {
        self.more = i64::try_from(self.ready.len()) == Ok(PAGE);
        self.after = self.ready.back().map_or(self.after, |(id, _)| *id);
    }

    fn pop(&mut self, frame: i64) -> Option<Removed> {
        self.ready.pop_front_if(|(id, _)| *id < frame).map(|(_, removed)| removed)
    }
}

fn removed(
    id: i64,
    place: FramePlace,
    (first, count): (u64, u64),
    hashes: (Option<Hash>, Option<Hash>),
) -> Result<Removed, VerifyError> {
    let (Some(prev), Some(hash)) = hashes else { return Err(VerifyError::Row(id)) };
    let before = Before { seq: place.seq, first, prev };
    let tip = Tip { next_seq: place.seq.saturating_add(1), next_first: first.saturating_add(count), hash };
    Ok(Removed { place, tip, before })
}
