//! From tokens to a filter. `not` binds tighter than `and`, `and` tighter than `or` (OData URL conventions 5.1.1.14).

use super::lexer::{Token, tokens};
use super::{Comparison, Filter, FilterError, Literal};

const MAX_DEPTH: u8 = 24;

pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.chars().count(), conditions: 0 };
    let filter = parser.or(0)?;
    if parser.peek().is_some() { Err(parser.unexpected("`and`, `or` or the end")) } else { Ok(filter) }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    end: usize,
    conditions: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    fn unexpected(&self, expected: &'static str) -> FilterError {
        let position = self.tokens.get(self.at).map_or(self.end, |(position, _)| *position);
        FilterError::Unexpected { position, expected }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(next)) if next == word);
        if found {
            self.at += 1;
        }
        found
    }

    fn take(&mut self, token: &Token, expected: &'static str) -> Result<(), FilterError> {
        if self.peek() != Some(token) {
            return Err(self.unexpected(expected));
        }
        self.at += 1;
        Ok(())
    }

    fn or(&mut self, depth: u8) -> Result<Filter, FilterError> {
        let mut left = self.and(depth)?;
        while self.take_word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and(depth)?));
        }
        Ok(left)
    }

    fn and(&mut self, depth: u8) -> Result<Filter, FilterError> {
        let mut left = self.unary(depth)?;
        while self.take_word("and") {
            left = Filter::And(Box::new(left), Box::new(self.unary(depth)?));
        }
        Ok(left)
    }

    fn unary(&mut self, depth: u8) -> Result<Filter, FilterError> {
        if depth >= MAX_DEPTH {
            return Err(FilterError::TooDeep);
        }
        if self.take_word("not") {
            return Ok(Filter::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.or(depth + 1)?;
            self.take(&Token::Close, "a closing parenthesis")?;
            return Ok(inner);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Filter, FilterError> {
        // INVARIANT: a chain of `and` becomes a tree as deep as it is long; this bounds every walk over it.
        self.conditions += 1;
        if self.conditions > Filter::MAX_CONDITIONS {
            return Err(FilterError::TooLong);
        }
        if self.take_word("startswith") {
            return self.starts_with();
        }
        let property = self.property()?;
        if self.take_word("in") {
            return Ok(Filter::In { property, literals: self.list()? });
        }
        let comparison = self.operator()?;
        Ok(Filter::Compare { property, comparison, literal: self.literal()? })
    }

    fn starts_with(&mut self) -> Result<Filter, FilterError> {
        self.take(&Token::Open, "an opening parenthesis")?;
        let property = self.property()?;
        self.take(&Token::Comma, "a comma")?;
        let literal = self.literal()?;
        self.take(&Token::Close, "a closing parenthesis")?;
        Ok(Filter::Compare { property, comparison: Comparison::StartsWith, literal })
    }

    fn property(&mut self) -> Result<Vec<String>, FilterError> {
        let Some(Token::Word(word)) = self.peek().cloned() else { return Err(self.unexpected("a property")) };
        let path: Vec<String> = word.split('/').map(str::to_owned).collect();
        let is_name = |name: &String| {
            name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if !path.iter().all(is_name) {
            return Err(self.unexpected("a property"));
        }
        self.at += 1;
        Ok(path)
    }

    fn operator(&mut self) -> Result<Comparison, FilterError> {
        let operators = [
            ("eq", Comparison::Equal),
            ("ne", Comparison::NotEqual),
            ("gt", Comparison::Greater),
            ("ge", Comparison::GreaterOrEqual),
            ("lt", Comparison::Less),
            ("le", Comparison::LessOrEqual),
        ];
        for (name, comparison) in operators {
            if self.take_word(name) {
                return Ok(comparison);
            }
        }
        Err(self.unexpected("`eq`, `ne`, `gt`, `ge`, `lt`, `le` or `in`"))
    }

    fn list(&mut self) -> Result<Vec<Literal>, FilterError> {
        self.take(&Token::Open, "an opening parenthesis")?;
        let mut literals = vec![self.literal()?];
        while self.peek() == Some(&Token::Comma) {
            self.at += 1;
            literals.push(self.literal()?);
        }
        self.take(&Token::Close, "a closing parenthesis")?;
        Ok(literals)
    }

    fn literal(&mut self) -> Result<Literal, FilterError> {
        let refusal = self.unexpected("a value");
        match self.next() {
            Some(Token::Text(text)) => Ok(Literal::Text(text)),
            Some(Token::Word(word)) => Ok(match word.as_str() {
                "null" => Literal::Null,
                "true" => Literal::Boolean(true),
                "false" => Literal::Boolean(false),
                other => match other.parse::<f64>() {
                    Ok(number) if number.is_finite() => Literal::Number(number),
                    // A GUID or a moment stands without quotes; anything else must be quoted.
                    _ if other.starts_with(|first: char| first.is_ascii_hexdigit()) => Literal::Text(word),
                    _ => return Err(refusal),
                },
            }),
            _ => Err(refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn holds(filter: &str) -> bool {
        let object = json!({
            "displayName": "Agent-One", "accountEnabled": true, "count": 3, "none": null, "tags": ["a", "b"],
            "status": {"errorCode": 0}, "id": "4c390976-b2b7-42e0-9187-c6be3bead001", "when": "2026-11-21T10:00:00Z",
        });
        Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}")).matches(object.as_object().unwrap())
    }

    #[test]
    fn compares_as_graph_does() {
        for yes in [
            "displayName eq 'agent-one'",
            "startswith(displayName,'AGENT')",
            "accountEnabled eq true and count ge 3",
            "status/errorCode eq 0",
            "id eq 4c390976-b2b7-42e0-9187-c6be3bead001",
            "id in ('x', '4C390976-b2b7-42e0-9187-c6be3bead001')",
            "when ge 2026-11-21T09:59:59Z and when lt 2026-11-21T10:00:00.5Z",
            "none eq null and missing eq null",
            "not (count lt 3) or displayName eq 'x'",
            "displayName eq 'a' or count eq 3 and accountEnabled eq true",
            "displayName ne 'it''s'",
        ] {
            assert!(holds(yes), "{yes}");
        }
        for no in ["displayName eq 'agent'", "count gt 3", "missing eq 'x'", "missing gt 1", "displayName gt 5"] {
            assert!(!holds(no), "{no}");
        }
    }

    #[test]
    fn says_where_it_stops_understanding() {
        let position = |text| match Filter::parse(text) {
            Err(FilterError::Unexpected { position, .. }) => position,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            [position(""), position("a"), position("a eq"), position("a eq b'"), position("a eq 1 x")],
            [0, 1, 4, 6, 7]
        );
        assert_eq!(
            [position("a eq 'x"), position("(a eq 1"), position("a like 'x'"), position("1 eq 1")],
            [5, 7, 2, 0]
        );
        assert_eq!(Filter::parse(&"not ".repeat(100)), Err(FilterError::TooDeep));
        let chain = |length| vec!["a eq 1"; length].join(" and ");
        assert_eq!(Filter::parse(&chain(Filter::MAX_CONDITIONS + 1)), Err(FilterError::TooLong));
        assert_eq!(Filter::parse(&chain(Filter::MAX_CONDITIONS)).unwrap().conjuncts().len(), Filter::MAX_CONDITIONS);
    }

    proptest! {
        #[test]
        fn never_panics(text in "[ a-z0-9'(),/:-]{0,60}") {
            if let Ok(filter) = Filter::parse(&text) {
                filter.matches(&serde_json::Map::new());
            }
        }
    }
}
