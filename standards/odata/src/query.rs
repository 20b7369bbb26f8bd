//! System query options.

use crate::escape::decode;

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
}

/// The system query options of a request. Options without `$` are not OData's and are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryOptions {
    /// `$select`: property names; empty means all.
    pub select: Vec<String>,
    /// `$top`
    pub top: Option<usize>,
    /// `$skiptoken`
    pub skip_token: Option<String>,
    /// `$filter`, as sent.
    pub filter: Option<String>,
}

impl QueryOptions {
    /// The most objects on a page.
    pub const MAX_TOP: usize = 999;

    /// Reads a query string.
    pub fn parse(query: &str) -> Result<Self, QueryError> {
        let mut options = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, true).ok_or(QueryError::Escape)?;
            let value = decode(value, true).ok_or(QueryError::Escape)?;
            if !name.starts_with('$') {
                continue;
            }
            if seen.contains(&name) {
                return Err(QueryError::Duplicate(name));
            }
            options.set(&name, value)?;
            seen.push(name);
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), QueryError> {
        match name {
            "$select" => {
                self.select =
                    value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
            }
            "$top" => {
                let top = value.parse().ok().filter(|top| (1..=Self::MAX_TOP).contains(top));
                self.top = Some(top.ok_or(QueryError::Top)?);
            }
            "$skiptoken" => self.skip_token = Some(value),
            "$filter" => self.filter = Some(value),
            // Accepted and never needed: reads here are always consistent, and answers are always JSON.
            "$format" if value == "json" || value == "application/json" => {}
            _ => return Err(QueryError::Unsupported(name.to_owned())),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_options_and_ignores_what_is_not_odatas() {
        let options = QueryOptions::parse("$select=id,%20displayName&$top=5&x=1&$filter=a%20eq+%27b%27").unwrap();
        assert_eq!((options.select, options.top), (vec!["id".to_owned(), "displayName".to_owned()], Some(5)));
        assert_eq!(options.filter.as_deref(), Some("a eq 'b'"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-z$&=%0-9+,é]{0,60}") {
            let _ = QueryOptions::parse(&text);
        }
    }

    #[test]
    fn refuses_what_it_would_have_to_ignore() {
        for wrong in
            ["$top=0", "$top=1000", "$top=x", "$expand=a", "$count=true", "$search=a", "$top=1&$top=2", "$x=%zz"]
        {
            assert!(QueryOptions::parse(wrong).is_err(), "{wrong}");
        }
    }
}
