//! An answer on a terminal, as JSON, or as comma-separated values.

use crate::output::Output;
use serde_json::{Map, Value};

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Aligned columns, or one below the other where a terminal has no room for them.
    Table,
    /// A list of objects.
    Json,
    /// RFC 4180.
    Csv,
}

/// Columns and rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

impl Table {
    /// The first table of a server's answer.
    pub(super) fn read(answer: &Value) -> Option<Self> {
        let table = answer.pointer("/tables/0")?;
        let column = |column: &Value| column.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let columns = table.get("columns")?.as_array()?.iter().map(column).collect();
        let rows = table.get("rows")?.as_array()?.iter().filter_map(Value::as_array).cloned().collect();
        Some(Self { columns, rows })
    }

    pub(super) fn print(&self, output: Output, shape: Shape) {
        match shape {
            Shape::Table => {
                let columns: Vec<(&str, &str)> =
                    self.columns.iter().map(|name| (name.as_str(), name.as_str())).collect();
                output.wide_list(&self.objects(), &columns);
                let count = self.rows.len();
                output.note(&output.dim(&format!("{count} {}", if count == 1 { "row" } else { "rows" })));
            }
            Shape::Json => output.json(&Value::Array(self.objects())),
            Shape::Csv => self.csv_lines().iter().for_each(|line| output.line(line)),
        }
    }

    fn objects(&self) -> Vec<Value> {
        let object = |row: &Vec<Value>| -> Value {
            let members: Map<String, Value> = self.columns.iter().cloned().zip(row.iter().cloned()).collect();
            Value::Object(members)
        };
        self.rows.iter().map(object).collect()
    }

    /// SPEC: RFC 4180 2; a line ends with LF, as other tools on this system write it.
    fn csv_lines(&self) -> Vec<String> {
        let line =
            |cells: &mut dyn Iterator<Item = String>| cells.map(|cell| quoted(&cell)).collect::<Vec<_>>().join(",");
        let heading = line(&mut self.columns.iter().cloned());
        let rows = self.rows.iter().map(|row| line(&mut row.iter().map(text)));
        std::iter::once(heading).chain(rows).collect()
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rfc4180_what_separates_is_quoted_and_quotes_are_doubled() {
        let table = Table::read(&json!({"tables": [{"columns": [{"name": "a"}, {"name": "b,c"}], "rows": [
            ["x\"y", 1], [null, "two\nlines"], ["plain", true]]}]}))
        .unwrap();
        assert_eq!(table.csv_lines(), ["a,\"b,c\"", "\"x\"\"y\",1", ",\"two\nlines\"", "plain,true"]);
    }

    #[test]
    fn what_is_no_table_is_none() {
        for answer in [json!({}), json!({"tables": []}), json!({"tables": [{"columns": 1}]})] {
            assert_eq!(Table::read(&answer), None, "{answer}");
        }
    }
}
