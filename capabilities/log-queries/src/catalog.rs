//! What exists for a query: the tables, by the names and types of the published reference.

use signet_kql::{Catalog, Column, Row};
use signet_logs::tables::{HIDDEN, tables};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog {
    // Which of them may be read is looked at when a query runs.
    external: vec!["*".to_owned()],
    tables: tables().iter().map(|table| (table.name.to_owned(), table.columns.clone())).collect(),
    ..Catalog::default()
});

/// The tables of every tenant.
pub fn catalog() -> &'static Catalog {
    &CATALOG
}

/// The same, and lists of one tenant under the names that a query has for them.
pub(crate) fn with_lists(lists: &BTreeMap<String, (Vec<Column>, Vec<Row>)>) -> Cow<'static, Catalog> {
    if lists.is_empty() {
        return Cow::Borrowed(catalog());
    }
    let mut more = catalog().clone();
    more.tables.extend(lists.iter().map(|(name, (columns, _))| (name.clone(), columns.clone())));
    Cow::Owned(more)
}

/// Which columns of an answer are shown: those that a table hides only if the text names them.
pub(crate) fn shown(columns: &[Column], text: &str) -> Vec<bool> {
    let asked = |name: &str| !HIDDEN.contains(&name) || text.contains(name);
    columns.iter().map(|column| asked(&column.name)).collect()
}
