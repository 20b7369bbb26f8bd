//! JSON read so that no two readers can disagree on it: no member twice, no text after the value, bounded depth.

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Arrays and objects inside each other, at most.
pub const DEPTH: usize = 64;

/// Why a text is refused, with the place.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StrictJsonError(#[from] serde_json::Error);

impl StrictJsonError {
    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.0.line()
    }

    /// The column, from 1.
    pub fn column(&self) -> usize {
        self.0.column()
    }
}

/// Reads one JSON value that fills `text`.
pub fn parse(text: &[u8]) -> Result<Value, StrictJsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict { left: DEPTH }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    left: usize,
}

impl Strict {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        let left = self.left.checked_sub(1).ok_or_else(|| E::custom(format!("nested deeper than {DEPTH} levels")))?;
        Ok(Self { left })
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
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(inside)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            // SPEC: RFC 8259 4: names should be unique; what a reader makes of a repeated one differs.
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("member `{name}` appears twice")));
            }
            let value = members.next_value_seed(inside)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc8259_s4_a_repeated_member_is_refused_at_any_depth_and_spelling() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("member `a` appears twice at line 1 column"), "{error}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(DEPTH).as_bytes()).is_ok());
        let error = parse(nested(DEPTH + 1).as_bytes()).unwrap_err();
        assert!(error.to_string().contains("nested deeper than 64 levels"), "{error}");
    }

    #[test]
    fn what_is_not_one_value_is_refused_with_its_place() {
        for text in ["", "{", "{} {}", "nul", "[1,]", "\u{feff}{}", r#""\ud800""#, "01", "NaN"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        let error = parse(b"{\n  \"a\": x}").unwrap_err();
        assert_eq!((error.line(), error.column()), (2, 8));
    }

    #[test]
    fn an_ordinary_value_reads_as_any_reader_would() {
        let text = br#"{"a":[1,-2,2.5,"x",null,true],"b":{"c":{}}}"#;
        assert_eq!(parse(text).unwrap(), serde_json::from_slice::<Value>(text).unwrap());
    }
}
