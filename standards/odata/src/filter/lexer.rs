//! From text to tokens.

use super::FilterError;
use crate::constant::{Constant, is_guid};
use std::fmt;

const GUID_LENGTH: usize = 36;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name, an operator, a function, a qualified type; `$it` and `$count` too.
    Word(String),
    /// A value, with or without quotes.
    Value(Constant),
    /// A number without its sign.
    Number(String),
    Mark(char),
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) | Self::Number(word) => f.write_str(word),
            Self::Value(value) => write!(f, "{value}"),
            Self::Mark(mark) => write!(f, "{mark}"),
        }
    }
}

/// Tokens with where each starts, in characters.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FilterError> {
    let mut lexer = Lexer { rest: text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'t> {
    rest: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    /// Takes the characters off the front for which this is so.
    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|character| !belongs(character)).unwrap_or(self.rest.len());
        self.take(end)
    }

    fn take(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.at += taken.chars().count();
        taken
    }

    fn next(&mut self) -> Result<Option<(usize, Token)>, FilterError> {
        self.take_while(|character| matches!(character, ' ' | '\t'));
        let start = self.at;
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        let token = if let Some(guid) = self.guid() {
            guid
        } else if first == '\'' {
            Token::Value(Constant::Text(self.string()?))
        } else if first.is_ascii_digit() {
            self.bare(start)?
        } else if first.is_alphabetic() || first == '_' {
            self.word(start)?
        } else if first == '$' {
            self.take(1);
            Token::Word(format!("${}", self.take_while(|next| next.is_ascii_alphabetic())))
        } else if "(),/:-".contains(first) {
            self.take(1);
            Token::Mark(first)
        } else {
            let found = first.to_string();
            return Err(FilterError::Unexpected { position: start, found, expected: "a value, a name or an operator" });
        };
        Ok(Some((start, token)))
    }

    fn guid(&mut self) -> Option<Token> {
        let (text, rest) = self.rest.split_at_checked(GUID_LENGTH)?;
        let ends = !rest.starts_with(|next: char| next.is_alphanumeric() || "_-'.".contains(next));
        (ends && is_guid(text)).then(|| {
            self.take(GUID_LENGTH);
            Token::Value(Constant::Guid(text.to_ascii_lowercase()))
        })
    }

    /// A number, a moment, a date or a time of day.
    fn bare(&mut self, start: usize) -> Result<Token, FilterError> {
        let word = self.take_while(|next| next.is_ascii_alphanumeric() || ".:+-".contains(next));
        match Constant::bare(word) {
            Some(Constant::Integer(_) | Constant::Number(_)) => Ok(Token::Number(word.to_owned())),
            Some(value) => Ok(Token::Value(value)),
            None => Err(FilterError::Unexpected { position: start, found: word.to_owned(), expected: "a value" }),
        }
    }

    fn word(&mut self, start: usize) -> Result<Token, FilterError> {
        let word = self.take_while(|next| next.is_alphanumeric() || next == '_' || next == '.');
        if !self.rest.starts_with('\'') {
            return Ok(Token::Word(word.to_owned()));
        }
        let text = self.string()?;
        Constant::prefixed(word, &text).map(Token::Value).ok_or_else(|| FilterError::Unexpected {
            position: start,
            found: format!("{word}'{text}'"),
            expected: "a value of that type, or an operator and a blank before the quote",
        })
    }

    /// What stands between quotes; a quote in it is doubled.
    fn string(&mut self) -> Result<String, FilterError> {
        let start = self.at;
        let mut text = String::new();
        self.take(1);
        loop {
            text.push_str(self.take_while(|next| next != '\''));
            if self.rest.is_empty() {
                let found = "the end".to_owned();
                return Err(FilterError::Unexpected { position: start, found, expected: "a closing quote" });
            }
            self.take(1);
            if !self.rest.starts_with('\'') {
                return Ok(text);
            }
            text.push('\'');
            self.take(1);
        }
    }
}
