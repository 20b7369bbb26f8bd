//! What of a tenant is in no segment yet.

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use signet_kernel::{TenantId, Timestamp};
use signet_log_engine::batch;
use signet_logs::tables::{Held, Received, Table, tables};
use signet_record::{Followed, Place};
use std::collections::BTreeMap;

/// The tail of one tenant.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// How far it was read; none before the list of segments was asked how far they go.
    pub(crate) place: Option<Place>,
    /// Records in it.
    pub(crate) records: usize,
    /// When the first of them was read.
    pub(crate) since: Option<Timestamp>,
    /// Their rows, by table.
    pub(crate) tables: BTreeMap<&'static str, Vec<RecordBatch>>,
}

impl Tail {
    /// Adds what was read.
    pub(crate) fn add(&mut self, rows: Rows, place: Place, records: usize, now: Timestamp) {
        for (table, batch) in rows {
            self.tables.entry(table).or_default().push(batch);
        }
        self.place = Some(place);
        self.records += records;
        if records > 0 {
            self.since.get_or_insert(now);
        }
    }

    /// Empties it: all that was in it is in segments.
    pub(crate) fn flushed(&mut self) {
        self.tables.clear();
        self.records = 0;
        self.since = None;
    }
}

/// Rows of several tables.
pub(crate) type Rows = Vec<(&'static str, RecordBatch)>;

/// Records as the rows of every table that shows them.
pub(crate) fn rows_of(tenant: TenantId, records: &[Followed]) -> Result<Rows, ArrowError> {
    let mut rows = Vec::new();
    for table in tables() {
        let Held::Record(stored, _) = table.held else { continue };
        let of_table: Vec<Vec<_>> =
            records.iter().filter(|record| record.table == stored).map(|record| row(table, tenant, record)).collect();
        if !of_table.is_empty() {
            rows.push((table.name, batch(&table.columns, &of_table)?));
        }
    }
    Ok(rows)
}

fn row(table: &Table, tenant: TenantId, record: &Followed) -> Vec<signet_kql::Value> {
    table.row(record.columns.clone(), Received { tenant, at: record.committed })
}
