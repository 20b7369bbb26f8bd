//! Tiles: up to 256 neighbouring hashes of one level, and where they are kept.

mod path;

use crate::Hash;
use crate::range::{Node, join};
pub use path::NotATilePath;
use std::fmt;
use std::str::FromStr;

/// Hashes of a full tile.
pub(crate) const FULL: u16 = 1 << HEIGHT;
/// Levels of the tree that one tile spans.
pub(crate) const HEIGHT: u32 = 8;

/// Where a tile is kept: `tile/<level>/<index>[.p/<width>]`.
///
/// INVARIANT: the level is at most 63, the width from 1 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileAddress {
    level: u8,
    index: u64,
    width: u16,
}

impl TileAddress {
    /// The tile numbered `index` at `level` of a tree of `size`, as wide as it is there.
    pub fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        // SPEC: tlog-tiles, partial tiles: floor(s / 256**l) hashes at level l
        let hashes = size.checked_shr(HEIGHT * u32::from(level))?;
        let width = hashes.checked_sub(index.checked_mul(u64::from(FULL))?)?.min(u64::from(FULL));
        Some(Self { level, index, width: u16::try_from(width).ok().filter(|width| *width > 0)? })
    }

    /// The partial tiles at the right edge of a tree of `size`, from the leaves up.
    pub fn edge(size: u64) -> impl Iterator<Item = Self> {
        (0..8).filter_map(move |level| {
            let hashes = size >> (HEIGHT * u32::from(level));
            Self::in_tree(level, hashes / u64::from(FULL), size)
        })
    }

    /// Levels above the leaves' tiles.
    pub const fn level(self) -> u8 {
        self.level
    }

    /// Tiles to the left of this one.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// Hashes in the tile.
    pub const fn width(self) -> u16 {
        self.width
    }

    /// Whether the tile can no longer grow.
    pub const fn is_full(self) -> bool {
        self.width == FULL
    }

    /// The tile that holds the leaves, or what is above them, of a complete subtree of a tree of `size`; the first
    /// of them there.
    pub(crate) fn of_node(node: Node, size: u64) -> Option<(Self, usize)> {
        let position = node.index << (node.height % HEIGHT);
        let level = u8::try_from(node.height / HEIGHT).ok()?;
        let offset = usize::try_from(position % u64::from(FULL)).ok()?;
        Some((Self::in_tree(level, position / u64::from(FULL), size)?, offset))
    }

    /// The tile of a tree of `size` that holds this full tile's root, and where.
    pub(crate) fn parent(self, size: u64) -> Option<(Self, usize)> {
        let node = Node { height: (u32::from(self.level) + 1) * HEIGHT, index: self.index };
        if self.is_full() { Self::of_node(node, size) } else { None }
    }

    /// An address from its parts as they are.
    pub(crate) const fn new(level: u8, index: u64, width: u16) -> Self {
        Self { level, index, width }
    }
}

impl fmt::Display for TileAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        path::write_place(f, self.index, self.width)
    }
}

impl FromStr for TileAddress {
    type Err = NotATilePath;

    fn from_str(text: &str) -> Result<Self, NotATilePath> {
        let (level, place) = text.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(NotATilePath)?;
        let level = crate::decimal::parse(level).map_err(|_| NotATilePath)?;
        let level = u8::try_from(level).ok().filter(|level| *level < 64).ok_or(NotATilePath)?;
        let (index, width) = path::read_place(place)?;
        Ok(Self { level, index, width })
    }
}

/// Where the entries below one tile of leaves are kept: `tile/entries/<index>[.p/<width>]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BundleAddress {
    index: u64,
    width: u16,
}

impl BundleAddress {
    /// The bundle beside a tile; none beside tiles above the leaves.
    pub fn beside(tile: TileAddress) -> Option<Self> {
        (tile.level == 0).then_some(Self { index: tile.index, width: tile.width })
    }

    /// The tile of the entries' leaf hashes.
    pub const fn tile(self) -> TileAddress {
        TileAddress::new(0, self.index, self.width)
    }
}

impl fmt::Display for BundleAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        path::write_place(f, self.index, self.width)
    }
}

impl FromStr for BundleAddress {
    type Err = NotATilePath;

    fn from_str(text: &str) -> Result<Self, NotATilePath> {
        let (index, width) = path::read_place(text.strip_prefix("tile/entries/").ok_or(NotATilePath)?)?;
        Ok(Self { index, width })
    }
}

/// The hashes of a tile, from left to right.
///
/// INVARIANT: from 1 to 256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile(Vec<Hash>);

/// A tile that is not as long as its address says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{address} must have {} bytes and has {found}", usize::from(address.width()) * Hash::LENGTH)]
pub struct TileSizeError {
    /// Which tile.
    pub address: TileAddress,
    /// Bytes found.
    pub found: usize,
}

impl Tile {
    /// Reads the tile at `address`.
    ///
    /// # Errors
    /// [`TileSizeError`] if it is cut or too long.
    pub fn parse(address: TileAddress, bytes: &[u8]) -> Result<Self, TileSizeError> {
        let (hashes, rest) = bytes.as_chunks();
        if hashes.len() != usize::from(address.width) || !rest.is_empty() {
            return Err(TileSizeError { address, found: bytes.len() });
        }
        Ok(Self(hashes.iter().copied().map(Hash::from_bytes).collect()))
    }

    /// The bytes that are kept and served.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| *hash.as_bytes()).collect()
    }

    /// The hashes.
    pub fn hashes(&self) -> &[Hash] {
        &self.0
    }

    pub(crate) const fn of(hashes: Vec<Hash>) -> Self {
        Self(hashes)
    }
}

/// The rows above a row of hashes, itself first, each half as long: every complete subtree within a tile.
pub(crate) fn rows(bottom: Vec<Hash>) -> Vec<Vec<Hash>> {
    let mut rows = vec![bottom];
    while let Some(last) = rows.last().filter(|last| last.len() > 1) {
        let (pairs, _) = last.as_chunks();
        rows.push(pairs.iter().map(|[left, right]| Hash::node(left, right)).collect());
    }
    rows
}

/// The complete subtrees that make up a row of hashes, from left to right.
pub(crate) fn peaks(rows: &[Vec<Hash>]) -> impl DoubleEndedIterator<Item = Hash> {
    // A row of odd length ends in a subtree without a neighbour.
    rows.iter().rev().filter(|row| row.len() % 2 == 1).filter_map(|row| row.last().copied())
}

/// The root of a full tile.
pub(crate) fn root(hashes: Vec<Hash>) -> Hash {
    join(peaks(&rows(hashes)))
}
