//! Writing PostgreSQL, and reading it again.

use crate::error::TransferError;
use crate::table::{Column, ColumnType, Row, Table, Value};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

const MARK: &str = "CREATE TABLE IF NOT EXISTS transfer (only_row smallint PRIMARY KEY CHECK (only_row = 1))";
const MARKED: &str = "SELECT to_regclass('transfer') IS NOT NULL";

/// Whether a transfer into this database has begun and not ended, so that nobody may use it yet.
pub async fn is_unfinished(target: &Client) -> Result<bool, TransferError> {
    Ok(target.query_one(MARKED, &[]).await?.try_get(0)?)
}

pub(crate) async fn begin(target: &Client) -> Result<(), TransferError> {
    Ok(target.batch_execute(MARK).await?)
}

pub(crate) async fn finish(target: &Client) -> Result<(), TransferError> {
    Ok(target.batch_execute("DROP TABLE transfer").await?)
}

pub(crate) async fn count(target: &Client, table: &str) -> Result<u64, TransferError> {
    let rows: i64 = target.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await?.try_get(0)?;
    Ok(u64::try_from(rows).unwrap_or_default())
}

/// The key of the last row.
pub(crate) async fn last(target: &Client, table: &Table) -> Result<Option<Row>, TransferError> {
    let backwards: Vec<String> = table.keys().iter().map(|column| format!("{} DESC", column.name)).collect();
    let (key, name) = (typed(table.keys()), table.target);
    let sql = format!("SELECT {key} FROM {name} ORDER BY {} LIMIT 1", backwards.join(", "));
    let row = target.query_opt(&sql, &[]).await?;
    row.map(|row| read(table.keys(), &row)).transpose()
}

/// The rows after `before`, at most `limit`.
pub(crate) async fn page(
    target: &Client,
    table: &Table,
    before: Option<&Row>,
    limit: usize,
) -> Result<Vec<Row>, TransferError> {
    let (columns, key) = (typed(table.columns), names(table.keys()));
    let mark = |(column, number): (&Column, usize)| format!("${number}::{}", column.kind.name());
    let marks: Vec<String> = table.keys().iter().zip(1..).map(mark).collect();
    let after = if before.is_some() { format!("WHERE ({key}) > ({})", marks.join(", ")) } else { String::new() };
    let sql = format!("SELECT {columns} FROM {} {after} ORDER BY {key} LIMIT {limit}", table.target);
    let values: Vec<&(dyn ToSql + Sync)> = before.into_iter().flatten().map(Value::parameter).collect();
    let rows = target.query(&sql, &values).await?;
    rows.iter().map(|row| read(table.columns, row)).collect()
}

/// Writes a page with what is derived from it: all of it or nothing.
pub(crate) async fn write(target: &mut Client, table: &Table, page: &[Row]) -> Result<(), TransferError> {
    let transaction = target.transaction().await?;
    insert(&transaction, table.target, table.columns, page).await?;
    if let Some(derived) = &table.derived {
        let mut made = Vec::new();
        for row in page {
            made.extend(table.derive(row)?);
        }
        insert(&transaction, derived.target, derived.columns, &made).await?;
    }
    Ok(transaction.commit().await?)
}

/// Tells the planner what is in a table; until then it plans as for one that is nearly empty.
pub(crate) async fn analyze(target: &Client, table: &Table) -> Result<(), TransferError> {
    let derived = table.derived.as_ref().map(|derived| derived.target);
    for name in [Some(table.target), derived].into_iter().flatten() {
        target.batch_execute(&format!("ANALYZE {name}")).await?;
    }
    Ok(())
}

async fn insert(
    transaction: &tokio_postgres::Transaction<'_>,
    table: &str,
    columns: &[Column],
    rows: &[Row],
) -> Result<(), TransferError> {
    let types: Vec<String> =
        columns.iter().zip(1..).map(|(column, number)| format!("${number}::{}[]", column.kind.name())).collect();
    let sql = format!("INSERT INTO {table} ({}) SELECT * FROM unnest({})", names(columns), types.join(", "));
    let columns: Vec<Array> =
        columns.iter().enumerate().map(|(index, column)| Array::of(column.kind, rows, index)).collect();
    let values: Vec<&(dyn ToSql + Sync)> = columns.iter().map(Array::parameter).collect();
    transaction.execute(&sql, &values).await?;
    Ok(())
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// As they are read, whatever they are stored as.
fn typed(columns: &[Column]) -> String {
    let typed = |column: &Column| format!("{}::{}", column.name, column.kind.name());
    columns.iter().map(typed).collect::<Vec<_>>().join(", ")
}

fn read(columns: &[Column], row: &tokio_postgres::Row) -> Result<Row, TransferError> {
    let value = |(index, column): (usize, &Column)| {
        Ok::<_, TransferError>(match column.kind {
            ColumnType::Uuid => Value::Uuid(row.try_get(index)?),
            ColumnType::Integer => Value::Integer(row.try_get(index)?),
            ColumnType::Flag => Value::Flag(row.try_get(index)?),
            ColumnType::Text => Value::Text(row.try_get(index)?),
            ColumnType::Bytes => Value::Bytes(row.try_get(index)?),
        })
    };
    columns.iter().enumerate().map(value).collect()
}

impl ColumnType {
    fn name(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Integer => "bigint",
            Self::Flag => "boolean",
            Self::Text => "text",
            Self::Bytes => "bytea",
        }
    }
}

impl Value {
    fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Uuid(value) => value,
            Self::Integer(value) => value,
            Self::Flag(value) => value,
            Self::Text(value) => value,
            Self::Bytes(value) => value,
        }
    }
}

/// One column of many rows.
enum Array {
    Uuid(Vec<Option<Uuid>>),
    Integer(Vec<Option<i64>>),
    Flag(Vec<Option<bool>>),
    Text(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Array {
    fn of(kind: ColumnType, rows: &[Row], index: usize) -> Self {
        fn column<T>(rows: &[Row], index: usize, of: impl Fn(&Value) -> Option<T>) -> Vec<Option<T>> {
            rows.iter().map(|row| row.get(index).and_then(&of)).collect()
        }
        match kind {
            ColumnType::Uuid => Self::Uuid(column(rows, index, |value| match value {
                Value::Uuid(value) => *value,
                _ => None,
            })),
            ColumnType::Integer => Self::Integer(column(rows, index, |value| match value {
                Value::Integer(value) => *value,
                _ => None,
            })),
            ColumnType::Flag => Self::Flag(column(rows, index, |value| match value {
                Value::Flag(value) => *value,
                _ => None,
            })),
            ColumnType::Text => Self::Text(column(rows, index, |value| match value {
                Value::Text(value) => value.clone(),
                _ => None,
            })),
            ColumnType::Bytes => Self::Bytes(column(rows, index, |value| match value {
                Value::Bytes(value) => value.clone(),
                _ => None,
            })),
        }
    }

    fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Uuid(values) => values,
            Self::Integer(values) => values,
            Self::Flag(values) => values,
            Self::Text(values) => values,
            Self::Bytes(values) => values,
        }
    }
}
