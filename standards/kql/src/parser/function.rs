use super::{Parsed, Parser};
use crate::{Expr, ExprKind, Function, FunctionParameter, Name, lexer::Kind};

impl Parser {
    /// Whether the parenthesis here closes before a brace: parameters of a function.
    pub(super) fn begins_function(&self) -> bool {
        if !(self.mark_at(1, ")") || self.mark_at(2, ":")) {
            return false;
        }
        let mut depth = 0_usize;
        let mut ahead = 0;
        loop {
            match self.kind_at(ahead) {
                Kind::Mark("(") => depth += 1,
                Kind::Mark(")") => depth = depth.saturating_sub(1),
                Kind::End => return false,
                _ => {}
            }
            ahead += 1;
            if depth == 0 {
                return self.mark_at(ahead, "{");
            }
        }
    }

    pub(super) fn function(&mut self) -> Parsed<Expr> {
        let start = self.span();
        self.need("(")?;
        let parameters = self.list(")", Self::parameter)?;
        self.body(start, parameters)
    }

    pub(super) fn braces(&mut self) -> Parsed<Expr> {
        self.body(self.span(), Vec::new())
    }

    fn body(&mut self, start: crate::Span, parameters: Vec<FunctionParameter>) -> Parsed<Expr> {
        self.need("{")?;
        let body = self.deeper(Self::script)?;
        self.need("}")?;
        let kind = ExprKind::Function(Box::new(Function { view: false, parameters, body }));
        Ok(Expr { kind, span: start.to(self.last_span()) })
    }

    pub(super) fn parameter(&mut self) -> Parsed<FunctionParameter> {
        let name: Name = self.name()?;
        self.need(":")?;
        if self.eat("(") {
            if self.eat("*") {
                self.need(")")?;
                return Ok(FunctionParameter { name, scalar: None, columns: Vec::new(), default: None });
            }
            let columns = self.list(")", Self::declaration)?;
            return Ok(FunctionParameter { name, scalar: None, columns, default: None });
        }
        let scalar = Some(self.name()?);
        let default = if self.eat("=") { Some(self.expr()?) } else { None };
        Ok(FunctionParameter { name, scalar, columns: Vec::new(), default })
    }
}
