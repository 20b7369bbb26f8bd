//! The tree as RFC 6962 2.1 writes it: recursive, and of all leaves at once.

use signet_tlog::{Hash, Tile, TileAddress, Tree, TreeHead, VerifiedTiles};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

/// The leaf hashes of numbered entries, and every subtree that was asked for.
pub(crate) struct Naive {
    pub(crate) leaves: Vec<Hash>,
    known: RefCell<HashMap<(usize, usize), Hash>>,
}

impl Naive {
    pub(crate) fn new(size: usize) -> Self {
        let leaves = (0..size).map(|number| Hash::leaf(format!("entry {number}").as_bytes())).collect();
        Self { leaves, known: RefCell::default() }
    }

    /// MTH(D[start:end])
    pub(crate) fn mth(&self, start: usize, end: usize) -> Hash {
        match end - start {
            0 => return Hash::EMPTY,
            1 => return self.leaves[start],
            _ => {}
        }
        if let Some(known) = self.known.borrow().get(&(start, end)) {
            return *known;
        }
        let middle = start + split(end - start);
        let hash = Hash::node(&self.mth(start, middle), &self.mth(middle, end));
        self.known.borrow_mut().insert((start, end), hash);
        hash
    }

    /// PATH(m, D[start:end])
    pub(crate) fn path(&self, leaf: usize, start: usize, end: usize) -> Vec<Hash> {
        if end - start == 1 {
            return Vec::new();
        }
        let middle = start + split(end - start);
        let (mut path, sibling) = if leaf < middle {
            (self.path(leaf, start, middle), self.mth(middle, end))
        } else {
            (self.path(leaf, middle, end), self.mth(start, middle))
        };
        path.push(sibling);
        path
    }

    /// SUBPROOF(m, D[start:end], whole)
    pub(crate) fn subproof(&self, old: usize, start: usize, end: usize, whole: bool) -> Vec<Hash> {
        if old == end {
            return if whole { Vec::new() } else { vec![self.mth(start, end)] };
        }
        let middle = start + split(end - start);
        let (mut path, sibling) = if old <= middle {
            (self.subproof(old, start, middle, whole), self.mth(middle, end))
        } else {
            (self.subproof(old, middle, end, false), self.mth(start, middle))
        };
        path.push(sibling);
        path
    }

    pub(crate) fn head(&self, size: usize) -> TreeHead {
        TreeHead { size: size as u64, root: self.mth(0, size) }
    }
}

fn split(width: usize) -> usize {
    let mut half = 1;
    while half * 2 < width {
        half *= 2;
    }
    half
}

/// A log on a disk that is a map: every tile that was ever handed out.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) tree: Tree,
    pub(crate) tiles: BTreeMap<TileAddress, Tile>,
}

impl Store {
    pub(crate) fn of(leaves: &[Hash]) -> Self {
        let mut store = Self::default();
        store.append(leaves);
        store
    }

    pub(crate) fn append(&mut self, leaves: &[Hash]) {
        for leaf in leaves {
            self.tiles.extend(self.tree.append(*leaf));
        }
        self.tiles.extend(self.tree.edge());
    }

    /// Only the tiles asked for, verified.
    pub(crate) fn verified(&self, wanted: impl IntoIterator<Item = TileAddress>) -> VerifiedTiles {
        let read = wanted.into_iter().map(|address| (address, self.tiles[&address].clone()));
        VerifiedTiles::verify(self.tree.head(), read).unwrap()
    }
}
