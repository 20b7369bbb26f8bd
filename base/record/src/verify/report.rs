//! What verification says.

use crate::frame::WriterId;
use signet_kernel::TenantId;

/// What was looked at, all of it sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Frames.
    pub frames: u64,
    /// Records in them.
    pub records: u64,
    /// Chains they form.
    pub chains: u64,
    /// Signed checkpoints.
    pub checkpoints: u64,
    /// Personal values that match their digests.
    pub personal: u64,
    /// Personal values that were erased.
    pub erased: u64,
    /// Frames that were removed, of which only their place in the chain is left.
    pub removed: u64,
    /// Frames after the last checkpoint: whole, but their end is not yet provable.
    pub uncovered: u64,
}

/// Where a frame belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FramePlace {
    /// The tenant.
    pub tenant: TenantId,
    /// The table.
    pub table: String,
    /// The writer.
    pub writer: WriterId,
    /// The number in the chain.
    pub seq: u64,
}

impl std::fmt::Display for FramePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tenant {}, table {}, writer {}, frame {}", self.tenant, self.table, self.writer, self.seq)
    }
}

/// What is wrong with a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameProblem {
    /// A frame before it is missing, or frames changed places.
    #[error("frame {expected} should stand here")]
    Gap {
        /// The number that should be here.
        expected: u64,
    },
    /// It does not follow the frame before it.
    #[error("it does not follow the frame before it")]
    Unlinked,
    /// Its bytes are not those that were hashed.
    #[error("its content was changed")]
    Changed,
    /// It does not hold as many records as it says.
    #[error("it does not hold the records that it counts")]
    Miscounted,
    /// A record is not a JSON object.
    #[error("record {record} is not a JSON object")]
    NotJson {
        /// The record in the frame.
        record: usize,
    },
    /// A personal value is not the one that the record was made with.
    #[error("record {record}: the personal value {field} was changed")]
    Personal {
        /// The record in the frame.
        record: usize,
        /// The member.
        field: String,
    },
    /// A checkpoint states a frame that is not there: the chain was cut.
    #[error("checkpoint {sequence} states this frame, and it is missing or another: the chain was cut or replaced")]
    Cut {
        /// The first such checkpoint.
        sequence: u64,
    },
}

/// What is wrong with a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointProblem {
    /// The signature is not its key's.
    #[error("the signature does not verify")]
    Signature,
    /// The statement cannot be read, or is about another tenant or number.
    #[error("the statement is not this checkpoint's")]
    Statement,
    /// A checkpoint before it is missing or was changed.
    #[error("it does not follow the checkpoint before it")]
    Unlinked,
    /// It leaves out a chain that the one before it states, or states less of it.
    #[error("it states less than the checkpoint before it")]
    Shrunk,
}

/// The first thing that is wrong.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A frame.
    #[error("{place}: {problem}")]
    Frame {
        /// Which.
        place: FramePlace,
        /// What.
        problem: FrameProblem,
    },
    /// A checkpoint.
    #[error("tenant {tenant}, checkpoint {sequence}: {problem}")]
    Checkpoint {
        /// Whose.
        tenant: TenantId,
        /// Which.
        sequence: u64,
        /// What.
        problem: CheckpointProblem,
    },
    /// A row whose ids or hashes have the wrong length.
    #[error("row {0} of the frames is damaged")]
    Row(i64),
    /// The file cannot be read.
    #[error("the record cannot be read: {0}")]
    Database(#[from] rusqlite::Error),
    /// PostgreSQL cannot be read.
    #[error("the record cannot be read: {}", crate::error::said_by(.0))]
    Postgres(#[from] tokio_postgres::Error),
}
