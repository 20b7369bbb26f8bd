//! What a query means with what its tenant keeps.

use super::words::{literal, words};
use super::{LogFunction, Watchlist};
use crate::refusal::QueryRefused;
use signet_kql::{Column, Row};
use signet_store::{BackendError, Kind, ListQuery, Liveness, Object, TenantStore};
use std::collections::BTreeMap;

const GET_WATCHLIST: &str = "_GetWatchlist";
/// Functions of one tenant that are looked at.
pub(super) const MOST: usize = 200;

/// A query that needs nothing any more of what its tenant keeps.
#[derive(Debug, Default)]
pub(crate) struct Expanded {
    /// Definitions, then the query.
    pub(crate) text: String,
    /// How much of the text stands before the query.
    pub(crate) before: usize,
    /// Lists, as tables under the names that the text has for them.
    pub(crate) lists: BTreeMap<String, (Vec<Column>, Vec<Row>)>,
}

/// Puts the functions that a query names in front of it, and lists in their places.
pub(crate) async fn expand(store: &TenantStore, text: &str) -> Result<Expanded, QueryRefused> {
    let functions = functions(store, text).await?;
    let mut definitions = Vec::new();
    define(text, &functions, &mut Vec::new(), &mut definitions);
    let before: String = definitions.concat();
    let mut expanded = Expanded { before: before.len(), text: before + text, ..Expanded::default() };
    lists(store, &mut expanded).await?;
    Ok(expanded)
}

/// The tenant's functions by name; none if the query has no name that is not a table's or the language's own.
async fn functions(store: &TenantStore, text: &str) -> Result<BTreeMap<String, LogFunction>, QueryRefused> {
    if words(text).is_empty() {
        return Ok(BTreeMap::new());
    }
    let query =
        ListQuery { kinds: vec![LogFunction::NAME], liveness: Liveness::Live, after: None, limit: MOST, index: None };
    let page = store.list(query).await.map_err(failed)?;
    let mut functions = BTreeMap::new();
    for row in page.items {
        if let Some(found) = Object::<LogFunction>::from_row(store.id(), row).map_err(failed)? {
            functions.insert(found.body.display_name.clone(), found.body);
        }
    }
    Ok(functions)
}

/// Definitions of what a text names, those that others need first. One that needs itself is left as it is: then it is no
/// known name.
fn define(
    text: &str,
    functions: &BTreeMap<String, LogFunction>,
    begun: &mut Vec<String>,
    definitions: &mut Vec<String>,
) {
    for (_, word) in words(text) {
        let Some(function) = functions.get(word) else { continue };
        if begun.iter().any(|name| name == word) {
            continue;
        }
        begun.push(word.to_owned());
        define(&function.query, functions, begun, definitions);
        definitions.push(function.definition());
    }
}

/// Puts a table where a list is named.
async fn lists(store: &TenantStore, expanded: &mut Expanded) -> Result<(), QueryRefused> {
    let calls: Vec<Call> =
        words(&expanded.text).into_iter().filter_map(|(at, word)| call(&expanded.text, at, word)).collect();
    for (number, Call { at, length, name }) in calls.into_iter().enumerate() {
        let found = Watchlist::find(store, &name).await.map_err(failed)?;
        let list = found.ok_or_else(|| QueryRefused::NoWatchlist(name.clone()))?;
        // Shorter than the shortest call: `_GetWatchlist('x')`.
        let table = format!("_Watchlist{number}");
        let place = format!("{table:length$}");
        expanded.text.replace_range(at..at + length, &place);
        expanded.lists.insert(table, list.body.table(list.modified));
    }
    Ok(())
}

/// Where a list is named.
struct Call {
    at: usize,
    length: usize,
    name: String,
}

fn call(text: &str, at: usize, word: &str) -> Option<Call> {
    if word != GET_WATCHLIST {
        return None;
    }
    let after = text.get(at + word.len()..)?;
    let inside = after.trim_start().strip_prefix('(')?.trim_start();
    let quoted = inside.get(..literal(inside)?)?;
    let end = inside.get(quoted.len()..)?.trim_start().strip_prefix(')')?;
    let name = quoted.trim_start_matches('@').trim_matches(['\'', '"']);
    Some(Call { at, length: text.len() - at - end.len(), name: name.to_owned() })
}

fn failed(error: BackendError) -> QueryRefused {
    QueryRefused::Failed(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str, query: &str) -> (String, LogFunction) {
        let function = LogFunction {
            display_name: name.to_owned(),
            description: None,
            parameters: None,
            query: query.to_owned(),
            other: serde_json::Map::new(),
        };
        (name.to_owned(), function)
    }

    #[test]
    fn what_others_need_stands_first_and_what_nobody_names_stands_nowhere() {
        let functions =
            BTreeMap::from([function("A", "B | count"), function("B", "AuditLogs"), function("C", "AuditLogs")]);
        let mut definitions = Vec::new();
        define("A | union A // C", &functions, &mut Vec::new(), &mut definitions);
        assert_eq!(definitions, ["let B = () { AuditLogs\n};\n", "let A = () { B | count\n};\n"]);
    }

    #[test]
    fn a_circle_ends() {
        let functions = BTreeMap::from([function("A", "B"), function("B", "A")]);
        let mut definitions = Vec::new();
        define("A", &functions, &mut Vec::new(), &mut definitions);
        assert_eq!(definitions.len(), 2);
    }

    #[test]
    fn a_list_is_named_by_a_text_however_it_is_spaced() {
        for text in ["_GetWatchlist('hosts')", "_GetWatchlist ( \"hosts\" )", "_GetWatchlist(@'hosts')"] {
            let found = call(text, 0, GET_WATCHLIST).unwrap();
            assert_eq!((found.name.as_str(), found.length), ("hosts", text.len()), "{text}");
        }
        assert!(call("_GetWatchlist(name)", 0, GET_WATCHLIST).is_none());
        assert!(call("_GetWatchlist('a', 'b')", 0, GET_WATCHLIST).is_none());
    }
}
