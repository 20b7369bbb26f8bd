//! Documents that the server had from outside, as tables of one query.

use std::collections::BTreeMap;

use signet_kql::{Column, ExternalData, ExternalError, Row, RunError, Type, Value};

use crate::{TableParts, batch};

/// What the engine calls the table of an `externaldata`; it is no name that a query can write.
pub(crate) fn name(data: &ExternalData) -> String {
    format!("{data:?}")
}

/// Documents by their addresses.
pub(crate) type Documents = BTreeMap<String, String>;

/// The rows of one `externaldata`.
pub(crate) fn rows(data: &ExternalData, documents: &Documents) -> Result<Vec<Row>, RunError> {
    let mut rows = Vec::new();
    for address in data.addresses() {
        let document = documents.get(address).ok_or_else(|| unread("no document came with the query"))?;
        rows.extend(data.rows(document).map_err(|error| wrong(&error))?);
    }
    Ok(rows)
}

/// The rows that a plan asks for as those of a table.
pub(crate) fn asked(arguments: &[Value], columns: &[Column], documents: &Documents) -> Result<Vec<Row>, RunError> {
    rows(&ExternalData::of(arguments, columns).map_err(|error| wrong(&error))?, documents)
}

/// The columns and the rows of an `externaldata` as a table; none where its columns are of a type that is not stored.
pub(crate) fn table(data: &ExternalData, documents: &Documents) -> Result<Option<(Vec<Column>, TableParts)>, RunError> {
    let columns = data.columns();
    if columns.iter().any(|column| column.ty == Type::Decimal) {
        return Ok(None);
    }
    let hot = batch(columns, &rows(data, documents)?).map_err(|error| unread(&error.to_string()))?;
    Ok(Some((columns.to_vec(), TableParts { hot: vec![hot], ..TableParts::default() })))
}

fn wrong(error: &ExternalError) -> RunError {
    unread(&error.to_string())
}

fn unread(why: &str) -> RunError {
    RunError::Source { table: ExternalData::TABLE.to_owned(), why: why.to_owned() }
}
