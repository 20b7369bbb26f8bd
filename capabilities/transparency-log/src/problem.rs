//! What is wrong with a log.

use signet_record::{FramePlace, FrameProblem, LogError};
use signet_tlog::{CheckpointError, NoteError, TileAddress, TileError};

/// The first thing that is wrong with a log, or why nobody can tell.
#[derive(Debug, thiserror::Error)]
pub enum LogProblem {
    /// A frame is not the one that was written, or does not follow its chain.
    #[error("{place}: {problem}")]
    Frame {
        /// Which.
        place: FramePlace,
        /// What.
        problem: FrameProblem,
    },
    /// A frame that is in the log is gone, and no entries were kept of it.
    #[error("frame number {0} is in the log and not in the record: it was dropped")]
    Dropped(i64),
    /// What was kept of a removed frame is not what was logged.
    #[error("what was kept of the removed frame number {0} is damaged")]
    Kept(i64),
    /// A purge states leaves that were others, or none.
    #[error("the purge that the audit record {0} states removed other records than it says")]
    Purge(String),
    /// The spans leave leaves out, or overlap.
    #[error("leaf {0} is in no frame, or in two")]
    Span(u64),
    /// A tile is not what the entries hash to.
    #[error("{0} is missing, or is not what the entries hash to")]
    Tile(TileAddress),
    /// There are tiles that belong to no tree of this size.
    #[error("there are {found} tiles where a tree of {size} leaves has {expected}")]
    TileCount {
        /// Leaves.
        size: u64,
        /// Tiles that there are.
        found: u64,
        /// Tiles that there should be.
        expected: u64,
    },
    /// The tiles do not fit together.
    #[error("the log's tiles are damaged: {0}")]
    Tiles(#[from] TileError),
    /// The entries do not hash to the root that was committed.
    #[error("the entries do not hash to the root that was committed: the log was rewritten")]
    Root,
    /// The log says of a chain what its frames do not.
    #[error("table {table}, writer {writer}: the log says of this chain what its frames do not")]
    Tip {
        /// The table.
        table: String,
        /// The writer.
        writer: String,
    },
    /// A checkpoint states more than there is.
    #[error("a checkpoint states {stated} leaves and the log has {size}: its end was cut")]
    Cut {
        /// Leaves that the checkpoint states.
        stated: u64,
        /// Leaves that there are.
        size: u64,
    },
    /// A checkpoint states another tree.
    #[error("a checkpoint of {stated} leaves states another root: the history was rewritten behind leaf {sound}")]
    Rewritten {
        /// Leaves that it states.
        stated: u64,
        /// Leaves that the largest checkpoint before it states, all as they were.
        sound: u64,
    },
    /// A checkpoint is not what its row says.
    #[error("the checkpoint kept for {0} leaves states another size")]
    Misplaced(u64),
    /// A checkpoint is not signed as it should be.
    #[error("a checkpoint of {size} leaves is not to be believed: {problem}")]
    Checkpoint {
        /// Leaves that it states.
        size: u64,
        /// What is wrong with it.
        problem: CheckpointError,
    },
    /// A cosignature is false.
    #[error("a cosignature of the checkpoint of {size} leaves is false: {problem}")]
    Cosignature {
        /// Leaves that it states.
        size: u64,
        /// What is wrong with it.
        problem: NoteError,
    },
    /// A file that is not as it should be.
    #[error("{file}: {problem}")]
    File {
        /// Which.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Unreadable(#[from] LogError),
    /// No key is known for it.
    #[error("no key is known for the log {0}; name one with --key")]
    NoKey(String),
}
