//! The hashes of a Merkle tree.

use aws_lc_rs::digest::{self, Digest, SHA256};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;
use std::str::FromStr;

/// A node of the tree: SHA-256. In text: base64 with padding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; Self::LENGTH]);

impl Hash {
    /// Bytes of a hash.
    pub const LENGTH: usize = 32;

    // SPEC: RFC 6962 2.1: the hash of an empty list is the hash of an empty string
    /// The root of the tree without leaves.
    pub const EMPTY: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae,
        0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// A hash of its bytes.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The leaf of an entry.
    pub fn leaf(entry: &[u8]) -> Self {
        // SPEC: RFC 6962 2.1: MTH({d(0)}) = SHA-256(0x00 || d(0))
        let mut hash = digest::Context::new(&SHA256);
        hash.update(&[0]);
        hash.update(entry);
        Self::from_digest(&hash.finish())
    }

    /// The node above `left` and `right`.
    pub fn node(left: &Self, right: &Self) -> Self {
        // SPEC: RFC 6962 2.1: MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))
        let mut input = [1; 1 + 2 * Self::LENGTH];
        let [_, below @ ..] = &mut input;
        let (to_left, to_right) = below.split_at_mut(Self::LENGTH);
        to_left.copy_from_slice(&left.0);
        to_right.copy_from_slice(&right.0);
        Self::from_digest(&digest::digest(&SHA256, &input))
    }

    /// The hash that `digest`, a SHA-256, is.
    fn from_digest(digest: &Digest) -> Self {
        #[expect(clippy::expect_used, reason = "SHA-256 has thirty-two bytes")]
        Self(digest.as_ref().try_into().expect("thirty-two bytes"))
    }
}

/// Text that is not a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 32 bytes in base64 with padding")]
pub struct NotAHash;

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let bytes = STANDARD.decode(text).map_err(|_| NotAHash)?;
        bytes.try_into().map(Self).map_err(|_| NotAHash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A tree at one moment: how many leaves, and the root above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Leaves.
    pub size: u64,
    /// The root.
    pub root: Hash,
}

impl TreeHead {
    /// The tree without leaves.
    pub const EMPTY: Self = Self { size: 0, root: Hash::EMPTY };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_of_a_hash_are_refused() {
        let text = Hash::EMPTY.to_string();
        assert_eq!(text.parse(), Ok(Hash::EMPTY));
        let stray = text.replace("FU=", "FV=");
        for text in ["", "AAAA", text.trim_end_matches('='), &format!("{text}="), &format!(" {text}"), &stray] {
            assert_eq!(text.parse::<Hash>(), Err(NotAHash), "{text:?}");
        }
    }

    #[test]
    fn rfc6962_s2_1_the_empty_tree_is_the_hash_of_nothing() {
        assert_eq!(Hash::from_digest(&digest::digest(&SHA256, b"")), Hash::EMPTY);
    }
}
