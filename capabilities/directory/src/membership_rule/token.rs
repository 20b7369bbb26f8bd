//! The words of a rule.

use super::{LONGEST_RULE, RuleError, Wrong};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, an operator without its hyphen, a number, a duration.
    Word(String),
    Text(String),
    Open,
    Close,
    ListOpen,
    ListClose,
    Comma,
}

/// A token, and the position of its first character.
pub(super) type Placed = (usize, Token);

pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, RuleError> {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() > LONGEST_RULE {
        return Err(RuleError { position: LONGEST_RULE + 1, wrong: Wrong::TooLong });
    }
    let mut lexer = Lexer { characters, at: 0 };
    let mut all = Vec::new();
    while let Some(token) = lexer.next()? {
        all.push(token);
    }
    Ok(all)
}

struct Lexer {
    characters: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Result<Option<Placed>, RuleError> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        let position = self.at + 1;
        let Some(first) = self.peek() else { return Ok(None) };
        self.at += 1;
        let token = match first {
            '(' => Token::Open,
            ')' => Token::Close,
            '[' => Token::ListOpen,
            ']' => Token::ListClose,
            ',' => Token::Comma,
            '"' | '\'' => Token::Text(self.string(first, position)?),
            '-' => Token::Word(self.word(String::new())),
            first if is_word(first) => Token::Word(self.word(first.to_string())),
            other => return Err(RuleError { position, wrong: Wrong::Character(other) }),
        };
        match token {
            Token::Word(word) if word.is_empty() => Err(RuleError { position, wrong: Wrong::Character(first) }),
            token => Ok(Some((position, token))),
        }
    }

    /// Up to the closing quote; a backtick takes the next character as it is.
    fn string(&mut self, quote: char, position: usize) -> Result<String, RuleError> {
        let mut text = String::new();
        while let Some(next) = self.peek() {
            self.at += 1;
            match next {
                next if next == quote => return Ok(text),
                '`' => {
                    text.extend(self.peek());
                    self.at += 1;
                }
                next => text.push(next),
            }
        }
        Err(RuleError { position, wrong: Wrong::OpenString })
    }

    fn word(&mut self, mut word: String) -> String {
        while let Some(next) = self.peek().filter(|next| is_word(*next)) {
            word.push(next);
            self.at += 1;
        }
        word
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '_')
}
