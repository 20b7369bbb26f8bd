//! How text compares: the one place that says so.
//!
//! Directory strings are equal without regard to case, ordered by their lower-case form, code point by code point. A
//! store that keys its index by `str::to_lowercase` agrees with this to the letter.

use std::borrow::Cow;
use std::cmp::Ordering;

/// The form of a text in which case makes no difference.
pub fn fold(text: &str) -> Cow<'_, str> {
    let folded = text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if folded { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Whether two texts are the same but for case.
pub(crate) fn equal(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() { left.eq_ignore_ascii_case(right) } else { fold(left) == fold(right) }
}

/// The order of two texts without regard to case.
pub(crate) fn order(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        return left.bytes().map(lower).cmp(right.bytes().map(lower));
    }
    fold(left).cmp(&fold(right))
}

/// Whether a text starts with another, but for case.
pub(crate) fn starts_with(text: &str, prefix: &str) -> bool {
    if text.is_ascii() && prefix.is_ascii() {
        return text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    }
    fold(text).starts_with(fold(prefix).as_ref())
}

/// Whether a text ends with another, but for case.
pub(crate) fn ends_with(text: &str, suffix: &str) -> bool {
    fold(text).ends_with(fold(suffix).as_ref())
}

/// Whether a text holds another, but for case.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    if !(text.is_ascii() && part.is_ascii()) {
        return fold(text).contains(fold(part).as_ref());
    }
    let Some(first) = part.bytes().next() else { return true };
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte.eq_ignore_ascii_case(&first)) {
        let Some(tail) = rest.get(at..) else { return false };
        if tail.get(..part.len()).is_some_and(|head| head.eq_ignore_ascii_case(part)) {
            return true;
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    false
}

/// Where a text first holds another, in characters, but for case.
pub(crate) fn index_of(text: &str, part: &str) -> Option<usize> {
    let (text, part) = (fold(text), fold(part));
    let at = text.find(part.as_ref())?;
    Some(text.get(..at)?.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_ways_agree_with_the_definition(a in "[a-cA-CäÄΣςK]{0,4}", b in "[a-cA-CäÄΣςK]{0,4}") {
            let (x, y) = (a.to_lowercase(), b.to_lowercase());
            prop_assert_eq!(equal(&a, &b), x == y);
            prop_assert_eq!(order(&a, &b), x.cmp(&y));
            prop_assert_eq!(starts_with(&a, &b), x.starts_with(&y));
            prop_assert_eq!(ends_with(&a, &b), x.ends_with(&y));
            prop_assert_eq!(contains(&a, &b), x.contains(&y));
            prop_assert_eq!(index_of(&a, &b).is_some(), x.contains(&y));
        }
    }
}
