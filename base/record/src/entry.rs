//! One record on its way in: an object with ordered members, its personal values, and what it is found by.

use crate::once::Once;
use crate::personal::{self, SALT_LENGTH};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use signet_kernel::{Context, TenantId, Timestamp};

/// What a record is found by. Stored beside the body and hashed with it, so that no reader parses bodies to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowKeys<'a> {
    /// When it happened: the order of every listing.
    pub at: Timestamp,
    /// The record's own id, unique in its table.
    pub id: &'a str,
    /// Who or what the record is about, where listings are narrowed by it.
    pub about: Option<&'a str>,
    /// How it ended, where listings are narrowed by it.
    pub outcome: Option<&'a str>,
}

/// One record, ready to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(crate) tenant: TenantId,
    pub(crate) table: &'static str,
    pub(crate) keys: Vec<u8>,
    pub(crate) personal: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) once: Option<Once>,
}

impl Entry {
    /// The same record, which uses something up and is refused if that was used before.
    #[must_use]
    pub fn using(self, once: Option<Once>) -> Self {
        Self { once, ..self }
    }

    /// A record that is `value` as JSON, with nothing personal in it. `value` must serialize to an object.
    pub fn from_serialize(
        tenant: TenantId,
        table: &'static str,
        keys: RowKeys<'_>,
        value: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        let body = serde_json::to_vec(value)?;
        if body.first() != Some(&b'{') {
            return Err(serde::ser::Error::custom("a record is a JSON object"));
        }
        Ok(Self::seal(tenant, table, keys, Vec::new(), body))
    }

    /// The bytes that are stored and hashed.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    fn seal(tenant: TenantId, table: &'static str, keys: RowKeys<'_>, personal: Vec<u8>, mut body: Vec<u8>) -> Self {
        // A frame separates records by newlines. Between JSON tokens a space means the same, and inside a string a
        // bare newline cannot stand.
        if body.contains(&b'\n') {
            body.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
        }
        Self { tenant, table, keys: write_keys(keys), personal, body, once: None }
    }
}

/// Builds the JSON object of a record member by member, in the order of the calls. Names must not repeat.
#[derive(Debug)]
pub struct RecordBuilder<'c> {
    context: &'c Context,
    tenant: TenantId,
    table: &'static str,
    body: Vec<u8>,
    personal: Vec<u8>,
    salts: [u8; SALT_LENGTH * 4],
    salts_left: usize,
}

impl<'c> RecordBuilder<'c> {
    /// An empty record for `table`.
    pub fn new(context: &'c Context, tenant: TenantId, table: &'static str) -> Self {
        let body = Vec::with_capacity(2048);
        Self { context, tenant, table, body, personal: Vec::new(), salts: [0; SALT_LENGTH * 4], salts_left: 0 }
    }

    /// A string.
    pub fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        write_text(&mut self.body, value);
        self
    }

    /// A string, or `null`.
    pub fn optional_text(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(name, value),
            None => self.null(name),
        }
    }

    /// A whole number.
    pub fn number(&mut self, name: &str, value: i64) -> &mut Self {
        self.scalar(name, &value)
    }

    /// A truth value.
    pub fn boolean(&mut self, name: &str, value: bool) -> &mut Self {
        self.scalar(name, &value)
    }

    /// `null`.
    pub fn null(&mut self, name: &str) -> &mut Self {
        self.scalar(name, &())
    }

    /// A moment, as RFC 3339 text.
    pub fn time(&mut self, name: &str, value: Timestamp) -> &mut Self {
        self.scalar(name, &value)
    }

    /// JSON that was rendered before.
    pub fn raw_json(&mut self, name: &str, value: &RawValue) -> &mut Self {
        self.name(name);
        self.body.extend_from_slice(value.get().as_bytes());
        self
    }

    /// Anything that serializes; refused, and left out, if it does not.
    pub fn json(&mut self, name: &str, value: &impl Serialize) -> Result<&mut Self, serde_json::Error> {
        let before = self.body.len();
        self.name(name);
        if let Err(error) = serde_json::to_writer(&mut self.body, value) {
            self.body.truncate(before);
            return Err(error);
        }
        Ok(self)
    }

    /// A string that can be erased later: only its salted digest enters the body and the chain.
    pub fn personal(&mut self, name: &str, value: &str) -> &mut Self {
        let salt = self.salt();
        self.name(name);
        self.body.push(b'"');
        personal::write_commitment(&mut self.body, &salt, value);
        self.body.push(b'"');
        personal::write_value(&mut self.personal, name, &salt, value);
        self
    }

    /// The finished record.
    pub fn finish(mut self, keys: RowKeys<'_>) -> Entry {
        if self.body.is_empty() {
            self.body.push(b'{');
        }
        self.body.push(b'}');
        if !self.personal.is_empty() {
            self.personal.push(b'}');
        }
        Entry::seal(self.tenant, self.table, keys, self.personal, self.body)
    }

    fn name(&mut self, name: &str) {
        self.body.push(if self.body.is_empty() { b'{' } else { b',' });
        write_text(&mut self.body, name);
        self.body.push(b':');
    }

    fn scalar(&mut self, name: &str, value: &impl Serialize) -> &mut Self {
        self.name(name);
        write_infallible(&mut self.body, value);
        self
    }

    // Randomness is drawn for four values at a time: one call costs more than the bytes.
    fn salt(&mut self) -> [u8; SALT_LENGTH] {
        if self.salts_left == 0 {
            self.salts = self.context.random();
            self.salts_left = self.salts.len() / SALT_LENGTH;
        }
        self.salts_left -= 1;
        let (salts, _) = self.salts.as_chunks::<SALT_LENGTH>();
        salts.get(self.salts_left).copied().unwrap_or_else(|| self.context.random())
    }
}

/// A JSON string. Most have nothing to escape, and are copied as they are.
pub(crate) fn write_text(to: &mut Vec<u8>, text: &str) {
    // No early end: the whole text is looked at in a few vector steps.
    let escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |found, byte| found | escaped(byte)) {
        return write_infallible(to, text);
    }
    to.push(b'"');
    to.extend_from_slice(text.as_bytes());
    to.push(b'"');
}

#[expect(clippy::expect_used, reason = "numbers, booleans, null and strings always serialize into memory")]
fn write_infallible(to: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(to, value).expect("a scalar serializes");
}

type KeyLine<'a> = (i64, &'a str, Option<&'a str>, Option<&'a str>);

fn write_keys(keys: RowKeys<'_>) -> Vec<u8> {
    let mut line = Vec::with_capacity(128);
    let parts: KeyLine<'_> = (keys.at.micros(), keys.id, keys.about, keys.outcome);
    write_infallible(&mut line, &parts);
    line
}

/// The keys of one record as they lie in a frame: `[micros,"id","about","outcome"]`.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredKeys<'a>(
    pub(crate) i64,
    #[serde(borrow)] pub(crate) std::borrow::Cow<'a, str>,
    #[serde(borrow)] pub(crate) Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)] pub(crate) Option<std::borrow::Cow<'a, str>>,
);

/// The earliest and the latest time that the keys of a frame name; all of time if one cannot be read.
pub(crate) fn span_of_keys(keys: &[u8]) -> (i64, i64) {
    let times = keys.split(|byte| *byte == b'\n').map(|line| serde_json::from_slice(line).map(|StoredKeys(at, ..)| at));
    let times: Result<Vec<i64>, _> = times.collect();
    let times = times.unwrap_or_default();
    (times.iter().min().copied().unwrap_or(i64::MIN), times.iter().max().copied().unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::personal::Personal;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};
    use uuid::Uuid;

    const KEYS: RowKeys<'static> =
        RowKeys { at: Timestamp::from_micros(7), id: "i\n\"d", about: None, outcome: Some("0") };

    fn builder(context: &Context) -> RecordBuilder<'_> {
        RecordBuilder::new(context, TenantId::from_uuid(Uuid::from_u128(1)), "T")
    }

    #[test]
    fn members_keep_their_order_and_an_empty_record_is_an_object() {
        let context = Context::system();
        assert_eq!(builder(&context).finish(KEYS).body(), b"{}");
        let mut record = builder(&context);
        record.optional_text("b", None).boolean("a", true).number("z", -1).time("t", Timestamp::from_seconds(0));
        record.json("list", &[1, 2]).unwrap().optional_text("c", Some("\u{1}"));
        let entry = record.finish(KEYS);
        let text = std::str::from_utf8(entry.body()).unwrap();
        assert_eq!(text, r#"{"b":null,"a":true,"z":-1,"t":"1970-01-01T00:00:00Z","list":[1,2],"c":"\u0001"}"#);
        assert_eq!(entry.keys, br#"[7,"i\n\"d",null,"0"]"#);
    }

    #[test]
    fn what_does_not_serialize_is_refused_and_leaves_nothing() {
        let context = Context::system();
        let mut record = builder(&context);
        record.text("a", "1");
        assert!(record.json("bad", &std::collections::BTreeMap::from([((1, 2), 3)])).is_err());
        record.text("b", "2");
        assert_eq!(record.finish(KEYS).body(), br#"{"a":"1","b":"2"}"#);
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_no_personal_text_enters_the_body(texts in prop::collection::vec(".*", 1..12)) {
            let context = Context::system();
            let mut record = builder(&context);
            for (number, text) in texts.iter().enumerate() {
                record.text(&format!("open{number}"), text).personal(&format!("\"{number}"), text);
            }
            let entry = record.finish(KEYS);
            prop_assert!(!entry.body.contains(&b'\n') && !entry.personal.contains(&b'\n'));
            let mut body: Map<String, Value> = serde_json::from_slice(&entry.body).unwrap();
            let personal = Personal::parse(&entry.personal).unwrap();
            let kept = personal.check(&body).unwrap();
            prop_assert_eq!(kept.present, texts.len() as u64);
            for (number, text) in texts.iter().enumerate() {
                prop_assert_eq!(&body[&format!("open{number}")], &json!(text));
                let committed = body[&format!("\"{number}")].as_str().unwrap().starts_with("sha256:");
                prop_assert!(committed);
            }
            personal.put_back(&mut body);
            for (number, text) in texts.iter().enumerate() {
                prop_assert_eq!(&body[&format!("\"{number}")], &json!(text));
            }
        }
    }
}
