//! Answers KQL over the log tables by columns: Parquet segments of one tenant, and rows that are at hand.
//!
//! Words: a *segment* is one Parquet file, written once and never changed; *hot* are rows that are handed
//! over, in no file; a value that is *unfolded* is taken out of a dynamic column into a column of its own, so that nobody
//! has to parse JSON for it; a part of a plan is *lowered* when columns answer it.
//!
//! Start with [`TableSource`]: what storage tells the engine; then [`Engine::over`], whose result is handed to
//! [`signet_kql::Plan::run`] as its tables. A server has queries answered by [`Workers`], children of the same program
//! that run [`worker::serve`].
//!
//! Invariants: what the row evaluator of `signet-kql` answers is right, and columns answer the same; what is not
//! lowered is left to it. An engine is given the parts of one tenant's tables and reaches nothing else.

mod batch;
#[cfg(feature = "engine")]
mod codec;
#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "engine")]
mod external;
#[cfg(feature = "engine")]
mod job;
mod sources;
mod unfold;
#[cfg(feature = "engine")]
pub mod worker;
#[cfg(feature = "engine")]
mod workers;

pub use batch::batch;
#[cfg(feature = "engine")]
pub use engine::{Asked, Engine, EngineError, Over, Shares};
#[cfg(feature = "engine")]
pub use job::Job;
pub use sources::{Segment, SourceError, TableParts, TableSource, TimeSpan, Unfolded, UnfoldedType, arrow_schema};
pub use unfold::{common_paths, unfold};
#[cfg(feature = "engine")]
pub use workers::{Worked, Workers};
