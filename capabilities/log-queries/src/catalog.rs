//! What exists for a query: the tables, by the names and types of the published reference.

use signet_kql::{Catalog, Column};
use signet_logs::tables::{HIDDEN, tables};
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog {
    tables: tables().iter().map(|table| (table.name.to_owned(), table.columns.clone())).collect(),
    ..Catalog::default()
});

/// The tables of every tenant.
pub(crate) fn catalog() -> &'static Catalog {
    &CATALOG
}

/// Which columns of an answer are shown: those that a table hides only if the text names them.
pub(crate) fn shown(columns: &[Column], text: &str) -> Vec<bool> {
    let asked = |name: &str| !HIDDEN.contains(&name) || text.contains(name);
    columns.iter().map(|column| asked(&column.name)).collect()
}
