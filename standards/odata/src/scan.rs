//! JSON read where it lies: only the members asked for are looked into, all others are stepped over.
//!
//! Meant for bodies that were valid JSON when they were stored. What is stepped over is not checked; broken JSON makes
//! members absent and never panics.

use std::borrow::Cow;

/// A JSON value as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawJson<'b>(pub(crate) &'b [u8]);

impl<'b> RawJson<'b> {
    /// The value that these bytes hold.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(bytes.trim_ascii())
    }

    /// The members of an object, with their names as written: escapes are left in.
    pub(crate) fn members(self) -> Members<'b> {
        Members(Cursor::inside(self.0, b'{'))
    }

    /// The items of an array.
    pub(crate) fn items(self) -> RawItems<'b> {
        RawItems(Cursor::inside(self.0, b'['))
    }

    /// The member of this name.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        self.members().find(|(member, _)| same_name(member, name)).map(|(_, value)| value)
    }

    /// The text of a string.
    pub(crate) fn text(self) -> Option<Cow<'b, str>> {
        let inner = self.0.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        if inner.contains(&b'\\') {
            return serde_json::from_slice(self.0).ok().map(Cow::Owned);
        }
        std::str::from_utf8(inner).ok().map(Cow::Borrowed)
    }
}

/// Whether a name as written in JSON is this name.
pub(crate) fn same_name(written: &[u8], name: &str) -> bool {
    if !written.contains(&b'\\') {
        return written == name.as_bytes();
    }
    let quoted = [b"\"", written, b"\""].concat();
    serde_json::from_slice::<String>(&quoted).is_ok_and(|text| text == name)
}

/// The members of an object.
pub(crate) struct Members<'b>(Cursor<'b>);

impl<'b> Iterator for Members<'b> {
    type Item = (&'b [u8], RawJson<'b>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.skip_blanks_and(b',');
        let name = self.0.string()?;
        let name = name.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        self.0.skip_blanks_and(b':');
        Some((name, RawJson(self.0.value()?)))
    }
}

/// The items of an array.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawItems<'b>(Cursor<'b>);

impl<'b> Iterator for RawItems<'b> {
    type Item = RawJson<'b>;

    fn next(&mut self) -> Option<RawJson<'b>> {
        self.0.skip_blanks_and(b',');
        self.0.value().map(RawJson)
    }
}

#[derive(Debug, Clone, Copy)]
struct Cursor<'b> {
    rest: &'b [u8],
}

impl<'b> Cursor<'b> {
    fn inside(bytes: &'b [u8], open: u8) -> Self {
        Self { rest: bytes.split_first().filter(|(first, _)| **first == open).map_or(&[], |(_, rest)| rest) }
    }

    fn skip_blanks_and(&mut self, mark: u8) {
        while let Some((first, rest)) = self.rest.split_first()
            && (matches!(first, b' ' | b'\n' | b'\r' | b'\t') || *first == mark)
        {
            self.rest = rest;
        }
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'b [u8]> {
        let length = string_length(self.rest)?;
        self.take(length)
    }

    fn value(&mut self) -> Option<&'b [u8]> {
        let length = match self.rest.first()? {
            b'"' => string_length(self.rest)?,
            b'{' | b'[' => nested_length(self.rest)?,
            b'}' | b']' => return None,
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
                self.rest.iter().position(ends).unwrap_or(self.rest.len())
            }
        };
        self.take(length).filter(|value| !value.is_empty())
    }
}

/// How long the string is that starts here, quotes included.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut inside = bytes.strip_prefix(b"\"")?;
    loop {
        let at = inside.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        let rest = inside.get(at + 1..)?;
        if inside.get(at) == Some(&b'"') {
            return Some(bytes.len() - rest.len());
        }
        inside = rest.get(1..)?;
    }
}

/// How long the object or array is that starts here.
fn nested_length(bytes: &[u8]) -> Option<usize> {
    let (mut rest, mut depth) = (bytes, 0_usize);
    loop {
        let at = rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))?;
        let here = rest.get(at..)?;
        let mut length = 1;
        match here.first()? {
            b'"' => length = string_length(here)?,
            b'{' | b'[' => depth += 1,
            _ => depth -= 1,
        }
        rest = here.get(length..)?;
        if depth == 0 {
            return Some(bytes.len() - rest.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn broken_json_has_no_members() {
        for broken in ["", "{", "{\"a", "{\"a\":", "{\"a\":\"x", "{\"a\":[1", "[1]", "7", "{a:1}", "{\"a\\", "}{"] {
            assert_eq!(RawJson::new(broken.as_bytes()).get("a"), None, "{broken}");
        }
    }

    #[test]
    fn members_are_found_past_everything_that_looks_like_them() {
        let body =
            RawJson::new(br#" {"x":"\"a\":1,}{", "y":[{"a":2},"]"], "\u0061" : {"b":[1, {"c":null}]} ,"z":-1.5e3} "#);
        assert_eq!(body.get("a").and_then(|a| a.get("b")).map(|b| b.items().count()), Some(2));
        assert_eq!(body.get("z"), Some(RawJson(b"-1.5e3")));
        assert_eq!(body.get("x").and_then(RawJson::text).as_deref(), Some("\"a\":1,}{"));
        assert_eq!(RawJson::new(b"[]").items().count(), 0);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in "[{}\\[\\]\",:a\\\\ 0-9é]{0,40}") {
            let body = RawJson::new(bytes.as_bytes());
            for (_, value) in body.members().take(50) {
                let _ = (value.text(), value.items().take(50).count());
            }
        }
    }
}
