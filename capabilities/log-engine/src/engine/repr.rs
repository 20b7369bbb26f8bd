//! How values of the language lie in columns.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, Int64Array, StringViewArray,
        TimestampMicrosecondArray,
    },
    datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use datafusion::error::{DataFusionError, Result};
use signet_kql::{Type, Value};

pub(crate) use crate::batch::UNIX;
use crate::codec;

/// How a column holds its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Repr {
    Bool,
    Long,
    Real,
    /// Hundreds of nanoseconds.
    Span,
    /// A moment in microseconds since 1970.
    Micros,
    /// A moment in hundreds of nanoseconds since the year 1.
    Ticks,
    /// A text; null is the empty one.
    Text,
    /// A GUID as text.
    Guid,
    /// JSON text of a dynamic value.
    Json,
    /// A dynamic value that is a text, or null.
    AnyText,
    /// Any value, as bytes.
    Coded,
}

impl Repr {
    /// How a computed value of this type is held.
    pub(crate) fn of(ty: Type) -> Option<Self> {
        Some(match ty {
            Type::Bool => Self::Bool,
            Type::Int | Type::Long => Self::Long,
            Type::Real => Self::Real,
            Type::TimeSpan => Self::Span,
            Type::DateTime => Self::Ticks,
            Type::String => Self::Text,
            Type::Guid | Type::Dynamic => Self::Coded,
            Type::Decimal => return None,
        })
    }

    /// How a stored column of this type is held.
    pub(crate) fn stored(ty: Type) -> Option<Self> {
        Some(match ty {
            Type::DateTime => Self::Micros,
            Type::Dynamic => Self::Json,
            Type::Guid => Self::Guid,
            ty => return Self::of(ty),
        })
    }

    pub(crate) fn arrow(self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Long | Self::Span | Self::Ticks => DataType::Int64,
            Self::Real => DataType::Float64,
            Self::Micros => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Text | Self::Json | Self::AnyText | Self::Guid => DataType::Utf8View,
            Self::Coded => DataType::Binary,
        }
    }

    /// The value in a row.
    pub(crate) fn value(self, array: &dyn Array, row: usize) -> Value {
        if array.is_null(row) || row >= array.len() {
            return if self == Self::Text { Value::text("") } else { Value::Null };
        }
        let long = || array.as_primitive_opt::<Int64Type>().map(|array| array.value(row));
        let text = || array.as_string_view_opt().map(|array| array.value(row));
        let found = match self {
            Self::Bool => array.as_boolean_opt().map(|array| Value::Bool(array.value(row))),
            Self::Long => long().map(Value::Long),
            Self::Span => long().map(Value::TimeSpan),
            Self::Ticks => long().map(Value::DateTime),
            Self::Real => array.as_primitive_opt::<Float64Type>().map(|array| Value::Real(array.value(row))),
            Self::Micros => array
                .as_primitive_opt::<TimestampMicrosecondType>()
                .map(|array| Value::DateTime(array.value(row).saturating_mul(10).saturating_add(UNIX))),
            Self::Text | Self::AnyText => text().map(Value::text),
            Self::Guid => text().and_then(guid),
            Self::Json => text().map(Value::from_json),
            Self::Coded => array.as_binary_opt::<i32>().and_then(|array| codec::Reader(array.value(row)).value()),
        };
        found.unwrap_or_default()
    }

    /// A column of these values.
    pub(crate) fn column(self, values: impl Iterator<Item = Value>) -> Result<ArrayRef> {
        let mut wrong = None;
        let mut take = |value: &Value| {
            if !value.is_null() {
                wrong = Some(format!("a value that is not {self:?}: {}", value.to_text()));
            }
        };
        let array: ArrayRef = match self {
            Self::Bool => Arc::new(collect::<BooleanArray, bool>(values, |value| match value {
                Value::Bool(value) => Some(value),
                other => {
                    take(&other);
                    None
                }
            })),
            Self::Long | Self::Span | Self::Ticks => {
                Arc::new(collect::<Int64Array, i64>(values, |value| match (self, value) {
                    (Self::Long, Value::Long(value))
                    | (Self::Span, Value::TimeSpan(value))
                    | (Self::Ticks, Value::DateTime(value)) => Some(value),
                    (_, other) => {
                        take(&other);
                        None
                    }
                }))
            }
            Self::Micros => {
                let array = collect::<TimestampMicrosecondArray, i64>(values, |value| match value {
                    Value::DateTime(ticks) => Some(ticks.saturating_sub(UNIX).div_euclid(10)),
                    other => {
                        take(&other);
                        None
                    }
                });
                Arc::new(array.with_timezone("UTC"))
            }
            Self::Real => Arc::new(collect::<Float64Array, f64>(values, |value| match value {
                Value::Real(value) => Some(value),
                Value::Long(value) => Some(value as f64),
                other => {
                    take(&other);
                    None
                }
            })),
            Self::Text | Self::AnyText => Arc::new(collect::<StringViewArray, Arc<str>>(values, |value| match value {
                Value::String(text) => Some(text),
                other => {
                    take(&other);
                    None
                }
            })),
            Self::Guid => Arc::new(collect::<StringViewArray, String>(values, |value| {
                (!value.is_null()).then(|| value.to_text())
            })),
            Self::Json => Arc::new(collect::<StringViewArray, String>(values, |value| {
                let json = matches!(value, Value::Array(_) | Value::Bag(_));
                if !json {
                    take(&value);
                }
                json.then(|| value.to_text())
            })),
            Self::Coded => Arc::new(collect::<BinaryArray, Vec<u8>>(values, |value| {
                let mut bytes = Vec::new();
                codec::put(&value, &mut bytes);
                (!value.is_null()).then_some(bytes)
            })),
        };
        match wrong {
            None => Ok(array),
            Some(wrong) => Err(DataFusionError::Execution(wrong)),
        }
    }
}

fn guid(text: &str) -> Option<Value> {
    u128::from_str_radix(&text.replace('-', ""), 16).ok().map(Value::Guid)
}

fn collect<A: FromIterator<Option<T>>, T>(
    values: impl Iterator<Item = Value>,
    into: impl FnMut(Value) -> Option<T>,
) -> A {
    values.map(into).collect()
}
