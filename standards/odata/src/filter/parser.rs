//! From tokens to an expression. From loose to tight: `or`, `and`, `not`, comparisons with `in` and `has`, `add` and
//! `sub`, `mul` and `div`, the minus sign (OData URL conventions 5.1.1.17). `not` takes in the comparison that follows
//! it, as Graph reads it. Operators and functions are read without regard to case (OData 4.01).

mod operand;

use super::FilterError;
use super::expr::{Choices, Expr, Operator};
use super::lexer::{Token, tokens};
use crate::constant::Constant;

/// How deep parentheses, calls and lambdas nest.
const MAX_DEPTH: usize = 24;
/// How many operators follow another of their rank, in all: `1 add 1 add …`. Each makes the tree one taller.
const MAX_LINKS: usize = 32;
/// How many parts an expression has.
const MAX_PARTS: usize = 1_000;
/// How many values stand in one list.
const MAX_LIST: usize = 500;
/// The longest expression, in bytes.
const MAX_LENGTH: usize = 32 * 1024;

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Expr, FilterError> {
    let mut parser = Parser::new(text)?;
    let expr = parser.expression()?;
    if parser.at_end() { Ok(expr) } else { Err(parser.unexpected("`and`, `or` or the end")) }
}

/// Reads expressions separated by commas, each with the words that may follow it.
pub(crate) fn parse_list(text: &str, words: &[&str]) -> Result<Vec<(Expr, Option<String>)>, FilterError> {
    let mut parser = Parser::new(text)?;
    let mut list = Vec::new();
    loop {
        let expr = parser.expression()?;
        let word = words.iter().find(|word| parser.take_word(word)).map(|word| (*word).to_owned());
        list.push((expr, word));
        if parser.at_end() {
            return Ok(list);
        }
        parser.take(',', "a comma or the end")?;
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    end: usize,
    parts: usize,
    links: usize,
    depth: usize,
    variables: Vec<String>,
}

impl Parser {
    fn new(text: &str) -> Result<Self, FilterError> {
        if text.len() > MAX_LENGTH {
            return Err(FilterError::TooLong);
        }
        let end = text.chars().count();
        Ok(Self { tokens: tokens(text)?, at: 0, end, parts: 0, links: 0, depth: 0, variables: Vec::new() })
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn peek_after(&self) -> Option<&Token> {
        self.tokens.get(self.at + 1).map(|(_, token)| token)
    }

    fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn unexpected(&self, expected: &'static str) -> FilterError {
        let (position, found) = self
            .tokens
            .get(self.at)
            .map_or_else(|| (self.end, "the end".to_owned()), |(position, token)| (*position, token.to_string()));
        FilterError::Unexpected { position, found, expected }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn take_mark(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(&Token::Mark(mark));
        self.at += usize::from(found);
        found
    }

    fn take(&mut self, mark: char, expected: &'static str) -> Result<(), FilterError> {
        if self.take_mark(mark) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// Reads something nested.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, FilterError>) -> Result<T, FilterError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FilterError::TooDeep);
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Counts a part of the expression.
    ///
    /// INVARIANT: no tree has more nodes than a small multiple of this, which bounds every walk over it.
    fn part(&mut self) -> Result<(), FilterError> {
        self.parts += 1;
        if self.parts > MAX_PARTS { Err(FilterError::TooLong) } else { Ok(()) }
    }

    fn expression(&mut self) -> Result<Expr, FilterError> {
        self.nested(Self::or)
    }

    fn or(&mut self) -> Result<Expr, FilterError> {
        let first = self.and()?;
        let mut parts = vec![first];
        while self.take_word("or") {
            parts.push(self.and()?);
        }
        Ok(alone(parts, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, FilterError> {
        let first = self.not()?;
        let mut parts = vec![first];
        while self.take_word("and") {
            parts.push(self.not()?);
        }
        Ok(alone(parts, Expr::And))
    }

    fn not(&mut self) -> Result<Expr, FilterError> {
        if self.take_word("not") {
            self.part()?;
            return Ok(Expr::Not(Box::new(self.nested(Self::not)?)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, FilterError> {
        let mut left = self.sum()?;
        for at in 0.. {
            if self.take_word("in") {
                left = Expr::In(Box::new(left), self.choices()?);
            } else if let Some(operator) = self.operator(&Operator::COMPARING) {
                left = Expr::Binary(operator, Box::new(left), Box::new(self.sum()?));
            } else {
                break;
            }
            self.link(at)?;
        }
        Ok(left)
    }

    /// Counts an operator that follows `before` others of its rank.
    fn link(&mut self, before: usize) -> Result<(), FilterError> {
        self.links += usize::from(before > 0);
        if self.links > MAX_LINKS { Err(FilterError::TooLong) } else { Ok(()) }
    }

    fn sum(&mut self) -> Result<Expr, FilterError> {
        self.chain(&Operator::ADDING, |parser| parser.chain(&Operator::MULTIPLYING, Self::signed))
    }

    /// Operands joined by operators of one rank, from left to right.
    fn chain(
        &mut self,
        operators: &[Operator],
        operand: impl Fn(&mut Self) -> Result<Expr, FilterError>,
    ) -> Result<Expr, FilterError> {
        let mut left = operand(self)?;
        for at in 0.. {
            let Some(operator) = self.operator(operators) else { break };
            left = Expr::Binary(operator, Box::new(left), Box::new(operand(self)?));
            self.link(at)?;
        }
        Ok(left)
    }

    fn operator(&mut self, among: &[Operator]) -> Option<Operator> {
        among.iter().copied().find(|operator| self.take_word(operator.name()))
    }

    fn signed(&mut self) -> Result<Expr, FilterError> {
        if !self.take_mark('-') {
            return self.operand();
        }
        self.part()?;
        if let Some(number) = self.negative_number() {
            return Ok(Expr::Constant(number));
        }
        Ok(Expr::Negative(Box::new(self.nested(Self::signed)?)))
    }

    fn negative_number(&mut self) -> Option<Constant> {
        let number = match self.peek()? {
            Token::Number(digits) => Constant::bare(&format!("-{digits}"))?,
            Token::Word(word) if word == "INF" => Constant::Number(f64::NEG_INFINITY),
            _ => return None,
        };
        self.at += 1;
        Some(number)
    }

    fn choices(&mut self) -> Result<Choices, FilterError> {
        if !self.take_mark('(') {
            return Ok(Choices::Collection(self.path()?));
        }
        let mut list = Vec::new();
        loop {
            list.push(self.constant()?);
            if list.len() > MAX_LIST {
                return Err(FilterError::TooManyValues);
            }
            if !self.take_mark(',') {
                self.take(')', "a comma or a closing parenthesis")?;
                return Ok(Choices::Listed(list));
            }
        }
    }
}

/// The only one there is, or all of them joined.
fn alone(mut parts: Vec<Expr>, join: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    if parts.len() > 1 {
        return join(parts);
    }
    parts.pop().unwrap_or(Expr::Constant(Constant::Null))
}
