//! Personal values: beside the chain, bound to it by a salted digest, erasable without touching it.
//!
//! A body carries `"Field":"sha256:…"`; the frame's `personal` column carries, for each record, one line with
//! `{"Field":["salt","value"]}`. Erasing turns the pair into `null`: without the salt the digest says nothing.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(crate) const SALT_LENGTH: usize = 16;
const PREFIX: &str = "sha256:";

/// Appends the text that stands for the value in a body, without quotes.
pub(crate) fn write_commitment(body: &mut Vec<u8>, salt: &[u8], value: &str) {
    body.extend_from_slice(commitment(salt, value).as_bytes());
}

/// Appends `"Field":["salt","value"]` to a line.
pub(crate) fn write_value(line: &mut Vec<u8>, field: &str, salt: &[u8], value: &str) {
    line.push(if line.is_empty() { b'{' } else { b',' });
    crate::entry::write_text(line, field);
    line.extend_from_slice(b":[\"");
    line.extend_from_slice(URL_SAFE_NO_PAD.encode(salt).as_bytes());
    line.extend_from_slice(b"\",");
    crate::entry::write_text(line, value);
    line.push(b']');
}

fn commitment(salt: &[u8], value: &str) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(salt);
    hash.update(value.as_bytes());
    let mut text = String::with_capacity(PREFIX.len() + 43);
    text.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(hash.finish(), &mut text);
    text
}

/// The personal values of one record: salt and value of each field, `None` once erased.
#[derive(Debug, Default)]
pub(crate) struct Personal(BTreeMap<String, Option<(String, String)>>);

/// How the personal values of one record stand to its body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) present: u64,
    pub(crate) erased: u64,
}

impl Personal {
    /// Reads a line; an empty one holds nothing.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, serde_json::Error> {
        if line.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(line).map(Self)
    }

    /// Puts each value where its digest stands, `null` where it was erased.
    pub(crate) fn put_back(self, record: &mut Map<String, Value>) {
        for (field, value) in self.0 {
            record.insert(field, value.map_or(Value::Null, |(_, value)| Value::String(value)));
        }
    }

    /// Whether every value still here is the one the body was made with; else the first field that is not.
    pub(crate) fn check(&self, record: &Map<String, Value>) -> Result<Kept, String> {
        let mut kept = Kept::default();
        for (field, value) in &self.0 {
            let Some(Value::String(committed)) = record.get(field) else { return Err(field.clone()) };
            match value {
                None => kept.erased += 1,
                Some((salt, value)) => {
                    let salt = URL_SAFE_NO_PAD.decode(salt).map_err(|_| field.clone())?;
                    if *committed != commitment(&salt, value) {
                        return Err(field.clone());
                    }
                    kept.present += 1;
                }
            }
        }
        Ok(kept)
    }

    /// Forgets the named values for good; how many there were.
    pub(crate) fn erase(&mut self, fields: &[String]) -> usize {
        let named = self.0.iter_mut().filter(|(field, value)| value.is_some() && fields.contains(field));
        named.map(|(_, value)| *value = None).count()
    }

    /// The line to store.
    pub(crate) fn to_line(&self) -> Result<Vec<u8>, serde_json::Error> {
        if self.0.is_empty() { Ok(Vec::new()) } else { serde_json::to_vec(&self.0) }
    }
}

/// The lines of a frame without the named values of one record, and how many there were.
pub(crate) fn erase_in(lines: &[u8], ordinal: usize, fields: &[String]) -> Result<(usize, Vec<u8>), serde_json::Error> {
    let mut lines: Vec<Vec<u8>> = lines.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let mut erased = 0;
    if let Some(line) = lines.get_mut(ordinal) {
        let mut personal = Personal::parse(line)?;
        erased = personal.erase(fields);
        *line = personal.to_line()?;
    }
    Ok((erased, lines.join(&b'\n')))
}
