//! Values and rows as bytes: in columns that hold anything, and on the way between two processes.

use std::sync::Arc;

use signet_kql::{Row, Value};

/// Appends a value.
pub(crate) fn put(value: &Value, out: &mut Vec<u8>) {
    let mut tagged = |tag: u8, bytes: &[u8]| {
        out.push(tag);
        out.extend_from_slice(bytes);
    };
    match value {
        Value::Null => tagged(0, &[]),
        Value::Bool(value) => tagged(1, &[u8::from(*value)]),
        Value::Long(value) => tagged(2, &value.to_le_bytes()),
        Value::Real(value) => tagged(3, &value.to_bits().to_le_bytes()),
        Value::DateTime(ticks) => tagged(4, &ticks.to_le_bytes()),
        Value::TimeSpan(ticks) => tagged(5, &ticks.to_le_bytes()),
        Value::Guid(guid) => tagged(6, &guid.to_le_bytes()),
        Value::String(text) => {
            out.push(7);
            put_text(text, out);
        }
        Value::Array(items) => {
            out.push(8);
            put_length(items.len(), out);
            items.iter().for_each(|item| put(item, out));
        }
        Value::Bag(pairs) => {
            out.push(9);
            put_length(pairs.len(), out);
            for (name, value) in pairs.iter() {
                put_text(name, out);
                put(value, out);
            }
        }
        Value::Decimal(number) => {
            out.push(10);
            put_text(&number.to_string(), out);
        }
    }
}

fn put_length(length: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    put_length(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

/// The bytes of several values.
pub(crate) fn put_row(row: &[Value], out: &mut Vec<u8>) {
    put_length(row.len(), out);
    row.iter().for_each(|value| put(value, out));
}

/// Reads what was written here; none where it was not.
pub(crate) struct Reader<'b>(pub(crate) &'b [u8]);

impl<'b> Reader<'b> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.bytes()?)).ok()
    }

    fn text(&mut self) -> Option<&'b str> {
        let length = self.length()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(head).ok()
    }

    /// A value.
    pub(crate) fn value(&mut self) -> Option<Value> {
        let [tag] = self.bytes()?;
        Some(match tag {
            0 => Value::Null,
            1 => Value::Bool(self.bytes::<1>()? != [0]),
            2 => Value::Long(i64::from_le_bytes(self.bytes()?)),
            3 => Value::Real(f64::from_bits(u64::from_le_bytes(self.bytes()?))),
            4 => Value::DateTime(i64::from_le_bytes(self.bytes()?)),
            5 => Value::TimeSpan(i64::from_le_bytes(self.bytes()?)),
            6 => Value::Guid(u128::from_le_bytes(self.bytes()?)),
            7 => Value::text(self.text()?),
            8 => {
                let count = self.length()?;
                Value::Array(Arc::new((0..count).map(|_| self.value()).collect::<Option<_>>()?))
            }
            9 => {
                let count = self.length()?;
                let pair = |_| Some((Arc::from(self.text()?), self.value()?));
                Value::Bag(Arc::new((0..count).map(pair).collect::<Option<_>>()?))
            }
            10 => Value::Decimal(self.text()?.parse().ok()?),
            _ => return None,
        })
    }

    /// Several values.
    pub(crate) fn row(&mut self) -> Option<Row> {
        let count = self.length()?;
        (0..count).map(|_| self.value()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        vec![
            Value::Null,
            Value::Bool(true),
            Value::Long(-7),
            Value::Real(0.5),
            Value::DateTime(9),
            Value::TimeSpan(-1),
            Value::Guid(u128::MAX),
            Value::text("é"),
            Value::from_json(r#"{"a":[1,"x",null,{"b":2.5}],"c":true}"#),
        ]
    }

    #[test]
    fn bytes_that_end_early_are_no_row() {
        let mut bytes = Vec::new();
        put_row(&row(), &mut bytes);
        for length in 0..bytes.len() {
            assert_eq!(Reader(&bytes[..length]).row(), None);
        }
    }

    #[test]
    fn a_row_comes_back() {
        let mut bytes = Vec::new();
        put_row(&row(), &mut bytes);
        let mut reader = Reader(&bytes);
        assert_eq!(reader.row(), Some(row()));
        assert!(reader.0.is_empty());
    }
}
