//! What becomes what; each table with its key first.

use crate::entry::StoredKeys;
use crate::frame::Position;
use signet_transfer::ColumnType::{Bytes, Flag, Integer, Text, Uuid};
use signet_transfer::{Column, ColumnType, Derived, Row, Table, Value};

const fn column(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, from: name }
}

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

/// Of `records.db`.
pub(super) const RECORD: &[Table] = &[
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
    Table {
        source: "removed",
        target: "record_removed",
        columns: &[
            column("tenant", Uuid),
            column("number", Integer),
            column("id", Integer),
            column("table_name", Text),
            column("writer", Uuid),
            column("seq", Integer),
            column("at", Integer),
            column("first", Integer),
            column("count", Integer),
            column("prev", Bytes),
            column("hash", Bytes),
            column("from_at", Integer),
            column("until_at", Integer),
        ],
        key: 2,
        derived: None,
    },
    Table {
        source: "erasures",
        target: "record_erasures",
        columns: &[column("tenant", Uuid), column("number", Integer)],
        key: 1,
        derived: None,
    },
];

/// Of `record-log.db`.
pub(super) const LOG: &[Table] = &[
    Table {
        source: "log_heads",
        target: "record_log_heads",
        columns: &[
            column("tenant", Uuid),
            column("size", Integer),
            column("root", Bytes),
            // Writers of files do not end: there was one at a time.
            Column { name: "ended", kind: Integer, from: "0" },
        ],
        key: 1,
        derived: None,
    },
    Table {
        source: "log_tiles",
        target: "record_log_tiles",
        columns: &[column("tenant", Uuid), column("level", Integer), column("idx", Integer), column("hashes", Bytes)],
        key: 3,
        derived: None,
    },
    Table {
        source: "log_spans",
        target: "record_log_spans",
        columns: &[
            column("tenant", Uuid),
            column("first_leaf", Integer),
            column("frame", Integer),
            column("count", Integer),
        ],
        key: 2,
        derived: None,
    },
    Table {
        source: "log_cursors",
        target: "record_log_cursors",
        columns: &[
            column("tenant", Uuid),
            column("table_name", Text),
            column("writer", Uuid),
            column("next_seq", Integer),
            column("next_first", Integer),
            column("hash", Bytes),
        ],
        key: 3,
        derived: None,
    },
    Table {
        source: REACHED,
        target: "record_log_reached",
        columns: &[column("tenant", Uuid), column("start", Integer), column("frame", Integer)],
        key: 2,
        derived: None,
    },
    Table {
        source: "log_checkpoints",
        target: "record_log_checkpoints",
        columns: &[
            column("tenant", Uuid),
            column("epoch", Integer),
            column("size", Integer),
            column("note", Bytes),
            column("kept", Flag),
        ],
        key: 3,
        derived: None,
    },
    Table {
        source: "log_entries",
        target: "record_log_entries",
        columns: &[column("tenant", Uuid), column("first_leaf", Integer), column("entries", Bytes)],
        key: 2,
        derived: None,
    },
    Table {
        source: "log_stops",
        target: "record_log_stops",
        columns: &[column("tenant", Uuid), column("why", Text), column("at", Integer)],
        key: 1,
        derived: None,
    },
];

/// How far each tenant's log reaches in each block of frame numbers: of files one number says it for all tenants.
pub(super) const REACHED: &str = "log_reached_by_block";

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn created(schemas: &[&str]) -> BTreeSet<String> {
        let names = schemas.iter().flat_map(|schema| schema.split("CREATE TABLE ").skip(1));
        names.filter_map(|rest| rest.split([' ', '(', '\n']).next()).map(str::to_owned).collect()
    }

    fn moved(of: fn(&Table) -> Vec<&'static str>, apart: &[&'static str]) -> BTreeSet<String> {
        let moved = RECORD.iter().chain(LOG).flat_map(of);
        moved.filter(|name| *name != REACHED).chain(apart.iter().copied()).map(str::to_owned).collect()
    }

    #[test]
    fn every_table_of_either_schema_is_moved_or_made_anew() {
        let files = crate::database::STEPS.iter().chain([&crate::gather::LOG_SCHEMA]);
        // What is probed, and what says how far all tenants were read.
        let source = moved(|table| vec![table.source], &["probe", "log_reached"]);
        assert_eq!(created(&files.copied().collect::<Vec<_>>()), source);
        let shared: Vec<&str> = crate::ledger::schema::texts().collect();
        let targets =
            |table: &Table| [Some(table.target), table.derived.map(|made| made.target)].into_iter().flatten().collect();
        // Blocks are given out from behind what was moved, and those before are taken over.
        assert_eq!(created(&shared), moved(targets, &["record_blocks", "record_writer_blocks"]));
    }
}
