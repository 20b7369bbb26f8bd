//! Operators between values that answer yes or no, and what else can stand there.

use super::{Parsed, Parser};
use crate::{ArithmeticOp, CompareOp, Expr, ExprKind, ListMatch, ListTest, LogicOp, TextMatch, TextTest, lexer::Kind};

/// The operator at which the parser stands.
#[derive(Clone, Copy)]
pub(super) enum Here {
    Logic(LogicOp),
    Compare(CompareOp),
    Arithmetic(ArithmeticOp),
    /// `has`, `in`, `between`, `matches`, `:`, perhaps after `!`.
    Word,
}

impl Here {
    pub(super) fn level(self) -> u8 {
        match self {
            Self::Logic(LogicOp::Or) => 0,
            Self::Logic(LogicOp::And) => 1,
            Self::Compare(_) | Self::Word => 2,
            Self::Arithmetic(ArithmeticOp::Add | ArithmeticOp::Subtract) => 3,
            Self::Arithmetic(_) => 4,
        }
    }
}

/// The word, what it looks for, whether case matters, whether it says no.
const TEXT_TESTS: [(&str, TextMatch, bool, bool); 21] = [
    ("has", TextMatch::Has, false, false),
    ("has_cs", TextMatch::Has, true, false),
    ("hasprefix", TextMatch::HasPrefix, false, false),
    ("hasprefix_cs", TextMatch::HasPrefix, true, false),
    ("hassuffix", TextMatch::HasSuffix, false, false),
    ("hassuffix_cs", TextMatch::HasSuffix, true, false),
    ("contains", TextMatch::Contains, false, false),
    ("contains_cs", TextMatch::Contains, true, false),
    ("containscs", TextMatch::Contains, true, false),
    ("notcontains", TextMatch::Contains, false, true),
    ("notcontains_cs", TextMatch::Contains, true, true),
    ("notcontainscs", TextMatch::Contains, true, true),
    ("startswith", TextMatch::StartsWith, false, false),
    ("startswith_cs", TextMatch::StartsWith, true, false),
    ("endswith", TextMatch::EndsWith, false, false),
    ("endswith_cs", TextMatch::EndsWith, true, false),
    ("like", TextMatch::Like, false, false),
    ("likecs", TextMatch::Like, true, false),
    ("notlike", TextMatch::Like, false, true),
    ("notlikecs", TextMatch::Like, true, true),
    ("matches", TextMatch::Regex, true, false),
];
const LISTS: [(&str, ListMatch); 3] =
    [("in", ListMatch::In), ("has_any", ListMatch::HasAny), ("has_all", ListMatch::HasAll)];

impl Parser {
    pub(super) fn operator_here(&self) -> Option<Here> {
        Some(match self.kind() {
            Kind::Word(word) => match word.as_str() {
                "or" => Here::Logic(LogicOp::Or),
                "and" => Here::Logic(LogicOp::And),
                "between" => Here::Word,
                word => {
                    let known = TEXT_TESTS.iter().any(|test| test.0 == word) || LISTS.iter().any(|test| test.0 == word);
                    return known.then_some(Here::Word);
                }
            },
            Kind::Mark(mark) => match *mark {
                "==" => Here::Compare(CompareOp::Equal),
                "!=" | "<>" => Here::Compare(CompareOp::NotEqual),
                "=~" => Here::Compare(CompareOp::Like),
                "!~" => Here::Compare(CompareOp::NotLike),
                "<" => Here::Compare(CompareOp::Less),
                "<=" => Here::Compare(CompareOp::LessOrEqual),
                ">" => Here::Compare(CompareOp::Greater),
                ">=" => Here::Compare(CompareOp::GreaterOrEqual),
                "!" => Here::Word,
                ":" if self.searching => Here::Word,
                "+" => Here::Arithmetic(ArithmeticOp::Add),
                "-" => Here::Arithmetic(ArithmeticOp::Subtract),
                "*" => Here::Arithmetic(ArithmeticOp::Multiply),
                "/" => Here::Arithmetic(ArithmeticOp::Divide),
                "%" => Here::Arithmetic(ArithmeticOp::Modulo),
                _ => return None,
            },
            _ => return None,
        })
    }

    pub(super) fn test(&mut self, left: Expr) -> Parsed<Expr> {
        if self.eat(":") {
            let test = TextTest { what: TextMatch::Has, negated: false, cased: false };
            return self.text_test(left, test);
        }
        let negated = self.eat("!");
        let Kind::Word(word) = self.kind().clone() else {
            return Err(self.expected("an operator such as `has` or `in`"));
        };
        if word == "between" {
            return self.between(left, negated);
        }
        if let Some((_, what)) = LISTS.iter().find(|test| test.0 == word) {
            return self.list_test(left, *what, negated);
        }
        let Some((_, what, cased, says_no)) = TEXT_TESTS.iter().find(|test| test.0 == word) else {
            return Err(self.expected("an operator such as `has` or `in`"));
        };
        self.advance();
        if *what == TextMatch::Regex {
            self.need_word("regex")?;
        }
        self.text_test(left, TextTest { what: *what, negated: negated != *says_no, cased: *cased })
    }

    fn text_test(&mut self, left: Expr, test: TextTest) -> Parsed<Expr> {
        let right = self.operand()?;
        let span = left.span.to(right.span);
        Ok(Expr { kind: ExprKind::Text(test, Box::new(left), Box::new(right)), span })
    }

    fn between(&mut self, value: Expr, negated: bool) -> Parsed<Expr> {
        self.advance();
        self.need("(")?;
        let low = self.expr()?;
        self.need("..")?;
        let high = self.expr()?;
        self.need(")")?;
        let span = value.span.to(self.last_span());
        let kind = ExprKind::Between { negated, value: Box::new(value), low: Box::new(low), high: Box::new(high) };
        Ok(Expr { kind, span })
    }

    fn list_test(&mut self, value: Expr, what: ListMatch, negated: bool) -> Parsed<Expr> {
        self.advance();
        let cased = what == ListMatch::In && !self.is_mark("~");
        self.eat("~");
        self.need("(")?;
        let list = self.list(")", Self::pipe)?;
        let span = value.span.to(self.last_span());
        Ok(Expr { kind: ExprKind::List(ListTest { what, negated, cased }, Box::new(value), list), span })
    }
}
