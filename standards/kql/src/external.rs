//! What `externaldata` reads: documents as rows of declared columns.

mod delimited;

use crate::{Column, Row, Type, Value, value::convert};
use serde_json::Deserializer;

/// One `externaldata` of a query. The caller has the documents; this makes rows of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalData {
    addresses: Vec<String>,
    columns: Vec<Column>,
    format: Format,
    /// Whether the first line of each document is names.
    ignores_first: bool,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// Cells between such characters.
    Delimited(char),
    /// Each line is a row of one cell.
    Lines,
    /// All of it is one cell.
    Whole,
    /// Objects, however they are set apart.
    Json,
}

/// Why an `externaldata` has no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExternalError {
    /// An option that is not known, or is no such value.
    #[error("`externaldata` has the options `format` and `ignoreFirstRecord`, not `{0}`")]
    Option(String),
    /// A format that is not read.
    #[error("`externaldata` reads csv, tsv, psv, scsv, sohsv, txt, raw, json and multijson, not `{0}`")]
    Format(String),
    /// A document that is not written so.
    #[error("the document is no JSON at line {0}")]
    Json(usize),
}

impl ExternalData {
    /// What [`crate::Tables`] calls the table.
    pub const TABLE: &'static str = "externaldata";

    /// The table of these arguments and columns.
    pub fn of(arguments: &[Value], columns: &[Column]) -> Result<Self, ExternalError> {
        let addresses: Vec<String> = arguments.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let (mut format, mut ignores_first) = (None, false);
        for (name, value) in options(arguments) {
            match (name.to_ascii_lowercase().as_str(), value) {
                ("format", Value::String(name)) => format = Some(Format::named(name)?),
                ("ignorefirstrecord", Value::Bool(truth)) => ignores_first = *truth,
                _ => return Err(ExternalError::Option(name.to_string())),
            }
        }
        let format = match format {
            Some(format) => format,
            None => Format::implied(addresses.first().map(String::as_str).unwrap_or_default())?,
        };
        Ok(Self { addresses, columns: columns.to_vec(), format, ignores_first })
    }

    /// The addresses, each of which has a document.
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The rows of one document.
    pub fn rows(&self, document: &str) -> Result<Vec<Row>, ExternalError> {
        // A mark of the byte order is no part of the text.
        let document = document.strip_prefix('\u{feff}').unwrap_or(document);
        let skipped = usize::from(self.ignores_first);
        Ok(match self.format {
            Format::Json => return self.objects(document, skipped),
            Format::Whole => vec![self.row([document])],
            Format::Lines => {
                let lines = document.lines().skip(skipped).filter(|line| !line.is_empty());
                lines.map(|line| self.row([line])).collect()
            }
            Format::Delimited(by) => {
                let records = delimited::records(document, by).into_iter().skip(skipped);
                records.map(|cells| self.row(cells.iter().map(String::as_str))).collect()
            }
        })
    }

    /// Cells in the order of the columns; what is missing is null, or the empty text.
    fn row<'t>(&self, cells: impl IntoIterator<Item = &'t str>) -> Row {
        let mut cells = cells.into_iter();
        let cell = |column: &Column| match (cells.next(), column.ty) {
            (text, Type::String) => Value::text(text.unwrap_or_default()),
            (None | Some(""), _) => Value::Null,
            (Some(text), Type::Dynamic) => Value::from_json(text),
            (Some(text), ty) => convert(&Value::text(text), ty),
        };
        self.columns.iter().map(cell).collect()
    }

    fn objects(&self, document: &str, skipped: usize) -> Result<Vec<Row>, ExternalError> {
        let mut rows = Vec::new();
        for value in each_value(document)? {
            match Value::from_json(value) {
                Value::Array(items) => rows.extend(items.iter().map(|item| self.named(item))),
                object => rows.push(self.named(&object)),
            }
        }
        rows.drain(..skipped.min(rows.len()));
        Ok(rows)
    }

    /// Values by the names of the columns.
    fn named(&self, object: &Value) -> Row {
        let cell = |column: &Column| match (object.member(&column.name), column.ty) {
            (Value::Null, Type::String) => Value::text(""),
            (value, Type::Dynamic) => value,
            (value, Type::String) => Value::text(value.to_text()),
            (value, ty) => convert(&value, ty),
        };
        self.columns.iter().map(cell).collect()
    }
}

fn options(arguments: &[Value]) -> &[(std::sync::Arc<str>, Value)] {
    arguments
        .iter()
        .find_map(|argument| if let Value::Bag(pairs) = argument { Some(&***pairs) } else { None })
        .unwrap_or_default()
}

impl Format {
    fn named(name: &str) -> Result<Self, ExternalError> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "csv" => Self::Delimited(','),
            "tsv" => Self::Delimited('\t'),
            "psv" => Self::Delimited('|'),
            "scsv" => Self::Delimited(';'),
            "sohsv" => Self::Delimited('\u{1}'),
            "txt" => Self::Lines,
            "raw" => Self::Whole,
            "json" | "multijson" => Self::Json,
            _ => return Err(ExternalError::Format(name.to_owned())),
        })
    }

    /// What the end of an address says; cells between commas, if it says nothing.
    fn implied(address: &str) -> Result<Self, ExternalError> {
        let path = address.split(['?', '#', ';']).next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        match name.rsplit_once('.') {
            Some((_, "gz" | "zip" | "parquet" | "avro" | "orc")) => {
                Err(ExternalError::Format(name.rsplit('.').next().unwrap_or_default().to_owned()))
            }
            Some((_, end)) => Ok(Self::named(end).unwrap_or(Self::Delimited(','))),
            None => Ok(Self::Delimited(',')),
        }
    }
}

/// The values of a document, as they stand there: one after the other, perhaps with commas between.
fn each_value(document: &str) -> Result<Vec<&str>, ExternalError> {
    let (mut found, mut at) = (Vec::new(), 0);
    loop {
        let rest = document.get(at..).unwrap_or_default();
        let start = at + rest.len() - rest.trim_start_matches(|next: char| next.is_whitespace() || next == ',').len();
        let Some(rest) = document.get(start..).filter(|rest| !rest.is_empty()) else { return Ok(found) };
        let mut values = Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
        let Some(Ok(_)) = values.next() else {
            return Err(ExternalError::Json(document.get(..start).unwrap_or_default().matches('\n').count() + 1));
        };
        at = start + values.byte_offset();
        found.extend(document.get(start..at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        [("Name", Type::String), ("Size", Type::Long), ("At", Type::DateTime), ("More", Type::Dynamic)]
            .map(|(name, ty)| Column::new(name, ty))
            .to_vec()
    }

    fn read(address: &str, options: &[(&str, Value)], document: &str) -> Result<Vec<Row>, ExternalError> {
        let options = Value::bag(options.iter().map(|(name, value)| ((*name).into(), value.clone())));
        let (arguments, columns) = ([Value::text(address), options], columns());
        ExternalData::of(&arguments, &columns)?.rows(document)
    }

    fn said(rows: &[Row]) -> Vec<String> {
        rows.iter().map(|row| row.iter().map(Value::to_text).collect::<Vec<_>>().join("|")).collect()
    }

    #[test]
    fn what_is_not_known_is_refused_and_not_passed_over() {
        for (address, options, wrong) in [
            ("x", ("format", Value::text("parquet")), ExternalError::Format("parquet".to_owned())),
            ("x", ("zip", Value::Bool(true)), ExternalError::Option("zip".to_owned())),
            ("x", ("ignoreFirstRecord", Value::text("yes")), ExternalError::Option("ignoreFirstRecord".to_owned())),
        ] {
            assert_eq!(read(address, &[options], ""), Err(wrong));
        }
        assert_eq!(read("https://a/b.csv.gz?x", &[], ""), Err(ExternalError::Format("gz".to_owned())));
    }

    #[test]
    fn no_json_is_said_with_its_line() {
        for (document, line) in [("{\"Name\":1}\n{", 2), ("[1", 1), ("{}\n\nx", 3)] {
            assert_eq!(read("a.json", &[], document), Err(ExternalError::Json(line)), "{document}");
        }
    }

    #[test]
    fn cells_stand_in_the_order_of_the_columns() {
        let rows = read("https://a/b.csv?sig=1.txt", &[], "a,7,2026-01-02,\"{\"\"x\"\":1}\"\n\"b,c\",x\n").unwrap();
        assert_eq!(said(&rows), ["a|7|2026-01-02T00:00:00.0000000Z|{\"x\":1}", "b,c|||"]);
        assert_eq!(
            rows[1][1..],
            [Value::Null, Value::Null, Value::Null],
            "what is no value of its type, and what is missing"
        );
        let rows = read("b.tsv", &[("ignoreFirstRecord", Value::Bool(true))], "Name\tSize\na\t1\n").unwrap();
        assert_eq!(said(&rows), ["a|1||"]);
    }

    #[test]
    fn a_line_or_all_of_it_is_one_cell() {
        assert_eq!(said(&read("b.txt", &[], "a,b\r\n\nc").unwrap()), ["a,b|||", "c|||"]);
        assert_eq!(said(&read("b", &[("format", Value::text("RAW"))], "a\nb").unwrap()), ["a\nb|||"]);
    }

    #[test]
    fn objects_are_read_by_name_however_they_are_set_apart() {
        let wanted = ["a|1||", "b|2||[1]", "|||"];
        for document in [
            "{\"Name\":\"a\",\"Size\":1}\n{\"Size\":\"2\",\"Name\":\"b\",\"More\":[1]}\n{}",
            "\u{feff}[{\"Name\":\"a\",\"Size\":1},\n {\"Name\":\"b\",\"Size\":2,\"More\":[1]}, {\"x\":1}]",
            "{\"Name\":\"a\",\n\"Size\":1},{\"Name\":\"b\",\"Size\":2,\"More\":[1]},{}",
        ] {
            assert_eq!(said(&read("a.json", &[], document).unwrap()), wanted, "{document}");
        }
    }
}
