//! `$search`: `"displayName:word" AND NOT ("mail:x" OR free)`.

use crate::row::{Node, Row};
use crate::scalar::Scalar;
use crate::words::{search_terms, words};

const MAX_DEPTH: usize = 16;
const MAX_CLAUSES: usize = 50;

/// Why a search is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// What stands at this position was not expected.
    #[error("`$search` cannot be read at position {position}: expected {expected}")]
    Unexpected {
        /// In characters, from 0.
        position: usize,
        /// What could stand there.
        expected: &'static str,
    },
    /// Too deep or too long.
    #[error("`$search` is too long or nested too deep")]
    TooLong,
}

/// A condition on the words of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    /// Each of these words starts a word of the property, or of one of those searched by default.
    Words {
        /// The property, if one is named.
        property: Option<String>,
        /// The words.
        terms: Vec<String>,
    },
    /// All hold.
    And(Vec<Search>),
    /// One holds.
    Or(Vec<Search>),
    /// It does not hold.
    Not(Box<Search>),
}

impl Search {
    /// Reads `$search`. Words side by side are joined by `AND`, which with `OR` and `NOT` is in capitals.
    pub fn parse(text: &str) -> Result<Self, SearchError> {
        let mut parser = Parser { rest: text.chars().collect(), at: 0, clauses: 0 };
        let search = parser.or(0)?;
        parser.skip_blanks();
        if parser.peek().is_none() { Ok(search) } else { Err(parser.unexpected("`AND`, `OR` or the end")) }
    }

    /// The properties that are named.
    pub fn properties(&self) -> Vec<&str> {
        match self {
            Self::Words { property, .. } => property.iter().map(String::as_str).collect(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::properties).collect(),
            Self::Not(inner) => inner.properties(),
        }
    }

    /// Whether it holds for an object. Words without a property are looked for in these.
    pub fn matches(&self, row: &dyn Row, by_default: &[&str]) -> bool {
        match self {
            Self::Words { property: Some(name), terms } => in_property(row, name, terms),
            Self::Words { property: None, terms } => by_default.iter().any(|name| in_property(row, name, terms)),
            Self::And(parts) => parts.iter().all(|part| part.matches(row, by_default)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(row, by_default)),
            Self::Not(inner) => !inner.matches(row, by_default),
        }
    }

    /// Words of which every object has one that starts so: what an index of [`words`] may narrow by. Each with the
    /// property it must be in, if one is named.
    pub fn demanded(&self) -> Vec<(Option<&str>, &str)> {
        match self {
            Self::Words { property, terms } => terms.iter().map(|term| (property.as_deref(), term.as_str())).collect(),
            Self::And(parts) => parts.iter().flat_map(Self::demanded).collect(),
            Self::Or(_) | Self::Not(_) => Vec::new(),
        }
    }
}

/// In a collection, all words must be of one item.
fn in_property(row: &dyn Row, name: &str, terms: &[String]) -> bool {
    let node = row.member(name);
    in_text(node, terms) || node.items().any(|item| in_text(item, terms))
}

fn in_text(node: Node<'_>, terms: &[String]) -> bool {
    let Scalar::Text(text) = node.scalar(None) else { return false };
    let words = words(&text);
    terms.iter().all(|term| words.iter().any(|word| word.starts_with(term)))
}

struct Parser {
    rest: Vec<char>,
    at: usize,
    clauses: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
    }

    fn unexpected(&self, expected: &'static str) -> SearchError {
        SearchError::Unexpected { position: self.at, expected }
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let ends = |next: Option<&char>| next.is_none_or(|next| matches!(next, ' ' | '(' | '"' | ')'));
        let rest = self.rest.iter().skip(self.at);
        let found = rest.clone().take(word.len()).copied().eq(word.chars()) && ends(rest.clone().nth(word.len()));
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn or(&mut self, depth: usize) -> Result<Search, SearchError> {
        let mut parts = vec![self.and(depth)?];
        while self.take_word("OR") {
            parts.push(self.and(depth)?);
        }
        Ok(alone(parts, Search::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Search, SearchError> {
        let mut parts = vec![self.not(depth)?];
        loop {
            let joined = self.take_word("AND");
            let at = self.at;
            if !joined && (matches!(self.peek(), None | Some(')')) || self.take_word("OR")) {
                self.at = at;
                return Ok(alone(parts, Search::And));
            }
            parts.push(self.not(depth)?);
        }
    }

    fn not(&mut self, depth: usize) -> Result<Search, SearchError> {
        if depth > MAX_DEPTH {
            return Err(SearchError::TooLong);
        }
        if self.take_word("NOT") {
            return Ok(Search::Not(Box::new(self.not(depth + 1)?)));
        }
        self.skip_blanks();
        if self.peek() != Some('(') {
            return self.clause();
        }
        self.at += 1;
        let inner = self.or(depth + 1)?;
        self.skip_blanks();
        if self.peek() != Some(')') {
            return Err(self.unexpected("a closing parenthesis"));
        }
        self.at += 1;
        Ok(inner)
    }

    fn clause(&mut self) -> Result<Search, SearchError> {
        self.clauses += 1;
        if self.clauses > MAX_CLAUSES {
            return Err(SearchError::TooLong);
        }
        let start = self.at;
        if ["AND", "OR"].iter().any(|word| self.take_word(word)) {
            return Err(SearchError::Unexpected { position: start, expected: "words to look for" });
        }
        let text = if self.peek() == Some('"') { self.quoted()? } else { self.bare() };
        let named = text.split_once(':').filter(|(name, _)| {
            !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || character == '_')
        });
        let (property, text) = named.map_or((None, text.as_str()), |(name, text)| (Some(name.to_owned()), text));
        let terms = search_terms(text);
        if terms.is_empty() {
            return Err(SearchError::Unexpected { position: start, expected: "words to look for" });
        }
        Ok(Search::Words { property, terms })
    }

    fn bare(&mut self) -> String {
        let text: String = self.rest.iter().skip(self.at).take_while(|next| !" ()\"".contains(**next)).collect();
        self.at += text.chars().count();
        text
    }

    /// What stands between double quotes; a backslash before one, or before itself, takes its meaning away.
    fn quoted(&mut self) -> Result<String, SearchError> {
        let mut text = String::new();
        self.at += 1;
        loop {
            let next = self.peek().ok_or_else(|| self.unexpected("a closing quote"))?;
            self.at += 1;
            match next {
                '"' => return Ok(text),
                '\\' => {
                    text.extend(self.peek());
                    self.at += 1;
                }
                other => text.push(other),
            }
        }
    }
}

fn alone(mut parts: Vec<Search>, join: impl FnOnce(Vec<Search>) -> Search) -> Search {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn finds(search: &str) -> bool {
        let row = json!({"displayName": "HR Onboarding-Bot7", "mail": "hr@contoso.com", "tags": ["Blue Team", "x"]});
        Search::parse(search).unwrap_or_else(|error| panic!("{search}: {error}")).matches(&row, &["displayName"])
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for wrong in ["", "\"", "\"displayName:\"", "(a", "a)", "AND a", "a AND", "NOT", "\"--\"", "a OR"] {
            assert!(Search::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Search::parse(&"(".repeat(30)), Err(SearchError::TooLong));
        assert_eq!(Search::parse(&"a ".repeat(51)), Err(SearchError::TooLong));
    }

    #[test]
    fn words_are_found_by_their_beginnings() {
        for no in ["\"displayName:boarding\"", "contoso", "hr AND sales", "NOT hr", "\"tags:blue x\"", "\"none:hr\""] {
            assert!(!finds(no), "{no}");
        }
        for yes in ["onboard", "\"displayName:BOT hr\"", "\"mail:contoso\"", "hr bot", "sales OR hr", "NOT sales"] {
            assert!(finds(yes), "{yes}");
        }
        assert!(finds("(sales OR \"mail:hr\") AND NOT \"displayName:sales\"") && finds("\"tags:team\""));
        assert_eq!(Search::parse("\"a:x y\" z").unwrap().demanded(), [(Some("a"), "x"), (Some("a"), "y"), (None, "z")]);
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-c ()\":\\\\ANDORT]{0,40}") {
            let _ = Search::parse(&text);
        }
    }
}
