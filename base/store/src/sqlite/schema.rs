//! Schema migrations: each in one transaction, each recorded, safe to run again.

use super::{engine, number};
use crate::backend::BackendError;
use rusqlite::{Connection, TransactionBehavior};

const MIGRATIONS: &[&str] = &[
    include_str!("0001_objects.sql"),
    include_str!("0002_outbox.sql"),
    include_str!("0003_scale.sql"),
    include_str!("0004_counts.sql"),
];

/// Every step, as text.
#[cfg(test)]
pub(crate) fn text() -> String {
    MIGRATIONS.concat()
}

/// The schema version that this program knows.
pub(super) fn supported() -> u32 {
    number(MIGRATIONS.len())
}

/// Brings the database to the present schema; refuses one that a newer program wrote.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), BackendError> {
    migrate_to(connection, supported())
}

fn migrate_to(connection: &mut Connection, target: u32) -> Result<(), BackendError> {
    let found = version(connection)?;
    if found > supported() {
        return Err(BackendError::Schema { found, supported: supported() });
    }
    for (step, sql) in (1..=target).zip(MIGRATIONS).skip_while(|(step, _)| *step <= found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive).map_err(engine)?;
        transaction.execute_batch(sql).map_err(engine)?;
        transaction.pragma_update(None, "user_version", step).map_err(engine)?;
        transaction.commit().map_err(engine)?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<u32, BackendError> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(connection: &Connection) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_old_database_becomes_equal_to_a_fresh_one() {
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh).unwrap();
        for old in 0..=supported() {
            let mut database = Connection::open_in_memory().unwrap();
            migrate_to(&mut database, old).unwrap();
            migrate(&mut database).unwrap();
            migrate(&mut database).unwrap();
            assert_eq!(dump(&database), dump(&fresh), "from version {old}");
        }
    }

    #[test]
    fn a_newer_schema_is_refused_untouched() {
        let mut database = Connection::open_in_memory().unwrap();
        database.pragma_update(None, "user_version", supported() + 1).unwrap();
        let refused = migrate(&mut database).unwrap_err();
        assert_eq!(refused, BackendError::Schema { found: supported() + 1, supported: supported() });
        assert!(dump(&database).is_empty());
    }
}
