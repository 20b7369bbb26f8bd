//! Guessing what was meant.

/// The candidate with the fewest letters to change, if it is close enough to be what was meant.
pub(super) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let best = candidates.map(|candidate| (strsim::levenshtein(word, candidate), candidate)).min()?;
    (best.0 <= best.1.len().max(3) / 3).then_some(best.1)
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
    }
}
