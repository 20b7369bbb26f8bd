//! What storage tells the engine about a table.

use std::{any::Any, path::PathBuf, sync::Arc};

use arrow::{
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
    error::ArrowError,
    record_batch::RecordBatch,
};
use serde::{Deserialize, Serialize};
use signet_kernel::TenantId;
use signet_kql::{Column, Type};

/// From when until when, in microseconds since 1970; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeSpan {
    /// The first moment.
    pub from: i64,
    /// The last moment.
    pub until: i64,
}

impl TimeSpan {
    /// All of time.
    pub const ALWAYS: Self = Self { from: i64::MIN, until: i64::MAX };

    /// Whether the two have a moment in common.
    pub fn meets(self, other: Self) -> bool {
        self.from <= other.until && other.from <= self.until
    }
}

/// One Parquet file.
///
/// It has the columns of the table by their names and in the types of [`arrow_schema`], sorted by `TimeGenerated` as
/// far as the writer can, with statistics of `TimeGenerated` for each row group; a column that it lacks is empty. A
/// column of type string holds no null: what is missing is the empty text. Beside them stand the unfolded columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// A file on this machine; of a remote store, the source keeps a copy.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// How many rows it has.
    pub rows: u64,
    /// The span of its `TimeGenerated`.
    pub span: TimeSpan,
    /// What is unfolded in it.
    pub unfolded: Vec<Unfolded>,
}

/// A column that holds what lies at a path within another column.
///
/// Three things hold for every row of the segment, or the path is not unfolded there: what lies at the path is null,
/// missing or of this type; nothing on the way is a text; and the column is null just where nothing lies there. So the
/// value is what `tostring(Column.path)`, `tostring(parse_json(tostring(Column.a)).b)` and the like all come to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unfolded {
    /// `Column.path`, such as `TargetResources[0].displayName`.
    pub name: String,
    /// What all its values are.
    pub ty: UnfoldedType,
}

/// What the values of an unfolded column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum UnfoldedType {
    /// There are none: nothing lies at the path in any row, and there is no column.
    Nothing,
    /// Texts, without quotation marks: `Utf8`.
    Text,
    /// Whole numbers: `Int64`.
    Long,
    /// True or false: `Boolean`.
    Bool,
}

impl UnfoldedType {
    /// The Arrow type.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text | Self::Nothing => DataType::Utf8,
            Self::Long => DataType::Int64,
            Self::Bool => DataType::Boolean,
        }
    }
}

/// One tenant's table, as it is at one moment: each row in just one segment or among those that are handed over.
#[derive(Clone, Default)]
pub struct TableParts {
    /// What is in Parquet.
    pub segments: Vec<Segment>,
    /// What is not, as rows of the directory and of lists are not: batches with columns as in a segment, in any order;
    /// unfolded columns are not needed.
    pub hot: Vec<RecordBatch>,
    /// Keeps the files where they are for as long as this is held.
    pub hold: Option<Arc<dyn Any + Send + Sync>>,
}

impl TableParts {
    /// The same, without those columns of the rows at hand that nobody looks at: they are handed over for each query.
    pub fn with_columns(mut self, is_read: impl Fn(&str) -> bool) -> Result<Self, ArrowError> {
        let narrowed = |batch: &RecordBatch| {
            let fields = batch.schema_ref().fields().iter().enumerate();
            let kept: Vec<usize> = fields.filter(|(_, field)| is_read(field.name())).map(|(place, _)| place).collect();
            batch.project(&kept)
        };
        self.hot = self.hot.iter().map(narrowed).collect::<Result<_, _>>()?;
        Ok(self)
    }
}

impl std::fmt::Debug for TableParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TableParts({} segments, {} hot batches)", self.segments.len(), self.hot.len())
    }
}

/// Why a table could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{table}` could not be read: {why}")]
pub struct SourceError {
    /// The table.
    pub table: String,
    /// Why.
    pub why: String,
}

/// Where tables are kept: what storage implements.
#[async_trait::async_trait]
pub trait TableSource: Send + Sync {
    /// One tenant's table. Segments and hot rows that lie wholly outside `span` may be left out.
    async fn parts(&self, tenant: TenantId, table: &str, span: TimeSpan) -> Result<TableParts, SourceError>;
}

/// The Arrow columns of a table: datetime as microseconds in UTC, timespan as hundreds of nanoseconds, dynamic as JSON
/// text, guid and string as text. Every column may be null but those of type string.
pub fn arrow_schema(columns: &[Column]) -> SchemaRef {
    let field = |column: &Column| Field::new(&column.name, arrow_type(column.ty), true);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn arrow_type(ty: Type) -> DataType {
    match ty {
        Type::Bool => DataType::Boolean,
        Type::Int | Type::Long | Type::TimeSpan => DataType::Int64,
        Type::Real | Type::Decimal => DataType::Float64,
        Type::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Type::String | Type::Guid | Type::Dynamic => DataType::Utf8,
    }
}
