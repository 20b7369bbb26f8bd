//! Guessing what was meant.

/// The candidate with the fewest letters to change, if it is close enough to be what was meant.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let best = candidates.map(|candidate| (distance(word, candidate), candidate)).min()?;
    (best.0 <= best.1.len().max(3) / 3).then_some(best.1)
}

/// Levenshtein's distance.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (line, left) in from.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (right, cell) in to.chars().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(left != right);
            diagonal = *cell;
            before = replaced.min(diagonal + 1).min(before + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let keys = ["listen", "fetch.allow", "fetch.extra_ca"];
        assert_eq!(nearest("lisen", keys.into_iter()), Some("listen"));
        assert_eq!(nearest("fetch.alow", keys.into_iter()), Some("fetch.allow"));
        assert_eq!(nearest("fetch.extra_cas", keys.into_iter()), Some("fetch.extra_ca"));
        assert_eq!(nearest("wholly-different", keys.into_iter()), None);
        assert_eq!((distance("", "abc"), distance("kitten", "sitting")), (3, 3));
    }
}
