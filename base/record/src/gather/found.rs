//! Frames on their way into the log.

use crate::frame::{FrameHeader, Hash, WriterId};
use crate::verify::{Frame, FramePlace, FrameProblem, Tip};
use serde::{Deserialize, Serialize};
use signet_kernel::{TenantId, Timestamp};

/// A frame as it lies in the record.
#[derive(Debug, Clone)]
pub struct FoundFrame {
    /// Whose.
    pub tenant: TenantId,
    /// Its number in the file or database.
    pub number: i64,
    /// The table.
    pub table: String,
    /// The writer.
    pub writer: WriterId,
    /// Its number in its chain.
    pub seq: u64,
    /// Records in it.
    pub count: u32,
    pub(super) at: Timestamp,
    pub(super) first: u64,
    pub(super) prev: Hash,
    pub(super) hash: Hash,
    pub(super) keys: Vec<u8>,
    pub(super) personal: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// Where a chain stands: what its next frame has to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainTip {
    /// Frames before the next.
    pub next_seq: u64,
    /// Records before the next frame.
    pub next_first: u64,
    /// The hash of the last frame.
    pub hash: Hash,
}

impl FoundFrame {
    /// Where it belongs.
    pub fn place(&self) -> FramePlace {
        FramePlace { tenant: self.tenant, table: self.table.clone(), writer: self.writer, seq: self.seq }
    }

    /// The hash of the frame before it in its chain.
    pub fn prev(&self) -> Hash {
        self.prev
    }

    /// Where the chain stands after this frame, if it follows `tip` and its bytes are those that were hashed.
    pub fn follow(&self, tip: &ChainTip) -> Result<ChainTip, FrameProblem> {
        let before = Tip { next_seq: tip.next_seq, next_first: tip.next_first, hash: tip.hash };
        self.frame().check_link(&before)?;
        if self.lines().count() != usize::try_from(self.count).unwrap_or(usize::MAX) {
            return Err(FrameProblem::Miscounted);
        }
        let next_first = self.first.saturating_add(u64::from(self.count));
        Ok(ChainTip { next_seq: self.seq.saturating_add(1), next_first, hash: self.hash })
    }

    /// Where the chain stands after this frame, if its bytes are those that were hashed; whatever it follows.
    pub fn tip(&self) -> Result<ChainTip, FrameProblem> {
        self.follow(&ChainTip { next_seq: self.seq, next_first: self.first, hash: self.prev })
    }

    /// Recomputes what its records say of personal values; how many there are, and how many were erased.
    pub fn check_records(&self) -> Result<(u64, u64), FrameProblem> {
        self.frame().check_records().map(|kept| (kept.present, kept.erased))
    }

    /// The key line and the body line of each record, as stored.
    pub fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let newline = |byte: &u8| *byte == b'\n';
        self.keys.split(newline).zip(self.body.split(newline))
    }

    /// When it was committed.
    pub fn committed(&self) -> Timestamp {
        self.at
    }

    /// Its hash.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Of each record its key line, its personal values and its body, as stored.
    pub fn records(&self) -> impl Iterator<Item = (&[u8], &[u8], &[u8])> {
        let personal = self.personal.split(|byte| *byte == b'\n');
        self.lines().zip(personal).map(|((keys, body), personal)| (keys, personal, body))
    }

    fn frame(&self) -> Frame<'_> {
        let header = FrameHeader {
            tenant: self.tenant,
            table: &self.table,
            writer: self.writer,
            seq: self.seq,
            at: self.at,
            first: self.first,
            count: self.count,
            prev: self.prev,
        };
        Frame { header, hash: self.hash, keys: &self.keys, personal: &self.personal, body: &self.body }
    }
}

/// Frames that are not in the log yet.
#[derive(Debug, Default)]
pub struct Unlogged {
    /// The frames, in the order in which they are to be taken.
    pub frames: Vec<FoundFrame>,
    /// How far this reads; to be handed back with what became of the frames.
    pub reached: Reached,
    /// Whether there may be more right now.
    pub more: bool,
}

/// How far was read.
#[derive(Debug, Default)]
pub struct Reached(pub(super) Marks);

#[derive(Debug, Default)]
pub(super) enum Marks {
    /// Nothing was.
    #[default]
    None,
    /// The last frame of the file before and after.
    Files { before: i64, after: i64 },
    /// The last frame of each block of a tenant; the ends of writers that were known before and are now.
    Postgres { tenant: TenantId, blocks: Vec<(i64, i64)>, ended: (i64, i64) },
}

impl Reached {
    /// Whether anything is to be noted even if no frame was found.
    pub fn moves(&self) -> bool {
        match &self.0 {
            Marks::None => false,
            Marks::Files { before, after } => before != after,
            Marks::Postgres { blocks, ended, .. } => !blocks.is_empty() || ended.0 != ended.1,
        }
    }
}
