//! Parquet in a directory or an S3-compatible bucket: `<table>/date=<day>/tenant=<id>/<first record>-<number>.parquet`.
//!
//! An object's name says which records it begins with and how many it holds: what is sent again after a crash replaces what
//! was sent before, or begins with the same record and holds more of them.

use super::{Sink, Undelivered};
use crate::event::Event;
use crate::exports::Outside;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use signet_log_engine::batch;
use signet_logs::tables::{Received, Table, table};
use signet_object_storage::{Objects, PlaceConfig};

const LEVEL: i32 = 3;

pub(super) struct ObjectStorage {
    outside: Outside,
    place: PlaceConfig,
}

impl ObjectStorage {
    pub(super) fn new(outside: Outside, place: PlaceConfig) -> Self {
        Self { outside, place }
    }

    async fn put(&self, objects: &Objects, table: &'static Table, events: &[Event]) -> Result<(), Undelivered> {
        let Some(first) = events.first() else { return Ok(()) };
        let (name, events) = (name(first, events.len()), events.to_vec());
        let written = tokio::task::spawn_blocking(move || write(&rows(table, &events)?)).await;
        let file = written.map_err(Undelivered::not_now)?.map_err(|error| Undelivered::Refused(error.to_string()))?;
        objects.put(&name, file).await.map_err(Undelivered::not_now)
    }
}

#[async_trait]
impl Sink for ObjectStorage {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let Some(first) = events.first() else { return Ok(()) };
        let of = table(&first.table);
        let of = of.ok_or_else(|| Undelivered::Refused(format!("'{}' has no columns here", first.table)))?;
        let objects = Objects::open(&self.place, self.outside.exchange.clone()).map_err(Undelivered::not_now)?;
        for of_day in events.chunk_by(|one, next| day(one) == day(next)) {
            self.put(&objects, of, of_day).await?;
        }
        Ok(())
    }

    fn one_table(&self) -> bool {
        true
    }
}

fn day(event: &Event) -> String {
    event.at.to_string().split('T').next().unwrap_or_default().to_owned()
}

fn name(first: &Event, count: usize) -> String {
    format!("{}/date={}/tenant={}/{}-{count}.parquet", first.table, day(first), first.tenant, first.id)
}

fn rows(table: &Table, events: &[Event]) -> Result<RecordBatch, ArrowError> {
    let received = |event: &Event| Received { tenant: event.tenant, at: event.committed };
    let rows: Vec<_> = events.iter().map(|event| table.row_of(&event.columns, received(event))).collect();
    batch(&table.columns, &rows)
}

/// Why records could not become a file.
#[derive(Debug, thiserror::Error)]
enum Unwritten {
    #[error("its columns: {0}")]
    Columns(#[from] ArrowError),
    #[error("its file: {0}")]
    File(#[from] ParquetError),
}

fn write(rows: &RecordBatch) -> Result<Bytes, Unwritten> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
        .set_created_by("signet".to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties))?;
    writer.write(rows)?;
    Ok(writer.into_inner()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::AsArray;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use serde_json::json;
    use signet_kernel::{TenantId, Timestamp};
    use uuid::Uuid;

    fn event(id: &str, second: i64) -> Event {
        let at = Timestamp::from_seconds(1_795_255_200 + second);
        let columns = json!({"Id": id, "TimeGenerated": at, "OperationName": "Add user"});
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        let columns = columns.as_object().unwrap().clone();
        Event { tenant, table: signet_logs::AUDITS.to_owned(), id: id.to_owned(), at, committed: at, columns }
    }

    #[test]
    fn the_same_records_are_the_same_object_in_the_folder_of_their_day() {
        let (one, next_day) = (event("Directory_a", 0), event("Directory_b", 86_400));
        let tenant = one.tenant;
        assert_eq!(name(&one, 2), format!("AuditLogs/date=2026-11-21/tenant={tenant}/Directory_a-2.parquet"));
        assert!(name(&next_day, 1).contains("/date=2026-11-22/"));
        let table = table(signet_logs::AUDITS).unwrap();
        let written = || write(&rows(table, &[one.clone(), event("Directory_c", 1)]).unwrap()).unwrap();
        assert_eq!(written(), written());
        let mut read = ParquetRecordBatchReaderBuilder::try_new(written()).unwrap().build().unwrap();
        let read = read.next().unwrap().unwrap();
        let ids: Vec<_> = read.column_by_name("Id").unwrap().as_string::<i32>().iter().flatten().collect();
        assert_eq!(ids, ["Directory_a", "Directory_c"]);
    }
}
