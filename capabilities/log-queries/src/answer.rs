//! Columns and rows on their way out.

use serde_json::{Map, Value as Json, json};
use signet_kql::{Column, Expr, ExprKind, Operator, Script, Statement, Type, Value};
use std::time::Duration;

/// What a query came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows: a value for each column.
    pub rows: Vec<Vec<Value>>,
    /// Set if there were more rows than allowed, to how many that is; the rows are the first of them.
    pub cut_at: Option<usize>,
    /// What it took.
    pub statistics: Statistics,
    /// What `render` said.
    pub render: Option<Json>,
}

/// What a query took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// How long it ran.
    pub ran: Duration,
    /// Records and objects that were read for it.
    pub looked_at: u64,
}

impl Answer {
    /// The primary table of the service's answer.
    pub fn table(&self) -> Json {
        let columns: Vec<Json> =
            self.columns.iter().map(|column| json!({ "name": column.name, "type": column.ty.name() })).collect();
        let row = |row: &Vec<Value>| -> Json {
            row.iter().zip(&self.columns).map(|(value, column)| cell(value, column.ty)).collect()
        };
        let rows: Vec<Json> = self.rows.iter().map(row).collect();
        json!({ "name": "PrimaryResult", "columns": columns, "rows": rows })
    }

    /// What `Prefer: include-statistics` asks for.
    pub fn statistics(&self) -> Json {
        let ran = self.statistics.ran.as_secs_f64();
        json!({ "query": {
            "executionTime": ran,
            "resourceUsage": {},
            "inputDatasetStatistics": { "extents": {}, "rows": { "scanned": self.statistics.looked_at } },
            "datasetStatistics": [{ "table_row_count": self.rows.len(), "table_size": 0 }],
        } })
    }
}

/// A value as the service writes it: dynamic values, moments and spans as texts.
fn cell(value: &Value, kind: Type) -> Json {
    match (value, kind) {
        (Value::Null, Type::String) => json!(""),
        (Value::Null, _) => Json::Null,
        (Value::Bool(truth), Type::Bool) => json!(truth),
        (Value::Long(number), Type::Int | Type::Long) => json!(number),
        (Value::Long(number), Type::Real) => json!(number),
        // JSON has no such numbers; the service sends their names.
        (Value::Real(number), Type::Real) if !number.is_finite() => json!(value.to_text()),
        (Value::Real(number), Type::Real) => json!(number),
        _ => json!(value.to_text()),
    }
}

/// What the last `render` of a query says, in the service's words.
pub(crate) fn render(script: &Script) -> Option<Json> {
    let query = script.statements.iter().rev().find_map(|statement| match statement {
        Statement::Query(Expr { kind: ExprKind::Query(query), .. }) => Some(query),
        _ => None,
    })?;
    let Operator::Render { kind, properties } = &query.steps.last()?.operator else { return None };
    let mut said = Map::new();
    said.insert("visualization".to_owned(), json!(kind.text));
    for property in properties {
        let values: Vec<&str> = property.values.iter().filter_map(word).collect();
        said.insert(property.name.text.clone(), json!(values.join(",")));
    }
    Some(Json::Object(said))
}

fn word(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(&name.text),
        _ => None,
    }
}
