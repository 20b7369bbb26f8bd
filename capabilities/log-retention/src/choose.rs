//! Which frames leave next.

use crate::hold::LegalHold;
use crate::policy::Policy;
use crate::round::{KEPT, Retention};
use serde::Deserialize;
use signet_kernel::{Failure, TenantId, Timestamp};
use signet_logs::AUDITS;
use signet_record::{AgedFrame, FoundFrame, Place};
use signet_transparency_log::states_purge;
use std::collections::BTreeMap;

/// Frames looked at in one piece.
const LOOKED: usize = 500;
/// Frames whose content is read at once.
const READ: usize = 32;
/// Frames of one table in one purge: its tombstone names their leaves.
pub(crate) const MOST: usize = 1_024;

/// Frames of one table that leave together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) table: String,
    pub(crate) frames: Vec<AgedFrame>,
    /// Whether there may be more.
    pub(crate) more: bool,
}

/// What decides.
pub(crate) struct Deciding<'d> {
    pub(crate) policy: &'d Policy,
    pub(crate) holds: &'d [LegalHold],
    pub(crate) readers: &'d [(String, Place)],
    pub(crate) now: Timestamp,
}

impl Retention {
    /// The next frames of one table whose time is over: from the oldest on, the first table that has enough of them, or else
    /// the one with the most.
    pub(crate) async fn choose(&self, tenant: TenantId, by: &Deciding<'_>) -> Result<Option<Chosen>, Failure> {
        let newest = by.now.minus(by.policy.shortest(by.now));
        let mut found: BTreeMap<String, Vec<AgedFrame>> = BTreeMap::new();
        let mut after = Some(0);
        while let Some(from) = after {
            let (aged, next) = self.parts.record.aged(tenant, newest, from, LOOKED).await?;
            let over: Vec<AgedFrame> = aged.into_iter().filter(|frame| self.is_over(frame, by)).collect();
            for frame in self.not_held(tenant, over, by.holds).await? {
                let of_table = found.entry(frame.table.clone()).or_default();
                of_table.push(frame);
                if of_table.len() >= MOST {
                    let chosen = found.into_iter().find(|(_, frames)| frames.len() >= MOST);
                    return Ok(chosen.map(|(table, frames)| Chosen { table, frames, more: true }));
                }
            }
            after = next;
        }
        let more = found.len() > 1;
        let most = found.into_iter().max_by_key(|(_, frames)| frames.len());
        Ok(most.map(|(table, frames)| Chosen { table, frames, more }))
    }

    /// Whether a frame's time is over, and whoever has to read it has, or had long enough to.
    fn is_over(&self, frame: &AgedFrame, by: &Deciding<'_>) -> bool {
        let until = frame.committed.plus(by.policy.kept(&frame.table, by.now).retention);
        let waited = until.plus(self.parts.settings.readers);
        until <= by.now && (waited <= by.now || by.readers.iter().all(|(_, place)| place.is_past(frame.number)))
    }

    /// Without what is held, and without what states a purge or corrects such a statement.
    async fn not_held(
        &self,
        tenant: TenantId,
        frames: Vec<AgedFrame>,
        holds: &[LegalHold],
    ) -> Result<Vec<AgedFrame>, Failure> {
        let is_read =
            |frame: &&AgedFrame| frame.table == AUDITS || holds.iter().any(|hold| hold.concerns(&frame.table));
        let numbers: Vec<i64> = frames.iter().filter(is_read).map(|frame| frame.number).collect();
        let mut stay = Vec::new();
        for some in numbers.chunks(READ) {
            for frame in self.parts.logs.store().frames(tenant, some.to_vec()).await? {
                if states_purge(&frame) || says_kept(&frame) || holds.iter().any(|hold| hold.holds(&frame)) {
                    stay.push(frame.number);
                }
            }
        }
        Ok(frames.into_iter().filter(|frame| !stay.contains(&frame.number)).collect())
    }
}

/// Whether a frame says of records that a tombstone states that they are held and have stayed.
fn says_kept(frame: &FoundFrame) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Body {
        operation_name: String,
    }
    let is_kept = |body: &[u8]| serde_json::from_slice(body).is_ok_and(|body: Body| body.operation_name == KEPT.name);
    frame.table == AUDITS && frame.lines().any(|(_, body)| is_kept(body))
}
