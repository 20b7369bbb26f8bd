use super::{Parsed, Parser};
use crate::{Arg, ColumnDecl, Expr, ExprKind, Ordered, SortKey, TypeSpec, lexer::Kind};

impl Parser {
    pub(super) fn arg(&mut self) -> Parsed<Arg> {
        self.arg_with(Self::expr)
    }

    pub(super) fn arg_with(&mut self, value: fn(&mut Self) -> Parsed<Expr>) -> Parsed<Arg> {
        let mut names = Vec::new();
        if matches!(self.kind(), Kind::Word(_) | Kind::Bracketed(_)) && self.mark_at(1, "=") {
            names.push(self.name()?);
            self.advance();
        } else if self.is_mark("(") && self.begins_names() {
            self.advance();
            names = self.list(")", Self::name)?;
            self.need("=")?;
        }
        Ok(Arg { names, value: value(self)? })
    }

    fn begins_names(&self) -> bool {
        let mut ahead = 1;
        while matches!(self.kind_at(ahead), Kind::Word(_) | Kind::Bracketed(_) | Kind::Mark(",")) {
            ahead += 1;
        }
        self.mark_at(ahead, ")") && self.mark_at(ahead + 1, "=")
    }

    /// One or more, with commas.
    pub(super) fn many<T>(&mut self, item: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    pub(super) fn args(&mut self) -> Parsed<Vec<Arg>> {
        self.many(Self::arg)
    }

    /// A column's name, perhaps with `*` in it.
    pub(super) fn glob(&mut self) -> Parsed<Arg> {
        let start = self.span();
        let mut text = String::new();
        let mut end = start.start;
        let mut starred = false;
        loop {
            let part = match self.kind() {
                Kind::Word(part) if self.span().start == end => part.clone(),
                Kind::Long(part) if starred && self.span().start == end => part.clone(),
                Kind::Mark("*") if self.span().start == end => {
                    starred = true;
                    "*".to_owned()
                }
                _ => break,
            };
            text.push_str(&part);
            end = self.span().end;
            self.advance();
        }
        if !starred {
            self.at -= usize::from(!text.is_empty());
            return self.arg();
        }
        Ok(Arg { names: Vec::new(), value: Expr { kind: ExprKind::Star(text), span: start.to(self.last_span()) } })
    }

    pub(super) fn ordered(&mut self) -> Parsed<Ordered> {
        let column = self.glob()?;
        let natural = self.is_word("granny") && self.mark_at(1, "-");
        if natural {
            self.advance();
            self.advance();
        }
        let ascending = match (self.eat_word("asc"), self.is_word("desc")) {
            (true, _) => Some(true),
            (false, true) => {
                self.advance();
                Some(false)
            }
            _ if natural => return Err(self.expected("asc or desc")),
            _ => None,
        };
        Ok(Ordered { column, ascending, natural })
    }

    pub(super) fn sort_key(&mut self) -> Parsed<SortKey> {
        let key = self.arg()?;
        let ascending = self.eat_word("asc");
        if !ascending {
            self.eat_word("desc");
        }
        let nulls_first = if self.eat_word("nulls") {
            let first = self.eat_word("first");
            if !first {
                self.need_word("last")?;
            }
            Some(first)
        } else {
            None
        };
        Ok(SortKey { key, ascending, nulls_first })
    }

    pub(super) fn type_spec(&mut self) -> Parsed<TypeSpec> {
        self.need("(")?;
        let star = self.is_mark("*");
        if star || self.mark_at(1, ":") {
            if star {
                self.advance();
                self.eat(",");
            }
            return Ok(TypeSpec::Table { star, columns: self.list(")", Self::declaration)? });
        }
        let name = self.name()?;
        self.need(")")?;
        Ok(TypeSpec::Scalar(name))
    }

    pub(super) fn declaration(&mut self) -> Parsed<ColumnDecl> {
        let name = self.name()?;
        self.need(":")?;
        Ok(ColumnDecl { name, type_name: self.name()? })
    }

    pub(super) fn declarations(&mut self) -> Parsed<Vec<ColumnDecl>> {
        self.need("(")?;
        self.list(")", Self::declaration)
    }
}
