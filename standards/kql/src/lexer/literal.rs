use super::Lexer;
use crate::{KqlError, error::Problem};

const TYPED: [&str; 14] = [
    "datetime", "date", "timespan", "time", "guid", "uuid", "bool", "boolean", "int", "long", "real", "double",
    "decimal", "dynamic",
];

pub(super) fn is_typed(word: &str) -> bool {
    TYPED.contains(&word)
}

impl Lexer<'_> {
    /// A string literal in any of its forms, if one stands here.
    pub(super) fn string(&mut self) -> Result<Option<String>, KqlError> {
        let rest = self.rest();
        let start = self.at;
        let hidden = usize::from(rest.starts_with(['h', 'H']));
        let after = rest.get(hidden..).unwrap_or("");
        for fence in ["```", "~~~"] {
            if let Some(body) = after.strip_prefix(fence) {
                let end = body.find(fence).ok_or_else(|| self.error(Problem::Unclosed("the string"), start))?;
                self.at += hidden + end + 2 * fence.len();
                return Ok(body.get(..end).map(str::to_owned));
            }
        }
        let verbatim = after.starts_with('@');
        let quoted = after.get(usize::from(verbatim)..).unwrap_or("");
        let Some(quote) = quoted.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return Ok(None) };
        let body = quoted.get(1..).unwrap_or("");
        let (text, used) = if verbatim { verbatim_body(body, quote) } else { escaped_body(body, quote) }
            .ok_or_else(|| self.error(Problem::Unclosed("the string"), start))?;
        self.at += hidden + usize::from(verbatim) + 1 + used;
        Ok(Some(text))
    }

    /// `['name']` or `["name"]`, if one stands here.
    pub(super) fn bracketed(&mut self) -> Result<Option<String>, KqlError> {
        let start = self.at;
        self.at += 1;
        let spaces = self.rest().len() - self.rest().trim_start().len();
        self.at += spaces;
        if let Some(text) = self.string()? {
            self.at += self.rest().len() - self.rest().trim_start().len();
            if self.rest().starts_with(']') {
                self.at += 1;
                return Ok(Some(text));
            }
        }
        self.at = start;
        Ok(None)
    }

    /// What stands in the parentheses that follow, if any do.
    pub(super) fn parenthesised(&mut self) -> Result<Option<String>, KqlError> {
        let start = self.at;
        let rest = self.rest();
        let gap = rest.len() - rest.trim_start().len();
        if !rest.trim_start().starts_with('(') {
            return Ok(None);
        }
        self.at += gap + 1;
        let from = self.at;
        let mut depth = 1_usize;
        loop {
            if self.string()?.is_some() {
                continue;
            }
            let Some(c) = self.rest().chars().next() else {
                return Err(self.error(Problem::Unclosed("the literal"), start));
            };
            let here = self.at;
            self.at += c.len_utf8();
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(self.text.get(from..here).map(|text| text.trim().to_owned()));
            }
        }
    }
}

fn verbatim_body(body: &str, quote: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = body.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        if c != quote || chars.next_if(|(_, next)| *next == quote).is_some() {
            text.push(c);
        } else {
            return Some((text, index + 1));
        }
    }
    None
}

fn escaped_body(body: &str, quote: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = body.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '\n' | '\r' => return None,
            '\\' => match chars.next()?.1 {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                'u' => {
                    let code: String = chars.by_ref().take(4).map(|(_, digit)| digit).collect();
                    text.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'));
                }
                other => text.push(other),
            },
            _ if c == quote => return Some((text, index + 1)),
            _ => text.push(c),
        }
    }
    None
}
