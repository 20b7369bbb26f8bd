use super::{MAX_LINKS, Parsed, Parser};
use crate::{Arg, BinaryOp, Expr, ExprKind, KqlError, Literal, error::Problem, lexer::Kind};

const TEXT_TESTS: [&str; 18] = [
    "has",
    "has_cs",
    "contains",
    "contains_cs",
    "containscs",
    "startswith",
    "startswith_cs",
    "endswith",
    "endswith_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "like",
    "notlike",
    "likecs",
    "notcontains",
    "notcontainscs",
];
const LISTS: [&str; 3] = ["in", "has_any", "has_all"];

impl Parser {
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| parser.binary(0))
    }

    /// What may stand before a word such as `in` that is not meant as a test.
    pub(super) fn sum(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| parser.binary(3))
    }

    fn binary(&mut self, floor: u8) -> Parsed<Expr> {
        let mut left = self.unary()?;
        for _ in 0..MAX_LINKS {
            let Some((level, op)) = self.operator_here().filter(|(level, _)| *level >= floor) else { return Ok(left) };
            left = match op {
                Some(op) => self.simple(left, level, op)?,
                None => self.test(left)?,
            };
        }
        Err(KqlError::new(Problem::TooDeep, self.span()))
    }

    fn simple(&mut self, left: Expr, level: u8, op: BinaryOp) -> Parsed<Expr> {
        self.advance();
        let right = self.deeper(|parser| parser.binary(level + 1))?;
        let span = left.span.to(right.span);
        Ok(Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span })
    }

    fn operator_here(&self) -> Option<(u8, Option<BinaryOp>)> {
        Some(match self.kind() {
            Kind::Word(word) => match word.as_str() {
                "or" => (0, Some(BinaryOp::Or)),
                "and" => (1, Some(BinaryOp::And)),
                "between" | "matches" => (2, None),
                word if TEXT_TESTS.contains(&word) || LISTS.contains(&word) => (2, None),
                _ => return None,
            },
            Kind::Mark(mark) => match *mark {
                "==" | "!=" | "=~" | "!~" | "<" | ">" | "<=" | ">=" | "<>" => (2, Some(BinaryOp::Test)),
                ":" => return None,
                "!" => (2, None),
                "+" => (3, Some(BinaryOp::Add)),
                "-" => (3, Some(BinaryOp::Subtract)),
                "*" => (4, Some(BinaryOp::Multiply)),
                "/" => (4, Some(BinaryOp::Divide)),
                "%" => (4, Some(BinaryOp::Modulo)),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn test(&mut self, left: Expr) -> Parsed<Expr> {
        let negated = self.eat("!");
        let word = self.name()?.text;
        if word == "between" {
            self.need("(")?;
            let low = self.expr()?;
            self.need("..")?;
            let high = self.expr()?;
            self.need(")")?;
            let span = left.span.to(self.last_span());
            return Ok(Expr { kind: ExprKind::Between(Box::new(left), Box::new(low), Box::new(high)), span });
        }
        if LISTS.contains(&word.as_str()) {
            let insensitive = self.eat("~");
            self.need("(")?;
            let list = self.list(")", Self::pipe)?;
            let span = left.span.to(self.last_span());
            let word = format!("{}{word}{}", if negated { "!" } else { "" }, if insensitive { "~" } else { "" });
            return Ok(Expr { kind: ExprKind::In(word, Box::new(left), list), span });
        }
        if word == "matches" {
            self.need_word("regex")?;
        } else if !TEXT_TESTS.contains(&word.as_str()) {
            return Err(self.expected("an operator such as `has` or `in`"));
        }
        let right = self.deeper(|parser| parser.binary(3))?;
        let span = left.span.to(right.span);
        Ok(Expr { kind: ExprKind::Binary(BinaryOp::Test, Box::new(left), Box::new(right)), span })
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.span();
        if self.eat("-") || self.eat("+") {
            let inner = self.deeper(Self::unary)?;
            let span = start.to(inner.span);
            return Ok(Expr { kind: ExprKind::Negate(Box::new(inner)), span });
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        let mut value = self.primary()?;
        for _ in 0..MAX_LINKS {
            let start = value.span;
            let dotted = self.eat(".");
            let indexed = matches!(self.kind(), Kind::Bracketed(_) | Kind::Mark("["));
            let kind = if dotted && !indexed {
                let name = self.name()?;
                if self.eat("(") {
                    ExprKind::Method(Box::new(value), name, self.arguments()?)
                } else {
                    ExprKind::Path(Box::new(value), name)
                }
            } else if let Kind::Bracketed(text) = self.kind().clone() {
                let span = self.span();
                self.advance();
                let key = Expr { kind: ExprKind::Literal(Literal::String(text)), span };
                ExprKind::Index(Box::new(value), Box::new(key))
            } else if self.eat("[") {
                let key = self.expr()?;
                self.need("]")?;
                ExprKind::Index(Box::new(value), Box::new(key))
            } else {
                return Ok(value);
            };
            value = Expr { kind, span: start.to(self.last_span()) };
        }
        Err(KqlError::new(Problem::TooDeep, self.span()))
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let span = self.span();
        let literal = match self.kind().clone() {
            Kind::String(mut text) => {
                while let Kind::String(more) = self.kind_at(1) {
                    text.push_str(&more.clone());
                    self.advance();
                }
                Literal::String(text)
            }
            Kind::Long(text) => Literal::Long(text),
            Kind::Real(text) => Literal::Real(text),
            Kind::Timespan(text) => Literal::Timespan(text),
            Kind::Typed(type_name, text) => Literal::Typed { type_name, text },
            Kind::Word(word) if word == "true" || word == "false" => Literal::Bool(word == "true"),
            Kind::Word(_) | Kind::Bracketed(_) => return self.named(),
            Kind::Mark("(") => return self.parenthesis(),
            Kind::Mark("{") => return self.braces(),
            Kind::Mark("*") => {
                self.advance();
                return Ok(Expr { kind: ExprKind::Star("*".to_owned()), span });
            }
            _ => return Err(self.expected("a value")),
        };
        self.advance();
        Ok(Expr { kind: ExprKind::Literal(literal), span: span.to(self.last_span()) })
    }

    fn named(&mut self) -> Parsed<Expr> {
        if self.is_word("view") && self.mark_at(1, "(") {
            self.advance();
            return self.parenthesis();
        }
        let name = self.name()?;
        let span = name.span;
        if name.text == "typeof" && self.is_mark("(") {
            let text = self.type_of()?;
            return Ok(Expr { kind: ExprKind::TypeOf(text), span: span.to(self.last_span()) });
        }
        let kind = if self.eat("(") { ExprKind::Call(name, self.arguments()?) } else { ExprKind::Name(name) };
        let value = Expr { kind, span: span.to(self.last_span()) };
        Ok(value)
    }

    fn parenthesis(&mut self) -> Parsed<Expr> {
        if self.begins_function() {
            return self.function();
        }
        let start = self.span();
        self.need("(")?;
        let mut inner = self.deeper(Self::pipe)?;
        self.need(")")?;
        inner.span = start.to(self.last_span());
        Ok(inner)
    }

    pub(super) fn arguments(&mut self) -> Parsed<Vec<Arg>> {
        self.list(")", |parser| parser.arg_with(Self::pipe))
    }

    /// Items with commas up to a closing mark, which is eaten.
    pub(super) fn list<T>(&mut self, close: &'static str, item: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        loop {
            if self.eat(close) {
                return Ok(items);
            }
            items.push(self.deeper(&item)?);
            if !self.eat(",") {
                self.need(close)?;
                return Ok(items);
            }
        }
    }
}
