//! A tree that grows, of which only the right edge is held.

use crate::range::join;
use crate::tile::{self, FULL};
use crate::{Hash, Tile, TileAddress, TileError, TreeHead, VerifiedTiles};

/// A tree to append leaves to. It holds the partial tiles of its right edge; full ones it gives away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// The hashes of the partial tile of each level, from the leaves up.
    edge: Vec<Vec<Hash>>,
}

impl Tree {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree that `tiles` were verified for.
    ///
    /// # Errors
    /// [`TileError::Missing`] if a tile of the right edge is not among them.
    pub fn resume(tiles: &VerifiedTiles) -> Result<Self, TileError> {
        let TreeHead { size, .. } = tiles.head();
        let mut edge = Vec::new();
        for address in TileAddress::edge(size) {
            edge.resize_with(usize::from(address.level()), Vec::new);
            edge.push(tiles.hashes(address)?.to_vec());
        }
        Ok(Self { size, edge })
    }

    /// Leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf. Returns the tiles that this filled, from the leaves up: they never change again and must be
    /// kept. Mostly there are none.
    #[must_use = "a tile that is not kept is lost"]
    pub fn append(&mut self, leaf: Hash) -> Vec<(TileAddress, Tile)> {
        self.size += 1;
        let mut full = Vec::new();
        let mut next = Some(leaf);
        for level in 0_u8.. {
            let Some(hash) = next.take() else { break };
            next = self.push(level, hash, &mut full);
        }
        full
    }

    /// Puts a hash into the partial tile of `level`; the tile's root, if that filled it.
    fn push(&mut self, level: u8, hash: Hash, full: &mut Vec<(TileAddress, Tile)>) -> Option<Hash> {
        if self.edge.len() <= usize::from(level) {
            self.edge.push(Vec::new());
        }
        let hashes = self.edge.get_mut(usize::from(level))?;
        hashes.push(hash);
        if hashes.len() < usize::from(FULL) {
            return None;
        }
        let hashes = std::mem::take(hashes);
        let tiles = self.size >> (tile::HEIGHT * (u32::from(level) + 1));
        full.push((TileAddress::new(level, tiles - 1, FULL), Tile::of(hashes.clone())));
        Some(tile::root(hashes))
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        let rows: Vec<_> = self.edge.iter().rev().map(|hashes| tile::rows(hashes.clone())).collect();
        TreeHead { size: self.size, root: join(rows.iter().flat_map(|rows| tile::peaks(rows))) }
    }

    /// The partial tiles of the right edge, from the leaves up: to be kept before a checkpoint of this size is
    /// published.
    pub fn edge(&self) -> impl Iterator<Item = (TileAddress, Tile)> {
        TileAddress::edge(self.size)
            .filter_map(|address| Some((address, Tile::of(self.edge.get(usize::from(address.level()))?.clone()))))
    }
}
