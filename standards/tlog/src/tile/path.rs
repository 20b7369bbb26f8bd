//! The part of a path that tiles and entry bundles share: index and width.

use super::FULL;
use crate::decimal;
use std::fmt;

/// A path that is not that of a tile or bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile; they look like tile/0/x001/x234/067 or tile/entries/067.p/12")]
pub struct NotATilePath;

/// Writes `x001/x234/067`, and `.p/12` for a partial tile.
pub(super) fn write_place(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    // SPEC: tlog-tiles, Merkle tree: zero-padded 3-digit path elements, all but the last begin with an x
    let digits = index.checked_ilog10().unwrap_or(0);
    for group in (1..=digits / 3).rev() {
        write!(f, "x{:03}/", index / 1000_u64.pow(group) % 1000)?;
    }
    write!(f, "{:03}", index % 1000)?;
    if width == FULL { Ok(()) } else { write!(f, ".p/{width}") }
}

/// Reads what [`write_place`] writes, and nothing else.
pub(super) fn read_place(text: &str) -> Result<(u64, u16), NotATilePath> {
    let (index, width) = match text.split_once(".p/") {
        Some((index, width)) => (index, read_width(width)?),
        None => (text, FULL),
    };
    Ok((read_index(index)?, width))
}

fn read_width(text: &str) -> Result<u16, NotATilePath> {
    let width = decimal::parse(text).ok().and_then(|width| u16::try_from(width).ok());
    width.filter(|width| (1..FULL).contains(width)).ok_or(NotATilePath)
}

fn read_index(text: &str) -> Result<u64, NotATilePath> {
    let (before, last) = match text.rsplit_once('/') {
        Some((before, last)) => (Some(before), last),
        None => (None, text),
    };
    // A first element of zeros would be a second path to the same tile.
    if before.is_some_and(|before| before.starts_with("x000")) {
        return Err(NotATilePath);
    }
    let mut index = 0_u64;
    for element in before.into_iter().flat_map(|before| before.split('/')) {
        let digits = element.strip_prefix('x').ok_or(NotATilePath)?;
        index = append(index, digits)?;
    }
    append(index, last)
}

fn append(index: u64, digits: &str) -> Result<u64, NotATilePath> {
    if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotATilePath);
    }
    let digits: u64 = digits.parse().map_err(|_| NotATilePath)?;
    index.checked_mul(1000).and_then(|index| index.checked_add(digits)).ok_or(NotATilePath)
}
