//! Text to tokens.

mod literal;
mod number;

use crate::{KqlError, Span, error::Problem};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Word(String),
    Bracketed(String),
    String(String),
    Long(String),
    Real(String),
    Timespan(String),
    Typed(String, String),
    Mark(&'static str),
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

const MARKS: [&str; 32] = [
    "!=", "!~", "==", "=~", "=>", "<=", ">=", "<>", "..", "(", ")", "[", "]", "{", "}", "|", ",", ";", ":", ".", "=",
    "<", ">", "+", "-", "*", "/", "%", "!", "?", "@", "~",
];

pub(crate) struct Lexer<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn tokens(text: &'a str) -> Result<Vec<Token>, KqlError> {
        let mut lexer = Self { text, at: 0 };
        let mut tokens = Vec::new();
        loop {
            lexer.skip_space();
            let start = lexer.at;
            let kind = lexer.next_kind()?;
            let done = kind == Kind::End;
            tokens.push(Token { kind, span: Span { start, end: lexer.at } });
            if done {
                return Ok(tokens);
            }
        }
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(crate) fn error(&self, problem: Problem, start: usize) -> KqlError {
        KqlError::new(problem, Span { start, end: self.text.len() })
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn next_kind(&mut self) -> Result<Kind, KqlError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Kind::End) };
        if let Some(text) = self.string()? {
            return Ok(Kind::String(text));
        }
        if first.is_ascii_digit() {
            return Ok(self.number());
        }
        if first.is_alphabetic() || first == '_' || first == '$' || first == '#' {
            return self.word();
        }
        if first == '['
            && let Some(name) = self.bracketed()?
        {
            return Ok(Kind::Bracketed(name));
        }
        if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            self.at += mark.len();
            return Ok(Kind::Mark(mark));
        }
        Err(KqlError::new(Problem::Character(first), Span { start: self.at, end: self.at + first.len_utf8() }))
    }

    fn word(&mut self) -> Result<Kind, KqlError> {
        let rest = self.rest();
        let length = rest
            .char_indices()
            .find(|(index, c)| *index > 0 && !(c.is_alphanumeric() || *c == '_'))
            .map_or(rest.len(), |(index, _)| index);
        let word = rest.get(..length).unwrap_or("");
        self.at += length;
        if literal::is_typed(word)
            && let Some(text) = self.parenthesised()?
        {
            return Ok(Kind::Typed(word.to_ascii_lowercase(), text));
        }
        Ok(Kind::Word(word.to_owned()))
    }
}
