//! Tokens to a tree.

mod columns;
mod expr;
mod function;
mod operator;
mod parameters;
mod source;
mod test;

use crate::{
    Expr, ExprKind, KqlError, Name, Query, Script, Span, Statement,
    error::Problem,
    lexer::{Kind, Lexer, Token},
};

const MAX_TEXT: usize = 256 * 1024;
const MAX_DEPTH: usize = 48;
const MAX_STEPS: usize = 250;
const MAX_HEIGHT: usize = 100;
const END: Token = Token { kind: Kind::End, span: Span { start: 0, end: 0 } };

pub(crate) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Nodes above one another in what was read of the innermost expression, at most.
    height: usize,
    /// Whether `:` means `has`.
    searching: bool,
}

pub(crate) type Parsed<T> = Result<T, KqlError>;

impl Script {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<Self, KqlError> {
        if text.len() > MAX_TEXT {
            return Err(KqlError::new(Problem::TooLong(MAX_TEXT), Span { start: 0, end: 0 }));
        }
        let mut parser = Parser { tokens: Lexer::tokens(text)?, at: 0, depth: 0, height: 0, searching: false };
        let script = parser.script()?;
        if parser.kind() == &Kind::End { Ok(script) } else { Err(parser.expected("the end of the query")) }
    }
}

impl Parser {
    fn token(&self) -> &Token {
        self.tokens.get(self.at).or(self.tokens.last()).unwrap_or(&END)
    }

    fn kind(&self) -> &Kind {
        &self.token().kind
    }

    fn kind_at(&self, ahead: usize) -> &Kind {
        self.tokens.get(self.at + ahead).map_or(&Kind::End, |token| &token.kind)
    }

    fn span(&self) -> Span {
        self.token().span
    }

    fn last_span(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(Span::default(), |token| token.span)
    }

    fn advance(&mut self) {
        if self.at < self.tokens.len() {
            self.at += 1;
        }
    }

    fn is_mark(&self, mark: &str) -> bool {
        matches!(self.kind(), Kind::Mark(found) if *found == mark)
    }

    fn mark_at(&self, ahead: usize, mark: &str) -> bool {
        matches!(self.kind_at(ahead), Kind::Mark(found) if *found == mark)
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        if found {
            self.advance();
        }
        found
    }

    fn need(&mut self, mark: &'static str) -> Parsed<()> {
        if self.eat(mark) { Ok(()) } else { Err(self.expected(mark)) }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.kind(), Kind::Word(found) if found == word)
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn need_word(&mut self, word: &'static str) -> Parsed<()> {
        if self.eat_word(word) { Ok(()) } else { Err(self.expected(word)) }
    }

    fn expected(&self, expected: &'static str) -> KqlError {
        let found = match self.kind() {
            Kind::Word(text) | Kind::Bracketed(text) => format!("`{text}`"),
            Kind::String(_) => "a string".to_owned(),
            Kind::Long(text) | Kind::Real(text) | Kind::Timespan(text) => format!("`{text}`"),
            Kind::Typed(name, _) => format!("a {name} literal"),
            Kind::Mark(mark) => format!("`{mark}`"),
            Kind::End => "the end of the text".to_owned(),
        };
        KqlError::new(Problem::Expected { expected, found }, self.span())
    }

    fn name(&mut self) -> Parsed<Name> {
        let span = self.span();
        match self.kind().clone() {
            Kind::Word(text) | Kind::Bracketed(text) => {
                self.advance();
                Ok(Name { text, span })
            }
            _ => Err(self.expected("a name")),
        }
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(KqlError::new(Problem::TooDeep, self.span()));
        }
        self.depth += 1;
        let beside = std::mem::take(&mut self.height);
        let parsed = parse(self);
        self.height = beside.max(self.height + 1);
        self.depth -= 1;
        if parsed.is_ok() && self.height > MAX_HEIGHT {
            return Err(KqlError::new(Problem::TooDeep, self.span()));
        }
        parsed
    }

    fn script(&mut self) -> Parsed<Script> {
        let mut statements = Vec::new();
        loop {
            while self.eat(";") {}
            if self.kind() == &Kind::End || self.is_mark("}") {
                return Ok(Script { statements });
            }
            statements.push(self.statement()?);
            if !self.eat(";") {
                return Ok(Script { statements });
            }
        }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let named = matches!(self.kind_at(1), Kind::Word(_) | Kind::Bracketed(_));
        if self.is_word("let") && named {
            self.advance();
            let name = self.name()?;
            self.need("=")?;
            return Ok(Statement::Let { name, value: self.deeper(Self::pipe)? });
        }
        if let Some(statement) = self.setting()? {
            return Ok(statement);
        }
        Ok(Statement::Query(self.deeper(Self::pipe)?))
    }

    /// `set`, `declare` and their kin, if one stands here.
    fn setting(&mut self) -> Parsed<Option<Statement>> {
        let Kind::Word(next) = self.kind_at(1).clone() else { return Ok(None) };
        let span = self.span();
        if self.is_word("set") {
            self.advance();
            let name = self.name()?;
            let value = if self.eat("=") { Some(self.expr()?) } else { None };
            return Ok(Some(Statement::Set { name, value }));
        }
        if self.is_word("declare") && next == "query_parameters" {
            self.advance();
            self.advance();
            self.need("(")?;
            return Ok(Some(Statement::Parameters(self.list(")", Self::parameter)?)));
        }
        for (word, what) in [("declare", "declare pattern"), ("alias", "alias"), ("restrict", "restrict access")] {
            if self.is_word(word) && ["pattern", "database", "access"].contains(&next.as_str()) {
                return Err(KqlError::unsupported(what, span));
            }
        }
        Ok(None)
    }

    /// An expression and, if a pipe follows, the operators after it.
    fn pipe(&mut self) -> Parsed<Expr> {
        let source = match self.source()? {
            Some(source) => source,
            None => self.expr()?,
        };
        if !self.is_mark("|") {
            return Ok(source);
        }
        let mut steps = Vec::new();
        while self.eat("|") {
            if steps.len() >= MAX_STEPS {
                return Err(KqlError::new(Problem::TooLarge, self.span()));
            }
            steps.push(self.step()?);
        }
        let span = source.span.to(self.last_span());
        Ok(Expr { kind: ExprKind::Query(Box::new(Query { source, steps })), span })
    }
}
