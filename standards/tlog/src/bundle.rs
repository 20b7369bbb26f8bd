//! Entry bundles: the entries below one tile of leaves.

use crate::{Hash, Tile};

/// An entry that no bundle can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry of {0} bytes is longer than the 65535 that a bundle can hold")]
pub struct EntryTooLong(pub usize);

/// Why bytes are not the bundle of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It ends within an entry, or has too few.
    #[error("the bundle is cut after {0} entries")]
    Cut(usize),
    /// Something follows the last entry.
    #[error("the bundle has more entries than its tile has leaves")]
    TooLong,
    /// An entry is not the one that was logged.
    #[error("entry {0} of the bundle is not the one that was logged")]
    Changed(usize),
}

/// Appends one entry to a bundle.
///
/// # Errors
/// [`EntryTooLong`], and the bundle is as it was.
pub fn write_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLong> {
    // SPEC: tlog-tiles, log entries: big-endian uint16 length-prefixed
    let length = u16::try_from(entry.len()).map_err(|_| EntryTooLong(entry.len()))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of the bundle beside `tile`, each the one whose leaf hash stands there.
///
/// # Errors
/// [`BundleError`].
pub fn parse_bundle<'b>(tile: &Tile, bytes: &'b [u8]) -> Result<Vec<&'b [u8]>, BundleError> {
    let mut rest = bytes;
    let mut entries = Vec::with_capacity(tile.hashes().len());
    for (number, leaf) in tile.hashes().iter().enumerate() {
        let (entry, after) = split_entry(rest).ok_or(BundleError::Cut(number))?;
        if Hash::leaf(entry) != *leaf {
            return Err(BundleError::Changed(number));
        }
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(BundleError::TooLong) }
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
