//! Which rows of a column of texts are the same text, found without looking at the texts.
//!
//! A page of Parquet that is coded by a dictionary becomes views into the dictionary: rows with the same text have the
//! same view, so a batch of thousands of rows comes to a handful of views.

use arrow::array::{Array, ArrayRef, AsArray};

/// For each row the place of its text among the different ones, and the first row of each of those.
pub(super) struct Alike {
    pub(super) places: Vec<u32>,
    pub(super) firsts: Vec<usize>,
}

/// Rows after which it must be clear that texts repeat.
const PROBE: usize = 512;

/// The rows that are alike; none where it does not pay, or the column holds no views.
pub(super) fn rows(column: &ArrayRef) -> Option<Alike> {
    let array = column.as_string_view_opt()?;
    let views = array.views();
    if views.len() < 32 {
        return None;
    }
    let mut table = Table::new(views.len());
    let mut places = Vec::with_capacity(views.len());
    for (row, view) in views.iter().enumerate() {
        let view = if array.is_null(row) { u128::MAX } else { *view };
        places.push(table.place(view, row));
        if row == PROBE && table.firsts.len() * 4 > PROBE * 3 {
            return None;
        }
    }
    Some(Alike { places, firsts: table.firsts })
}

/// Views by their hash, open addressing.
struct Table {
    slots: Vec<(u128, u32)>,
    firsts: Vec<usize>,
    mask: usize,
}

const EMPTY: u32 = u32::MAX;

impl Table {
    fn new(rows: usize) -> Self {
        let size = (rows * 2).next_power_of_two().max(16);
        Self { slots: vec![(0, EMPTY); size], firsts: Vec::new(), mask: size - 1 }
    }

    fn place(&mut self, view: u128, row: usize) -> u32 {
        let mut at = hash(view) & self.mask;
        loop {
            let Some(slot) = self.slots.get_mut(at) else { return EMPTY };
            if slot.1 == EMPTY {
                let place = u32::try_from(self.firsts.len()).unwrap_or(EMPTY);
                *slot = (view, place);
                self.firsts.push(row);
                return place;
            }
            if slot.0 == view {
                return slot.1;
            }
            at = (at + 1) & self.mask;
        }
    }
}

fn hash(view: u128) -> usize {
    let bytes = view.to_le_bytes();
    let (low, high) = bytes.split_at(8);
    let word = |part: &[u8]| part.try_into().map(u64::from_le_bytes).unwrap_or(0);
    let mixed = (word(low) ^ word(high).rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from(mixed >> 20).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::StringViewArray;

    use super::*;

    #[test]
    fn texts_that_do_not_repeat_are_not_worth_it() {
        let texts: Vec<String> = (0..2000).map(|number| number.to_string()).collect();
        let column: ArrayRef = Arc::new(StringViewArray::from_iter_values(texts));
        assert!(rows(&column).is_none());
    }

    #[test]
    fn each_row_is_placed_with_the_first_of_its_text() {
        let texts: Vec<Option<String>> =
            (0..2000).map(|number| (number % 7 != 0).then(|| format!("t{}", number % 5))).collect();
        let column: ArrayRef = Arc::new(StringViewArray::from_iter(texts.iter().map(Option::as_deref)));
        let found = rows(&column).unwrap();
        assert_eq!(found.firsts.len(), 6);
        for (row, place) in found.places.iter().enumerate() {
            assert_eq!(texts[found.firsts[*place as usize]], texts[row]);
        }
    }
}
