//! Texts that are put together of others. What has grown beyond what a value may hold is put together no further: it is
//! refused where values are measured.

use regex::Regex;

/// Bytes of a text that no value may hold.
const MOST: usize = (32 << 20) + 1;

/// The texts with another between each two.
pub(super) fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    let mut out = String::new();
    for (index, part) in parts.enumerate() {
        if index > 0 {
            out.push_str(between);
        }
        out.push_str(&part);
        if out.len() > MOST {
            break;
        }
    }
    out
}

/// The text with another in place of each of its parts that are alike.
pub(super) fn replaced(value: &str, lookup: &str, rewrite: &str) -> String {
    match lookup {
        "" => value.to_owned(),
        _ => joined(value.split(lookup).map(str::to_owned), rewrite),
    }
}

/// The text with each match rewritten.
pub(super) fn rewritten(value: &str, pattern: &Regex, rewrite: &str) -> String {
    let mut out = String::new();
    let mut from = 0;
    for captures in pattern.captures_iter(value) {
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(value.get(from..whole.start()).unwrap_or_default());
        captures.expand(rewrite, &mut out);
        from = whole.end();
        if out.len() > MOST {
            return out;
        }
    }
    out.push_str(value.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_too_large_stops_growing() {
        let (many, long) = ("a".repeat(100_000), "b".repeat(100_000));
        assert!(replaced(&many, "a", &long).len() < 2 * MOST);
        assert!(joined(vec![String::new(); 100_000].into_iter(), &long).len() < 2 * MOST);
        let pattern = Regex::new("a").expect("a pattern");
        assert!(rewritten(&many, &pattern, &long).len() < 2 * MOST);
    }

    #[test]
    fn parts_are_replaced() {
        let pattern = Regex::new("(a)(b*)").expect("a pattern");
        assert_eq!(rewritten("xabbya", &pattern, "${2}$1-"), "xbba-ya-");
        assert_eq!((replaced("aXbX", "X", "--"), replaced("ab", "", "c")), ("a--b--".to_owned(), "ab".to_owned()));
    }
}
