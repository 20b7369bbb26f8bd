//! Every proof of every tree to 600 leaves against the naive tree, and every way to damage one.

use crate::naive::{Naive, Store};
use proptest::prelude::*;
use signet_tlog::{
    ConsistencyProof, Hash, InclusionProof, ProofError, TileAddress, TileError, TreeHead, VerifiedTiles,
};

const SIZES: usize = 600;
/// Around every power of two and every edge of a tile.
const TELLING: [usize; 14] = [1, 2, 3, 4, 5, 7, 8, 9, 31, 255, 256, 257, 513, 600];

fn all_tiles(store: &Store) -> VerifiedTiles {
    let size = store.tree.size();
    store.verified(store.tiles.keys().copied().filter(|t| TileAddress::in_tree(t.level(), t.index(), size) == Some(*t)))
}

#[test]
fn every_root_and_inclusion_proof_to_600_leaves() {
    let naive = Naive::new(SIZES);
    let mut store = Store::default();
    for size in 1..=SIZES {
        store.append(&naive.leaves[size - 1..size]);
        let head = naive.head(size);
        assert_eq!(store.tree.head(), head);
        let tiles = all_tiles(&store);
        for index in 0..size {
            let proof = InclusionProof::build(index as u64, &tiles).unwrap();
            assert_eq!(proof.path, naive.path(index, 0, size), "{index} of {size}");
            assert_eq!(proof.verify(&naive.leaves[index], &head), Ok(()), "{index} of {size}");
            assert_eq!(tiles.leaf(index as u64), Ok(naive.leaves[index]));
        }
    }
}

#[test]
fn every_consistency_proof_to_600_leaves() {
    let naive = Naive::new(SIZES);
    let mut store = Store::default();
    for new in 1..=SIZES {
        store.append(&naive.leaves[new - 1..new]);
        let (tiles, head) = (all_tiles(&store), naive.head(new));
        for old in 0..=new {
            let proof = ConsistencyProof::build(old as u64, &tiles).unwrap();
            let expected = if old == 0 { Vec::new() } else { naive.subproof(old, 0, new, true) };
            assert_eq!(proof.path, expected, "{old} to {new}");
            assert_eq!(proof.verify(&naive.head(old), &head), Ok(()), "{old} to {new}");
        }
    }
}

#[test]
fn the_tiles_that_a_proof_names_are_enough_and_few() {
    let naive = Naive::new(70_000);
    let store = Store::of(&naive.leaves);
    let head = store.tree.head();
    for index in [0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let names = InclusionProof::tiles(index, head.size).unwrap();
        assert!(names.len() <= 5, "{names:?}");
        let proof = InclusionProof::build(index, &store.verified(names)).unwrap();
        assert_eq!(proof.verify(&naive.leaves[index as usize], &head), Ok(()));
    }
    for old in [1, 255, 256, 257, 65_535, 65_536, 65_537, 69_888, 69_999, 70_000] {
        let names = ConsistencyProof::tiles(old, head.size).unwrap();
        assert!(names.len() <= 5, "{names:?}");
        let proof = ConsistencyProof::build(old, &store.verified(names)).unwrap();
        let before = Store::of(&naive.leaves[..old as usize]).tree.head();
        assert_eq!(proof.verify(&before, &head), Ok(()), "{old}");
    }
}

#[test]
fn no_inclusion_proof_with_any_byte_flipped_is_accepted() {
    let naive = Naive::new(SIZES);
    for size in TELLING {
        let head = naive.head(size);
        for index in [0, 1, size / 2, size.saturating_sub(2), size - 1].into_iter().filter(|index| *index < size) {
            let proof = InclusionProof { index: index as u64, path: naive.path(index, 0, size) };
            for path in flipped(&proof.path) {
                let damaged = InclusionProof { path, ..proof };
                assert_eq!(damaged.verify(&naive.leaves[index], &head), Err(ProofError::Mismatch));
            }
        }
    }
}

#[test]
fn no_consistency_proof_with_any_byte_flipped_is_accepted() {
    let naive = Naive::new(SIZES);
    for new in TELLING {
        for old in [1, 2, 3, new / 2, new - 1].into_iter().filter(|old| (1..new).contains(old)) {
            for path in flipped(&naive.subproof(old, 0, new, true)) {
                let verdict = ConsistencyProof { path }.verify(&naive.head(old), &naive.head(new));
                assert_eq!(verdict, Err(ProofError::Mismatch), "{old} to {new}");
            }
        }
    }
}

#[test]
fn no_other_leaf_passes_for_the_proven_one() {
    let naive = Naive::new(40);
    for size in 1..=40 {
        let head = naive.head(size);
        for index in 0..size {
            let proof = InclusionProof { index: index as u64, path: naive.path(index, 0, size) };
            for other in (0..size).filter(|other| *other != index) {
                assert!(proof.verify(&naive.leaves[other], &head).is_err(), "{other} for {index} of {size}");
                let moved = InclusionProof { index: other as u64, ..proof.clone() };
                assert!(moved.verify(&naive.leaves[index], &head).is_err(), "{index} at {other} of {size}");
            }
        }
    }
}

#[test]
fn no_two_leaves_change_places_unnoticed() {
    let naive = Naive::new(300);
    let head = naive.head(300);
    for (one, other) in [(0, 1), (0, 299), (255, 256), (298, 299)] {
        let mut leaves = naive.leaves.clone();
        leaves.swap(one, other);
        let store = Store::of(&leaves);
        assert_ne!(store.tree.head(), head);
        let refused = VerifiedTiles::verify(head, store.tiles.clone()).unwrap_err();
        assert_eq!(refused, TileError::WrongRoot, "{one} and {other}");
    }
}

#[test]
fn paths_that_are_too_short_or_too_long_are_refused() {
    let naive = Naive::new(64);
    for size in 1..=64 {
        let head = naive.head(size);
        for index in 0..size {
            for path in misfits(&naive.path(index, 0, size)) {
                let proof = InclusionProof { index: index as u64, path };
                assert!(proof.verify(&naive.leaves[index], &head).is_err(), "{index} of {size}");
            }
        }
        for old in 0..=size {
            let path = if old == 0 { Vec::new() } else { naive.subproof(old, 0, size, true) };
            for path in misfits(&path) {
                assert!(ConsistencyProof { path }.verify(&naive.head(old), &head).is_err(), "{old} to {size}");
            }
        }
    }
}

#[test]
fn a_consistency_proof_holds_for_no_other_root_or_size() {
    let naive = Naive::new(40);
    for new in 2..=40 {
        for old in 1..new {
            let proof = ConsistencyProof { path: naive.subproof(old, 0, new, true) };
            let (before, after) = (naive.head(old), naive.head(new));
            let other = Hash::leaf(b"other");
            assert!(proof.verify(&TreeHead { root: other, ..before }, &after).is_err());
            assert!(proof.verify(&before, &TreeHead { root: other, ..after }).is_err());
            assert!(
                proof
                    .verify(&TreeHead { root: after.root, ..before }, &TreeHead { root: before.root, ..after })
                    .is_err()
            );
            assert_eq!(proof.verify(&after, &before), Err(ProofError::Shrunk));
        }
    }
}

#[test]
fn trivial_consistency_needs_no_proof_and_takes_none() {
    let naive = Naive::new(3);
    let (none, one, three) = (TreeHead::EMPTY, naive.head(1), naive.head(3));
    let (nothing, something) = (ConsistencyProof::default(), ConsistencyProof { path: vec![one.root] });
    assert_eq!(nothing.verify(&none, &none), Ok(()));
    assert_eq!(nothing.verify(&none, &three), Ok(()));
    assert_eq!(nothing.verify(&three, &three), Ok(()));
    assert_eq!(nothing.verify(&one, &three), Err(ProofError::Length));
    let fork = TreeHead { root: one.root, ..three };
    assert_eq!(nothing.verify(&three, &fork), Err(ProofError::Mismatch));
    assert_eq!(nothing.verify(&TreeHead { root: one.root, size: 0 }, &three), Err(ProofError::Mismatch));
    for (old, new) in [(none, none), (none, three), (three, three)] {
        assert_eq!(something.verify(&old, &new), Err(ProofError::Length));
    }
}

#[test]
fn a_proof_of_a_leaf_that_does_not_exist_is_not_built_and_not_believed() {
    let naive = Naive::new(5);
    let store = Store::of(&naive.leaves);
    let missing = TileError::NoSuchLeaf { index: 5, size: 5 };
    assert_eq!(InclusionProof::tiles(5, 5), Err(missing));
    assert_eq!(InclusionProof::build(5, &all_tiles(&store)), Err(missing));
    assert_eq!(ConsistencyProof::tiles(6, 5), Err(TileError::Shrunk { old: 6, new: 5 }));
    assert_eq!(ConsistencyProof::build(6, &all_tiles(&store)), Err(TileError::Shrunk { old: 6, new: 5 }));
    let empty = InclusionProof { index: 0, path: Vec::new() };
    assert_eq!(empty.verify(&Hash::EMPTY, &TreeHead::EMPTY), Err(ProofError::Length));
    let beyond = InclusionProof { index: u64::MAX, path: Vec::new() };
    assert_eq!(beyond.verify(&naive.leaves[0], &naive.head(1)), Err(ProofError::Length));
}

proptest! {
    #[test]
    fn no_proof_makes_verification_stumble(
        index: u64, old: u64, new: u64, path in prop::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let path: Vec<_> = path.into_iter().map(Hash::from_bytes).collect();
        let (before, after) = (TreeHead { size: old, root: Hash::EMPTY }, TreeHead { size: new, root: Hash::EMPTY });
        let included = InclusionProof { index, path: path.clone() }.verify(&Hash::EMPTY, &after);
        prop_assert!(included.is_err() || path.is_empty() && new == 1);
        let consistent = ConsistencyProof { path: path.clone() }.verify(&before, &after);
        prop_assert!(consistent.is_err() || path.is_empty() && (old == 0 || old == new));
    }
}

/// The path with each of its bytes changed, one at a time.
fn flipped(path: &[Hash]) -> impl Iterator<Item = Vec<Hash>> {
    (0..path.len() * Hash::LENGTH).map(|byte| {
        let mut path = path.to_vec();
        let mut bytes = *path[byte / Hash::LENGTH].as_bytes();
        bytes[byte % Hash::LENGTH] ^= 1;
        path[byte / Hash::LENGTH] = Hash::from_bytes(bytes);
        path
    })
}

/// The path without its first and last hash, and with one more at either end.
fn misfits(path: &[Hash]) -> Vec<Vec<Hash>> {
    let more = Hash::leaf(b"more");
    let mut misfits = vec![[path, &[more]].concat(), [&[more], path].concat()];
    if !path.is_empty() {
        misfits.extend([path[1..].to_vec(), path[..path.len() - 1].to_vec()]);
    }
    misfits
}
