//! `$expand`: relations answered in place, each with options of its own; and lists split where nothing is open.

use crate::path::cast;
use crate::query::{QueryError, QueryOptions};

const MAX_RELATIONS: usize = 20;

/// A relation to answer in place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expand {
    /// Its name; `*` for all.
    pub relation: String,
    /// Only objects of this type, without namespace.
    pub cast: Option<String>,
    /// Only references: `owners/$ref`.
    pub references: bool,
    /// What stands in parentheses after it.
    pub options: QueryOptions,
    /// `$levels`: how deep, [`Expand::MAX_LEVELS`] for `max`.
    pub levels: Option<u8>,
}

impl Expand {
    /// The deepest that relations are followed.
    pub const MAX_LEVELS: u8 = 5;

    pub(crate) fn parse_list(text: &str, depth: usize) -> Result<Vec<Self>, QueryError> {
        let items =
            split(text, ',').filter(|items| items.len() <= MAX_RELATIONS && depth <= usize::from(Self::MAX_LEVELS));
        items.ok_or_else(refused)?.into_iter().map(|item| Self::parse(item.trim(), depth)).collect()
    }

    fn parse(item: &str, depth: usize) -> Result<Self, QueryError> {
        let (path, inner) = match item.split_once('(') {
            Some((path, rest)) => (path, Some(rest.strip_suffix(')').ok_or_else(refused)?)),
            None => (item, None),
        };
        let mut expand = Self::default();
        for part in path.trim().split('/') {
            if part == "$ref" && !expand.relation.is_empty() && !expand.references {
                expand.references = true;
            } else if let Some(name) = cast(part).filter(|_| expand.cast.is_none() && !expand.references) {
                expand.cast = Some(name.to_owned());
            } else if expand.relation.is_empty() && is_name(part) {
                part.clone_into(&mut expand.relation);
            } else {
                return Err(refused());
            }
        }
        if expand.relation.is_empty() {
            return Err(refused());
        }
        for option in inner.map_or(Ok(Vec::new()), |inner| split(inner, ';').ok_or_else(refused))? {
            expand.option(option.trim(), depth)?;
        }
        Ok(expand)
    }

    fn option(&mut self, option: &str, depth: usize) -> Result<(), QueryError> {
        let (name, value) = option.split_once('=').ok_or_else(refused)?;
        let (name, value) = (name.trim(), value.trim());
        if !name.trim_start_matches('$').eq_ignore_ascii_case("levels") {
            return self.options.set(name, value.to_owned(), depth + 1);
        }
        let levels = if value == "max" { Some(Self::MAX_LEVELS) } else { value.parse().ok() };
        let levels = levels.filter(|levels| (1..=Self::MAX_LEVELS).contains(levels) && self.levels.is_none());
        let expected = "a number from 1 to 5, or `max`, once";
        self.levels = Some(levels.ok_or(QueryError::Value { option: "$levels", expected })?);
        Ok(())
    }
}

fn refused() -> QueryError {
    QueryError::Value {
        option: "$expand",
        expected: "relations with options in parentheses: owners($select=id;$top=5)",
    }
}

fn is_name(text: &str) -> bool {
    text == "*" || (!text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_'))
}

/// Splits a text where neither quotes nor parentheses are open; nothing if they do not match, or a part is empty.
fn split(text: &str, at: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_usize, None);
    for (index, character) in text.char_indices() {
        match (quoted, character) {
            (Some(quote), _) if character == quote => quoted = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quoted = Some(character),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.checked_sub(1)?,
            (None, _) if character == at && depth == 0 => {
                parts.push(text.get(start..index)?);
                start = index + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..)?);
    (depth == 0 && quoted.is_none() && parts.iter().all(|part| !part.trim().is_empty())).then_some(parts)
}
