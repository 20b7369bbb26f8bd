//! Tiles that hash to a tree head.

use crate::range::{Node, Range, join};
use crate::tile::{self, HEIGHT, peaks};
use crate::{Hash, Tile, TileAddress, TreeHead};
use std::collections::{BTreeMap, BTreeSet};

/// Why tiles are not those of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// A tile that is needed is not there, or is narrower than the tree has it.
    #[error("{0} is needed and was not given")]
    Missing(TileAddress),
    /// The right edge does not hash to the root.
    #[error("the tiles of the right edge do not hash to the root of the tree")]
    WrongRoot,
    /// A tile does not hash to what the tile above says.
    #[error("{0} does not hash to what the tile above it says")]
    Changed(TileAddress),
    /// There is no such part of the tree.
    #[error("a tree of {size} leaves has no leaf {index}")]
    NoSuchLeaf {
        /// The leaf.
        index: u64,
        /// The tree.
        size: u64,
    },
    /// The trees stand the wrong way around.
    #[error("a tree of {new} leaves did not grow out of one of {old}")]
    Shrunk {
        /// The tree before.
        old: u64,
        /// The tree after.
        new: u64,
    },
}

/// Tiles of one tree, each of which hashes, through those above it, to the root.
#[derive(Debug, Clone)]
pub struct VerifiedTiles {
    head: TreeHead,
    /// The rows of each tile: its hashes first, then what is above them within the tile.
    rows: BTreeMap<TileAddress, Vec<Vec<Hash>>>,
}

impl VerifiedTiles {
    /// Verifies tiles. All of the right edge must be there, and above each tile the one that holds its root. A full
    /// tile may stand for a partial one: what the tree does not have yet is left out.
    ///
    /// # Errors
    /// [`TileError`].
    pub fn verify(head: TreeHead, tiles: impl IntoIterator<Item = (TileAddress, Tile)>) -> Result<Self, TileError> {
        let rows = tiles.into_iter().filter_map(|(address, tile)| {
            let wanted = TileAddress::in_tree(address.level(), address.index(), head.size)?;
            let mut hashes = tile.hashes().to_vec();
            hashes.truncate(usize::from(wanted.width()));
            (hashes.len() == usize::from(wanted.width())).then(|| (wanted, tile::rows(hashes)))
        });
        let tiles = Self { head, rows: rows.collect() };
        tiles.check_edge()?;
        for address in tiles.rows.keys().filter(|address| address.is_full()) {
            tiles.check_parent(*address)?;
        }
        Ok(tiles)
    }

    /// The tree that the tiles are of.
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// The hash of a leaf.
    ///
    /// # Errors
    /// [`TileError::Missing`] if its tile was not given.
    pub fn leaf(&self, index: u64) -> Result<Hash, TileError> {
        check_leaf(index, self.head.size)?;
        self.node(Node { height: 0, index })
    }

    /// The hashes of one tile.
    pub(crate) fn hashes(&self, address: TileAddress) -> Result<&[Hash], TileError> {
        let hashes = self.rows.get(&address).and_then(|rows| rows.first());
        hashes.map(Vec::as_slice).ok_or(TileError::Missing(address))
    }

    /// The hashes of ranges.
    pub(crate) fn read(&self, ranges: &[Range]) -> Result<Vec<Hash>, TileError> {
        ranges.iter().map(|range| self.range(*range)).collect()
    }

    fn range(&self, range: Range) -> Result<Hash, TileError> {
        let hashes: Result<Vec<_>, _> = range.nodes().map(|node| self.node(node)).collect();
        Ok(join(hashes?.into_iter()))
    }

    fn node(&self, node: Node) -> Result<Hash, TileError> {
        let (address, offset) = TileAddress::of_node(node, self.head.size)
            .ok_or(TileError::NoSuchLeaf { index: node.index << node.height, size: self.head.size })?;
        let height = (node.height % HEIGHT) as usize;
        let row = self.rows.get(&address).and_then(|rows| rows.get(height));
        row.and_then(|row| row.get(offset >> height)).copied().ok_or(TileError::Missing(address))
    }

    fn check_edge(&self) -> Result<(), TileError> {
        let edge: Vec<_> = TileAddress::edge(self.head.size).collect();
        let rows: Result<Vec<_>, _> =
            edge.iter().rev().map(|address| self.rows.get(address).ok_or(TileError::Missing(*address))).collect();
        let root = join(rows?.into_iter().flat_map(|rows| peaks(rows)));
        if root == self.head.root { Ok(()) } else { Err(TileError::WrongRoot) }
    }

    /// Whether what the tile above says is this tile's root. That one is checked in its turn.
    fn check_parent(&self, address: TileAddress) -> Result<(), TileError> {
        let root = self.rows.get(&address).and_then(|rows| rows.last()).and_then(|row| row.first());
        let (parent, offset) = address.parent(self.head.size).ok_or(TileError::Missing(address))?;
        let said = self.hashes(parent)?.get(offset);
        if root.is_some() && root == said { Ok(()) } else { Err(TileError::Changed(address)) }
    }
}

/// The tiles that say what `ranges` of a tree of `size` hash to, with all that verifies them.
pub(crate) fn needed(ranges: &[Range], size: u64) -> BTreeSet<TileAddress> {
    let mut tiles: BTreeSet<_> = TileAddress::edge(size).collect();
    for node in ranges.iter().flat_map(|range| range.nodes()) {
        let mut next = TileAddress::of_node(node, size);
        while let Some((address, _)) = next.filter(|(address, _)| tiles.insert(*address)) {
            next = address.parent(size);
        }
    }
    tiles
}

pub(crate) const fn check_leaf(index: u64, size: u64) -> Result<(), TileError> {
    if index < size { Ok(()) } else { Err(TileError::NoSuchLeaf { index, size }) }
}
