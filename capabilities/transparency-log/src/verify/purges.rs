//! Removed leaves against what purges state.

use super::kept::Kept;
use crate::entry::entries_of;
use crate::problem::LogProblem;
use crate::purge::{StatedPurge, combined, stated};
use aws_lc_rs::digest::{Context as Sha256, SHA256};
use signet_kernel::TenantId;
use signet_record::{FoundFrame, LogSnapshot};

/// Spans read at once.
const SPANS: usize = 64;

/// What was removed, and what is stated of it.
#[derive(Default)]
pub(super) struct Purges {
    /// First leaf and end of each range that is not there, in order.
    removed: Vec<(u64, u64)>,
    stated: Vec<StatedPurge>,
}

impl Purges {
    pub(super) fn removed(&mut self, first: u64, count: u64) {
        match self.removed.last_mut().filter(|(_, end)| *end == first) {
            Some((_, end)) => *end += count,
            None => self.removed.push((first, first + count)),
        }
    }

    pub(super) fn frame(&mut self, frame: &FoundFrame) {
        self.stated.extend(stated(frame));
    }

    /// The purges, each of which states what was there, and how many leaves are gone that none states.
    pub(super) async fn check(
        self,
        snapshot: &LogSnapshot,
        tenant: TenantId,
    ) -> Result<(Vec<StatedPurge>, u64), LogProblem> {
        for purge in &self.stated {
            let mut hashes = Vec::new();
            for range in &purge.statement.ranges {
                let hash = hash(snapshot, tenant, *range).await?;
                hashes.extend(hash.ok_or_else(|| LogProblem::Purge(purge.record.clone()))?);
            }
            if combined(&hashes) != purge.statement.entries_hash {
                return Err(LogProblem::Purge(purge.record.clone()));
            }
        }
        let mut ranges: Vec<(u64, u64)> = self.stated.iter().flat_map(|purge| purge.statement.ranges.clone()).collect();
        ranges.sort_unstable();
        let untold = untold(&self.removed, &ranges);
        Ok((self.stated, untold))
    }
}

/// The hash of a range's entries; `None` if it does not begin and end with frames.
async fn hash(
    snapshot: &LogSnapshot,
    tenant: TenantId,
    (first, count): (u64, u64),
) -> Result<Option<Vec<u8>>, LogProblem> {
    let mut hash = Sha256::new(&SHA256);
    let (mut next, end) = (first, first.saturating_add(count));
    while next < end {
        let mut spans = snapshot.spans(tenant, next, SPANS).await?;
        spans.retain(|span| span.first_leaf < end);
        let frames = snapshot.frames(tenant, &spans.iter().map(|span| span.frame).collect::<Vec<_>>()).await?;
        let kept = snapshot.kept_entries(tenant, &spans.iter().map(|span| span.first_leaf).collect::<Vec<_>>()).await?;
        let before = next;
        for span in spans {
            let entries: Vec<String> = match frames.iter().find(|frame| frame.number == span.frame) {
                Some(frame) => entries_of(frame).collect(),
                None => {
                    let kept = kept.iter().find(|kept| kept.first_leaf == span.first_leaf);
                    kept.and_then(Kept::read).ok_or(LogProblem::Dropped(span.frame))?.entries
                }
            };
            if span.first_leaf != next {
                return Ok(None);
            }
            entries.iter().for_each(|entry| hash.update(entry.as_bytes()));
            next += u64::from(span.count);
        }
        if next == before {
            return Ok(None);
        }
    }
    Ok((next == end).then(|| hash.finish().as_ref().to_vec()))
}

/// Leaves of sorted `removed` ranges (first, end) that lie in none of the sorted `stated` ones (first, count).
fn untold(removed: &[(u64, u64)], stated: &[(u64, u64)]) -> u64 {
    let mut stated = stated.iter().peekable();
    let mut untold = 0;
    for (first, end) in removed {
        let mut at = *first;
        while at < *end {
            while stated.next_if(|(first, count)| first + count <= at).is_some() {}
            match stated.peek() {
                Some((first, count)) if *first <= at => at = (first + count).min(*end),
                Some((first, _)) => {
                    untold += first.min(end) - at;
                    at = *first.min(end);
                }
                None => {
                    untold += end - at;
                    at = *end;
                }
            }
        }
    }
    untold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_purge_states_is_counted() {
        assert_eq!(untold(&[(0, 10)], &[]), 10);
        assert_eq!(untold(&[(0, 10)], &[(0, 10)]), 0);
        assert_eq!(untold(&[(0, 10)], &[(2, 3), (5, 1), (5, 1)]), 6);
        assert_eq!(untold(&[(0, 4), (8, 12)], &[(2, 8)]), 4);
        assert_eq!(untold(&[], &[(0, 10)]), 0, "what was put back is stated and there");
    }
}
