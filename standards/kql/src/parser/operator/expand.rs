use super::super::{Parsed, Parser};
use crate::{Arg, ColumnDecl, Expr, ExprKind, Literal, Operator, ParsePart, lexer::Kind};

impl Parser {
    fn expanded(&mut self) -> Parsed<(Arg, Option<String>)> {
        let arg = self.arg()?;
        if !self.eat_word("to") {
            return Ok((arg, None));
        }
        self.need_word("typeof")?;
        Ok((arg, Some(self.type_of()?)))
    }

    pub(super) fn mv_expand(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters()?;
        let columns = self.many(Self::expanded)?;
        if self.eat_word("limit") {
            self.expr()?;
        }
        Ok(Operator::MvExpand { parameters, columns })
    }

    pub(super) fn mv_apply(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters()?;
        let columns = self.many(Self::expanded)?;
        if self.eat_word("limit") {
            self.expr()?;
        }
        self.need_word("on")?;
        Ok(Operator::MvApply { parameters, columns, steps: self.block()? })
    }

    pub(super) fn parse(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters()?;
        let value = self.expr()?;
        self.need_word("with")?;
        let mut pattern = Vec::new();
        while !self.ends() {
            pattern.push(self.parse_part()?);
        }
        Ok(Operator::Parse { parameters, value, pattern })
    }

    fn parse_part(&mut self) -> Parsed<ParsePart> {
        if self.eat("*") {
            return Ok(ParsePart::Star);
        }
        let span = self.span();
        if let Kind::String(text) = self.kind().clone() {
            self.advance();
            return Ok(ParsePart::Text(Expr { kind: ExprKind::Literal(Literal::String(text)), span }));
        }
        let name = self.name()?;
        let declared = if self.eat(":") { Some(self.name()?) } else { None };
        Ok(ParsePart::Column(name, declared))
    }

    pub(super) fn parse_kv(&mut self) -> Parsed<Operator> {
        let value = self.expr()?;
        self.need_word("as")?;
        let columns = self.declarations()?;
        if self.eat_word("with") {
            self.need("(")?;
            self.list(")", Self::arg)?;
        }
        Ok(Operator::ParseKv { value, columns })
    }

    pub(super) fn scan(&mut self) -> Parsed<Operator> {
        self.parameters()?;
        if self.eat_word("order") || self.eat_word("partition") {
            self.need_word("by")?;
            self.many(Self::sort_key)?;
        }
        let declared = if self.eat_word("declare") {
            self.need("(")?;
            self.list(")", Self::declaration_with_default)?
        } else {
            Vec::new()
        };
        self.need_word("with")?;
        self.need("(")?;
        while self.eat_word("step") {
            self.name()?;
            if self.eat_word("output") {
                self.need("=")?;
                self.name()?;
            }
            self.need(":")?;
            self.expr()?;
            if self.eat("=>") {
                self.args()?;
            }
            self.need(";")?;
        }
        self.need(")")?;
        Ok(Operator::Scan { declared })
    }

    fn declaration_with_default(&mut self) -> Parsed<ColumnDecl> {
        let declared = self.declaration()?;
        if self.eat("=") {
            self.expr()?;
        }
        Ok(declared)
    }
}
