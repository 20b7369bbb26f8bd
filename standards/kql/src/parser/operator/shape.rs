use super::super::{Parsed, Parser, parameters};
use crate::{
    Branch, Expr, ExprKind, KqlError, MakeSeries, Operator, PartitionBody, RenderProperty, SeriesAggregate, Step,
    TopNestedLevel, error::Problem, lexer::Kind,
};

const CHARTS: &str = "table, list, barchart, piechart, ladderchart, timechart, linechart, anomalychart, pivotchart, \
                      areachart, stackedareachart, scatterchart, timepivot, columnchart, timeline, card, treemap, plotly, \
                      graph, sankey";

impl Parser {
    pub(super) fn summarize(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::SUMMARIZE)?;
        let aggregates = if self.is_word("by") || self.ends() { Vec::new() } else { self.args()? };
        Ok(Operator::Summarize { parameters, aggregates, by: self.groups()? })
    }

    fn groups(&mut self) -> Parsed<Vec<crate::Arg>> {
        if self.eat_word("by") { self.args() } else { Ok(Vec::new()) }
    }

    pub(super) fn make_series(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::MAKE_SERIES)?;
        let aggregates = self.many(|parser| {
            let arg = parser.arg()?;
            let mut default = None;
            if parser.eat_word("default") {
                parser.need("=")?;
                default = Some(parser.expr()?);
            }
            Ok(SeriesAggregate { arg, default })
        })?;
        self.need_word("on")?;
        let on = self.arg_with(Self::sum)?;
        let range = if self.eat_word("in") { Some(self.expr()?) } else { None };
        let from = self.after("from")?;
        let to = self.after("to")?;
        let step = self.after("step")?;
        let by = self.groups()?;
        Ok(Operator::MakeSeries(Box::new(MakeSeries { parameters, aggregates, on, from, to, step, range, by })))
    }

    fn after(&mut self, word: &str) -> Parsed<Option<Expr>> {
        if self.eat_word(word) { self.expr().map(Some) } else { Ok(None) }
    }

    pub(super) fn top_nested(&mut self) -> Parsed<Operator> {
        let mut levels = vec![self.top_nested_level()?];
        while self.eat(",") {
            let _ = self.eat_word("top") && self.eat("-") && self.eat_word("nested");
            levels.push(self.top_nested_level()?);
        }
        Ok(Operator::TopNested(levels))
    }

    fn top_nested_level(&mut self) -> Parsed<TopNestedLevel> {
        let count = if self.is_word("of") { None } else { Some(self.expr()?) };
        self.need_word("of")?;
        let of = self.arg()?;
        let mut others = None;
        if self.eat_word("with") {
            self.need_word("others")?;
            self.need("=")?;
            others = Some(self.expr()?);
        }
        self.need_word("by")?;
        Ok(TopNestedLevel { count, of, others, by: self.sort_key()? })
    }

    pub(super) fn render(&mut self) -> Parsed<Operator> {
        let kind = self.chart()?;
        let mut properties = Vec::new();
        let bracketed = self.eat_word("with") && self.eat("(");
        while let Kind::Word(_) = self.kind() {
            let name = self.name()?;
            let known = parameters::known_parameter(&name.text.to_ascii_lowercase(), parameters::RENDER, name.span)?;
            self.need("=")?;
            let first = self.expr()?;
            parameters::allowed(known, &first)?;
            let mut values = vec![first];
            while self.eat(",") {
                if self.mark_at(1, "=") {
                    break;
                }
                values.push(self.expr()?);
            }
            properties.push(RenderProperty { name, values });
        }
        if bracketed {
            self.need(")")?;
        }
        Ok(Operator::Render { kind, properties })
    }

    /// The kind of chart.
    fn chart(&mut self) -> Parsed<crate::Name> {
        let span = self.span();
        if let (Kind::Long(text), Kind::Word(rest)) = (self.kind().clone(), self.kind_at(1).clone()) {
            self.advance();
            self.advance();
            return Ok(crate::Name { text: format!("{text}{rest}"), span: span.to(self.last_span()) });
        }
        let name = self.name()?;
        let known = CHARTS.split(", ").any(|chart| chart == name.text);
        let problem = || Problem::Choice { name: "render", value: name.text.clone(), allowed: CHARTS };
        if known { Ok(name) } else { Err(KqlError::new(problem(), span)) }
    }

    pub(super) fn facet(&mut self) -> Parsed<Operator> {
        self.need_word("by")?;
        let by = self.args()?;
        let steps = if self.eat_word("with") { self.block()? } else { Vec::new() };
        Ok(Operator::Facet { by, steps })
    }

    pub(super) fn fork(&mut self) -> Parsed<Operator> {
        let mut branches = Vec::new();
        while !self.ends() {
            let mut name = None;
            if self.mark_at(1, "=") {
                name = Some(self.name()?);
                self.advance();
            }
            branches.push(Branch { name, steps: self.block()? });
        }
        Ok(Operator::Fork(branches))
    }

    pub(super) fn partition(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::PARTITION)?;
        self.need_word("by")?;
        let name = self.name()?;
        let by = Expr { span: name.span, kind: ExprKind::Name(name) };
        let body = if self.eat("{") {
            let query = self.deeper(Self::pipe)?;
            self.need("}")?;
            PartitionBody::Query(query)
        } else {
            PartitionBody::Steps(self.block()?)
        };
        Ok(Operator::Partition { parameters, by, body })
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
        let parameters = self.parameters(parameters::REDUCE)?;
        self.need_word("by")?;
        let by = self.expr()?;
        let options = if self.eat_word("with") { self.many(Self::arg)? } else { Vec::new() };
        Ok(Operator::Reduce { parameters, by, options })
    }
}
