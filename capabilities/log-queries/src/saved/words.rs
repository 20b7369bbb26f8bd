//! The names in a query, and where they stand: not in texts, and not in comments.

/// A name or a number, and the byte where it begins.
pub(super) fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        let passed = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(literal) = literal(rest) {
            literal
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|character: char| !(character.is_alphanumeric() || character == '_'));
            let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
            words.push((at, word));
            word.len()
        } else {
            first.len_utf8()
        };
        at += passed.max(1);
    }
    words
}

/// How long the text that begins here is, if one does.
pub(super) fn literal(rest: &str) -> Option<usize> {
    if let Some(inside) = rest.strip_prefix("```") {
        return Some(inside.find("```").map_or(rest.len(), |end| end + 6));
    }
    let (verbatim, start) = if rest.starts_with('@') { (true, 1) } else { (false, 0) };
    let quote = rest.get(start..)?.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let mut characters = rest.char_indices().skip(start + 1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if !verbatim => {
                characters.next();
            }
            found if found == quote => {
                // A doubled quote stands for one in a verbatim text.
                let doubled = verbatim && characters.peek().is_some_and(|(_, next)| *next == quote);
                if !doubled {
                    return Some(at + 1);
                }
                characters.next();
            }
            _ => {}
        }
    }
    Some(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_comments_hold_no_names() {
        let text = "a | where b == 'c \\' d' and @\"e\\\" // f\n| g ```h 'i``` _j1 @'k''l' m";
        let names: Vec<&str> = words(text).into_iter().map(|(_, word)| word).collect();
        assert_eq!(names, ["a", "where", "b", "and", "g", "_j1", "m"]);
    }

    #[test]
    fn a_name_stands_where_it_is_said_to() {
        let text = "ü x 'y' zz";
        for (at, word) in words(text) {
            assert_eq!(text.get(at..at + word.len()), Some(word));
        }
    }

    #[test]
    fn what_does_not_end_ends_with_the_query() {
        for text in ["'", "\"a\\", "```x", "@'a''", "//", "@"] {
            assert!(words(text).is_empty(), "{text}");
        }
    }
}
