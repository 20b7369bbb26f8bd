//! One tenant's table as the columnar engine reads it: files and the hot tail side by side.

use std::{fmt, sync::Arc};

use arrow::{
    array::{ArrayRef, new_null_array},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    datasource::{
        TableType,
        listing::PartitionedFile,
        memory::MemorySourceConfig,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
    },
    error::{DataFusionError, Result},
    execution::object_store::ObjectStoreUrl,
    logical_expr::Expr,
    object_store::path::Path,
    physical_plan::{ExecutionPlan, empty::EmptyExec, union::UnionExec},
};
use signet_kql::Column;

use super::repr::Repr;
use crate::{Segment, TableParts, Unfolded, UnfoldedType, unfold};

/// A table: its columns, then what is unfolded everywhere.
pub(super) struct Parts {
    schema: SchemaRef,
    segments: Vec<Segment>,
    hot: Vec<RecordBatch>,
    unfolded: Vec<Unfolded>,
    reprs: Vec<(String, Repr)>,
    _hold: Option<Arc<dyn std::any::Any + Send + Sync>>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} segments, {} hot batches", self.segments.len(), self.hot.len())
    }
}

impl Parts {
    /// A table of these columns, for a query; none where a column is of a type that is not stored.
    pub(super) fn new(columns: &[Column], parts: &TableParts, query: &str) -> Option<Self> {
        let reprs: Option<Vec<(String, Repr)>> =
            columns.iter().map(|column| Some((column.name.clone(), Repr::stored(column.ty)?))).collect();
        let reprs = reprs?;
        let mut fields: Vec<Field> = reprs.iter().map(|(name, repr)| Field::new(name, repr.arrow(), true)).collect();
        let unfolded = everywhere(parts, query);
        for path in &unfolded {
            let ty = if path.ty.arrow() == DataType::Utf8 { DataType::Utf8View } else { path.ty.arrow() };
            fields.push(Field::new(&path.name, ty, true));
        }
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        Some(Self {
            schema,
            segments: parts.segments.clone(),
            hot: parts.hot.clone(),
            unfolded,
            reprs,
            _hold: parts.hold.clone(),
        })
    }

    /// The columns of the table, and how they are held.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&String, Repr)> {
        self.reprs.iter().map(|(name, repr)| (name, *repr))
    }

    pub(super) fn unfolded(&self) -> &[Unfolded] {
        &self.unfolded
    }

    fn files(&self, projection: Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>> {
        let files = self.segments.iter().map(|segment| {
            let mut file = PartitionedFile::new(String::new(), segment.bytes);
            file.object_meta.location = Path::from_absolute_path(&segment.file)
                .map_err(|error| DataFusionError::Execution(format!("a segment's name: {error}")))?;
            Ok(file)
        });
        let source = Arc::new(ParquetSource::new(self.schema.clone()).with_pushdown_filters(true));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_group(FileGroup::new(files.collect::<Result<_>>()?))
            .with_projection_indices(projection.cloned())?;
        Ok(DataSourceExec::from_data_source(config.build()))
    }
}

/// What a query may look for that is unfolded, as the same type, in each segment and in the hot tail.
fn everywhere(parts: &TableParts, query: &str) -> Vec<Unfolded> {
    let Some(first) = parts.segments.first() else { return Vec::new() };
    let names = first.unfolded.iter().map(|path| path.name.as_str());
    let names: Vec<&str> = names.filter(|name| is_asked_for(name, query)).collect();
    let hot: Vec<Vec<Unfolded>> =
        parts.hot.iter().map(|batch| unfold(batch, &names).into_iter().map(|(path, _)| path).collect()).collect();
    let all = || parts.segments.iter().map(|segment| &segment.unfolded).chain(&hot);
    let same = |name: &str| {
        let mut found = UnfoldedType::Nothing;
        for paths in all() {
            let ty = paths.iter().find(|path| path.name == name)?.ty;
            if found != UnfoldedType::Nothing && ty != UnfoldedType::Nothing && ty != found {
                return None;
            }
            found = if ty == UnfoldedType::Nothing { found } else { ty };
        }
        Some(Unfolded { name: name.to_owned(), ty: found })
    };
    names.into_iter().filter_map(same).collect()
}

/// Whether the column and the last name of a path stand in a query.
fn is_asked_for(path: &str, query: &str) -> bool {
    let column = path.split(['.', '[']).next().unwrap_or(path);
    query.contains(column) && path.rsplit(['.', ']']).next().is_none_or(|last| query.contains(last))
}

/// A hot batch with the columns that are read.
fn fitted(batch: &RecordBatch, schema: &SchemaRef, unfolded: &[Unfolded]) -> Result<RecordBatch> {
    let is_read = |path: &&Unfolded| schema.field_with_name(&path.name).is_ok();
    let names: Vec<&str> = unfolded.iter().filter(is_read).map(|path| path.name.as_str()).collect();
    let extra = unfold(batch, &names);
    let column = |field: &Arc<Field>| -> Result<ArrayRef> {
        let taken_out = extra.iter().find(|(path, _)| path.name == *field.name()).and_then(|(_, array)| array.as_ref());
        match taken_out.or_else(|| batch.column_by_name(field.name())) {
            Some(array) => Ok(cast(array, field.data_type())?),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        }
    };
    let columns = schema.fields().iter().map(column).collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}

#[async_trait]
impl TableProvider for Parts {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(projection) => Arc::new(self.schema.project(projection)?),
            None => self.schema.clone(),
        };
        let mut inputs: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        if !self.segments.is_empty() {
            inputs.push(self.files(projection)?);
        }
        if !self.hot.is_empty() {
            let fitted = |batch| fitted(batch, &schema, &self.unfolded);
            let batches = self.hot.iter().map(fitted).collect::<Result<Vec<_>>>()?;
            inputs.push(MemorySourceConfig::try_new_exec(&[batches], schema.clone(), None)?);
        }
        match inputs.len() {
            0 => Ok(Arc::new(EmptyExec::new(schema))),
            1 => inputs.pop().ok_or_else(|| DataFusionError::Internal("an input is gone".to_owned())),
            _ => UnionExec::try_new(inputs),
        }
    }
}
