//! Whether opening the record would change how it is stored: who wants to note what it is before can ask first.

use crate::connect::Client;
use crate::database::{self, SCHEMA, records_path};
use crate::error::OpenError;
use crate::gather::{LOG_VERSION, log_path};
use crate::ledger::schema;
use std::path::Path;

/// Whether files in `directory` are of an older schema. Where there are none, nothing is changed.
pub fn needs_upgrade(directory: &Path) -> Result<bool, OpenError> {
    for (file, known) in [(records_path(directory), SCHEMA), (log_path(directory), LOG_VERSION)] {
        if !file.exists() {
            continue;
        }
        let found: i64 = database::open_read_only(&file)?.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if (1..known).contains(&found) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the record's tables in a PostgreSQL database are of an older schema. Where there are none, nothing is changed.
pub async fn needs_upgrade_postgres(client: &Client) -> Result<bool, OpenError> {
    Ok(schema::is_older(client).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn only_what_is_there_and_older_is_changed() {
        let directory = tempfile::tempdir().unwrap();
        assert!(!needs_upgrade(directory.path()).unwrap(), "nothing is there");
        for (file, version, expected) in [
            (records_path(directory.path()), SCHEMA, false),
            (records_path(directory.path()), SCHEMA - 1, true),
            (records_path(directory.path()), SCHEMA, false),
            // A file whose first schema was never finished holds nothing.
            (log_path(directory.path()), 0, false),
            (log_path(directory.path()), LOG_VERSION, false),
        ] {
            let open = Connection::open(&file).unwrap();
            open.pragma_update(None, "user_version", version).unwrap();
            drop(open);
            assert_eq!(needs_upgrade(directory.path()).unwrap(), expected, "{} {version}", file.display());
        }
    }
}
