//! The tree of eight leaves that Certificate Transparency's implementations share: roots and proofs.

use crate::naive::Store;
use signet_tlog::{ConsistencyProof, Hash, InclusionProof, TreeHead};

const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const N1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const N23: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const N4567: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const N4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const N67: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const N45: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const N6: &str = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f";

fn hash(text: &str) -> Hash {
    Hash::from_bytes(hex::decode(text).unwrap().try_into().unwrap())
}

fn leaf(index: usize) -> Hash {
    Hash::leaf(&hex::decode(LEAVES[index]).unwrap())
}

fn store(size: usize) -> Store {
    Store::of(&(0..size).map(leaf).collect::<Vec<_>>())
}

#[test]
fn rfc6962_s2_1_roots() {
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(store(size).tree.head(), TreeHead { size: size as u64, root: hash(root) });
    }
}

#[test]
fn rfc6962_s2_1_1_audit_paths() {
    let expected = [
        (0, 1, vec![]),
        (0, 8, vec![N1, N23, N4567]),
        (5, 8, vec![N4, N67, ROOTS[3]]),
        (2, 3, vec![ROOTS[1]]),
        (1, 5, vec![ROOTS[0], N23, N4]),
    ];
    for (index, size, path) in expected {
        let store = store(size as usize);
        let proof = InclusionProof::build(index, &store.verified(InclusionProof::tiles(index, size).unwrap())).unwrap();
        assert_eq!(proof.path, path.into_iter().map(hash).collect::<Vec<_>>(), "{index} of {size}");
        assert_eq!(proof.verify(&leaf(index as usize), &store.tree.head()), Ok(()));
    }
}

#[test]
fn rfc6962_s2_1_2_consistency_proofs() {
    let expected = [
        (1, 1, vec![]),
        (1, 8, vec![N1, N23, N4567]),
        (6, 8, vec![N45, N67, ROOTS[3]]),
        (2, 5, vec![N23, N4]),
        (6, 7, vec![N45, N6, ROOTS[3]]),
    ];
    for (old, new, path) in expected {
        let later = store(new as usize);
        let tiles = later.verified(ConsistencyProof::tiles(old, new).unwrap());
        let proof = ConsistencyProof::build(old, &tiles).unwrap();
        assert_eq!(proof.path, path.into_iter().map(hash).collect::<Vec<_>>(), "{old} to {new}");
        assert_eq!(proof.verify(&store(old as usize).tree.head(), &later.tree.head()), Ok(()));
    }
}
