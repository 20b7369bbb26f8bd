//! How texts are looked for in texts.

use crate::glob;
use std::borrow::Cow;

use crate::{TextMatch, TextTest, Value, functions, value::to_text};

pub(crate) fn test(test: TextTest, left: &Value, right: &Value) -> bool {
    let (hay, needle) = (text(left), text(right));
    match test.what {
        TextMatch::Regex => functions::cached_regex(&needle).is_some_and(|regex| regex.is_match(&hay)),
        TextMatch::Has => has(&hay, &needle, test.cased),
        TextMatch::HasPrefix => find(&hay, &needle, test.cased, |before, _| before),
        TextMatch::HasSuffix => find(&hay, &needle, test.cased, |_, after| after),
        TextMatch::Contains => find(&hay, &needle, test.cased, |_, _| true),
        TextMatch::StartsWith | TextMatch::EndsWith | TextMatch::Like => {
            let (hay, needle) = if test.cased { (hay, needle) } else { (folded(&hay), folded(&needle)) };
            match test.what {
                TextMatch::StartsWith => hay.starts_with(&*needle),
                TextMatch::EndsWith => hay.ends_with(&*needle),
                _ => glob::matches(&needle.replace('%', "*"), &hay),
            }
        }
    }
}

fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(to_text(other)),
    }
}

fn folded(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_lowercase())
}

/// Whether a text has a term: letters and digits between others, or the ends.
pub(super) fn has(hay: &str, needle: &str, cased: bool) -> bool {
    find(hay, needle, cased, |before, after| before && after)
}

/// Whether a text contains another at a place where the borders are right: whether no letter or digit stands before
/// it, and after it. A border is only asked for where the needle itself ends in a letter or digit.
fn find(hay: &str, needle: &str, cased: bool, borders: impl Fn(bool, bool) -> bool) -> bool {
    if needle.is_empty() {
        return true;
    }
    if !cased && !needle.is_ascii() {
        let (hay, needle) = (hay.to_lowercase(), needle.to_lowercase());
        return find(&hay, &needle, true, borders);
    }
    let open_start = !needle.starts_with(char::is_alphanumeric);
    let open_end = !needle.ends_with(char::is_alphanumeric);
    let alike = |window: &[u8]| {
        if cased { window == needle.as_bytes() } else { window.eq_ignore_ascii_case(needle.as_bytes()) }
    };
    hay.as_bytes().windows(needle.len()).enumerate().filter(|(_, window)| alike(window)).any(|(start, _)| {
        let (Some(before), Some(after)) = (hay.get(..start), hay.get(start + needle.len()..)) else { return false };
        borders(
            open_start || !before.ends_with(char::is_alphanumeric),
            open_end || !after.starts_with(char::is_alphanumeric),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms() {
        for (hay, needle, holds) in [
            ("FinanceAI", "ai", false),
            ("Agents", "agent", false),
            ("my_agent_7", "AGENT", true),
            ("Mail.ReadWrite", "Mail.Read", false),
            ("Mail.Read other", "mail.read", true),
            ("a@b", "@", true),
            ("Agent-HROnboardingBot", "agent", true),
            ("HRAgentBot", "agent", false),
            ("agents agent", "agent", true),
            ("née", "n", false),
            ("ÉTÉ", "été", true),
            ("", "x", false),
            ("x", "", true),
        ] {
            assert_eq!(has(hay, needle, false), holds, "{hay} has {needle}");
        }
        assert!(!has("Agent", "agent", true));
    }

    #[test]
    fn other_tests() {
        let holds = |what, cased, hay: &str, needle: &str| {
            test(TextTest { what, negated: false, cased }, &hay.into(), &needle.into())
        };
        assert!(holds(TextMatch::HasPrefix, false, "one Agents", "agent"));
        assert!(!holds(TextMatch::HasPrefix, false, "HRAgent", "agent"));
        assert!(holds(TextMatch::HasSuffix, false, "HRAgent x", "agent"));
        assert!(holds(TextMatch::Contains, false, "HRAgentBot", "AGENT"));
        assert!(!holds(TextMatch::Contains, true, "HRAgentBot", "AGENT"));
        assert!(holds(TextMatch::StartsWith, false, "Abc", "aB"));
        assert!(!holds(TextMatch::EndsWith, true, "Abc", "BC"));
        assert!(holds(TextMatch::Regex, true, "a1", r"\d$"));
        assert!(holds(TextMatch::Like, false, "Hello World", "hello*d"));
    }
}
