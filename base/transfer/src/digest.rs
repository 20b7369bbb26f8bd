//! A digest of rows in their order, the same for the same values wherever they are kept.

use crate::table::{Row, Value};
use aws_lc_rs::digest::{Context, SHA256};

pub(crate) struct Digest {
    hash: Context,
    rows: u64,
}

impl Digest {
    pub(crate) fn new() -> Self {
        Self { hash: Context::new(&SHA256), rows: 0 }
    }

    pub(crate) fn add(&mut self, rows: &[Row]) {
        for value in rows.iter().flatten() {
            match value {
                Value::Uuid(value) => self.put(1, value.as_ref().map(|value| value.as_bytes().as_slice())),
                Value::Integer(value) => self.put(2, value.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice)),
                Value::Text(value) => self.put(3, value.as_deref().map(str::as_bytes)),
                Value::Bytes(value) => self.put(4, value.as_deref()),
                Value::Flag(value) => {
                    self.put(5, value.map(|value| [u8::from(value)]).as_ref().map(<[u8; 1]>::as_slice))
                }
            }
        }
        self.rows += rows.len() as u64;
    }

    fn put(&mut self, kind: u8, value: Option<&[u8]>) {
        self.hash.update(&[kind, u8::from(value.is_some())]);
        if let Some(value) = value {
            self.hash.update(&(value.len() as u64).to_be_bytes());
            self.hash.update(value);
        }
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) fn finish(self) -> (u64, Vec<u8>) {
        (self.rows, self.hash.finish().as_ref().to_vec())
    }
}
