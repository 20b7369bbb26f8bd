//! The record's tables, for who moves them from a SQLite file into PostgreSQL. What readers look records up by is made
//! anew from the frames, as their writers would have made it.

use crate::entry::StoredKeys;
use crate::frame::Position;
use crate::ledger::BLOCK_BITS;
use rusqlite::Connection;
use signet_transfer::{Column, ColumnType, Derived, Row, Table, TransferError, Value};
use tokio_postgres::Client;

const fn column(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, from: name }
}

use ColumnType::{Bytes, Integer, Text, Uuid};

const FRAME: &[Column] = &[
    column("tenant", Uuid),
    column("id", Integer),
    column("table_name", Text),
    column("writer", Uuid),
    column("seq", Integer),
    column("at", Integer),
    column("first", Integer),
    column("count", Integer),
    column("prev", Bytes),
    column("hash", Bytes),
    column("keys", Bytes),
    column("personal", Bytes),
    column("body", Bytes),
];

const ROW: &[Column] = &[
    column("tenant", Uuid),
    column("table_name", Text),
    column("at", Integer),
    column("position", Integer),
    column("id", Text),
    column("about", Text),
    column("outcome", Text),
];

/// Every table, each with its key first.
pub const TABLES: &[Table] = &[
    Table {
        source: "writers",
        target: "record_writers",
        columns: &[column("id", Uuid), column("node", Text), column("started", Integer)],
        key: 1,
        derived: None,
    },
    Table {
        source: "frames",
        target: "record_frames",
        columns: FRAME,
        key: 2,
        derived: Some(Derived { target: "record_rows", columns: ROW, rows }),
    },
    Table {
        source: "checkpoints",
        target: "record_checkpoints",
        columns: &[
            column("tenant", Uuid),
            column("sequence", Integer),
            column("statement", Bytes),
            column("key_id", Text),
            column("signature", Bytes),
        ],
        key: 2,
        derived: None,
    },
    Table {
        source: "used",
        target: "record_used",
        columns: &[
            column("tenant", Uuid),
            column("key", Bytes),
            Column { name: "by_request", kind: Uuid, from: "by" },
            column("until", Integer),
        ],
        key: 2,
        derived: None,
    },
];

/// Makes the source readable in the order of the tables' keys.
pub fn prepare(source: &Connection) -> Result<(), TransferError> {
    Ok(source.execute_batch("CREATE INDEX IF NOT EXISTS frames_in_order ON frames (tenant, id)")?)
}

/// Undoes what [`prepare`] did.
pub fn restore(source: &Connection) -> Result<(), TransferError> {
    Ok(source.execute_batch("DROP INDEX IF EXISTS frames_in_order")?)
}

/// Gives the target what is not in rows: the frame numbers that were given.
pub async fn settle(source: &Connection, target: &Client) -> Result<(), TransferError> {
    let last: i64 = source.query_row("SELECT coalesce(max(id), 0) FROM frames", (), |row| row.get(0))?;
    let next = (last >> BLOCK_BITS) + 1;
    target.execute("UPDATE record_blocks SET next = greatest(next, $1)", &[&next]).await?;
    Ok(())
}

/// What the records of a frame are found by.
fn rows(frame: &Row) -> Result<Vec<Row>, String> {
    let [Value::Uuid(tenant), Value::Integer(Some(id)), Value::Text(table), .., Value::Bytes(Some(keys)), _, _] =
        frame.as_slice()
    else {
        return Err("a frame has other columns".to_owned());
    };
    let row = |(line, ordinal): (&[u8], u32)| {
        let StoredKeys(at, id_text, about, outcome) =
            serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let text = |text: std::borrow::Cow<'_, str>| text.into_owned();
        Ok(vec![
            Value::Uuid(*tenant),
            Value::Text(table.clone()),
            Value::Integer(Some(at)),
            Value::Integer(Some(Position::new(*id, ordinal).as_i64())),
            Value::Text(Some(id_text.into_owned())),
            Value::Text(about.map(text)),
            Value::Text(outcome.map(text)),
        ])
    };
    keys.split(|byte| *byte == b'\n').zip(0..).map(row).collect()
}
