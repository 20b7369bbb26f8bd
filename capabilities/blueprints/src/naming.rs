//! What agents of a blueprint may be called: off unless the blueprint says a pattern.

use crate::Blueprint;
use crate::refusal::BlueprintRefused;
use serde_json::Value;

const SEPARATORS: [char; 4] = ['-', '_', '.', ' '];

impl Blueprint {
    /// The member that holds the pattern: words with separators between them, where `*` is any word: `Agent-*`.
    pub const AGENT_NAME_PATTERN: &'static str = "agentNamePattern";

    /// The pattern, if there is one.
    pub fn agent_name_pattern(&self) -> Option<&str> {
        self.application.other.get(Self::AGENT_NAME_PATTERN).and_then(Value::as_str)
    }

    /// Refuses a name that does not fit the pattern.
    pub fn check_agent_name(&self, name: &str) -> Result<(), BlueprintRefused> {
        let Some(pattern) = self.agent_name_pattern() else { return Ok(()) };
        if fits(pattern, name) {
            return Ok(());
        }
        let (name, pattern) = (name.to_owned(), pattern.to_owned());
        Err(BlueprintRefused::AgentName { example: pattern.replace('*', "orders"), name, pattern })
    }

    /// Refuses a pattern that no name could fit, or that every name would.
    pub(crate) fn check_pattern(&self) -> Result<(), BlueprintRefused> {
        let Some(pattern) = self.agent_name_pattern() else { return Ok(()) };
        let word = |word: &str| word == "*" || is_word(word);
        let fine = pattern.split(SEPARATORS).all(word) && pattern.contains('*') && pattern != "*";
        if fine { Ok(()) } else { Err(BlueprintRefused::NamePattern(pattern.to_owned())) }
    }
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.chars().all(char::is_alphanumeric)
}

fn fits(pattern: &str, name: &str) -> bool {
    let separators = |text: &str| text.chars().filter(|c| SEPARATORS.contains(c)).collect::<String>();
    let mut words = pattern.split(SEPARATORS).zip(name.split(SEPARATORS));
    separators(pattern) == separators(name)
        && words.all(|(wanted, word)| if wanted == "*" { is_word(word) } else { wanted == word })
}
