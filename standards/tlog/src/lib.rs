//! Transparency logs: Merkle trees (RFC 6962 2.1, RFC 9162 2.1), kept as tiles (c2sp.org/tlog-tiles), stated by signed
//! checkpoints (signed-note, tlog-checkpoint), witnessed (tlog-witness, tlog-cosignature) and proved (tlog-proof).
//! Cryptography is aws-lc's; this crate decides what is hashed, signed and believed.
//!
//! Words: a [`Tree`] grows by leaf hashes; a [`TreeHead`] is its size and root; a [`Tile`] holds up to 256
//! neighbouring hashes of one level at a [`TileAddress`], and an entry bundle ([`BundleAddress`]) the entries below
//! one tile. A [`Checkpoint`] is a tree head under the name of its log; a note is text with signature lines. A
//! [`Log`] is what a reader trusts: an origin and its keys. A witness signs that a log only grew.
//!
//! Invariants:
//! - proofs are built from [`VerifiedTiles`] alone, and those hash to the tree head they were verified for;
//! - a [`SignedCheckpoint`] is made by verifying an [`UnverifiedCheckpoint`] against a [`Log`], and a cosignature by an
//!   [`Accepted`] checkpoint, which is consistent with what the witness signed before;
//! - one text for each value: canonical decimals, base64 and paths; sizes and counts are bounded before they are used;
//! - a [`Tree`] holds at most 255 hashes for each level, however large it is.
//!
//! Start with [`Tree::append`] to write, [`InclusionProof`] and [`ConsistencyProof`] to prove, [`ProofFile`] to hand a
//! proof on, [`UnverifiedCheckpoint::parse`] to read, [`AddCheckpoint`] to witness.
//!
//! Deliberately absent: I/O, clocks, what an entry means, which key belongs to whom, ECDSA and ML-DSA signatures,
//! pruning, entry bundles in other formats.

mod bundle;
mod checkpoint;
mod cosignature;
mod decimal;
mod hash;
mod key;
mod log;
mod note;
mod proof;
mod proof_file;
mod range;
mod signing;
mod tile;
mod tree;
mod verified;
mod witness;

pub use bundle::{BundleError, EntryTooLong, parse_bundle, write_entry};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use cosignature::Cosignature;
pub use hash::{Hash, TreeHead};
pub use key::{KeyError, KeyId, KeyKind, KeyName, VerifierKey};
pub use log::{Log, SignedCheckpoint, UnverifiedCheckpoint};
pub use note::{NoteError, SignatureLine, UnverifiedNote, VerifiedNote};
pub use proof::{ConsistencyProof, InclusionProof, ProofError};
pub use proof_file::{ProofFile, ProofFileError};
pub use signing::{SignError, Signer, SigningFailed, SigningKey};
pub use tile::{BundleAddress, NotATilePath, Tile, TileAddress, TileSizeError};
pub use tree::Tree;
pub use verified::{TileError, VerifiedTiles};
pub use witness::{Accepted, AddCheckpoint, Refusal, RequestError};
