//! Reading SQLite.

use crate::error::TransferError;
use crate::table::{Column, ColumnType, Row, Table, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use uuid::Uuid;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Uuid(value) => value.as_ref().map_or(ValueRef::Null, |value| ValueRef::Blob(value.as_bytes())),
            Self::Integer(value) => value.map_or(ValueRef::Null, ValueRef::Integer),
            Self::Flag(value) => value.map_or(ValueRef::Null, |value| ValueRef::Integer(i64::from(value))),
            Self::Text(value) => value.as_deref().map_or(ValueRef::Null, |value| ValueRef::Text(value.as_bytes())),
            Self::Bytes(value) => value.as_deref().map_or(ValueRef::Null, ValueRef::Blob),
        }))
    }
}

pub(crate) fn count(source: &Connection, table: &Table) -> Result<u64, TransferError> {
    let rows: i64 = source.query_row(&format!("SELECT count(*) FROM {}", table.source), (), |row| row.get(0))?;
    Ok(u64::try_from(rows).unwrap_or_default())
}

/// The rows after `before`, at most `limit`.
pub(crate) fn page(
    source: &Connection,
    table: &Table,
    before: Option<&Row>,
    limit: usize,
) -> Result<Vec<Row>, TransferError> {
    let list = |columns: &[Column]| columns.iter().map(|column| column.from).collect::<Vec<_>>().join(", ");
    let (columns, key) = (list(table.columns), list(table.keys()));
    let marks = vec!["?"; table.key].join(", ");
    let after = if before.is_some() { format!("WHERE ({key}) > ({marks})") } else { String::new() };
    let sql = format!("SELECT {columns} FROM {} {after} ORDER BY {key} LIMIT {limit}", table.source);
    let mut statement = source.prepare_cached(&sql)?;
    let values = before.map(Vec::as_slice).unwrap_or_default();
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut page = Vec::with_capacity(limit);
    while let Some(row) = rows.next()? {
        let value = |(index, column): (usize, &Column)| read(column, row.get_ref(index)?);
        let row: Result<Row, String> =
            table.columns.iter().enumerate().map(|column| value(column).map_err(|error: ReadError| error.0)).collect();
        page.push(row.map_err(|why| TransferError::Row { table: table.source, why })?);
    }
    Ok(page)
}

struct ReadError(String);

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

fn read(column: &Column, value: ValueRef<'_>) -> Result<Value, ReadError> {
    let null = matches!(value, ValueRef::Null);
    let wrong = || ReadError(format!("{} holds {}", column.name, value.data_type()));
    Ok(match column.kind {
        ColumnType::Uuid if null => Value::Uuid(None),
        ColumnType::Uuid => {
            let bytes = value.as_blob().map_err(|_| wrong())?;
            Value::Uuid(Some(Uuid::from_slice(bytes).map_err(|error| ReadError(format!("{}: {error}", column.name)))?))
        }
        ColumnType::Integer if null => Value::Integer(None),
        ColumnType::Integer => Value::Integer(Some(value.as_i64().map_err(|_| wrong())?)),
        ColumnType::Flag if null => Value::Flag(None),
        ColumnType::Flag => Value::Flag(Some(value.as_i64().map_err(|_| wrong())? != 0)),
        ColumnType::Text if null => Value::Text(None),
        ColumnType::Text => Value::Text(Some(value.as_str().map_err(|_| wrong())?.to_owned())),
        ColumnType::Bytes if null => Value::Bytes(None),
        ColumnType::Bytes => Value::Bytes(Some(value.as_bytes().map_err(|_| wrong())?.to_vec())),
    })
}
