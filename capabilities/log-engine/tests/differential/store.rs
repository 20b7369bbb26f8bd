//! Rows as two segments, which lack the columns that are empty, and a hot tail.

use std::{fs::File, path::Path, sync::Arc};

use arrow::{
    datatypes::{Field, Schema},
    record_batch::RecordBatch,
};
use parquet::arrow::ArrowWriter;
use signet_kql::{Column, Row};
use signet_log_engine::{Segment, TableParts, TimeSpan, Unfolded, batch, common_paths, unfold};

/// A batch with what is unfolded from it.
fn wide(batch: &RecordBatch, table: &str) -> (RecordBatch, Vec<Unfolded>) {
    let mut fields: Vec<Field> = batch.schema().fields().iter().map(|field| Field::clone(field)).collect();
    let mut columns = batch.columns().to_vec();
    let mut unfolded = Vec::new();
    for (path, column) in unfold(batch, common_paths(table)) {
        if let Some(column) = column {
            fields.push(Field::new(&path.name, path.ty.arrow(), true));
            columns.push(column);
        }
        unfolded.push(path);
    }
    (RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap(), unfolded)
}

pub(crate) fn segment(
    folder: &Path,
    name: &str,
    table: &str,
    columns: &[Column],
    rows: &[Row],
    has: &dyn Fn(&str) -> bool,
) -> Segment {
    let all = batch(columns, rows).unwrap();
    let kept: Vec<usize> = (0..columns.len())
        .filter(|place| columns[*place].name == "TimeGenerated" || has(&columns[*place].name))
        .collect();
    let (batch, unfolded) = wide(&all.project(&kept).unwrap(), table);
    let file = folder.join(format!("{name}.parquet"));
    let mut writer = ArrowWriter::try_new(File::create(&file).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let bytes = std::fs::metadata(&file).unwrap().len();
    Segment { file, bytes, rows: u64::try_from(rows.len()).unwrap(), span: TimeSpan::ALWAYS, unfolded }
}

pub(crate) fn parts(
    folder: &Path,
    table: &str,
    columns: &[Column],
    rows: &[Row],
    has: &dyn Fn(&str) -> bool,
) -> TableParts {
    let third = rows.len() / 3;
    TableParts {
        segments: vec![
            segment(folder, &format!("{table}-1"), table, columns, &rows[..third], has),
            segment(folder, &format!("{table}-2"), table, columns, &rows[third..2 * third], has),
        ],
        hot: vec![batch(columns, &rows[2 * third..]).unwrap()],
        hold: None,
    }
}
