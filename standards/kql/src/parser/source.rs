use super::{Parsed, Parser};
use crate::{Arg, Expr, ExprKind, Operator, lexer::Kind};

impl Parser {
    /// An operator that begins a query, if one stands here.
    pub(super) fn source(&mut self) -> Parsed<Option<Expr>> {
        let Kind::Word(word) = self.kind().clone() else { return Ok(None) };
        let calls = self.mark_at(1, "(");
        let start = self.span();
        if matches!(self.kind_at(1), Kind::Mark("|" | ";" | "." | ")" | "," | "=") | Kind::End) {
            return Ok(None);
        }
        let operator = match word.as_str() {
            "union" => self.union_source()?,
            "print" => {
                self.advance();
                Operator::Print(self.args()?)
            }
            "range" if !calls => self.range()?,
            "datatable" if calls => self.data_table()?,
            "externaldata" | "external_data" => self.external()?,
            "search" => {
                self.advance();
                self.search()?
            }
            "find" if !calls => {
                self.advance();
                self.find()?
            }
            "evaluate" => {
                self.advance();
                self.evaluate()?
            }
            _ => return Ok(None),
        };
        Ok(Some(Expr { kind: ExprKind::Source(Box::new(operator)), span: start.to(self.last_span()) }))
    }

    fn union_source(&mut self) -> Parsed<Operator> {
        self.advance();
        self.union()
    }

    fn range(&mut self) -> Parsed<Operator> {
        self.advance();
        let name = self.name()?;
        self.need_word("from")?;
        let from = self.expr()?;
        self.need_word("to")?;
        let to = self.expr()?;
        self.need_word("step")?;
        Ok(Operator::Range { name, from, to, step: self.expr()? })
    }

    fn data_table(&mut self) -> Parsed<Operator> {
        self.advance();
        let columns = self.declarations()?;
        let span = self.span();
        if let Kind::Bracketed(text) = self.kind().clone() {
            self.advance();
            let value = Expr { kind: ExprKind::Literal(crate::Literal::String(text)), span };
            return Ok(Operator::DataTable { columns, rows: vec![value] });
        }
        self.need("[")?;
        Ok(Operator::DataTable { columns, rows: self.list("]", Self::expr)? })
    }

    fn external(&mut self) -> Parsed<Operator> {
        self.advance();
        let columns = self.declarations()?;
        let span = self.span();
        let from = if let Kind::Bracketed(text) = self.kind().clone() {
            self.advance();
            vec![Expr { kind: ExprKind::Literal(crate::Literal::String(text)), span }]
        } else {
            self.need("[")?;
            self.list("]", Self::expr)?
        };
        let mut options = Vec::new();
        if self.eat_word("with") {
            self.need("(")?;
            options = self.list(")", |parser| {
                let name = parser.name()?;
                parser.need("=")?;
                parser.expr().map(|value| Arg { names: vec![name], value })
            })?;
        }
        Ok(Operator::ExternalData { columns, from, options })
    }
}
