//! JSON objects whose members are all different, at every depth, and that are not nested without end.

use serde::de::{Deserialize as _, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads one JSON object that fills `bytes` and nests at most `depth` deep, itself included.
///
/// SPEC: RFC 7515 4, RFC 7519 4 and RFC 8725 2.4: duplicate members are refused rather than resolved.
pub(crate) fn object(bytes: &[u8], depth: u8) -> Result<Map<String, Value>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth }.deserialize(&mut reader)?;
    reader.end()?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(serde_json::Error::custom("not an object")),
    }
}

/// Reads any value; `depth` containers may still be opened.
#[derive(Clone, Copy)]
struct Strict {
    depth: u8,
}

impl Strict {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key_seed(Name)? {
            if members.insert(name, map.next_value_seed(inner)?).is_some() {
                return Err(A::Error::custom("a member appears twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        String::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(text: &str) -> String {
        object(text.as_bytes(), 3).unwrap_err().to_string()
    }

    #[test]
    fn rfc7519_s4_duplicate_members_are_refused_at_every_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":{"b":1,"b":2}}"#, r#"{"a":[{"b":1,"b":2}]}"#, r#"{"a":1,"\u0061":1}"#]
        {
            assert!(fault(text).starts_with("a member appears twice"), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        assert!(object(br#"{"a":{"b":{}}}"#, 3).is_ok());
        assert!(fault(r#"{"a":{"b":{"c":{}}}}"#).starts_with("nested too deeply"));
        assert!(fault(r#"{"a":[[[]]]}"#).starts_with("nested too deeply"));
        assert!(object(&b"[".repeat(100_000), u8::MAX).is_err());
    }

    #[test]
    fn anything_but_one_whole_object_is_refused() {
        for text in [
            "",
            "1",
            "null",
            "[]",
            r#""a""#,
            "{}{}",
            "{} x",
            "{",
            r#"{"a":1e999}"#,
            r#"{"a":NaN}"#,
            r#"{"a":"\ud800"}"#,
        ] {
            assert!(object(text.as_bytes(), 3).is_err(), "{text}");
        }
        assert!(object(b"{\"a\":\"\xff\"}", 3).is_err(), "not UTF-8");
        assert!(object(b"\xef\xbb\xbf{}", 3).is_err(), "byte order mark");
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_reads_back_the_same(
            text in ".*", number in any::<i64>(), quarters in any::<i32>(), flag in any::<bool>(),
        ) {
            let list = serde_json::json!([f64::from(quarters) / 4.0, flag, null]);
            let value = serde_json::json!({"t": text, "n": number, "l": list, "o": {"u": u64::MAX}});
            prop_assert_eq!(Value::Object(object(value.to_string().as_bytes(), 3).unwrap()), value);
        }
    }
}
