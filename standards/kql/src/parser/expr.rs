use super::{MAX_HEIGHT, Parsed, Parser, test::Here};
use crate::{Arg, ArithmeticOp, Expr, ExprKind, KqlError, Literal, LogicOp, UnaryOp, error::Problem, lexer::Kind};

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
        while let Some(here) = self.operator_here().filter(|here| here.level() >= floor) {
            left = match here {
                Here::Logic(op) => self.chain(left, op)?,
                Here::Arithmetic(op) => self.calculation(left, here.level(), op)?,
                Here::Compare(op) => {
                    self.advance();
                    let right = self.operand()?;
                    let span = left.span.to(right.span);
                    Expr { kind: ExprKind::Compare(op, Box::new(left), Box::new(right)), span }
                }
                Here::Word => self.test(left)?,
            };
            self.grow()?;
        }
        Ok(left)
    }

    /// One node more above what was read so far.
    fn grow(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height > MAX_HEIGHT { Err(KqlError::new(Problem::TooDeep, self.span())) } else { Ok(()) }
    }

    /// What stands to the right of a test.
    pub(super) fn operand(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| parser.binary(3))
    }

    fn chain(&mut self, first: Expr, op: LogicOp) -> Parsed<Expr> {
        let (word, level) = match op {
            LogicOp::And => ("and", 2),
            LogicOp::Or => ("or", 1),
        };
        let mut span = first.span;
        let mut parts = vec![first];
        while self.eat_word(word) {
            let part = self.deeper(|parser| parser.binary(level))?;
            span = span.to(part.span);
            parts.push(part);
        }
        Ok(Expr { kind: ExprKind::Logic(op, parts), span })
    }

    fn calculation(&mut self, left: Expr, level: u8, op: ArithmeticOp) -> Parsed<Expr> {
        self.advance();
        let right = self.deeper(|parser| parser.binary(level + 1))?;
        let span = left.span.to(right.span);
        Ok(Expr { kind: ExprKind::Arithmetic(op, Box::new(left), Box::new(right)), span })
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.span();
        let op = match (self.eat("-"), self.is_mark("+")) {
            (true, _) => UnaryOp::Minus,
            (false, true) => {
                self.advance();
                UnaryOp::Plus
            }
            _ => return self.postfix(),
        };
        let inner = self.deeper(Self::unary)?;
        let span = start.to(inner.span);
        Ok(Expr { kind: ExprKind::Unary(op, Box::new(inner)), span })
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        let mut value = self.primary()?;
        loop {
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
            self.grow()?;
        }
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
            Kind::Word(word) if ["true", "True", "TRUE"].contains(&word.as_str()) => Literal::Bool(true),
            Kind::Word(word) if ["false", "False", "FALSE"].contains(&word.as_str()) => Literal::Bool(false),
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
            let mut view = self.parenthesis()?;
            if let ExprKind::Function(function) = &mut view.kind {
                function.view = true;
            }
            return Ok(view);
        }
        let name = self.name()?;
        let span = name.span;
        if name.text == "typeof" && self.is_mark("(") {
            let spec = self.type_spec()?;
            return Ok(Expr { kind: ExprKind::TypeOf(spec), span: span.to(self.last_span()) });
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
