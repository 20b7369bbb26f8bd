//! What is kept of a frame that was removed: its entries, and where its chain stood after it.

use crate::entry::{self, entries_of};
use serde::{Deserialize, Serialize};
use signet_record::{ChainTip, FoundFrame, FrameProblem, Hash, KeptEntries, WriterId};

/// What is kept of a frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) table: String,
    pub(crate) writer: WriterId,
    /// The frame's number in its chain.
    pub(crate) seq: u64,
    /// The hash of the frame before it.
    pub(crate) prev: Hash,
    /// Where the chain stands after it.
    pub(crate) tip: ChainTip,
    pub(crate) entries: Vec<String>,
}

impl Kept {
    /// Of a frame that is what was written.
    pub(crate) fn of(frame: &FoundFrame) -> Result<Self, FrameProblem> {
        let (table, writer, seq, prev) = (frame.table.clone(), frame.writer, frame.seq, frame.prev());
        Ok(Self { table, writer, seq, prev, tip: frame.tip()?, entries: entries_of(frame).collect() })
    }

    pub(crate) fn read(stored: &KeptEntries) -> Option<Self> {
        serde_json::from_slice(&stored.entries).ok()
    }

    pub(crate) fn write(&self, first_leaf: u64) -> Result<KeptEntries, serde_json::Error> {
        Ok(KeptEntries { first_leaf, entries: serde_json::to_vec(self)? })
    }

    /// Whether it may stand where the chain stood at `before`. Its own hash is bound by what follows it.
    pub(crate) fn follows(&self, before: &ChainTip) -> bool {
        let place = format!("{} {}", self.writer, self.seq);
        let count = self.entries.len() as u64;
        let next = (self.seq.saturating_add(1), before.next_first.saturating_add(count));
        let mut entries = self.entries.iter().enumerate();
        (before.next_seq, before.hash) == (self.seq, self.prev)
            && (self.tip.next_seq, self.tip.next_first) == next
            && entries.all(|(line, entry)| entry::is_at(entry, &self.table, &place, line))
    }
}
