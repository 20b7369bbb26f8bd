//! A record in files.

use super::{Node, Seal};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use signet_kernel::{Context, RevocationCounters};
use signet_record::{Record, RecordOptions, VerifyError, VerifyReport};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const REFUSE: &str = "CREATE TRIGGER refused_frame BEFORE INSERT ON frames BEGIN SELECT RAISE(ABORT, 'refused'); END;
    CREATE TRIGGER refused_probe BEFORE INSERT ON probe BEGIN SELECT RAISE(ABORT, 'refused'); END;";
const ACCEPT: &str = "DROP TRIGGER refused_frame; DROP TRIGGER refused_probe;";

pub(crate) struct Files {
    directory: TempDir,
    counters: Arc<RevocationCounters>,
}

impl Files {
    pub(super) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), counters: Arc::new(RevocationCounters::new()) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn open(&self, options: RecordOptions, context: Context) -> Node {
        let record = Record::open(self.path(), options, context, self.counters.clone()).unwrap();
        Node { record, counters: self.counters.clone(), store: None }
    }

    pub(super) fn verify(&self) -> Result<VerifyReport, VerifyError> {
        signet_record::verify(self.path(), &Seal)
    }

    /// The file as somebody else sees it, who may change it.
    fn outside(&self) -> Connection {
        let connection = Connection::open(self.path().join("records.db")).unwrap();
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        connection
    }

    pub(super) fn change(&self, sql: &str) -> u64 {
        self.outside().execute(sql, ()).unwrap().try_into().unwrap()
    }

    pub(super) fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let outside = self.outside();
        let mut select = outside.prepare(sql).unwrap();
        let columns = select.column_count();
        let row = |row: &rusqlite::Row<'_>| (0..columns).map(|column| Ok(text(row.get_ref(column)?))).collect();
        select.query_map((), row).unwrap().collect::<Result<_, _>>().unwrap()
    }

    pub(super) fn hold(&self) -> Connection {
        let outside = self.outside();
        outside.execute_batch("BEGIN IMMEDIATE").unwrap();
        outside
    }

    pub(super) fn refuse(&self, refused: bool) {
        self.outside().execute_batch(if refused { REFUSE } else { ACCEPT }).unwrap();
    }
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
        other => panic!("{other:?} is not asked for as text"),
    }
}
