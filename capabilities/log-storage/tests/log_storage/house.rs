//! A record and its segments in a directory of their own.

use arrow::array::{Array, AsArray};
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::json;
use signet_kernel::{Context, TenantId, Timestamp};
use signet_log_engine::TableParts;
use signet_log_storage::{LogStorage, Maker, StorageOptions};
use signet_logs::AUDITS;
use signet_record::{CheckpointSigner, Entry, Record, RecordOptions, RowKeys};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

/// Microseconds of a second of the test's time.
pub(crate) fn at(second: i64) -> i64 {
    (1_795_255_200 + second) * 1_000_000
}

struct Seal;

impl CheckpointSigner for Seal {
    fn key_id(&self) -> String {
        "seal".to_owned()
    }

    fn sign(&self, statement: &[u8]) -> Vec<u8> {
        statement.to_vec()
    }
}

pub(crate) struct House {
    directory: TempDir,
    context: Context,
}

impl House {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), context: Context::system() }
    }

    pub(crate) fn open(&self, options: StorageOptions) -> (Record, LogStorage) {
        open(self.directory.path(), options)
    }

    pub(crate) fn open_with(&self, options: StorageOptions, maker: Maker) -> (Record, LogStorage) {
        open_with(self.directory.path(), options, maker)
    }

    pub(crate) async fn append(&self, record: &Record, number: u128, second: i64) -> String {
        let id = format!("Directory_{}", self.context.new_uuid());
        record.append(entry(number, &id, second), None).await.unwrap();
        id
    }

    pub(crate) fn segments(&self) -> PathBuf {
        self.directory.path().join("logs")
    }

    /// Files of audit records and nothing else, the tail's among them: no other table has rows here.
    pub(crate) fn files(&self) -> usize {
        let files = std::fs::read_dir(self.segments().join("segments")).unwrap();
        files.filter(|file| file.as_ref().unwrap().path().extension().unwrap() == "parquet").count()
    }
}

pub(crate) fn open(directory: &Path, options: StorageOptions) -> (Record, LogStorage) {
    open_with(directory, options, Maker::Here)
}

pub(crate) fn open_with(directory: &Path, options: StorageOptions, maker: Maker) -> (Record, LogStorage) {
    let context = Context::system();
    let record = RecordOptions::new("node-1", Arc::new(Seal));
    let record = Record::open(&directory.join("record"), record, context.clone(), Arc::default()).unwrap();
    let storage = LogStorage::open(&directory.join("logs"), record.clone(), context, options, maker).unwrap();
    (record, storage)
}

pub(crate) fn entry(number: u128, id: &str, second: i64) -> Entry {
    let moment = Timestamp::from_micros(at(second));
    let body = json!({
        "Id": id, "TimeGenerated": moment, "OperationName": "Test",
        "InitiatedBy": {"app": {"displayName": "Reader"}},
    });
    let keys = RowKeys { at: moment, id, about: None, outcome: None };
    Entry::from_serialize(tenant(number), AUDITS, keys, &body).unwrap()
}

fn batches(parts: &TableParts) -> Vec<RecordBatch> {
    let read = |file: &PathBuf| {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file).unwrap()).unwrap().build().unwrap();
        reader.map(|batch| batch.unwrap()).collect::<Vec<_>>()
    };
    parts.segments.iter().flat_map(|segment| read(&segment.file)).chain(parts.hot.iter().cloned()).collect()
}

/// A column of texts, as it lies there.
pub(crate) fn column(parts: &TableParts, name: &str) -> Vec<String> {
    let texts = |batch: &RecordBatch| {
        let column = batch.column_by_name(name).unwrap().clone();
        let texts = column.as_string::<i32>();
        assert_eq!(texts.null_count(), 0);
        texts.iter().map(|text| text.unwrap().to_owned()).collect::<Vec<_>>()
    };
    batches(parts).iter().flat_map(texts).collect()
}

/// The ids of all rows; what is there twice is there twice.
pub(crate) fn ids(parts: &TableParts) -> Vec<String> {
    column(parts, "Id")
}
