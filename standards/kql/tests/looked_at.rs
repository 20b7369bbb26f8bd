//! Of a table only what anybody looks at has to be handed over.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use signet_kql::{Catalog, Column, Script, Type};

fn looked_at(query: &str, table: &str) -> Option<Vec<&'static str>> {
    const NAMES: [&str; 4] = ["A", "B", "C", "D"];
    let columns: Vec<Column> = NAMES.map(|name| Column::new(name, Type::String)).to_vec();
    let tables = ["T", "U"].map(|name| (name.to_owned(), columns.clone()));
    let catalog = Catalog { tables: tables.into(), ..Catalog::default() };
    let script = Script::parse(query).unwrap();
    let plan = script.bind(&catalog).unwrap();
    let read = plan.looked_at().get(table).cloned()?;
    Some(NAMES.into_iter().zip(read).filter(|(_, read)| *read).map(|(name, _)| name).collect())
}

#[test]
fn what_comes_out_or_is_compared_is_looked_at() {
    for (query, wanted) in [
        ("T", vec!["A", "B", "C", "D"]),
        ("T | count", vec![]),
        ("T | where B == 'x' | project A", vec!["A", "B"]),
        ("T | extend E = strcat(C, D) | summarize count() by E", vec!["C", "D"]),
        ("T | summarize arg_max(A, *) by B", vec!["A", "B", "C", "D"]),
        ("T | where * has 'x' | project A", vec!["A", "B", "C", "D"]),
        ("search 'x' | project A", vec!["A", "B", "C", "D"]),
        ("T | project-away A | project B", vec!["B"]),
        ("U | join kind=inner (T | where C == 'x') on A | project B1", vec!["A", "B", "C"]),
        ("U | where A in ((T | where D == 'x' | project C))", vec!["C", "D"]),
        ("let t = T | where D == 'x'; union (t | project A), (t | project B)", vec!["A", "B", "C", "D"]),
        ("union (T | project A), (T | where B == 'x' | project A)", vec!["A", "B"]),
    ] {
        assert_eq!(looked_at(query, "T"), Some(wanted), "{query}");
    }
    assert_eq!(looked_at("U | count", "T"), None);
}
