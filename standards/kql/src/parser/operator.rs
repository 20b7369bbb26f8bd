mod expand;
mod graph;
mod shape;

use super::parameters;
use super::{Parsed, Parser};
use crate::{Expr, Find, FoundColumn, KqlError, Operator, RowSchema, Step, error::Problem, nearest, parser::Kind};

const NAMES: [&str; 49] = [
    "where",
    "filter",
    "extend",
    "project",
    "project-away",
    "project-keep",
    "project-rename",
    "project-reorder",
    "summarize",
    "distinct",
    "join",
    "lookup",
    "union",
    "sort",
    "order",
    "top",
    "top-nested",
    "top-hitters",
    "take",
    "limit",
    "sample",
    "sample-distinct",
    "count",
    "serialize",
    "as",
    "render",
    "invoke",
    "evaluate",
    "mv-expand",
    "mvexpand",
    "mv-apply",
    "parse",
    "parse-where",
    "parse-kv",
    "make-series",
    "make-graph",
    "graph-match",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-mark-components",
    "search",
    "project-by-names",
    "fork",
    "facet",
    "partition",
    "reduce",
    "consume",
    "getschema",
    "scan",
];

impl Parser {
    pub(super) fn step(&mut self) -> Parsed<Step> {
        let start = self.span();
        let mut name = self.name()?.text;
        while self.is_mark("-") && self.span().start == self.last_span().end {
            self.advance();
            name = format!("{name}-{}", self.name()?.text);
        }
        let span = start.to(self.last_span());
        let operator = self.deeper(|parser| parser.operator(&name, span))?;
        Ok(Step { operator, span: start.to(self.last_span()) })
    }

    fn operator(&mut self, name: &str, span: crate::Span) -> Parsed<Operator> {
        match self.nesting_operator(name)? {
            Some(operator) => Ok(operator),
            None => self.plain_operator(name, span),
        }
    }

    /// Operators within which others stand: apart, so that deep nests need less of the stack.
    #[inline(never)]
    fn nesting_operator(&mut self, name: &str) -> Parsed<Option<Operator>> {
        Ok(Some(match name {
            "join" => self.join(parameters::JOIN)?,
            "lookup" => match self.join(parameters::LOOKUP)? {
                Operator::Join { parameters, right, on } => Operator::Lookup { parameters, right, on },
                other => other,
            },
            "union" => self.union()?,
            "mv-apply" => self.mv_apply()?,
            "fork" => self.fork()?,
            "facet" => self.facet()?,
            "partition" => self.partition()?,
            _ => return Ok(None),
        }))
    }

    /// The others.
    #[inline(never)]
    fn plain_operator(&mut self, name: &str, span: crate::Span) -> Parsed<Operator> {
        Ok(match name {
            "where" | "filter" => Operator::Where(self.expr()?),
            "extend" => Operator::Extend(self.args()?),
            "project" => Operator::Project(if self.ends() { Vec::new() } else { self.args()? }),
            "project-away" => Operator::ProjectAway(self.many(Self::glob)?),
            "project-keep" => Operator::ProjectKeep(self.many(Self::glob)?),
            "project-rename" => Operator::ProjectRename(self.args()?),
            "project-reorder" => Operator::ProjectReorder(self.many(Self::ordered)?),
            "summarize" => self.summarize()?,
            "distinct" => {
                let parameters = self.parameters(parameters::DISTINCT)?;
                Operator::Distinct { parameters, columns: self.args()? }
            }
            "sort" | "order" => {
                let parameters = self.parameters(parameters::SORT)?;
                self.need_word("by")?;
                Operator::Sort { parameters, keys: self.many(Self::sort_key)? }
            }
            "top" => {
                self.parameters(parameters::TOP)?;
                let count = self.expr()?;
                self.need_word("by")?;
                Operator::Top { count, by: self.many(Self::sort_key)? }
            }
            "top-nested" => self.top_nested()?,
            "take" | "limit" => Operator::Take(self.expr()?),
            "sample" => Operator::Sample(self.expr()?),
            "sample-distinct" => {
                let count = self.expr()?;
                self.need_word("of")?;
                Operator::SampleDistinct { count, of: self.expr()? }
            }
            "count" => Operator::Count(if self.eat_word("as") { Some(self.name()?) } else { None }),
            "top-hitters" => {
                let count = self.expr()?;
                self.need_word("of")?;
                let of = self.expr()?;
                let by = if self.eat_word("by") { Some(self.expr()?) } else { None };
                Operator::TopHitters { count, of, by }
            }
            "serialize" => Operator::Serialize(if self.ends() { Vec::new() } else { self.args()? }),
            "as" => {
                let parameters = self.parameters(parameters::AS)?;
                Operator::As { parameters, name: self.name()? }
            }
            "render" => self.render()?,
            "invoke" => Operator::Invoke(self.expr()?),
            "evaluate" => self.evaluate()?,
            "mv-expand" | "mvexpand" => self.mv_expand(name == "mvexpand")?,
            "parse" | "parse-where" => self.parse(name == "parse-where")?,
            "parse-kv" => self.parse_kv()?,
            "make-series" => self.make_series()?,
            "make-graph" => self.make_graph()?,
            "graph-match" => self.graph_match(false)?,
            "graph-shortest-paths" => self.graph_match(true)?,
            "graph-to-table" => self.graph_to_table()?,
            "graph-mark-components" => Operator::GraphMarkComponents(self.parameters(parameters::COMPONENTS)?),
            "search" => self.search()?,
            "project-by-names" => Operator::ProjectByNames(self.args()?),
            "reduce" => self.reduce()?,
            "consume" => Operator::Consume(self.parameters(parameters::CONSUME)?),
            "getschema" => Operator::GetSchema,
            "scan" => self.scan()?,
            _ => {
                let suggestion = nearest(name, NAMES.iter().copied());
                return Err(KqlError::new(Problem::UnknownOperator { name: name.to_owned(), suggestion }, span));
            }
        })
    }

    /// Whether nothing more belongs to this operator.
    pub(super) fn ends(&self) -> bool {
        matches!(self.kind(), Kind::End | Kind::Mark("|" | ")" | ";" | "}"))
    }

    fn join(&mut self, known: &'static [parameters::Known]) -> Parsed<Operator> {
        let parameters = self.parameters(known)?;
        let right = self.table()?;
        let on = if self.eat_word("on") { self.many(Self::expr)? } else { Vec::new() };
        Ok(Operator::Join { parameters, right, on })
    }

    fn table(&mut self) -> Parsed<Expr> {
        match self.source()? {
            Some(source) => Ok(source),
            None => self.expr(),
        }
    }

    pub(super) fn union(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::UNION)?;
        let tables = self.many(|parser| {
            let glob = parser.glob()?;
            Ok(glob.value)
        })?;
        Ok(Operator::Union { parameters, tables })
    }

    pub(super) fn evaluate(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::EVALUATE)?;
        let plugin = self.name()?;
        self.need("(")?;
        let args = self.arguments()?;
        let schema = if self.eat(":") {
            self.need("(")?;
            let star = self.eat("*");
            if star {
                self.eat(",");
            }
            Some(RowSchema { star, columns: self.list(")", Self::declaration)? })
        } else {
            None
        };
        Ok(Operator::Evaluate { parameters, plugin, args, schema })
    }

    pub(super) fn search(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::SEARCH)?;
        let tables = self.searched_tables()?;
        let outside = std::mem::replace(&mut self.searching, true);
        let what = if self.ends() { Ok(None) } else { self.expr().map(Some) };
        self.searching = outside;
        Ok(Operator::Search { parameters, tables, what: what? })
    }

    /// `in (table, …)`, if it stands here.
    fn searched_tables(&mut self) -> Parsed<Vec<Expr>> {
        if !(self.is_word("in") && self.mark_at(1, "(")) {
            return Ok(Vec::new());
        }
        self.advance();
        self.advance();
        Ok(self.list(")", Self::glob)?.into_iter().map(|arg| arg.value).collect())
    }

    pub(super) fn find(&mut self) -> Parsed<Operator> {
        let parameters = self.parameters(parameters::FIND)?;
        let tables = self.searched_tables()?;
        self.need_word("where")?;
        let outside = std::mem::replace(&mut self.searching, true);
        let condition = self.expr();
        self.searching = outside;
        let condition = condition?;
        let mut columns = None;
        if self.eat_word("project") {
            if self.mark_at(0, "-") {
                self.advance();
                self.need_word("smart")?;
            } else {
                columns = Some(self.many(Self::found_column)?);
            }
        }
        Ok(Operator::Find(Box::new(Find { parameters, tables, condition, columns })))
    }

    fn found_column(&mut self) -> Parsed<FoundColumn> {
        let name = self.name()?;
        if name.text == "pack" && self.eat("(") {
            self.need("*")?;
            self.need(")")?;
            return Ok(FoundColumn::Pack);
        }
        let declared = if self.eat(":") { Some(self.name()?) } else { None };
        Ok(FoundColumn::Column(name, declared))
    }
}
