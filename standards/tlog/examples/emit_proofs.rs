//! Writes logs of several sizes as JSON, with tiles, proofs and cosigned checkpoints, for other implementations to
//! judge: `acceptance/tlog_proofs.py`. The entries are `entry 0`, `entry 1` and so on.

use serde_json::{Map, Value, json};
use signet_kernel::Timestamp;
use signet_tlog::{
    AddCheckpoint, BundleAddress, Checkpoint, ConsistencyProof, Hash, InclusionProof, KeyKind, KeyName, Log, ProofFile,
    SignedCheckpoint, Signer, SigningKey, Tile, TileAddress, Tree, TreeHead, UnverifiedCheckpoint, VerifiedTiles,
    write_entry,
};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::Write as _;

const ORIGIN: &str = "log.example/tenant";
/// Up to here every proof is written, beyond it those of telling leaves.
const EVERY: u64 = 40;
const MORE: [u64; 11] = [64, 65, 127, 255, 256, 257, 511, 512, 513, 600, 1300];

fn main() -> Result<(), Box<dyn Error>> {
    let log = SigningKey::from_seed(KeyName::new(ORIGIN)?, KeyKind::Log, &[7; 32])?;
    let witness = SigningKey::from_seed(KeyName::new("witness.example/w")?, KeyKind::Witness, &[9; 32])?;
    let mut logbook = Logbook { tree: Tree::new(), tiles: BTreeMap::new() };
    let mut trees = Vec::new();
    for size in (1..=EVERY).chain(MORE) {
        logbook.grow_to(size);
        trees.push(logbook.tell(&log, &witness)?);
    }
    let tiles: Map<_, _> =
        logbook.tiles.iter().map(|(at, tile)| (at.to_string(), json!(hex::encode(tile.to_bytes())))).collect();
    let keys = json!({ "log": log.key().to_string(), "witness": witness.key().to_string() });
    let bundles = logbook.bundles()?;
    let all = json!({ "keys": keys, "trees": trees, "tiles": tiles, "bundles": bundles });
    writeln!(std::io::stdout(), "{all}")?;
    Ok(())
}

fn entry(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

struct Logbook {
    tree: Tree,
    tiles: BTreeMap<TileAddress, Tile>,
}

impl Logbook {
    fn grow_to(&mut self, size: u64) {
        while self.tree.size() < size {
            let leaf = Hash::leaf(&entry(self.tree.size()));
            self.tiles.extend(self.tree.append(leaf));
        }
        self.tiles.extend(self.tree.edge());
    }

    fn tell(&self, log: &SigningKey, witness: &SigningKey) -> Result<Value, Box<dyn Error>> {
        let head = self.tree.head();
        let checkpoint = cosigned(head, log, witness)?;
        let (mut inclusion, mut consistency) = (Vec::new(), Vec::new());
        for index in telling(head.size).into_iter().filter(|index| *index < head.size) {
            let tiles = self.read(InclusionProof::tiles(index, head.size)?)?;
            let proof = InclusionProof::build(index, &tiles)?;
            let file = ProofFile {
                extra: None,
                inclusion: proof.clone(),
                checkpoint: UnverifiedCheckpoint::parse(checkpoint.as_bytes())?,
            };
            inclusion.push(json!({ "index": index, "path": hexed(&proof.path), "file": file.to_string() }));
        }
        for old in telling(head.size).into_iter().filter(|old| *old > 0) {
            let tiles = self.read(ConsistencyProof::tiles(old, head.size)?)?;
            consistency.push(json!({ "old": old, "path": hexed(&ConsistencyProof::build(old, &tiles)?.path) }));
        }
        let root = hex::encode(head.root.as_bytes());
        Ok(json!({
            "size": head.size, "root": root, "checkpoint": checkpoint,
            "inclusion": inclusion, "consistency": consistency,
        }))
    }

    /// The entries of the whole tree.
    fn bundles(&self) -> Result<Map<String, Value>, Box<dyn Error>> {
        let size = self.tree.size();
        let tiles = (0..size.div_ceil(256)).filter_map(|index| TileAddress::in_tree(0, index, size));
        let mut bundles = Map::new();
        for address in tiles.filter_map(BundleAddress::beside) {
            let first = address.tile().index() * 256;
            let mut bytes = Vec::new();
            for number in first..first + u64::from(address.tile().width()) {
                write_entry(&mut bytes, &entry(number))?;
            }
            bundles.insert(address.to_string(), json!(hex::encode(bytes)));
        }
        Ok(bundles)
    }

    fn read(&self, wanted: BTreeSet<TileAddress>) -> Result<VerifiedTiles, Box<dyn Error>> {
        let found = wanted.into_iter().filter_map(|address| Some((address, self.tiles.get(&address)?.clone())));
        Ok(VerifiedTiles::verify(self.tree.head(), found)?)
    }
}

/// The checkpoint with the line of a witness that sees the log for the first time.
fn cosigned(head: TreeHead, log: &SigningKey, witness: &SigningKey) -> Result<String, Box<dyn Error>> {
    let signed = SignedCheckpoint::sign(Checkpoint::new(ORIGIN, head)?, &[log])?;
    let checkpoint = UnverifiedCheckpoint::parse(signed.to_string().as_bytes())?;
    let request = AddCheckpoint { old: 0, proof: ConsistencyProof::default(), checkpoint };
    let accepted = request.decide(Some(&Log::new(ORIGIN, [log.key().clone()])), TreeHead::EMPTY)?;
    let line = accepted.cosign(witness, Timestamp::from_seconds(1_679_315_147))?;
    let mut signed = signed;
    signed.add_cosignatures(vec![line], &[witness.key().clone()])?;
    Ok(signed.to_string())
}

/// All numbers up to `size`, or those around powers of two, edges of tiles and both ends.
fn telling(size: u64) -> BTreeSet<u64> {
    if size <= EVERY {
        return (0..=size).collect();
    }
    let edges = [1, 2, 3, 63, 64, 65, 255, 256, 257, 511, 512, 513, size / 2, size - 2, size - 1, size];
    edges.into_iter().chain([0]).filter(|number| *number <= size).collect()
}

fn hexed(path: &[Hash]) -> Vec<String> {
    path.iter().map(|hash| hex::encode(hash.as_bytes())).collect()
}
