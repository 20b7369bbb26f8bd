//! How texts fall into words: the one place that says so, for the index and for the search.
//!
//! A text is cut at whatever is neither letter nor digit, between a small and a capital letter, and between letters
//! and digits. The index also has what was cut only in those last two ways in one piece: of `HelloWorld-7`, it has
//! `hello`, `world`, `helloworld` and `7`. Case makes no difference.

use std::collections::BTreeSet;

/// The longest word, in characters; more is cut off.
const LONGEST: usize = 64;

/// The words of a text, for an index or to be looked through.
pub fn words(text: &str) -> BTreeSet<String> {
    let whole = runs(text).map(word);
    whole.chain(search_terms(text)).collect()
}

/// The words that a search for a text asks for. An object is found if each of them starts one of its [`words`].
pub fn search_terms(text: &str) -> Vec<String> {
    runs(text).flat_map(pieces).map(|piece| word(&piece)).collect()
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|run| !run.is_empty())
}

fn word(text: &str) -> String {
    text.chars().take(LONGEST).collect::<String>().to_lowercase()
}

fn pieces(run: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for character in run.chars() {
        let cut = last.is_none_or(|last| {
            (last.is_lowercase() && character.is_uppercase()) || last.is_numeric() != character.is_numeric()
        });
        match pieces.last_mut() {
            Some(piece) if !cut => piece.push(character),
            _ => pieces.push(character.to_string()),
        }
        last = Some(character);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_fall_apart_as_declared() {
        let all = |text| words(text).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(all(" -- "), "");
        assert_eq!(all("HelloWorld-7"), "7 hello helloworld world");
        assert_eq!(all("agent42.dev@Contoso"), "42 agent agent42 contoso dev");
        assert_eq!(search_terms("HelloWorld hr"), ["hello", "world", "hr"]);
    }

    proptest! {
        #[test]
        fn a_text_is_found_by_itself(text in "[a-cA-C0-9 .ÄΣ-]{0,12}") {
            let index = words(&text);
            for term in search_terms(&text) {
                prop_assert!(index.iter().any(|word| word.starts_with(&term)), "{term}");
            }
        }
    }
}
