//! From text to tokens.

use super::FilterError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A word: an operator, a property path, a number, a GUID, a moment.
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
}

/// Tokens with where each starts.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FilterError> {
    let characters: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(character) = characters.get(at).copied() {
        let start = at;
        at += 1;
        match character {
            ' ' | '\t' => {}
            '(' => tokens.push((start, Token::Open)),
            ')' => tokens.push((start, Token::Close)),
            ',' => tokens.push((start, Token::Comma)),
            '\'' => tokens.push((start, Token::Text(string(&characters, &mut at, start)?))),
            _ => {
                while characters.get(at).is_some_and(|next| !matches!(next, ' ' | '\t' | '(' | ')' | ',' | '\'')) {
                    at += 1;
                }
                let word = characters.iter().skip(start).take(at - start).collect();
                tokens.push((start, Token::Word(word)));
            }
        }
    }
    Ok(tokens)
}

fn string(characters: &[char], at: &mut usize, start: usize) -> Result<String, FilterError> {
    let mut text = String::new();
    loop {
        match (characters.get(*at), characters.get(*at + 1)) {
            (Some('\''), Some('\'')) => {
                text.push('\'');
                *at += 2;
            }
            (Some('\''), _) => {
                *at += 1;
                return Ok(text);
            }
            (Some(other), _) => {
                text.push(*other);
                *at += 1;
            }
            (None, _) => return Err(FilterError::Unexpected { position: start, expected: "a closing quote" }),
        }
    }
}
