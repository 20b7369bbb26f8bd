//! `getschema`.

use super::Row;
use crate::{Column, Value};

pub(super) fn rows(columns: &[Column]) -> Vec<Row> {
    let system = |ty: crate::Type| match ty {
        crate::Type::Bool => "System.SByte",
        crate::Type::Int => "System.Int32",
        crate::Type::Long => "System.Int64",
        crate::Type::Real => "System.Double",
        crate::Type::Decimal => "System.Data.SqlTypes.SqlDecimal",
        crate::Type::String => "System.String",
        crate::Type::DateTime => "System.DateTime",
        crate::Type::TimeSpan => "System.TimeSpan",
        crate::Type::Guid => "System.Guid",
        crate::Type::Dynamic => "System.Object",
    };
    let row = |(index, column): (usize, &Column)| {
        vec![
            Value::text(column.name.as_str()),
            Value::Long(i64::try_from(index).unwrap_or(0)),
            Value::text(system(column.ty)),
            Value::text(column.ty.name()),
        ]
    };
    columns.iter().enumerate().map(row).collect()
}
