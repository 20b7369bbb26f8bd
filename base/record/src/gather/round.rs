//! What the log's tables hold.

use super::found::ChainTip;
use crate::frame::WriterId;
use signet_kernel::TenantId;

/// A tree as it is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// Leaves.
    pub size: u64,
    /// The root.
    pub root: [u8; 32],
}

/// A tile: neighbouring hashes of a level, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTile {
    /// Levels above the leaves' tiles.
    pub level: u8,
    /// Tiles to the left of this one.
    pub index: u64,
    /// The hashes.
    pub hashes: Vec<u8>,
}

/// Where a frame's records are in the log: its first at `first_leaf`, the others behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSpan {
    /// The leaf of its first record.
    pub first_leaf: u64,
    /// The frame's number.
    pub frame: i64,
    /// Records.
    pub count: u32,
}

/// The entries of a span whose frame was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEntries {
    /// The leaf of the first.
    pub first_leaf: u64,
    /// The entries, as whoever made them wrote them.
    pub entries: Vec<u8>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// The deployment's epoch, which the log's name says.
    pub epoch: u64,
    /// Leaves.
    pub size: u64,
    /// The note.
    pub note: Vec<u8>,
    /// Whether it stays when others are thinned out.
    pub kept: bool,
}

/// Frames taken into the log of one tenant.
#[derive(Debug, Clone)]
pub struct LogRound {
    /// Whose log.
    pub tenant: TenantId,
    /// The size that it was made for.
    pub before: u64,
    /// The tree after it.
    pub after: LogHead,
    /// Tiles that changed, each whole.
    pub tiles: Vec<LogTile>,
    /// Where the frames went.
    pub spans: Vec<LogSpan>,
    /// Where their chains stand.
    pub tips: Vec<((String, WriterId), ChainTip)>,
}
