//! One segment: rows in, a Parquet file out, and back.

use crate::error::StorageError;
use crate::files::{FINISHED, UNFINISHED};
use crate::job::Kept;
use arrow::array::{Array, ArrayRef, AsArray, StringArray, new_null_array};
use arrow::compute::{concat_batches, sort_to_indices, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use signet_kernel::{TenantId, Timestamp};
use signet_kql::Type;
use signet_log_engine::{Unfolded, arrow_schema, common_paths, unfold};
use signet_logs::tables::Table;
use signet_record::{Hash, SegmentFile};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows whose statistics are kept together.
const ROW_GROUP: usize = 128 * 1024;
/// Measured on sign-ins: higher levels cost several times the work for a few percent.
const LEVEL: i32 = 3;
const TIME: &str = "TimeGenerated";

/// Writes rows as one file. When it returns, the file is whole under its name, and durable if it has to be; the list, or the
/// tail, has to name it.
pub(crate) fn write(
    folder: &Path,
    unique: &str,
    tenant: TenantId,
    table: &Table,
    rows: &[RecordBatch],
    kept: Kept,
) -> Result<SegmentFile, StorageError> {
    let rows = in_order(table, rows)?;
    let (from, until) = span(&rows);
    let (rows, unfolded) = unfolded(table, &rows)?;
    let (name, unfinished) = (format!("{unique}.{FINISHED}"), folder.join(format!("{unique}.{UNFINISHED}")));
    let properties = properties(table, kept)?;
    let mut writer = ArrowWriter::try_new(File::create(&unfinished)?, rows.schema(), Some(properties))?;
    writer.write(&rows)?;
    let file = writer.into_inner()?;
    if kept == Kept::Durably {
        file.sync_all()?;
    }
    let written = std::fs::read(&unfinished)?;
    std::fs::rename(&unfinished, folder.join(&name))?;
    if kept == Kept::Durably {
        // The name is durable once the folder is.
        File::open(folder)?.sync_all()?;
    }
    Ok(SegmentFile {
        file: name,
        tenant,
        table: table.name.to_owned(),
        bytes: written.len() as u64,
        rows: rows.num_rows() as u64,
        from,
        until,
        hash: Hash::of(&written),
        about: serde_json::to_string(&unfolded)?,
    })
}

fn properties(table: &Table, kept: Kept) -> Result<WriterProperties, StorageError> {
    let compression = match kept {
        Kept::Durably => Compression::ZSTD(ZstdLevel::try_new(LEVEL)?),
        Kept::ForNow => Compression::UNCOMPRESSED,
    };
    let mut properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_created_by("signet".to_owned());
    // Which text of JSON is the least helps nobody, and is long in finding.
    for column in table.columns.iter().filter(|column| column.ty == Type::Dynamic || kept == Kept::ForNow) {
        if column.name != TIME {
            let path = ColumnPath::from(column.name.as_str());
            properties = properties.set_column_statistics_enabled(path, EnabledStatistics::None);
        }
    }
    Ok(properties.build())
}

/// The rows of a file, without what was unfolded.
pub(crate) fn read(file: &Path, table: &Table) -> Result<Vec<RecordBatch>, StorageError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file)?)?.build()?;
    let schema = arrow_schema(&table.columns);
    reader.map(|batch| own_columns(&schema, &batch?)).collect()
}

/// A batch with the columns of the table as it is now: one that an older file lacks is empty.
fn own_columns(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch, StorageError> {
    let rows = batch.num_rows();
    let column = |field: &Arc<Field>| -> Result<ArrayRef, StorageError> {
        match batch.column_by_name(field.name()) {
            Some(found) => Ok(arrow::compute::cast(found, field.data_type())?),
            None if *field.data_type() == DataType::Utf8 => Ok(Arc::new(StringArray::from(vec![""; rows]))),
            None => Ok(new_null_array(field.data_type(), rows)),
        }
    };
    let columns = schema.fields().iter().map(column).collect::<Result<_, _>>()?;
    Ok(RecordBatch::try_new(schema.clone(), columns)?)
}

/// One batch, by time.
fn in_order(table: &Table, rows: &[RecordBatch]) -> Result<RecordBatch, StorageError> {
    let all = concat_batches(&arrow_schema(&table.columns), rows)?;
    let Some(time) = all.column_by_name(TIME) else { return Ok(all) };
    let times = time.as_primitive_opt::<TimestampMicrosecondType>();
    if times.is_some_and(|times| times.null_count() == 0 && times.values().is_sorted()) {
        return Ok(all);
    }
    let order = sort_to_indices(time, None, None)?;
    Ok(take_record_batch(&all, &order)?)
}

/// The first and the last time; all of time if one is missing.
fn span(rows: &RecordBatch) -> (Timestamp, Timestamp) {
    let times = rows.column_by_name(TIME).and_then(|time| time.as_primitive_opt::<TimestampMicrosecondType>());
    let whole = times.filter(|times| times.null_count() == 0);
    let edge = |at: Option<i64>, otherwise: i64| Timestamp::from_micros(at.unwrap_or(otherwise));
    let values = whole.map(|times| times.values());
    let first = values.and_then(|values| values.first()).copied();
    let last = values.and_then(|values| values.last()).copied();
    (edge(first, i64::MIN), edge(last, i64::MAX))
}

/// The same rows with common paths as columns of their own, and which those are.
fn unfolded(table: &Table, rows: &RecordBatch) -> Result<(RecordBatch, Vec<Unfolded>), StorageError> {
    let mut fields: Vec<Arc<Field>> = rows.schema().fields().iter().cloned().collect();
    let mut columns = rows.columns().to_vec();
    let mut named = Vec::new();
    for (path, values) in unfold(rows, common_paths(table.name)) {
        if let Some(values) = values {
            fields.push(Arc::new(Field::new(&path.name, path.ty.arrow(), true)));
            columns.push(values);
        }
        named.push(path);
    }
    Ok((RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?, named))
}
