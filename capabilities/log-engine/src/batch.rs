//! Rows of values as columns, for tables that are not kept in columns.

use std::{borrow::Cow, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray},
    error::ArrowError,
    record_batch::RecordBatch,
};
use signet_kql::{Column, Row, Type, Value};

use crate::arrow_schema;

/// 1970 in hundreds of nanoseconds since the year 1.
pub(crate) const UNIX: i64 = 621_355_968_000_000_000;

/// Rows as a batch in the types of [`arrow_schema`]. A moment is cut to the microsecond.
pub fn batch(columns: &[Column], rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let arrays = columns
        .iter()
        .enumerate()
        .map(|(place, column)| array(column.ty, rows.iter().map(move |row| row.get(place).unwrap_or(&Value::Null))));
    RecordBatch::try_new(arrow_schema(columns), arrays.collect())
}

fn array<'v>(ty: Type, values: impl Iterator<Item = &'v Value>) -> ArrayRef {
    match ty {
        Type::Bool => Arc::new(
            values
                .map(|value| match value {
                    Value::Bool(value) => Some(*value),
                    _ => None,
                })
                .collect::<BooleanArray>(),
        ),
        Type::Int | Type::Long | Type::TimeSpan => Arc::new(
            values
                .map(|value| match value {
                    Value::Long(value) | Value::TimeSpan(value) => Some(*value),
                    _ => None,
                })
                .collect::<Int64Array>(),
        ),
        Type::Real | Type::Decimal => Arc::new(
            values
                .map(|value| match value {
                    Value::Real(value) => Some(*value),
                    Value::Long(value) => Some(*value as f64),
                    _ => None,
                })
                .collect::<Float64Array>(),
        ),
        Type::DateTime => {
            let moments = values.map(|value| match value {
                Value::DateTime(ticks) => Some(ticks.saturating_sub(UNIX).div_euclid(10)),
                _ => None,
            });
            Arc::new(moments.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        Type::Dynamic => Arc::new(values.map(json).collect::<StringArray>()),
        Type::String => Arc::new(values.map(|value| Some(text(value))).collect::<StringArray>()),
        Type::Guid => Arc::new(values.map(|value| (!value.is_null()).then(|| text(value))).collect::<StringArray>()),
    }
}

/// What `tostring( )` gives.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_text()),
    }
}

fn json(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(serde_json::Value::from(&**text).to_string()),
        Value::DateTime(_) | Value::TimeSpan(_) | Value::Guid(_) => {
            Some(serde_json::Value::from(value.to_text()).to_string())
        }
        Value::Real(real) => Some(serde_json::Value::from(*real).to_string()),
        other => Some(other.to_text()),
    }
}
