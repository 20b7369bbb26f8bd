//! System query options.

use crate::escape::decode;
use crate::expand::Expand;

/// Why a query is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A broken escape.
    #[error("the query contains a broken percent-escape")]
    Escape,
    /// An option twice.
    #[error("the query option `{0}` is given more than once")]
    Duplicate(String),
    /// An option that is not OData's, or not supported.
    #[error("the query option `{0}` is not supported")]
    Unsupported(String),
    /// `$top` that is not a number.
    #[error("`$top` is a number from 1 to 999")]
    Top,
    /// A value that the option does not take.
    #[error("`{option}` takes {expected}")]
    Value {
        /// The option.
        option: &'static str,
        /// What it takes.
        expected: &'static str,
    },
}

/// The options there are, as they are named.
const NAMES: [&str; 12] = [
    "$select",
    "$expand",
    "$filter",
    "$orderby",
    "$search",
    "$count",
    "$top",
    "$skip",
    "$skiptoken",
    "$deltatoken",
    "$format",
    "$levels",
];

/// The system query options of a request. They are named with or without `$`, whatever the case; others without `$`
/// are not OData's and are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryOptions {
    /// `$select`: paths to properties; empty means all.
    pub select: Vec<String>,
    /// `$expand`
    pub expand: Vec<Expand>,
    /// `$filter`, for [`Predicate::parse`](crate::Predicate::parse).
    pub filter: Option<String>,
    /// `$orderby`, for [`OrderBy::parse`](crate::OrderBy::parse).
    pub order_by: Option<String>,
    /// `$search`, for [`Search::parse`](crate::Search::parse).
    pub search: Option<String>,
    /// `$count`
    pub count: Option<bool>,
    /// `$top`
    pub top: Option<usize>,
    /// `$skip`
    pub skip: Option<usize>,
    /// `$skiptoken`
    pub skip_token: Option<String>,
    /// `$deltatoken`
    pub delta_token: Option<String>,
    given: Vec<&'static str>,
}

impl QueryOptions {
    /// The most objects on a page.
    pub const MAX_TOP: usize = 999;

    /// Reads a query string.
    pub fn parse(query: &str) -> Result<Self, QueryError> {
        let mut options = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, true).ok_or(QueryError::Escape)?;
            let value = decode(value, true).ok_or(QueryError::Escape)?;
            let levels = name.trim_start_matches('$').eq_ignore_ascii_case("levels");
            if name.starts_with('$') || (!levels && canonical(&name).is_some()) {
                options.set(&name, value, 0)?;
            }
        }
        Ok(options)
    }

    /// The options that were given, named with `$`.
    pub fn given(&self) -> &[&'static str] {
        &self.given
    }

    /// Whether a pair of a query string, as sent, sets this option.
    pub fn sets(pair: &str, option: &str) -> bool {
        let name = pair.split('=').next().unwrap_or_default();
        decode(name, true).and_then(|name| canonical(&name)).is_some_and(|name| name == option)
    }

    pub(crate) fn set(&mut self, name: &str, value: String, depth: usize) -> Result<(), QueryError> {
        let unsupported = || QueryError::Unsupported(name.to_owned());
        let option = canonical(name).ok_or_else(unsupported)?;
        if self.given.contains(&option) {
            return Err(QueryError::Duplicate(option.to_owned()));
        }
        let refused = |expected| QueryError::Value { option, expected };
        match option {
            "$select" => self.select = paths(&value).ok_or(refused("names of properties, separated by commas"))?,
            "$expand" => self.expand = Expand::parse_list(&value, depth)?,
            "$filter" => self.filter = Some(value),
            "$orderby" => self.order_by = Some(value),
            "$search" => self.search = Some(value),
            "$count" => {
                let truth =
                    [("true", true), ("false", false)].into_iter().find(|(text, _)| value.eq_ignore_ascii_case(text));
                self.count = Some(truth.ok_or(refused("`true` or `false`"))?.1);
            }
            "$top" => {
                let top = value.parse().ok().filter(|top| (1..=Self::MAX_TOP).contains(top));
                self.top = Some(top.ok_or(QueryError::Top)?);
            }
            "$skip" => self.skip = Some(value.parse().map_err(|_| refused("a number"))?),
            "$skiptoken" if depth == 0 => self.skip_token = Some(value),
            "$deltatoken" if depth == 0 => self.delta_token = Some(value),
            // Accepted and never needed: answers are always JSON.
            "$format" if depth == 0 => {
                let json =
                    value.split(';').next().is_some_and(|kind| matches!(kind.trim(), "json" | "application/json"));
                if !json {
                    return Err(refused("`json`"));
                }
            }
            _ => return Err(unsupported()),
        }
        self.given.push(option);
        Ok(())
    }
}

/// The name of an option, given with or without `$`.
fn canonical(name: &str) -> Option<&'static str> {
    let bare = name.strip_prefix('$').unwrap_or(name);
    NAMES.into_iter().find(|known| known.strip_prefix('$').is_some_and(|known| known.eq_ignore_ascii_case(bare)))
}

fn paths(value: &str) -> Option<Vec<String>> {
    let plain = |c: char| c.is_alphanumeric() || "_-./*@".contains(c);
    let paths: Vec<String> =
        value.split(',').map(|path| path.trim().to_owned()).filter(|path| !path.is_empty()).collect();
    paths.iter().all(|path| path.chars().all(plain)).then_some(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_it_would_have_to_ignore() {
        for wrong in [
            "$top=0",
            "$top=1000",
            "$top=x",
            "$count=yes",
            "$skip=-1",
            "$apply=x",
            "$top=1&top=2",
            "$x=%zz",
            "$levels=2",
            "$format=xml",
            "$select=a'b",
            "$expand=",
            "$expand=a(",
            "$expand=a(b)",
            "$expand=a($skiptoken=x)",
            "$expand=a($top=0)",
            "$expand=a,,b",
            "$expand=a($levels=9)",
            "$expand=a/b",
            "$expand=$ref",
        ] {
            assert!(QueryOptions::parse(wrong).is_err(), "{wrong}");
        }
        let nested = format!("$expand={}a{}", "a($expand=".repeat(9), ")".repeat(9));
        assert!(QueryOptions::parse(&nested).is_err());
    }

    #[test]
    fn reads_options_and_ignores_what_is_not_odatas() {
        let options =
            QueryOptions::parse("$select=id,%20displayName&Top=5&x=1&$filter=a%20eq+%27b%2527%27&levels=1").unwrap();
        assert_eq!((options.select.clone(), options.top), (vec!["id".to_owned(), "displayName".to_owned()], Some(5)));
        assert_eq!(options.filter.as_deref(), Some("a eq 'b%27'"));
        assert_eq!(options.given(), ["$select", "$top", "$filter"]);
        assert!(QueryOptions::sets("%24skiptoken=x", "$skiptoken") && !QueryOptions::sets("x", "$skiptoken"));
    }

    #[test]
    fn expands_with_options_of_their_own() {
        let query = "$expand=owners/microsoft.graph.user($select=id,displayName;$filter=a eq ';,)';$orderby=b desc;\
                     $count=true;$levels=max;$expand=manager),members/$ref";
        let options = QueryOptions::parse(query).unwrap();
        let [owners, members] = options.expand.as_slice() else { panic!("{options:?}") };
        assert_eq!(
            (owners.relation.as_str(), owners.cast.as_deref(), owners.levels),
            ("owners", Some("user"), Some(5))
        );
        assert_eq!(owners.options.filter.as_deref(), Some("a eq ';,)'"));
        assert_eq!((owners.options.count, owners.options.expand.len()), (Some(true), 1));
        assert!(members.references && members.relation == "members");
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-z$&=%0-9+,();'é]{0,60}") {
            let _ = QueryOptions::parse(&text);
            let _ = QueryOptions::parse(&format!("$expand={text}"));
        }
    }
}
