//! Proofs that a leaf is in a tree, and that a tree grew out of another.

use crate::range::{Range, consistency, inclusion};
use crate::verified::{check_leaf, needed};
use crate::{Hash, TileAddress, TileError, TreeHead, VerifiedTiles};
use std::collections::BTreeSet;

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No proof of this shape exists for these trees.
    #[error("the proof does not have the length that the sizes of the trees demand")]
    Length,
    /// The hashes lead elsewhere.
    #[error("the proof does not lead to the root")]
    Mismatch,
    /// The later tree is smaller.
    #[error("the later tree is smaller than the earlier one")]
    Shrunk,
}

/// Proves that a leaf is in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The leaf's number, from 0.
    pub index: u64,
    /// The hashes beside the way from the leaf to the root.
    pub path: Vec<Hash>,
}

impl InclusionProof {
    /// The tiles to read for a proof.
    ///
    /// # Errors
    /// [`TileError::NoSuchLeaf`].
    pub fn tiles(index: u64, size: u64) -> Result<BTreeSet<TileAddress>, TileError> {
        check_leaf(index, size)?;
        Ok(needed(&inclusion(index, size), size))
    }

    /// Builds the proof for the tree that `tiles` are of.
    ///
    /// # Errors
    /// [`TileError`] if the tree has no such leaf or a tile is missing.
    pub fn build(index: u64, tiles: &VerifiedTiles) -> Result<Self, TileError> {
        let size = tiles.head().size;
        check_leaf(index, size)?;
        Ok(Self { index, path: tiles.read(&inclusion(index, size))? })
    }

    /// Verifies that `leaf` is in the tree at the proof's index.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(&self, leaf: &Hash, head: &TreeHead) -> Result<(), ProofError> {
        // SPEC: RFC 9162 2.1.3.2
        let mut way = Way { at: self.index, last: head.size.checked_sub(1).ok_or(ProofError::Length)? };
        if way.at > way.last {
            return Err(ProofError::Length);
        }
        let mut root = *leaf;
        for hash in &self.path {
            root = match way.up()? {
                Side::Left => Hash::node(hash, &root),
                Side::Right => Hash::node(&root, hash),
            };
        }
        way.arrived()?;
        if root == head.root { Ok(()) } else { Err(ProofError::Mismatch) }
    }
}

/// Proves that a tree grew out of another by appending alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsistencyProof {
    /// The hashes that, together, lead to both roots.
    pub path: Vec<Hash>,
}

impl ConsistencyProof {
    /// The tiles of the later tree to read for a proof.
    ///
    /// # Errors
    /// [`TileError::Shrunk`].
    pub fn tiles(old: u64, new: u64) -> Result<BTreeSet<TileAddress>, TileError> {
        Ok(needed(&Self::ranges(old, new)?, new))
    }

    /// Builds the proof from a tree of `old` leaves to the one that `tiles` are of.
    ///
    /// # Errors
    /// [`TileError`] if that one is smaller or a tile is missing.
    pub fn build(old: u64, tiles: &VerifiedTiles) -> Result<Self, TileError> {
        Ok(Self { path: tiles.read(&Self::ranges(old, tiles.head().size)?)? })
    }

    /// The tiles to read of a tree of `size` for a proof between two trees that it grew out of.
    ///
    /// # Errors
    /// [`TileError::Shrunk`].
    pub fn tiles_between(old: u64, new: u64, size: u64) -> Result<BTreeSet<TileAddress>, TileError> {
        if new > size {
            return Err(TileError::Shrunk { old: new, new: size });
        }
        Ok(needed(&Self::ranges(old, new)?, size))
    }

    /// Builds the proof from a tree of `old` leaves to one of `new`, both of which the tree of `tiles` grew out of.
    ///
    /// # Errors
    /// [`TileError`] if the sizes do not follow each other or a tile is missing.
    pub fn build_between(old: u64, new: u64, tiles: &VerifiedTiles) -> Result<Self, TileError> {
        let size = tiles.head().size;
        if new > size {
            return Err(TileError::Shrunk { old: new, new: size });
        }
        Ok(Self { path: tiles.read(&Self::ranges(old, new)?)? })
    }

    fn ranges(old: u64, new: u64) -> Result<Vec<Range>, TileError> {
        if old <= new { Ok(consistency(old, new)) } else { Err(TileError::Shrunk { old, new }) }
    }

    /// Verifies that `new` grew out of `old`.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(&self, old: &TreeHead, new: &TreeHead) -> Result<(), ProofError> {
        if old.size > new.size {
            return Err(ProofError::Shrunk);
        }
        if old.size == new.size || old.size == 0 {
            return self.verify_trivial(old, new);
        }
        let (first, rest) = self.start(old)?;
        // SPEC: RFC 9162 2.1.4.2
        let mut way = Way { at: old.size - 1, last: new.size - 1 }.above_right_edges();
        let (mut old_root, mut new_root) = (first, first);
        for hash in rest {
            match way.up()? {
                Side::Left => {
                    old_root = Hash::node(hash, &old_root);
                    new_root = Hash::node(hash, &new_root);
                }
                Side::Right => new_root = Hash::node(&new_root, hash),
            }
        }
        way.arrived()?;
        if old_root == old.root && new_root == new.root { Ok(()) } else { Err(ProofError::Mismatch) }
    }

    /// Nothing grew, or out of nothing.
    fn verify_trivial(&self, old: &TreeHead, new: &TreeHead) -> Result<(), ProofError> {
        if !self.path.is_empty() {
            return Err(ProofError::Length);
        }
        let one_empty_tree = old.size > 0 || old.root == Hash::EMPTY;
        let unchanged = old.size < new.size || old.root == new.root;
        if one_empty_tree && unchanged { Ok(()) } else { Err(ProofError::Mismatch) }
    }

    /// The hash that both roots are built upon, and those that follow.
    fn start(&self, old: &TreeHead) -> Result<(Hash, &[Hash]), ProofError> {
        // SPEC: RFC 9162 2.1.4.2 step 2: a tree of 2^n leaves is a subtree of every later one
        if old.size.is_power_of_two() {
            return Ok((old.root, &self.path));
        }
        self.path.split_first().map(|(first, rest)| (*first, rest)).ok_or(ProofError::Length)
    }
}

/// On which side of the way a proof's hash lies.
enum Side {
    Left,
    Right,
}

/// A node on the way up, and the last node of its level.
struct Way {
    at: u64,
    last: u64,
}

impl Way {
    /// Which side the next hash is on; goes above it.
    fn up(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        if self.at & 1 == 0 && self.at != self.last {
            self.halve(1);
            return Ok(Side::Right);
        }
        // The last node of a level may have no neighbour on several levels: it stands for itself there.
        self.halve(self.at.trailing_zeros() + 1);
        Ok(Side::Left)
    }

    /// Above every complete subtree that ends with this node.
    fn above_right_edges(mut self) -> Self {
        self.halve(self.at.trailing_ones());
        self
    }

    fn halve(&mut self, levels: u32) {
        self.at = self.at.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }

    fn arrived(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::Length) }
    }
}
