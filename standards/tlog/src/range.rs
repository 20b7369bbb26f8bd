//! Which parts of a tree a root and a proof are made of, whatever their hashes are.

use crate::Hash;

/// A complete subtree: of those that are `2^height` leaves wide, the one numbered `index`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) height: u32,
    pub(crate) index: u64,
}

/// Neighbouring leaves that a node of some tree covers.
///
/// INVARIANT: `start` is a multiple of every power of two up to the width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Range {
    /// A whole tree.
    pub(crate) const fn tree(size: u64) -> Self {
        Self { start: 0, end: size }
    }

    /// The complete subtrees that make up the range, from left to right.
    pub(crate) fn nodes(self) -> impl Iterator<Item = Node> {
        let mut start = self.start;
        std::iter::from_fn(move || {
            let height = self.end.checked_sub(start)?.checked_ilog2()?;
            let index = start >> height;
            start += 1 << height;
            Some(Node { height, index })
        })
    }
}

/// The hash above complete subtrees that get smaller from left to right.
pub(crate) fn join(hashes: impl DoubleEndedIterator<Item = Hash>) -> Hash {
    hashes.rev().reduce(|right, left| Hash::node(&left, &right)).unwrap_or(Hash::EMPTY)
}

/// The largest power of two smaller than `width`, which is more than one.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// What an inclusion proof of leaf `index` in a tree of `size` is made of, from the leaf's neighbour up.
pub(crate) fn inclusion(index: u64, size: u64) -> Vec<Range> {
    // SPEC: RFC 6962 2.1.1: PATH(m, D[n]), unrolled from the root downwards
    let mut path = Vec::new();
    let Range { mut start, mut end } = Range::tree(size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(Range { start: middle, end });
            end = middle;
        } else {
            path.push(Range { start, end: middle });
            start = middle;
        }
    }
    path.reverse();
    path
}

/// What a consistency proof between trees of `old` and `new` leaves is made of. Nothing, if `old` is none or all.
pub(crate) fn consistency(old: u64, new: u64) -> Vec<Range> {
    // SPEC: RFC 6962 2.1.2: PROOF(m, D[n]) = SUBPROOF(m, D[n], true), unrolled from the root downwards
    let mut path = Vec::new();
    let Range { mut start, mut end } = Range::tree(new);
    while old > start && old < end {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(Range { start: middle, end });
            end = middle;
        } else {
            path.push(Range { start, end: middle });
            start = middle;
        }
    }
    // The old tree's root is known to who asks; the rest of an old tree that is not a subtree of the new is not.
    if old == end && start > 0 {
        path.push(Range { start, end });
    }
    path.reverse();
    path
}
