//! From words to a rule.

use super::property::{Property, Type, find};
use super::token::{Placed, Token, tokens};
use super::{Alternative, Moment, Node, Operator, Quantifier, RuleError, Test, Value, Wrong};
use regex::RegexBuilder;
use signet_kernel::ObjectId;

/// How deep parentheses and negations nest.
const DEEPEST: usize = 50;
/// The size of a compiled pattern, in bytes.
const LARGEST_PATTERN: usize = 64 * 1024;

pub(super) fn rule(text: &str) -> Result<Node, RuleError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.chars().count() + 1 };
    let node = parser.alternatives(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(node),
        Some((position, _)) => Err(expected(*position, "-and, -or or the end")),
    }
}

struct Parser {
    tokens: Vec<Placed>,
    at: usize,
    end: usize,
}

fn wrong(position: usize, wrong: Wrong) -> RuleError {
    RuleError { position, wrong }
}

fn expected(position: usize, what: &'static str) -> RuleError {
    wrong(position, Wrong::Expected(what))
}

impl Parser {
    fn position(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(position, _)| *position)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).map(|(_, token)| token.clone());
        self.at += 1;
        token
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|(_, next)| next == token);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = |token: &Token| matches!(token, Token::Word(next) if next.eq_ignore_ascii_case(word));
        let found = self.tokens.get(self.at).is_some_and(|(_, next)| is(next));
        self.at += usize::from(found);
        found
    }

    fn require(&mut self, token: &Token, what: &'static str) -> Result<(), RuleError> {
        let position = self.position();
        if self.take(token) { Ok(()) } else { Err(expected(position, what)) }
    }

    fn word(&mut self, what: &'static str) -> Result<String, RuleError> {
        let position = self.position();
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(expected(position, what)),
        }
    }

    fn text(&mut self, what: &'static str) -> Result<String, RuleError> {
        let position = self.position();
        match self.next() {
            Some(Token::Text(text)) => Ok(text),
            _ => Err(expected(position, what)),
        }
    }

    fn alternatives(&mut self, depth: usize) -> Result<Node, RuleError> {
        let mut nodes = vec![self.conjunction(depth)?];
        while self.take_word("or") {
            nodes.push(self.conjunction(depth)?);
        }
        Ok(Node::Any(nodes))
    }

    fn conjunction(&mut self, depth: usize) -> Result<Node, RuleError> {
        let mut nodes = vec![self.single(depth)?];
        while self.take_word("and") {
            nodes.push(self.single(depth)?);
        }
        Ok(Node::All(nodes))
    }

    fn single(&mut self, depth: usize) -> Result<Node, RuleError> {
        if depth > DEEPEST {
            return Err(wrong(self.position(), Wrong::TooDeep));
        }
        if self.take_word("not") {
            return Ok(Node::Not(Box::new(self.single(depth + 1)?)));
        }
        if self.take(&Token::Open) {
            let node = self.alternatives(depth + 1)?;
            self.require(&Token::Close, "')'")?;
            return Ok(node);
        }
        if self.take_word("Direct") {
            return self.direct_reports();
        }
        self.comparison()
    }

    /// `Direct Reports for "{id}"`.
    fn direct_reports(&mut self) -> Result<Node, RuleError> {
        let position = self.position();
        if !(self.take_word("Reports") && self.take_word("for")) {
            return Err(expected(position, "'Direct Reports for' and a person's id"));
        }
        self.id().map(Node::ReportsTo)
    }

    fn id(&mut self) -> Result<ObjectId, RuleError> {
        let position = self.position();
        self.text("an id in quotes")?.parse().map_err(|_| expected(position, "a GUID in quotes"))
    }

    fn comparison(&mut self) -> Result<Node, RuleError> {
        let position = self.position();
        let name = self.word("a property such as user.department")?;
        let (_, short) = name
            .split_once('.')
            .filter(|(object, _)| object.eq_ignore_ascii_case("user"))
            .ok_or_else(|| wrong(position, Wrong::Property(name.clone())))?;
        if short.eq_ignore_ascii_case("memberOf") {
            return self.member_of();
        }
        let property = find(short).ok_or_else(|| wrong(position, Wrong::Property(name.clone())))?;
        if property.kind == Type::Texts {
            self.items(property)
        } else {
            Ok(Node::Compare(property, self.test(property)?))
        }
    }

    /// `-any (group.objectId -in ["…"])`.
    fn member_of(&mut self) -> Result<Node, RuleError> {
        let position = self.position();
        let opened = self.take_word("any") && self.take(&Token::Open);
        if !(opened && self.take_word("group.objectId") && self.take_word("in")) {
            return Err(expected(position, "-any (group.objectId -in [\"…\"])"));
        }
        let mut groups = Vec::new();
        self.require(&Token::ListOpen, "'['")?;
        while !self.take(&Token::ListClose) {
            groups.push(self.id()?);
            if !self.take(&Token::Comma) {
                self.require(&Token::ListClose, "']'")?;
                break;
            }
        }
        self.require(&Token::Close, "')'")?;
        Ok(Node::MemberOf(groups))
    }

    /// `-any (_ -contains "x" -and …)`.
    fn items(&mut self, property: &'static Property) -> Result<Node, RuleError> {
        let position = self.position();
        let quantifier = if self.take_word("any") {
            Quantifier::Any
        } else if self.take_word("all") {
            Quantifier::All
        } else {
            return Err(expected(position, "-any or -all, as for every collection,"));
        };
        self.require(&Token::Open, "'('")?;
        let mut alternatives = vec![self.item_tests(property)?];
        while self.take_word("or") {
            alternatives.push(self.item_tests(property)?);
        }
        self.require(&Token::Close, "')'")?;
        Ok(Node::Items(property, quantifier, alternatives))
    }

    fn item_tests(&mut self, property: &'static Property) -> Result<Alternative, RuleError> {
        let mut tests = Vec::new();
        loop {
            let position = self.position();
            if !self.take_word("_") {
                return Err(expected(position, "'_', the item,"));
            }
            tests.push(self.test(property)?);
            if !self.take_word("and") {
                return Ok(tests);
            }
        }
    }

    fn test(&mut self, property: &Property) -> Result<Test, RuleError> {
        let position = self.position();
        let word = self.word("an operator")?;
        let lower = word.to_ascii_lowercase();
        let (negated, plain) = match lower.as_str() {
            "ne" => (true, "eq"),
            other => other.strip_prefix("not").map_or((false, other), |plain| (true, plain)),
        };
        let is_text = matches!(property.kind, Type::Text | Type::Texts);
        let operator = match plain {
            "eq" => Operator::Equals(self.value(property)?),
            "in" => Operator::In(self.values(property)?),
            "startswith" if is_text => Operator::StartsWith(self.text("a text in quotes")?.to_lowercase()),
            "contains" if is_text => Operator::Contains(self.text("a text in quotes")?.to_lowercase()),
            "match" if is_text => self.pattern()?,
            "le" if property.kind == Type::Moment => Operator::NotAfter(self.moment()?),
            "ge" if property.kind == Type::Moment => Operator::NotBefore(self.moment()?),
            "startswith" | "contains" | "match" | "le" | "ge" => return Err(wrong(position, Wrong::DoesNotApply)),
            _ => return Err(wrong(position, Wrong::Operator(word))),
        };
        Ok(Test { negated, operator })
    }

    fn pattern(&mut self) -> Result<Operator, RuleError> {
        let position = self.position();
        let pattern = self.text("a regular expression in quotes")?;
        let built = RegexBuilder::new(&pattern).case_insensitive(true).size_limit(LARGEST_PATTERN).build();
        built.map(Operator::Matches).map_err(|_| wrong(position, Wrong::Pattern))
    }

    fn values(&mut self, property: &Property) -> Result<Vec<Value>, RuleError> {
        self.require(&Token::ListOpen, "'['")?;
        let mut values = Vec::new();
        while !self.take(&Token::ListClose) {
            values.push(self.value(property)?);
            if !self.take(&Token::Comma) {
                self.require(&Token::ListClose, "']'")?;
                break;
            }
        }
        Ok(values)
    }

    /// A value of the property's type, or null.
    fn value(&mut self, property: &Property) -> Result<Value, RuleError> {
        if self.take_word("null") || self.take_word("$null") {
            return Ok(Value::Null);
        }
        let position = self.position();
        match property.kind {
            Type::Moment => self.moment().map(Value::Moment),
            Type::Bool if self.take_word("true") => Ok(Value::Bool(true)),
            Type::Bool if self.take_word("false") => Ok(Value::Bool(false)),
            Type::Bool => Err(wrong(position, Wrong::Value)),
            Type::Text | Type::Texts => match self.next() {
                Some(Token::Text(text)) => Ok(Value::Text(text.to_lowercase())),
                Some(Token::Word(_)) => Err(wrong(position, Wrong::Value)),
                _ => Err(expected(position, "a text in quotes")),
            },
        }
    }

    /// `"2026-01-01T00:00:00Z"`, `system.now`, `system.now -plus p5d`.
    fn moment(&mut self) -> Result<Moment, RuleError> {
        if !self.take_word("system.now") {
            let position = self.position();
            let text = self.text("a moment in quotes, or system.now,")?;
            return text.parse().map(Moment::At).map_err(|_| wrong(position, Wrong::Value));
        }
        let sign = if self.take_word("plus") {
            1
        } else if self.take_word("minus") {
            -1
        } else {
            return Ok(Moment::Days(0));
        };
        let position = self.position();
        let word = self.word("a number of days such as p30d")?.to_ascii_lowercase();
        let days = word.strip_prefix('p').and_then(|word| word.strip_suffix('d')).and_then(|days| days.parse().ok());
        let days = days.filter(|days: &i64| (0..=36_500).contains(days));
        days.map(|days| Moment::Days(sign * days)).ok_or_else(|| expected(position, "a number of days such as p30d"))
    }
}
