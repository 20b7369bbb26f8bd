//! What becomes what.

use crate::error::TransferError;
use uuid::Uuid;

/// The types that columns have on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// `uuid`; sixteen bytes in SQLite.
    Uuid,
    /// `bigint`, or another number that is made of one when it is stored.
    Integer,
    /// `boolean`; a number in SQLite, zero for false.
    Flag,
    /// `text`.
    Text,
    /// `bytea`.
    Bytes,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the target.
    pub name: &'static str,
    /// Its type.
    pub kind: ColumnType,
    /// What it is in the source: a column or an expression.
    pub from: &'static str,
}

/// One table.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name in the source.
    pub source: &'static str,
    /// Its name in the target.
    pub target: &'static str,
    /// Its columns. The first `key` of them, unique together and never null, order both sides alike.
    pub columns: &'static [Column],
    /// How many columns are the key.
    pub key: usize,
    /// A table that is made of this one's rows.
    pub derived: Option<Derived>,
}

/// A table of the target that is made of another's rows, written with them.
#[derive(Debug, Clone, Copy)]
pub struct Derived {
    /// Its name.
    pub target: &'static str,
    /// Its columns; `from` says nothing here.
    pub columns: &'static [Column],
    /// Its rows for one row of the other, or what is wrong with that.
    pub rows: fn(&Row) -> Result<Vec<Row>, String>,
}

/// The values of one row, in the order of the columns.
pub type Row = Vec<Value>;

/// A value, or null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// See [`ColumnType::Uuid`].
    Uuid(Option<Uuid>),
    /// See [`ColumnType::Integer`].
    Integer(Option<i64>),
    /// See [`ColumnType::Flag`].
    Flag(Option<bool>),
    /// See [`ColumnType::Text`].
    Text(Option<String>),
    /// See [`ColumnType::Bytes`].
    Bytes(Option<Vec<u8>>),
}

impl Table {
    pub(crate) fn key_of(&self, row: &Row) -> Row {
        row.iter().take(self.key).cloned().collect()
    }

    pub(crate) fn derive(&self, row: &Row) -> Result<Vec<Row>, TransferError> {
        let made = self.derived.as_ref().map_or(Ok(Vec::new()), |derived| (derived.rows)(row));
        made.map_err(|why| TransferError::Row { table: self.source, why })
    }

    pub(crate) fn keys(&self) -> &'static [Column] {
        self.columns.get(..self.key).unwrap_or_default()
    }
}
