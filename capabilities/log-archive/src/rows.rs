//! The records of a part, as Parquet: where each stood, what it was found by, and what was stored of it.

use crate::archive::ArchiveError;
use arrow::array::{ArrayRef, AsArray, Int64Array, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, TimeUnit, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use signet_kernel::Timestamp;
use signet_record::FoundFrame;
use std::sync::Arc;

const LEVEL: i32 = 3;

/// A record on its way into the archive, or out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archived {
    pub(crate) leaf: u64,
    pub(crate) committed: Timestamp,
    pub(crate) writer: String,
    pub(crate) seq: u64,
    pub(crate) line: u64,
    pub(crate) keys: String,
    pub(crate) personal: String,
    pub(crate) body: String,
}

/// The records of a frame whose first is at `first_leaf`.
pub(crate) fn records_of(frame: &FoundFrame, first_leaf: u64) -> impl Iterator<Item = Archived> {
    let writer = frame.writer.to_string();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (0..).zip(frame.records()).map(move |(line, (keys, personal, body))| Archived {
        leaf: first_leaf + line,
        committed: frame.committed(),
        writer: writer.clone(),
        seq: frame.seq,
        line,
        keys: text(keys),
        personal: text(personal),
        body: text(body),
    })
}

/// Writes records as one file.
pub(crate) fn write(table: &str, records: &[Archived]) -> Result<Bytes, ArchiveError> {
    let numbers = |of: fn(&Archived) -> u64| -> ArrayRef {
        Arc::new(records.iter().map(|record| of(record).cast_signed()).collect::<Int64Array>())
    };
    let texts = |of: fn(&Archived) -> &str| -> ArrayRef {
        Arc::new(records.iter().map(|record| Some(of(record))).collect::<StringArray>())
    };
    let committed: TimestampMicrosecondArray = records.iter().map(|record| Some(record.committed.micros())).collect();
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        ("Table", DataType::Utf8, Arc::new(StringArray::from(vec![table; records.len()]))),
        ("Committed", time, Arc::new(committed.with_timezone("UTC"))),
        ("Leaf", DataType::Int64, numbers(|record| record.leaf)),
        ("Writer", DataType::Utf8, texts(|record| &record.writer)),
        ("Sequence", DataType::Int64, numbers(|record| record.seq)),
        ("Line", DataType::Int64, numbers(|record| record.line)),
        ("Keys", DataType::Utf8, texts(|record| &record.keys)),
        ("Personal", DataType::Utf8, texts(|record| &record.personal)),
        ("Body", DataType::Utf8, texts(|record| &record.body)),
    ];
    let fields: Vec<Field> = columns.iter().map(|(name, kind, _)| Field::new(*name, kind.clone(), false)).collect();
    let schema = Arc::new(Schema::new(fields));
    let rows = RecordBatch::try_new(schema.clone(), columns.into_iter().map(|(_, _, column)| column).collect())?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
        .set_created_by("signet".to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties))?;
    writer.write(&rows)?;
    Ok(writer.into_inner()?.into())
}

/// Reads them back.
pub(crate) fn read(file: Bytes) -> Result<Vec<Archived>, ArchiveError> {
    let mut records = Vec::new();
    for rows in ParquetRecordBatchReaderBuilder::try_new(file)?.build()? {
        let rows = rows?;
        let column = |name: &'static str| rows.column_by_name(name).ok_or(ArchiveError::Column(name));
        let numbers =
            |name| Ok(column(name)?.as_primitive_opt::<Int64Type>().ok_or(ArchiveError::Column(name))?.clone());
        let texts = |name| -> Result<StringArray, ArchiveError> {
            Ok(column(name)?.as_string_opt::<i32>().ok_or(ArchiveError::Column(name))?.clone())
        };
        let numbers = |name| -> Result<Int64Array, ArchiveError> { numbers(name) };
        let (leaf, seq, line) = (numbers("Leaf")?, numbers("Sequence")?, numbers("Line")?);
        let (writer, keys, personal, body) = (texts("Writer")?, texts("Keys")?, texts("Personal")?, texts("Body")?);
        let committed = column("Committed")?.as_primitive_opt::<TimestampMicrosecondType>();
        let committed = committed.ok_or(ArchiveError::Column("Committed"))?;
        for row in 0..rows.num_rows() {
            records.push(Archived {
                leaf: leaf.value(row).cast_unsigned(),
                committed: Timestamp::from_micros(committed.value(row)),
                writer: writer.value(row).to_owned(),
                seq: seq.value(row).cast_unsigned(),
                line: line.value(row).cast_unsigned(),
                keys: keys.value(row).to_owned(),
                personal: personal.value(row).to_owned(),
                body: body.value(row).to_owned(),
            });
        }
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_comes_back_to_the_byte_and_the_same_is_the_same_file() {
        let record = |leaf| Archived {
            leaf,
            committed: Timestamp::from_seconds(1_795_255_200),
            writer: "w".to_owned(),
            seq: 3,
            line: leaf,
            keys: r#"[1,"a",null,null]"#.to_owned(),
            personal: String::new(),
            body: r#"{"Name":"Zoë \" \u0000"}"#.to_owned(),
        };
        let records: Vec<Archived> = (0..300).map(record).collect();
        let file = write("AuditLogs", &records).unwrap();
        assert_eq!(read(file.clone()).unwrap(), records);
        assert_eq!(write("AuditLogs", &records).unwrap(), file);
        read(Bytes::from_static(b"no parquet")).unwrap_err();
    }
}
