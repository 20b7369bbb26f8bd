use super::{Binder, Bound, MAX_STEPS, Meaning, Row, operand, outputs::Outputs};
use crate::{
    Column, KqlError, Operator, Parameter, SortKey, Step, Type,
    error::Problem,
    plan::{Order, Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    pub(super) fn steps(&mut self, mut rel: Rel, steps: &'a [Step], outer: Option<&Row<'_>>) -> Bound<Rel> {
        for step in steps {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return Err(KqlError::new(Problem::TooLarge, step.span));
            }
            rel = self.step(rel, step, outer)?;
        }
        Ok(rel)
    }

    fn step(&mut self, rel: Rel, step: &'a Step, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let span = step.span;
        match &step.operator {
            Operator::Where(condition) => self.filter(rel, condition, outer),
            Operator::Extend(args) => self.extend(rel, args, outer),
            Operator::Serialize(args) => self.extend(rel, args, outer),
            Operator::Project(args) => self.project(rel, args, outer),
            Operator::ProjectAway(args) => self.project_away(rel, args),
            Operator::ProjectKeep(args) => self.project_keep(rel, args),
            Operator::ProjectRename(args) => self.project_rename(rel, args),
            Operator::ProjectReorder(args) => self.project_reorder(rel, args),
            Operator::Summarize { aggregates, by, .. } => self.summarize(rel, aggregates, by, outer),
            Operator::Distinct { columns, .. } => self.distinct(rel, columns, outer),
            Operator::Join { parameters, right, on } => self.join(rel, parameters, right, on, outer),
            Operator::Lookup { parameters, right, on } => self.lookup_table(rel, parameters, right, on, outer),
            Operator::Union { parameters, tables } => self.union(Some(rel), parameters, tables, outer),
            Operator::Sort { keys, .. } => {
                let orders = self.orders(&rel, keys, outer, false)?;
                Ok(rel.then(|input| RelOp::Sort(input, orders)))
            }
            Operator::Top { count, by } => {
                let count = self.whole(count)?;
                let orders = self.orders(&rel, by, outer, true)?;
                Ok(rel.then(|input| RelOp::Top(input, count, orders)))
            }
            Operator::Take(count) | Operator::Sample(count) => {
                let count = self.whole(count)?;
                Ok(rel.then(|input| RelOp::Take(input, count)))
            }
            Operator::SampleDistinct { count, of } => self.sample_distinct(rel, count, of, outer),
            Operator::TopHitters { count, of, by } => self.top_hitters(rel, count, of, by.as_ref(), outer),
            Operator::Count(name) => {
                let name = name.as_ref().map_or("Count", |name| name.text.as_str());
                let columns = vec![Column::new(name, Type::Long)];
                Ok(Rel { op: RelOp::Count(Box::new(rel)), columns, open: false })
            }
            Operator::As { name, .. } => {
                let rel = self.share(rel);
                self.define(name, Meaning::Table(rel.clone()));
                Ok(rel)
            }
            Operator::Render { .. } => Ok(rel),
            Operator::Invoke(call) => self.invoke(rel, call, outer),
            Operator::Evaluate { plugin, args, schema, .. } => {
                self.evaluate(Some(rel), plugin, args, schema.as_ref(), outer)
            }
            Operator::MvExpand { parameters, columns, limit, old } => {
                self.mv_expand(rel, parameters, columns, limit.as_ref(), *old, outer)
            }
            Operator::MvApply { parameters, columns, limit, steps } => {
                self.mv_apply(rel, (parameters, columns), limit.as_ref(), steps, outer)
            }
            Operator::Parse { filters, parameters, value, pattern } => {
                self.parse(rel, *filters, parameters, value, pattern, outer)
            }
            Operator::ParseKv { value, columns, options } => self.parse_kv(rel, value, columns, options, outer),
            Operator::MakeSeries(series) => self.make_series(rel, series, outer),
            Operator::Search { parameters, what, .. } => {
                self.search_kind(parameters);
                self.search_in(vec![(None, rel)], what.as_ref(), outer)
            }
            Operator::Partition { by, body, .. } => self.partition(rel, by, body, outer),
            Operator::Reduce { parameters, by, options } => self.reduce(rel, parameters, by, options, outer),
            Operator::ProjectByNames(args) => self.project_by_names(rel, args),
            Operator::Find(_) => Err(KqlError::unsupported("a source after `|`", span)),
            Operator::GetSchema => {
                let columns = [
                    ("ColumnName", Type::String),
                    ("ColumnOrdinal", Type::Long),
                    ("DataType", Type::String),
                    ("ColumnType", Type::String),
                ];
                Ok(Rel { op: RelOp::Schema(rel.columns), ..missing_table(&columns) })
            }
            Operator::TopNested(levels) => self.top_nested(rel, levels, outer),
            Operator::Scan(scan) => self.scan(rel, scan, outer),
            Operator::Fork(_) => Err(KqlError::unsupported("fork", span)),
            Operator::Facet { .. } => Err(KqlError::unsupported("facet", span)),
            Operator::Consume(_) => {
                let none = Scalar::constant(crate::Value::Long(0), Type::Long);
                let empty = rel.then(|input| RelOp::Take(input, none));
                Ok(Rel { op: RelOp::Project(Box::new(empty), Vec::new()), columns: Vec::new(), open: false })
            }
            Operator::MakeGraph(_)
            | Operator::GraphMatch(_)
            | Operator::GraphToTable { .. }
            | Operator::GraphMarkComponents(_) => self.graph_step(rel, step, outer),
            Operator::Print(_)
            | Operator::Range { .. }
            | Operator::DataTable { .. }
            | Operator::ExternalData { .. } => Err(KqlError::unsupported("a source after `|`", span)),
        }
    }

    #[inline(never)]
    fn graph_step(&mut self, rel: Rel, step: &'a Step, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let span = step.span;
        match &step.operator {
            Operator::MakeGraph(made) => self.make_graph(rel, made, outer),
            Operator::GraphMatch(wanted) => self.graph_match(rel, wanted, span),
            Operator::GraphToTable { edges, parameters } => self.graph_table(rel, *edges, parameters, span),
            Operator::GraphMarkComponents(parameters) => self.graph_components(rel, parameters, span),
            _ => Err(KqlError::unsupported("an operator that is none of a graph", span)),
        }
    }

    fn filter(&mut self, rel: Rel, condition: &'a crate::Expr, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let row = self.new_row(&rel, outer);
        let condition = self.condition(condition, &row)?;
        if !condition.looks_around() {
            return Ok(rel.then(|input| RelOp::Filter(input, condition)));
        }
        let (columns, open) = (rel.columns.clone(), rel.open);
        let all = rel.all();
        let mut with = all.clone();
        with.push(condition);
        let mut seen = columns.clone();
        seen.push(Column::new("", Type::Bool));
        let test = Scalar::column(columns.len(), Type::Bool);
        let looked = Rel { op: RelOp::Window(Box::new(rel), with), columns: seen, open };
        let kept = looked.then(|input| RelOp::Filter(input, test));
        Ok(Rel { op: RelOp::Project(Box::new(kept), all), columns, open })
    }

    /// A number of rows.
    pub(super) fn whole(&mut self, expr: &'a crate::Expr) -> Bound<Scalar> {
        let scalar = self.constant(expr)?;
        if scalar.ty.is_integer() { Ok(scalar) } else { Err(operand::needs("int or long", scalar.ty, expr.span)) }
    }

    pub(super) fn orders(
        &mut self,
        rel: &Rel,
        keys: &'a [SortKey],
        outer: Option<&Row<'_>>,
        dynamic: bool,
    ) -> Bound<Vec<Order>> {
        let row = self.new_row(rel, outer);
        let mut orders = Vec::new();
        for key in keys {
            let scalar = self.scalar(&key.key.value, &row)?;
            if scalar.ty == Type::Dynamic && !dynamic && !rel.open {
                let wanted = "anything but dynamic: use tostring( )";
                return Err(operand::needs(wanted, scalar.ty, key.key.value.span));
            }
            let nulls_first = key.nulls_first.unwrap_or(key.ascending);
            orders.push(Order { key: scalar, ascending: key.ascending, nulls_first });
        }
        Ok(orders)
    }

    pub(super) fn projected(&self, rel: Rel, outputs: Outputs) -> Rel {
        let open = rel.open;
        let around = outputs.scalars.iter().any(Scalar::looks_around);
        let input = Box::new(rel);
        let op = if around { RelOp::Window(input, outputs.scalars) } else { RelOp::Project(input, outputs.scalars) };
        Rel { op, columns: outputs.columns, open }
    }
}

/// What a parameter is, as a word.
pub(super) fn parameter<'p>(parameters: &'p [Parameter], name: &str) -> Option<(&'p str, crate::Span)> {
    let parameter = parameters.iter().find(|parameter| parameter.name == name)?;
    match &parameter.value.kind {
        crate::ExprKind::Name(value) => Some((value.text.as_str(), parameter.value.span)),
        crate::ExprKind::Literal(crate::Literal::String(text)) => Some((text.as_str(), parameter.value.span)),
        crate::ExprKind::Literal(crate::Literal::Bool(true)) => Some(("true", parameter.value.span)),
        crate::ExprKind::Literal(crate::Literal::Bool(false)) => Some(("false", parameter.value.span)),
        _ => None,
    }
}

pub(super) fn missing_table(columns: &[(&str, Type)]) -> Rel {
    let columns = columns.iter().map(|(name, ty)| Column::new(*name, *ty)).collect();
    Rel { op: RelOp::Missing, columns, open: false }
}
