//! The directory, moved from its SQLite file into PostgreSQL.

use rusqlite::{Connection, OpenFlags};
use signet_transfer::{Column, ColumnType, Progress, Table, TransferError};
use std::path::Path;
use tokio_postgres::Client;

const fn uuid(name: &'static str) -> Column {
    Column { name, kind: ColumnType::Uuid, from: name }
}

const fn integer(name: &'static str) -> Column {
    Column { name, kind: ColumnType::Integer, from: name }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: ColumnType::Text, from: name }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: ColumnType::Bytes, from: name }
}

const fn table(name: &'static str, columns: &'static [Column], key: usize) -> Table {
    Table { source: name, target: name, columns, key, derived: None }
}

/// Every table, each with its key first.
const TABLES: &[Table] = &[
    table("heads", &[uuid("tenant"), integer("position")], 1),
    Table {
        source: "heads",
        target: "revocations",
        columns: &[uuid("tenant"), Column { name: "counter", kind: ColumnType::Integer, from: "revocation" }],
        key: 1,
        derived: None,
    },
    Table { source: "heads", target: "gates", columns: &[uuid("tenant")], key: 1, derived: None },
    table(
        "objects",
        &[
            uuid("tenant"),
            uuid("id"),
            text("kind"),
            integer("schema"),
            integer("version"),
            integer("created"),
            integer("modified"),
            integer("deleted_at"),
            uuid("deletion"),
            integer("revoked"),
            uuid("parent"),
            bytes("body"),
        ],
        2,
    ),
    table("index_entries", &[uuid("tenant"), text("kind"), text("field"), bytes("key"), uuid("id")], 5),
    table("unique_keys", &[uuid("scope"), text("space"), bytes("key"), uuid("tenant"), uuid("id")], 3),
    table("links", &[uuid("tenant"), uuid("source"), text("relation"), uuid("target")], 4),
    table("relations", &[uuid("tenant"), uuid("source"), text("relation"), integer("version")], 3),
    table(
        "changes",
        &[
            uuid("tenant"),
            integer("position"),
            integer("at"),
            text("changed"),
            // Nodes that have cached something older do not exist.
            Column { name: "revocation", kind: ColumnType::Integer, from: "0" },
            Column { name: "batch", kind: ColumnType::Uuid, from: "zeroblob(16)" },
            Column { name: "touched", kind: ColumnType::Text, from: r#"'{"all":true}'"# },
        ],
        2,
    ),
    table("outbox", &[uuid("tenant"), integer("position"), integer("ordinal"), integer("at"), bytes("body")], 3),
];

/// Moves the directory that lies in `file`, which nobody writes meanwhile, into the tables that are in the target already;
/// the rows of each table. Cut off, it goes on where it ended when it is called again.
pub async fn transfer(
    file: &Path,
    target: &mut Client,
    progress: impl FnMut(Progress),
) -> Result<Vec<(&'static str, u64)>, TransferError> {
    let source = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let counts = signet_transfer::transfer(&source, target, TABLES, progress).await?;
    // What is not in rows.
    let epoch: i64 = source.query_row("SELECT epoch FROM deployment", (), |row| row.get(0))?;
    target.execute("UPDATE deployment SET epoch = $1, confirmed = $1", &[&epoch]).await?;
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// What a schema's text creates.
    fn created(schema: &str) -> BTreeSet<String> {
        let names = schema.split("CREATE TABLE ").skip(1).filter_map(|rest| rest.split([' ', '(']).next());
        names.map(str::to_owned).collect()
    }

    #[test]
    fn every_table_of_either_schema_is_moved() {
        let moved = |of: fn(&Table) -> &'static str, apart: &[&str]| -> BTreeSet<String> {
            TABLES.iter().map(of).chain(apart.iter().copied()).map(str::to_owned).collect()
        };
        // What SQLite counts while it writes, PostgreSQL counts when asked.
        let source = moved(|table| table.source, &["deployment", "counts"]);
        assert_eq!(created(&crate::sqlite::schema::text()), source);
        assert_eq!(created(&crate::postgres::schema::text()), moved(|table| table.target, &["deployment"]));
    }
}
