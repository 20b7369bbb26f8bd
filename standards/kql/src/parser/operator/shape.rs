use super::super::{Parsed, Parser};
use crate::{Expr, ExprKind, Operator, Parameter, Step, lexer::Kind};

impl Parser {
    pub(super) fn summarize(&mut self) -> Parsed<Operator> {
        self.parameters()?;
        let aggregates = if self.is_word("by") || self.ends() { Vec::new() } else { self.args()? };
        let by = if self.eat_word("by") { self.args()? } else { Vec::new() };
        Ok(Operator::Summarize { aggregates, by })
    }

    pub(super) fn make_series(&mut self) -> Parsed<Operator> {
        self.parameters()?;
        let aggregates = self.many(|parser| {
            let arg = parser.arg()?;
            if parser.eat_word("default") {
                parser.need("=")?;
                parser.expr()?;
            }
            Ok(arg)
        })?;
        self.need_word("on")?;
        let on = self.arg_with(Self::sum)?;
        if self.eat_word("in") {
            self.expr()?;
        }
        for word in ["from", "to", "step"] {
            if self.eat_word(word) {
                self.expr()?;
            }
        }
        let by = if self.eat_word("by") { self.args()? } else { Vec::new() };
        Ok(Operator::MakeSeries { aggregates, on, by })
    }

    pub(super) fn top_nested(&mut self) -> Parsed<Operator> {
        let level = |parser: &mut Self| {
            if !parser.eat_word("of") {
                parser.expr()?;
                parser.need_word("of")?;
            }
            let of = parser.arg()?;
            if parser.eat_word("with") {
                parser.need_word("others")?;
                parser.need("=")?;
                parser.expr()?;
            }
            parser.need_word("by")?;
            Ok((of, parser.sort_key()?.key))
        };
        let mut levels = vec![level(self)?];
        while self.eat(",") {
            let _ = self.eat_word("top") && self.eat("-") && self.eat_word("nested");
            levels.push(level(self)?);
        }
        Ok(Operator::TopNested(levels))
    }

    pub(super) fn render(&mut self) -> Parsed<Operator> {
        let name = self.name()?;
        let mut parameters = vec![Parameter {
            name: "visualization".to_owned(),
            value: Expr { span: name.span, kind: ExprKind::Name(name) },
        }];
        let bracketed = self.eat_word("with") && self.eat("(");
        while let Kind::Word(_) = self.kind() {
            let name = self.name()?.text.to_ascii_lowercase();
            self.need("=")?;
            let value = self.expr()?;
            parameters.push(Parameter { name, value });
            while self.eat(",") {
                if self.mark_at(1, "=") {
                    break;
                }
                self.expr()?;
            }
        }
        if bracketed {
            self.need(")")?;
        }
        Ok(Operator::Render(parameters))
    }

    pub(super) fn facet(&mut self) -> Parsed<Operator> {
        self.need_word("by")?;
        let by = self.args()?;
        if self.eat_word("with") {
            self.block()?;
        }
        Ok(Operator::Facet(by))
    }

    pub(super) fn fork(&mut self) -> Parsed<Operator> {
        let mut branches = Vec::new();
        while !self.ends() {
            if self.mark_at(1, "=") {
                self.name()?;
                self.advance();
            }
            branches.push(self.block()?);
        }
        Ok(Operator::Fork(branches))
    }

    pub(super) fn partition(&mut self) -> Parsed<Operator> {
        self.parameters()?;
        self.need_word("by")?;
        let name = self.name()?;
        let by = Expr { span: name.span, kind: ExprKind::Name(name) };
        let steps = if self.is_mark("{") {
            self.braces()?;
            Vec::new()
        } else {
            self.block()?
        };
        Ok(Operator::Partition { by, steps })
    }

    pub(super) fn block(&mut self) -> Parsed<Vec<Step>> {
        self.need("(")?;
        let _ = self.eat("|");
        let mut steps = Vec::new();
        loop {
            steps.push(self.step()?);
            if !self.eat("|") {
                self.need(")")?;
                return Ok(steps);
            }
        }
    }

    pub(super) fn reduce(&mut self) -> Parsed<Operator> {
        self.parameters()?;
        self.need_word("by")?;
        let by = self.expr()?;
        if self.eat_word("with") {
            self.many(Self::arg)?;
        }
        Ok(Operator::Reduce(by))
    }
}
