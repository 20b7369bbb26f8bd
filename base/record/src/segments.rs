//! Which files hold what of the record by columns, and how far they go.
//!
//! The files are derived from the record, and made by whoever knows columns. Here is what must be true of them after any
//! crash: that a file is known and that its records need not be read again is one commit.

use crate::follow::Place;
use crate::frame::Hash;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use signet_kernel::{TenantId, Timestamp};
use std::collections::BTreeSet;
use std::path::Path;

const SCHEMA: i64 = 2;

const STEPS: [&str; 2] = [
    include_str!("segments.sql"),
    "CREATE TABLE followed (tenant BLOB PRIMARY KEY, removed INTEGER NOT NULL, erased INTEGER NOT NULL) STRICT, WITHOUT ROWID",
];

/// Which of the record's removals and erasures the files of a tenant have followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FollowedTo {
    /// The last removal ([`crate::Record::removed`]).
    pub removed: i64,
    /// Erasures ([`crate::Record::erasures`]).
    pub erased: i64,
}

/// A file that holds records by columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentFile {
    /// Its name, unique for good.
    pub file: String,
    /// Whose records.
    pub tenant: TenantId,
    /// The table that it is a part of.
    pub table: String,
    /// Its length.
    pub bytes: u64,
    /// How many rows it has.
    pub rows: u64,
    /// The earliest time in it.
    pub from: Timestamp,
    /// The latest time in it.
    pub until: Timestamp,
    /// The SHA-256 of its bytes.
    pub hash: Hash,
    /// What whoever made it has to know of it.
    pub about: String,
}

/// How much files hold together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SegmentTotals {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Their rows.
    pub rows: u64,
}

/// Why the list of files cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The database says so.
    #[error("the list of segments: {0}")]
    Database(#[from] rusqlite::Error),
    /// What is kept there is not what was put there.
    #[error("the list of segments holds something unreadable: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A later version wrote it.
    #[error("the list of segments is of schema {found}, and this version knows {SCHEMA}")]
    Newer {
        /// What it is.
        found: i64,
    },
}

/// The list of files of one node. Calls block for as long as a small write takes.
#[derive(Debug)]
pub struct SegmentLedger(Mutex<Connection>);

/// One change to the list; applied whole or not at all.
#[derive(Debug, Default)]
pub struct SegmentChange<'a> {
    /// Files that are there now.
    pub add: &'a [SegmentFile],
    /// Names of files that no longer count.
    pub remove: &'a [String],
    /// How far the files of a tenant go now.
    pub place: Option<&'a Place>,
    /// What they have followed now.
    pub followed: Option<FollowedTo>,
}

impl SegmentLedger {
    /// Opens or makes the list in `directory`.
    pub fn open(directory: &Path) -> Result<Self, SegmentError> {
        let mut connection = Connection::open(directory.join("segments.db"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found > SCHEMA {
            return Err(SegmentError::Newer { found });
        }
        if found < SCHEMA {
            let transaction = connection.transaction()?;
            for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
                transaction.execute_batch(step)?;
            }
            transaction.pragma_update(None, "user_version", SCHEMA)?;
            transaction.commit()?;
        }
        Ok(Self(Mutex::new(connection)))
    }

    /// How far the files of a tenant go: every record up to there is in one, and none after it.
    pub fn place(&self, tenant: TenantId) -> Result<Place, SegmentError> {
        let connection = self.0.lock();
        let mut find = connection.prepare_cached("SELECT place FROM places WHERE tenant = ?1")?;
        let found: Option<String> = find.query_row([tenant.as_bytes()], |row| row.get(0)).optional()?;
        Ok(found.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
    }

    /// Which removals and erasures the files of a tenant have followed; `None` if they never had to.
    pub fn followed(&self, tenant: TenantId) -> Result<Option<FollowedTo>, SegmentError> {
        let connection = self.0.lock();
        let mut find = connection.prepare_cached("SELECT removed, erased FROM followed WHERE tenant = ?1")?;
        let read = |row: &Row<'_>| Ok(FollowedTo { removed: row.get(0)?, erased: row.get(1)? });
        Ok(find.query_row([tenant.as_bytes()], read).optional()?)
    }

    /// The files of a table, the oldest first.
    pub fn files(&self, tenant: TenantId, table: &str) -> Result<Vec<SegmentFile>, SegmentError> {
        let connection = self.0.lock();
        let mut find = connection.prepare_cached(
            "SELECT file, tenant, table_name, bytes, rows, from_at, until_at, hash, about FROM segments
             WHERE tenant = ?1 AND table_name = ?2 ORDER BY until_at, file",
        )?;
        let found = find.query_map((tenant.as_bytes(), table), segment)?.collect::<Result<_, _>>()?;
        Ok(found)
    }

    /// The files of a tenant whose latest time is before a moment, the oldest first.
    pub fn ended(&self, tenant: TenantId, table: &str, before: Timestamp) -> Result<Vec<SegmentFile>, SegmentError> {
        let mut files = self.files(tenant, table)?;
        files.retain(|file| file.until < before);
        Ok(files)
    }

    /// How much all files that count hold.
    pub fn totals(&self) -> Result<SegmentTotals, SegmentError> {
        let connection = self.0.lock();
        let mut all = connection
            .prepare_cached("SELECT count(*), coalesce(sum(bytes), 0), coalesce(sum(rows), 0) FROM segments")?;
        let count = |row: &Row<'_>, column| row.get::<_, i64>(column).map(i64::cast_unsigned);
        let read =
            |row: &Row<'_>| Ok(SegmentTotals { files: count(row, 0)?, bytes: count(row, 1)?, rows: count(row, 2)? });
        Ok(all.query_row((), read)?)
    }

    /// The names of all files that count.
    pub fn names(&self) -> Result<BTreeSet<String>, SegmentError> {
        let connection = self.0.lock();
        let mut all = connection.prepare_cached("SELECT file FROM segments")?;
        let found = all.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(found)
    }

    /// Changes what counts for a tenant.
    pub fn change(&self, tenant: TenantId, change: &SegmentChange<'_>) -> Result<(), SegmentError> {
        let mut connection = self.0.lock();
        let transaction = connection.transaction()?;
        apply(&transaction, tenant, change)?;
        Ok(transaction.commit()?)
    }

    /// Forgets every file of a tenant and that any of its records is in one; the names of the files.
    pub fn forget(&self, tenant: TenantId) -> Result<Vec<String>, SegmentError> {
        let mut connection = self.0.lock();
        let transaction = connection.transaction()?;
        let names = {
            let mut all = transaction.prepare_cached("DELETE FROM segments WHERE tenant = ?1 RETURNING file")?;
            all.query_map([tenant.as_bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        transaction.execute("DELETE FROM places WHERE tenant = ?1", [tenant.as_bytes()])?;
        transaction.commit()?;
        Ok(names)
    }
}

fn apply(transaction: &Transaction<'_>, tenant: TenantId, change: &SegmentChange<'_>) -> Result<(), SegmentError> {
    let mut remove = transaction.prepare_cached("DELETE FROM segments WHERE tenant = ?1 AND file = ?2")?;
    for file in change.remove {
        remove.execute((tenant.as_bytes(), file))?;
    }
    let mut add = transaction.prepare_cached("INSERT INTO segments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for file in change.add {
        add.execute(params![
            file.file,
            tenant.as_bytes(),
            file.table,
            file.bytes.cast_signed(),
            file.rows.cast_signed(),
            file.from.micros(),
            file.until.micros(),
            file.hash.as_bytes(),
            file.about,
        ])?;
    }
    if let Some(place) = change.place {
        let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO places (tenant, place) VALUES (?1, ?2)")?;
        put.execute((tenant.as_bytes(), serde_json::to_string(place)?))?;
    }
    if let Some(FollowedTo { removed, erased }) = change.followed {
        let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO followed VALUES (?1, ?2, ?3)")?;
        put.execute((tenant.as_bytes(), removed, erased))?;
    }
    Ok(())
}

fn segment(row: &Row<'_>) -> rusqlite::Result<SegmentFile> {
    let wrong = |column| rusqlite::Error::InvalidColumnType(column, "bytes".to_owned(), rusqlite::types::Type::Blob);
    let count = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
    Ok(SegmentFile {
        file: row.get(0)?,
        tenant: TenantId::from_slice(row.get_ref(1)?.as_blob()?).ok_or_else(|| wrong(1))?,
        table: row.get(2)?,
        bytes: count(3)?,
        rows: count(4)?,
        from: Timestamp::from_micros(row.get(5)?),
        until: Timestamp::from_micros(row.get(6)?),
        hash: Hash::from_slice(row.get_ref(7)?.as_blob()?).ok_or_else(|| wrong(7))?,
        about: row.get(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    fn file(name: &str, until: i64) -> SegmentFile {
        SegmentFile {
            file: name.to_owned(),
            tenant: tenant(1),
            table: "T".to_owned(),
            bytes: 5,
            rows: 2,
            from: Timestamp::from_seconds(0),
            until: Timestamp::from_seconds(until),
            hash: Hash::of(name.as_bytes()),
            about: "{}".to_owned(),
        }
    }

    fn place(text: &str) -> Place {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_change_that_fails_leaves_files_and_place_as_they_were() {
        let directory = tempfile::tempdir().unwrap();
        let ledger = SegmentLedger::open(directory.path()).unwrap();
        let first = place(r#"{"after":7}"#);
        let change = SegmentChange { add: &[file("a", 10)], place: Some(&first), ..SegmentChange::default() };
        ledger.change(tenant(1), &change).unwrap();
        let (twice, later) = ([file("b", 20), file("a", 20)], place(r#"{"after":9}"#));
        let change = SegmentChange { add: &twice, place: Some(&later), ..SegmentChange::default() };
        ledger.change(tenant(1), &change).unwrap_err();
        drop(ledger);
        let ledger = SegmentLedger::open(directory.path()).unwrap();
        assert_eq!(ledger.files(tenant(1), "T").unwrap(), [file("a", 10)]);
        assert_eq!(ledger.place(tenant(1)).unwrap(), first);
    }

    #[test]
    fn what_counts_is_a_tenant_s_own() {
        let directory = tempfile::tempdir().unwrap();
        let ledger = SegmentLedger::open(directory.path()).unwrap();
        let change = SegmentChange { add: &[file("a", 10), file("b", 20)], ..SegmentChange::default() };
        ledger.change(tenant(1), &change).unwrap();
        let taken = SegmentChange { remove: &["a".to_owned()], ..SegmentChange::default() };
        ledger.change(tenant(2), &taken).unwrap();
        assert_eq!(ledger.names().unwrap().len(), 2, "another tenant removes nothing");
        assert_eq!(ledger.totals().unwrap(), SegmentTotals { files: 2, bytes: 10, rows: 4 });
        assert_eq!(ledger.files(tenant(2), "T").unwrap(), []);
        let ended = ledger.ended(tenant(1), "T", Timestamp::from_seconds(20)).unwrap();
        assert_eq!(ended, [file("a", 10)], "what ends at the moment itself has not ended before it");
        assert_eq!(ledger.forget(tenant(1)).unwrap(), ["a", "b"]);
        assert_eq!(ledger.place(tenant(1)).unwrap(), Place::default());
    }
}
