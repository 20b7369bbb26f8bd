use super::{Binder, Bound, Row, naming, operand, outputs::Outputs, step::parameter, type_named};
use crate::{
    ArithmeticOp, Column, Expansion, Expr, ExprKind, KqlError, MakeSeries, Parameter, PartitionBody, Type, TypeSpec,
    Value,
    error::Problem,
    plan::{Aggregate, Apply, Expand, Kind, Rel, RelOp, Scalar, Series},
};

impl<'a> Binder<'a> {
    /// A value to expand: its column's name, itself, its elements' type.
    pub(super) fn expansion(&mut self, expansion: &'a Expansion, row: &Row<'_>) -> Bound<(String, Scalar, Type)> {
        let span = expansion.arg.value.span;
        let scalar = self.scalar(&expansion.arg.value, row)?;
        if scalar.ty != Type::Dynamic {
            return Err(operand::needs("dynamic, to expand it", scalar.ty, span));
        }
        let ty = match &expansion.to {
            Some(TypeSpec::Scalar(name)) => type_named(name)?,
            Some(TypeSpec::Table { .. }) => return Err(KqlError::unsupported("several types here", span)),
            None => Type::Dynamic,
        };
        let name = match expansion.arg.names.first() {
            Some(name) => name.text.clone(),
            None => naming::implied(&expansion.arg.value).unwrap_or("Column1".to_owned()),
        };
        Ok((name, scalar, ty))
    }

    pub(super) fn mv_expand(
        &mut self,
        rel: Rel,
        parameters: &'a [Parameter],
        columns: &'a [Expansion],
        limit: Option<&'a Expr>,
        old: bool,
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let row = self.new_row(&rel, outer);
        let mut out = rel.columns.clone();
        let mut values: Vec<(Scalar, usize, Type)> = Vec::new();
        for expansion in columns {
            let (name, scalar, ty) = self.expansion(expansion, &row)?;
            let place = match out.iter().position(|column| column.name == name) {
                Some(place) if values.iter().any(|(_, taken, _)| *taken == place) => {
                    return Err(KqlError::new(Problem::DuplicateColumn(name), expansion.arg.value.span));
                }
                Some(place) => place,
                None => {
                    out.push(Column::new(name, ty));
                    out.len() - 1
                }
            };
            if let Some(column) = out.get_mut(place) {
                column.ty = ty;
            }
            values.push((scalar, place, ty));
        }
        let index = parameter(parameters, "with_itemindex").map(|(name, _)| {
            out.push(Column::new(name, Type::Long));
            out.len() - 1
        });
        let limit = match limit {
            Some(limit) => Some(self.whole(limit)?),
            None => old.then(|| Scalar::constant(Value::Long(128), Type::Long)),
        };
        let bags = parameter(parameters, "bagexpansion").or(parameter(parameters, "kind"));
        let as_arrays = bags.is_some_and(|(word, _)| word == "array");
        let open = rel.open;
        let expand = Expand { input: rel, values, index, limit, as_arrays };
        Ok(Rel { op: RelOp::Expand(Box::new(expand)), columns: out, open })
    }

    pub(super) fn partition(
        &mut self,
        rel: Rel,
        by: &'a Expr,
        body: &'a PartitionBody,
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let row = self.new_row(&rel, outer);
        let key = self.scalar(by, &row)?;
        let Kind::Column(by) = key.kind else { return Err(KqlError::new(Problem::NotAColumn, by.span)) };
        match body {
            PartitionBody::Steps(steps) => {
                let source = Rel { op: RelOp::Input, columns: rel.columns.clone(), open: rel.open };
                let body = self.steps(source, steps, outer)?;
                let (columns, open) = (body.columns.clone(), body.open);
                let op = RelOp::Partition { input: Box::new(rel), by, body: Box::new(body) };
                Ok(Rel { op, columns, open })
            }
            PartitionBody::Query(query) => {
                let key = rel.columns.get(by).cloned().unwrap_or(Column::new("", Type::Dynamic));
                let (name, ty) = (key.name.clone(), key.ty);
                let keys =
                    RelOp::Summarize { input: Box::new(rel), by: vec![Scalar::column(by, ty)], aggregates: Vec::new() };
                let keys = Rel { op: keys, columns: vec![Column::new(name, ty)], open: false };
                let row = self.new_row(&keys, outer);
                let body = self.table(query, Some(&row))?;
                let (columns, open) = (body.columns.clone(), body.open);
                let inner = (0..columns.len()).collect();
                let (values, limit) = (Vec::new(), None);
                let apply = Apply { input: keys, values, index: false, limit, body, outer: Vec::new(), inner };
                Ok(Rel { op: RelOp::Apply(Box::new(apply)), columns, open })
            }
        }
    }

    pub(super) fn make_series(&mut self, rel: Rel, series: &'a MakeSeries, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let (by, mut outputs) = self.groups(&rel, &series.by, outer)?;
        let row = self.new_row(&rel, outer);
        let on = self.scalar(&series.on.value, &row)?;
        let mut aggregates = Vec::new();
        for aggregate in &series.aggregates {
            let mut alone = Outputs::default();
            let args = std::slice::from_ref(&aggregate.arg);
            let gather = self.outputs_gathered(&rel, &[], args, &[], &mut alone)?;
            let default = match &aggregate.default {
                Some(default) => self.constant(default)?,
                None => Scalar::constant(Value::Long(0), Type::Long),
            };
            let name = alone.columns.first().map_or_else(String::new, |column| column.name.clone());
            let name = outputs.unique(&name);
            outputs.columns.push(Column::new(name, Type::Dynamic));
            let direct = matches!(alone.scalars.first().map(|scalar| &scalar.kind), Some(Kind::Column(0)));
            match gather.aggregates.into_iter().next() {
                Some(gathered) if direct && gathered.width == 1 => aggregates.push((gathered, default)),
                None => {
                    let args = alone.scalars.into_iter().take(1).collect();
                    aggregates.push((Aggregate { name: "max", args, filter: None, width: 1 }, default));
                }
                _ => self.missing("make-series over a calculation", aggregate.arg.value.span),
            }
        }
        let name = series.on.names.first().map(|name| name.text.clone()).or(naming::implied(&series.on.value));
        let name = outputs.unique(&name.unwrap_or("Column1".to_owned()));
        outputs.columns.push(Column::new(name, Type::Dynamic));
        let (from, to, step) = self.series_steps(series)?;
        let always = parameter(&series.parameters, "kind").is_some_and(|(word, _)| word == "nonempty");
        let made = Series { input: rel, by, aggregates, on, from, to, step, always };
        Ok(Rel { op: RelOp::Series(Box::new(made)), columns: outputs.columns, open: false })
    }

    /// Where a series begins and ends, and its step; the older `in range( )` takes its end in.
    fn series_steps(&mut self, series: &'a MakeSeries) -> Bound<(Option<Scalar>, Option<Scalar>, Scalar)> {
        let one = Scalar::constant(Value::Long(1), Type::Long);
        if let Some(range) = &series.range {
            let ExprKind::Call(_, args) = &range.kind else {
                return Err(KqlError::unsupported("a series in anything but range( )", range.span));
            };
            let [from, to, step] = args.as_slice() else {
                return Err(super::call::arguments("range", "3 arguments".to_owned(), args.len(), range.span));
            };
            let (from, to) = (self.constant(&from.value)?, self.constant(&to.value)?);
            let tick = match to.ty {
                Type::DateTime | Type::TimeSpan => Scalar::constant(Value::TimeSpan(1), Type::TimeSpan),
                _ => one,
            };
            if !to.ty.is_integer() && tick.ty == Type::Long {
                self.missing("make-series in a range of real numbers", range.span);
            }
            let ty = to.ty;
            let after = Kind::Arithmetic(ArithmeticOp::Add, Box::new(to), Box::new(tick));
            return Ok((Some(from), Some(Scalar::new(after, ty)), self.constant(&step.value)?));
        }
        let from = series.from.as_ref().map(|from| self.constant(from)).transpose()?;
        let to = series.to.as_ref().map(|to| self.constant(to)).transpose()?;
        let step = match &series.step {
            Some(step) => self.constant(step)?,
            None => {
                self.missing("make-series without a step", series.on.value.span);
                one
            }
        };
        Ok((from, to, step))
    }
}
