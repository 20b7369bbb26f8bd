//! c2sp.org/tlog-tiles: where tiles lie, what they hold, and which are refused.

use crate::naive::{Naive, Store};
use proptest::prelude::*;
use signet_tlog::{
    BundleAddress, BundleError, EntryTooLong, Hash, InclusionProof, NotATilePath, Tile, TileAddress, TileError, Tree,
    TreeHead, VerifiedTiles, parse_bundle, write_entry,
};
use std::collections::BTreeMap;

fn address(text: &str) -> TileAddress {
    text.parse().unwrap()
}

#[test]
fn other_spellings_of_a_path_are_refused() {
    for text in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/x001",
        "tile/0/001/002",
        "tile/0/x000/001",
        "tile/0/X001/002",
        "tile/0/x01/002",
        "tile/0/x001/x002",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p/",
        "tile/0/001.p",
        "tile/0/+01",
        "/tile/0/001",
        "tile/0/001/",
        "tile/entries/001",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/٠٠١",
        "tile/0/001.p/1.p/1",
    ] {
        assert_eq!(text.parse::<TileAddress>(), Err(NotATilePath), "{text:?}");
    }
    for text in ["tile/entries", "tile/entries/", "tile/entries/1", "tile/0/001", "tile/entries/001.p/256"] {
        assert_eq!(text.parse::<BundleAddress>(), Err(NotATilePath), "{text:?}");
    }
}

#[test]
fn paths_are_those_of_the_specification() {
    let tile = address("tile/0/x001/x234/067");
    assert_eq!((tile.level(), tile.index(), tile.width()), (0, 1_234_067, 256));
    let tile = address("tile/63/000.p/255");
    assert_eq!((tile.level(), tile.index(), tile.width(), tile.is_full()), (63, 0, 255, false));
    assert_eq!(BundleAddress::beside(address("tile/0/x001/000.p/7")).unwrap().to_string(), "tile/entries/x001/000.p/7");
    assert_eq!(BundleAddress::beside(tile), None);
}

proptest! {
    #[test]
    fn every_address_comes_back_from_its_path(level in 0_u8..8, size: u64, part: u64) {
        let index = part % (size >> (8 * u32::from(level)) | 1) / 256;
        if let Some(tile) = TileAddress::in_tree(level, index, size) {
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        }
    }

    #[test]
    fn what_parses_as_a_path_is_written_the_same(text in "tile/(0|1|63|entries)/(x0[0-9]{2}/){0,2}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(tile) = text.parse::<TileAddress>() {
            prop_assert_eq!(tile.to_string(), text);
        } else if let Ok(bundle) = text.parse::<BundleAddress>() {
            prop_assert_eq!(bundle.to_string(), text);
        }
    }
}

#[test]
fn a_tree_of_70000_leaves_has_the_tiles_that_the_specification_counts() {
    let store = Store::of(&Naive::new(70_000).leaves);
    let count = |level, full| store.tiles.keys().filter(|t| t.level() == level && t.is_full() == full).count();
    assert_eq!((count(0, true), count(1, true), count(2, true)), (273, 1, 0));
    let edge: Vec<_> = TileAddress::edge(70_000).map(|tile| tile.to_string()).collect();
    assert_eq!(edge, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    assert_eq!(store.tree.edge().map(|(tile, _)| tile.to_string()).collect::<Vec<_>>(), edge);
}

#[test]
fn a_tree_of_256_leaves_has_one_full_tile_and_one_hash_above_it() {
    let naive = Naive::new(256);
    let store = Store::of(&naive.leaves);
    assert_eq!(store.tiles.keys().map(ToString::to_string).collect::<Vec<_>>(), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(store.tiles[&address("tile/1/000.p/1")].hashes(), [naive.mth(0, 256)]);
}

#[test]
fn every_hash_of_every_tile_is_the_one_that_the_specification_names() {
    let naive = Naive::new(1300);
    for (tile, hashes) in Store::of(&naive.leaves).tiles {
        let width = 256_usize.pow(u32::from(tile.level()));
        for (offset, hash) in hashes.hashes().iter().enumerate() {
            let number = tile.index() as usize * 256 + offset;
            assert_eq!(*hash, naive.mth(number * width, (number + 1) * width), "{tile} {offset}");
        }
    }
}

#[test]
fn a_tree_goes_on_from_its_edge_at_every_size() {
    let naive = Naive::new(600);
    let whole = Store::of(&naive.leaves);
    for size in (0..=600).step_by(7).chain([255, 256, 257, 511, 512, 513]) {
        let mut store = Store::of(&naive.leaves[..size]);
        store.tree = Tree::resume(&store.verified(TileAddress::edge(size as u64))).unwrap();
        store.append(&naive.leaves[size..]);
        assert_eq!(store.tree, whole.tree, "{size}");
        assert!(whole.tiles.keys().filter(|tile| tile.is_full()).all(|tile| store.tiles.contains_key(tile)));
    }
}

#[test]
fn a_tree_holds_its_right_edge_alone() {
    let mut tree = Tree::new();
    for number in 0..70_000_u32 {
        let _kept_elsewhere = tree.append(Hash::leaf(&number.to_be_bytes()));
    }
    assert_eq!(tree.edge().map(|(_, tile)| tile.hashes().len()).sum::<usize>(), 112 + 17 + 1);
}

#[test]
fn a_truncated_tile_is_refused() {
    let store = Store::of(&Naive::new(300).leaves);
    let tile = address("tile/0/001.p/44");
    let bytes = store.tiles[&tile].to_bytes();
    assert_eq!(Tile::parse(tile, &bytes).as_ref(), Ok(&store.tiles[&tile]));
    for length in (0..bytes.len()).chain([bytes.len() + 1, bytes.len() + 32]) {
        let mut cut = bytes.clone();
        cut.resize(length, 0);
        let refused = Tile::parse(tile, &cut).unwrap_err();
        assert_eq!((refused.address, refused.found), (tile, length));
    }
    // Cut to the width of an older tree, it is whole, and does not lead to this tree's root.
    let narrow = (address("tile/0/001.p/43"), Tile::parse(address("tile/0/001.p/43"), &bytes[..43 * 32]).unwrap());
    let mut tiles = store.tiles.clone();
    tiles.remove(&tile);
    tiles.insert(narrow.0, narrow.1);
    assert_eq!(VerifiedTiles::verify(store.tree.head(), tiles).unwrap_err(), TileError::Missing(tile));
}

#[test]
fn a_flipped_byte_of_any_hash_of_any_tile_is_found() {
    let store = Store::of(&Naive::new(258).leaves);
    let head = store.tree.head();
    let needed: BTreeMap<_, _> = ["tile/0/000", "tile/0/001.p/2", "tile/1/000.p/1"]
        .map(|t| (address(t), store.tiles[&address(t)].clone()))
        .into();
    for (address, tile) in &needed {
        // Of the full tile, another byte of each hash: every bit of a hash is hashed alike.
        for byte in (0..tile.to_bytes().len()).step_by(if address.is_full() { 33 } else { 1 }) {
            let mut bytes = tile.to_bytes();
            bytes[byte] ^= 0x80;
            let mut tiles = needed.clone();
            tiles.insert(*address, Tile::parse(*address, &bytes).unwrap());
            let found = VerifiedTiles::verify(head, tiles).unwrap_err();
            let expected = if address.is_full() { TileError::Changed(*address) } else { TileError::WrongRoot };
            assert_eq!(found, expected, "{address} byte {byte}");
        }
    }
}

#[test]
fn a_missing_tile_is_named() {
    let store = Store::of(&Naive::new(70_000).leaves);
    for gone in InclusionProof::tiles(300, 70_000).unwrap() {
        let names = InclusionProof::tiles(300, 70_000).unwrap().into_iter().filter(|name| *name != gone);
        let read: Vec<_> = names.map(|name| (name, store.tiles[&name].clone())).collect();
        let found = VerifiedTiles::verify(store.tree.head(), read).and_then(|tiles| InclusionProof::build(300, &tiles));
        assert_eq!(found.unwrap_err(), TileError::Missing(gone));
    }
}

#[test]
fn a_full_tile_stands_for_the_partial_one_that_is_gone() {
    let naive = Naive::new(600);
    let store = Store::of(&naive.leaves);
    let old = naive.head(300);
    let read = ["tile/0/000", "tile/0/001", "tile/1/000.p/2"].map(|t| (address(t), store.tiles[&address(t)].clone()));
    let tiles = VerifiedTiles::verify(old, read).unwrap();
    assert_eq!(InclusionProof::build(299, &tiles).unwrap().path, naive.path(299, 0, 300));
    assert_eq!(tiles.leaf(300), Err(TileError::NoSuchLeaf { index: 300, size: 300 }));
}

#[test]
fn the_empty_tree_has_no_tiles_and_one_root() {
    let none: [(TileAddress, Tile); 0] = [];
    let tiles = VerifiedTiles::verify(TreeHead::EMPTY, none.clone()).unwrap();
    assert_eq!(Tree::resume(&tiles).unwrap().head(), TreeHead::EMPTY);
    let forged = TreeHead { size: 0, root: Hash::leaf(b"") };
    assert_eq!(VerifiedTiles::verify(forged, none).unwrap_err(), TileError::WrongRoot);
}

#[test]
fn bundles_that_are_not_their_tiles_are_refused() {
    let entries: Vec<Vec<u8>> = vec![b"one".to_vec(), Vec::new(), vec![7; 65_535]];
    let leaves: Vec<_> = entries.iter().map(|entry| Hash::leaf(entry)).collect();
    let tile = Store::of(&leaves).tiles[&address("tile/0/000.p/3")].clone();
    let mut bundle = Vec::new();
    entries.iter().for_each(|entry| write_entry(&mut bundle, entry).unwrap());
    assert_eq!(parse_bundle(&tile, &bundle).unwrap(), entries);
    assert_eq!(parse_bundle(&tile, &bundle[..bundle.len() - 1]), Err(BundleError::Cut(2)));
    assert_eq!(parse_bundle(&tile, &bundle[..6]), Err(BundleError::Cut(1)));
    assert_eq!(parse_bundle(&tile, &[bundle.as_slice(), &[0, 0]].concat()), Err(BundleError::TooLong));
    let mut changed = bundle.clone();
    changed[2] ^= 1;
    assert_eq!(parse_bundle(&tile, &changed), Err(BundleError::Changed(0)));
    let whole = bundle.clone();
    assert_eq!(write_entry(&mut bundle, &vec![0; 65_536]), Err(EntryTooLong(65_536)));
    assert_eq!(bundle, whole);
}
