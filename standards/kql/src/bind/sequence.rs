//! `scan` and `top-nested`: operators of several steps or levels.

use super::{Binder, Bound, Row, call::converted, combine::empty, naming, operand, outputs::Outputs, step::parameter};
use crate::{
    Column, KqlError, Type,
    error::Problem,
    plan::{Kind, Nested, NestedLevel, Rel, RelOp, Scalar, StepOf, StepOutput, Steps},
};

const MAX_STEPS: usize = 64;
const MAX_LEVELS: usize = 32;

impl<'a> Binder<'a> {
    pub(super) fn scan(&mut self, rel: Rel, scan: &'a crate::Scan, outer: Option<&Row<'_>>) -> Bound<Rel> {
        if scan.steps.len() > MAX_STEPS {
            let span = scan.steps.last().map_or(crate::Span::default(), |step| step.name.span);
            return Err(KqlError::new(Problem::TooLarge, span));
        }
        let rel = self.scan_order(rel, scan, outer)?;
        let mut columns = rel.columns.clone();
        let mut defaults = Vec::new();
        for declared in &scan.declared {
            let ty = super::type_named(&declared.column.type_name)?;
            columns.push(Column::new(declared.column.name.text.clone(), ty));
            defaults.push(match &declared.default {
                Some(default) => converted(self.constant(default)?, ty),
                None => Scalar::constant(empty(ty), ty),
            });
        }
        let mut seen = columns.clone();
        for step in &scan.steps {
            let named = |column: &Column| Column::new(format!("{}.{}", step.name.text, column.name), column.ty);
            seen.extend(columns.iter().map(named));
        }
        self.rows += 1;
        let row = Row { columns: &seen, open: rel.open, outer, id: self.rows };
        let mut steps = Vec::new();
        for step in &scan.steps {
            steps.push(self.scan_step(step, &row, &columns, rel.columns.len())?);
        }
        let name = parameter(&scan.parameters, "with_match_id").map(|(name, _)| name);
        let (open, numbered) = (rel.open, name.is_some());
        columns.extend(name.map(|name| Column::new(name, Type::Long)));
        let op = RelOp::Steps(Box::new(Steps { input: rel, defaults, steps, numbered }));
        Ok(Rel { op, columns, open })
    }

    /// `order by` and `partition by` within `scan`.
    fn scan_order(&mut self, rel: Rel, scan: &'a crate::Scan, outer: Option<&Row<'_>>) -> Bound<Rel> {
        if let Some(key) = scan.partition.first() {
            self.missing("scan partition by", key.key.value.span);
        }
        if scan.order.is_empty() {
            return Ok(rel);
        }
        let orders = self.orders(&rel, &scan.order, outer, false)?;
        Ok(rel.then(|input| RelOp::Sort(input, orders)))
    }

    fn scan_step(
        &mut self,
        step: &'a crate::ScanStep,
        row: &Row<'_>,
        columns: &[Column],
        given: usize,
    ) -> Bound<StepOf> {
        let output = match step.output.as_ref().map(|output| (output.text.as_str(), output.span)) {
            None | Some(("all", _)) => StepOutput::All,
            Some(("last", _)) => StepOutput::Last,
            Some(("none", _)) => StepOutput::None,
            Some((other, span)) => {
                let problem = Problem::Choice { name: "output", value: other.to_owned(), allowed: "all, last or none" };
                return Err(KqlError::new(problem, span));
            }
        };
        let condition = self.condition(&step.condition, row)?;
        let mut sets = vec![None; columns.len() - given];
        for assignment in &step.assignments {
            let Some(name) = assignment.names.first() else {
                return Err(KqlError::new(Problem::NotAColumn, assignment.value.span));
            };
            let place = columns.iter().skip(given).position(|column| column.name == name.text);
            let Some(place) = place else {
                let declared = Row { columns: columns.get(given..).unwrap_or_default(), ..Row::none() };
                return Err(self.unknown(name, &declared));
            };
            let ty = columns.get(given + place).map_or(Type::Dynamic, |column| column.ty);
            let value = converted(self.scalar(&assignment.value, row)?, ty);
            if let Some(set) = sets.get_mut(place) {
                *set = Some(value);
            }
        }
        Ok(StepOf { output, condition, sets })
    }

    pub(super) fn top_nested(
        &mut self,
        rel: Rel,
        levels: &'a [crate::TopNestedLevel],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let mut columns: Vec<Column> = Vec::new();
        let mut bound = Vec::new();
        for level in levels {
            if bound.len() >= MAX_LEVELS {
                return Err(KqlError::new(Problem::TooDeep, level.of.value.span));
            }
            let row = self.new_row(&rel, outer);
            let of = self.scalar(&level.of.value, &row)?;
            let name = level.of.names.first().map(|name| name.text.clone()).or(naming::implied(&level.of.value));
            let name = name.unwrap_or("Column1".to_owned());
            let mut alone = Outputs::default();
            let gather = self.outputs_gathered(&rel, &[], std::slice::from_ref(&level.by.key), &[], &mut alone)?;
            let ty = alone.columns.first().map_or(Type::Long, |column| column.ty);
            let direct = matches!(alone.scalars.first().map(|scalar| &scalar.kind), Some(Kind::Column(0)));
            let Some(aggregate) = gather.aggregates.into_iter().next() else {
                return Err(operand::needs("an aggregate", ty, level.by.key.value.span));
            };
            if !direct || aggregate.width > 1 {
                self.missing("top-nested by a calculation", level.by.key.value.span);
            }
            let named = level.by.key.names.first().map(|name| name.text.clone());
            let count = level.count.as_ref().map(|count| self.whole(count)).transpose()?;
            let others = level.others.as_ref().map(|others| self.constant(others)).transpose()?;
            let others = others.map(|others| converted(others, of.ty));
            columns.push(Column::new(name.clone(), of.ty));
            columns.push(Column::new(named.unwrap_or(format!("aggregated_{name}")), ty));
            bound.push(NestedLevel { count, of, others, aggregate, ascending: level.by.ascending });
        }
        let op = RelOp::Nested(Box::new(Nested { input: rel, levels: bound }));
        Ok(Rel { op, columns, open: false })
    }
}
