//! The tables that queries see: their columns, where their rows lie, and how a stored record becomes a row.
//!
//! Names and types are those of the published reference, checked against it by a test; what it lacks is in `own.txt`. A
//! table may be a view: the chain of each token is read from the same record as its sign-in. Values that are the same
//! for all rows of a table are not stored.

mod envelope;
mod row;
mod views;

pub use row::{Received, ticks, value_of};

use signet_graph::JsonMap;
use signet_kql::{Column, Type};
use std::sync::LazyLock;

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name, to the letter.
    pub name: &'static str,
    /// Its columns, then those that the service hides ([`HIDDEN`]).
    pub columns: Vec<Column>,
    /// Where its rows lie.
    pub held: Held,
}

/// Where the rows of a table lie.
#[derive(Debug, Clone, Copy)]
pub enum Held {
    /// In this table of the record; the function makes of what a record holds the columns that it does not hold, or not so.
    Record(&'static str, fn(&JsonMap) -> Made),
    /// In the directory, as it is now.
    Directory,
    /// Nowhere yet.
    Nothing,
}

/// Columns that are made of others.
pub type Made = Vec<(&'static str, serde_json::Value)>;

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Record(one, _), Self::Record(another, _)) => one == another,
            (Self::Directory, Self::Directory) | (Self::Nothing, Self::Nothing) => true,
            _ => false,
        }
    }
}

/// Columns that every table has and no answer shows unless it was asked for them: when the record was durable, which
/// record it is, and what it is about.
pub const HIDDEN: [&str; 3] = ["_TimeReceived", "_ItemId", "_ResourceId"];

const PUBLISHED: &str = include_str!("tables/published.txt");
const OWN: &str = include_str!("tables/own.txt");

static ALL: LazyLock<Vec<Table>> =
    LazyLock::new(|| [PUBLISHED, OWN].into_iter().flat_map(parse).map(complete).collect());

/// Every table, by name.
pub fn tables() -> &'static [Table] {
    &ALL
}

/// The table of this name.
pub fn table(name: &str) -> Option<&'static Table> {
    ALL.iter().find(|table| table.name == name)
}

/// A name, then indented lines of `column:type`.
fn parse(text: &'static str) -> Vec<(&'static str, Vec<Column>)> {
    let mut tables: Vec<(&str, Vec<Column>)> = Vec::new();
    for line in text.lines() {
        if !line.starts_with(' ') {
            tables.push((line, Vec::new()));
            continue;
        }
        let Some((_, columns)) = tables.last_mut() else { continue };
        columns.extend(line.split_whitespace().filter_map(|column| {
            let (name, kind) = column.split_once(':')?;
            Some(Column::new(name, Type::named(kind)?))
        }));
    }
    tables
}

fn complete((name, mut columns): (&'static str, Vec<Column>)) -> Table {
    let everywhere = [
        ("TenantId", Type::String),
        ("TimeGenerated", Type::DateTime),
        ("SourceSystem", Type::String),
        ("Type", Type::String),
    ];
    let hidden = HIDDEN.into_iter().zip([Type::DateTime, Type::String, Type::String]);
    for (column, kind) in everywhere.into_iter().chain(hidden) {
        if !columns.iter().any(|known| known.name == column) {
            columns.push(Column::new(column, kind));
        }
    }
    Table { name, columns, held: views::held(name) }
}
