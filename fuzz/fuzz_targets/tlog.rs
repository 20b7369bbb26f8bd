//! Notes, checkpoints, proofs, requests of witnesses, keys, paths and bundles from strangers: none panics, each value has
//! one text, and nothing is believed that no key signed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signet_tlog::{
    AddCheckpoint, BundleAddress, Checkpoint, Hash, KeyKind, KeyName, Log, ProofFile, Refusal, SignatureLine, Signer,
    SigningKey, Tile, TileAddress, TreeHead, UnverifiedCheckpoint, UnverifiedNote, VerifierKey, parse_bundle, write_entry,
};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::LazyLock;

/// A key that no input was signed with.
static KEY: LazyLock<Option<SigningKey>> = LazyLock::new(|| {
    SigningKey::from_seed(KeyName::new("log.example/tenant").ok()?, KeyKind::Log, &[7; 32]).ok()
});

fn same<T: FromStr + Display>(text: &str) {
    if let Ok(value) = T::from_str(text) {
        assert_eq!(value.to_string(), text);
    }
}

fn check_text(text: &str) {
    same::<TileAddress>(text);
    same::<BundleAddress>(text);
    same::<VerifierKey>(text);
    same::<Checkpoint>(text);
    same::<Hash>(text);
    if let Ok(lines) = SignatureLine::parse_all(text) {
        assert_eq!(lines.iter().map(ToString::to_string).collect::<String>(), text);
    }
    if let Some(size) = Refusal::read_size_body(text) {
        assert_eq!(Refusal::Behind { latest: size }.size_body().as_deref(), Some(text));
    }
}

fn check_bytes(bytes: &[u8]) {
    let log = KEY.as_ref().map(|key| Log::new("log.example/tenant", [key.key().clone()]));
    if let Ok(note) = UnverifiedNote::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
    }
    if let Ok(checkpoint) = UnverifiedCheckpoint::parse(bytes) {
        assert_eq!(checkpoint.to_string().as_bytes(), bytes);
        let _ = log.as_ref().map(|log| checkpoint.verify(log));
    }
    if let Ok(request) = AddCheckpoint::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
        let _ = request.clone().decide(None, TreeHead::EMPTY);
        let _ = request.decide(log.as_ref(), TreeHead::EMPTY);
    }
    if let Ok(proof) = ProofFile::parse(bytes) {
        let again = ProofFile::parse(proof.to_string().as_bytes());
        assert_eq!(again.as_ref(), Ok(&proof));
        let head = TreeHead { size: proof.inclusion.index.saturating_add(1), root: Hash::EMPTY };
        assert!(proof.inclusion.verify(&Hash::leaf(b"entry"), &head).is_err());
        let _ = log.as_ref().map(|log| proof.verify(&Hash::leaf(b"entry"), log));
    }
}

/// The bytes as a tile and as the bundle beside it.
fn check_tile(bytes: &[u8]) {
    let Some((width, rest)) = bytes.split_first() else { return };
    let Some(address) = TileAddress::in_tree(0, 0, u64::from(*width) + 1) else { return };
    if let Ok(tile) = Tile::parse(address, rest) {
        assert_eq!(tile.to_bytes(), rest);
        assert!(parse_bundle(&tile, rest).is_err());
    }
    let mut bundle = Vec::new();
    if write_entry(&mut bundle, rest).is_ok()
        && let Some(one) = TileAddress::in_tree(0, 0, 1)
        && let Ok(tile) = Tile::parse(one, Hash::leaf(rest).as_bytes())
    {
        assert_eq!(parse_bundle(&tile, &bundle), Ok(vec![rest]));
    }
}

fuzz_target!(|bytes: &[u8]| {
    check_bytes(bytes);
    check_tile(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        check_text(text);
    }
});
