//! What agents may be called: words with separators between them, by a pattern of the organization's or of a
//! blueprint's own. Off unless one of them says so.

use crate::body::bad_request;
use serde::Deserialize;
use serde_json::Value;
use signet_kernel::{Failure, Violation};
use signet_store::{BackendError, TenantStore};
use signet_tenants::Tenant;

/// The member of an organization that says what its agents may be called: `{isEnforced, pattern}`.
pub const MEMBER: &str = "agentNaming";
/// The pattern of an organization that enforces one and names none.
pub const USUAL: &str = "Agent-**";

const SEPARATORS: [char; 4] = ['-', '_', '.', ' '];
const LONGEST: usize = 256;
const ONE_WORD: &str = "*";
const WORDS: &str = "**";

/// A pattern: `*` is any word of letters and digits, and `**`, at the end alone, one word or more: `Agent-**`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern(String);

impl NamePattern {
    /// The pattern, unless no name could fit it or every name would.
    pub fn parse(pattern: &str) -> Option<Self> {
        let words: Vec<&str> = pattern.split(SEPARATORS).collect();
        let last = words.len().saturating_sub(1);
        let word =
            |(at, word): (usize, &&str)| *word == ONE_WORD || is_word(word) || (*word == WORDS && at == last && at > 0);
        let fine = words.iter().enumerate().all(word) && pattern.contains(ONE_WORD) && pattern != ONE_WORD;
        (fine && pattern.chars().count() <= LONGEST).then(|| Self(pattern.to_owned()))
    }

    /// Whether a name is of this pattern.
    pub fn fits(&self, name: &str) -> bool {
        let (mut names, mut separators) = (name.split(SEPARATORS), separators(name));
        let mut wanted_separators = self::separators(&self.0);
        let mut words = self.0.split(SEPARATORS);
        loop {
            match (words.next(), names.next()) {
                (Some(WORDS), Some(word)) => return is_word(word) && names.all(is_word),
                (Some(ONE_WORD), Some(word)) if is_word(word) => {}
                (Some(wanted), Some(word)) if wanted == word => {}
                (None, None) => return true,
                _ => return false,
            }
            if wanted_separators.next() != separators.next() {
                return false;
            }
        }
    }

    /// A name that fits.
    pub fn example(&self) -> String {
        self.0.replace(WORDS, "orders-eu").replace(ONE_WORD, "orders")
    }

    /// Refuses a name that does not fit, and says which would. `whose` pattern it is: "its blueprint".
    pub fn check(&self, name: &str, whose: &str) -> Result<(), Failure> {
        if self.fits(name) {
            return Ok(());
        }
        let (pattern, example) = (&self.0, self.example());
        let message = format!(
            "'{name}' does not follow the naming convention of {whose}, '{pattern}', where '*' stands for a word of \
             letters and digits and '**' for one or more of them; '{example}' would."
        );
        let violation =
            Violation { rule: "agentNamePattern".into(), target: "displayName".into(), message: message.clone() };
        Err(bad_request("displayName", message).with_violation(violation))
    }
}

fn separators(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| SEPARATORS.contains(c))
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.chars().all(char::is_alphanumeric)
}

/// What an organization says.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Convention {
    is_enforced: bool,
    pattern: Option<String>,
}

/// Refuses a convention that says nothing sensible.
pub(crate) fn check_member(value: &Value) -> Result<(), Failure> {
    let read: Convention = serde_json::from_value(value.clone())
        .map_err(|error| bad_request(MEMBER, format!("'{MEMBER}' cannot be read: {error}.")))?;
    match read.pattern {
        Some(pattern) if NamePattern::parse(&pattern).is_none() => {
            let message = format!(
                "'{pattern}' is not a pattern of names: words of letters and digits with '-', '_', '.' or a space \
                 between them, at least one of them '*' for any word, or '**' at the end for one or more; for example \
                 '{USUAL}'."
            );
            Err(bad_request(MEMBER, message))
        }
        _ => Ok(()),
    }
}

/// The organization's pattern, where it enforces one.
pub async fn of_organization(store: &TenantStore) -> Result<Option<NamePattern>, BackendError> {
    let Some(tenant) = store.find(Tenant::id(store.id())).await? else { return Ok(None) };
    let Some(value) = tenant.body.other.get(MEMBER) else { return Ok(None) };
    let said: Convention = serde_json::from_value(value.clone()).unwrap_or_default();
    if !said.is_enforced {
        return Ok(None);
    }
    Ok(NamePattern::parse(said.pattern.as_deref().unwrap_or(USUAL)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_name_or_every_name_fits_is_no_pattern() {
        for wrong in ["", "Agent", "*", "**", "-*", "Agent--*", "**-Agent", "Agent-**-x", "Agent-***"] {
            assert_eq!(NamePattern::parse(wrong), None, "{wrong}");
        }
        assert_eq!(NamePattern::parse(&format!("{}-*", "a".repeat(300))), None);
    }

    #[test]
    fn words_and_separators_decide() {
        let fits = |pattern: &str, name: &str| NamePattern::parse(pattern).unwrap().fits(name);
        for (pattern, name) in [
            ("Agent-*", "Agent-orders"),
            ("Agent-**", "Agent-orders"),
            ("Agent-**", "Agent-orders_eu.2 b"),
            ("*_bot", "hr_bot"),
            ("*-**", "hr-a-b"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("Agent-*", "agent-orders"),
            ("Agent-*", "Agent-orders-eu"),
            ("Agent-*", "Agent_orders"),
            ("Agent-*", "Agent-"),
            ("Agent-**", "Agent"),
            ("Agent-**", "Agent-"),
            ("Agent-**", "Agent-a--b"),
            ("Agent-**", "Agent-a!"),
            ("*_bot", "hr_bot_2"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
        let usual = NamePattern::parse(USUAL).unwrap();
        assert!(usual.fits(&usual.example()));
    }
}
