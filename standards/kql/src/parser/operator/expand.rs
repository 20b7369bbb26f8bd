use super::super::{Parsed, Parser, parameters};
use crate::{Expansion, Operator, ParsePart, Scan, ScanColumn, ScanStep, lexer::Kind};

impl Parser {
    fn expanded(&mut self) -> Parsed<Expansion> {
        let arg = self.arg()?;
        if !self.eat_word("to") {
            return Ok(Expansion { arg, to: None });
        }
        self.need_word("typeof")?;
        Ok(Expansion { arg, to: Some(self.type_spec()?) })
    }

    pub(super) fn mv_expand(&mut self, old: bool) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::MV_EXPAND)?;
        let columns = self.many(Self::expanded)?;
        let limit = if self.eat_word("limit") { Some(self.expr()?) } else { None };
        Ok(Operator::MvExpand { parameters, columns, limit, old })
    }

    pub(super) fn mv_apply(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::MV_APPLY)?;
        let columns = self.many(Self::expanded)?;
        let limit = if self.eat_word("limit") { Some(self.expr()?) } else { None };
        self.need_word("on")?;
        Ok(Operator::MvApply { parameters, columns, limit, steps: self.block()? })
    }

    pub(super) fn parse(&mut self, filters: bool) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::PARSE)?;
        let value = self.expr()?;
        self.need_word("with")?;
        let mut pattern = Vec::new();
        while !self.ends() {
            pattern.push(self.parse_part()?);
        }
        Ok(Operator::Parse { filters, parameters, value, pattern })
    }

    fn parse_part(&mut self) -> Parsed<ParsePart> {
        if self.eat("*") {
            return Ok(ParsePart::Star);
        }
        if let Kind::String(text) = self.kind().clone() {
            self.advance();
            return Ok(ParsePart::Text(text));
        }
        let name = self.name()?;
        let declared = if self.eat(":") { Some(self.name()?) } else { None };
        Ok(ParsePart::Column(name, declared))
    }

    pub(super) fn parse_kv(&mut self) -> Parsed<Operator> {
        let value = self.expr()?;
        self.need_word("as")?;
        let columns = self.declarations()?;
        let mut options = Vec::new();
        if self.eat_word("with") {
            self.need("(")?;
            options = self.list(")", |parser| {
                let name = parser.name()?;
                let known = parameters::known_parameter(&name.text, parameters::PARSE_KV, name.span)?;
                parser.need("=")?;
                let value = parser.expr()?;
                parameters::allowed(known, &value)?;
                Ok(crate::Arg { names: vec![name], value })
            })?;
        }
        Ok(Operator::ParseKv { value, columns, options })
    }

    pub(super) fn scan(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::SCAN)?;
        let mut scan =
            Scan { parameters, order: Vec::new(), partition: Vec::new(), declared: Vec::new(), steps: Vec::new() };
        if self.eat_word("order") {
            self.need_word("by")?;
            scan.order = self.many(Self::sort_key)?;
        }
        if self.eat_word("partition") {
            self.need_word("by")?;
            scan.partition = self.many(Self::sort_key)?;
        }
        if self.eat_word("declare") {
            self.need("(")?;
            scan.declared = self.list(")", Self::scan_column)?;
        }
        self.need_word("with")?;
        self.need("(")?;
        while self.eat_word("step") {
            let step = self.scan_step()?;
            scan.steps.push(step);
        }
        self.need(")")?;
        Ok(Operator::Scan(Box::new(scan)))
    }

    fn scan_step(&mut self) -> Parsed<ScanStep> {
        let name = self.name()?;
        let output = if self.eat_word("output") {
            self.need("=")?;
            Some(self.name()?)
        } else {
            None
        };
        self.need(":")?;
        let condition = self.expr()?;
        let assignments = if self.eat("=>") { self.args()? } else { Vec::new() };
        self.need(";")?;
        Ok(ScanStep { name, output, condition, assignments })
    }

    fn scan_column(&mut self) -> Parsed<ScanColumn> {
        let column = self.declaration()?;
        let default = if self.eat("=") { Some(self.expr()?) } else { None };
        Ok(ScanColumn { column, default })
    }
}
