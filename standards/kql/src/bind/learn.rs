//! Plugins whose columns depend on rows: `bag_unpack` and `pivot`. Where the binder may read rows, it looks at them and
//! makes plain operators of the plugin; where it may not, the table stays open.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Binder, Bound, Row, call::converted, operand, plugin::Given};
use crate::{
    Column, Expr, ExprKind, KqlError, Plan, RowSchema, Span, Type, Value,
    error::Problem,
    plan::{Aggregate, Kind, Rel, RelOp, Scalar},
    run,
    value::to_text,
};

/// Columns that a plugin may make.
const MOST: usize = 1_000;

/// What to do where a key is called as a column is.
#[derive(Clone, Copy, PartialEq)]
enum Conflict {
    Refuse,
    Replace,
    Keep,
    /// The names are declared: each stands where it is declared.
    Declared,
}

impl<'a> Binder<'a> {
    /// Looks at each cell of a column, where rows may be read now; whether they may.
    fn read(&mut self, rel: &Rel, column: usize, span: Span, mut each: impl FnMut(&Value) -> bool) -> Bound<bool> {
        let Some(environment) = self.environment else {
            self.missing("columns that are known only while the query runs", span);
            self.needs_rows = true;
            return Ok(false);
        };
        if self.unsupported.is_some() || self.depends(rel) {
            self.missing("columns that are known only while the query runs, within a part of it", span);
            return Ok(false);
        }
        let ty = rel.columns.get(column).map_or(Type::Dynamic, |column| column.ty);
        let only = RelOp::Project(Box::new(rel.clone()), vec![Scalar::column(column, ty)]);
        let root = Rel { op: only, columns: vec![Column::new("", ty)], open: false };
        let plan = Plan { root, shared: self.shared.clone(), unsupported: None, needs_rows: false };
        let limits = run::Limits { rows: usize::MAX, ..environment.limits };
        let mut look = || -> Result<bool, run::RunError> {
            for row in plan.run(run::Environment { limits, ..environment })? {
                if !row?.first().is_none_or(&mut each) {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        match look() {
            Ok(true) => Ok(true),
            Ok(false) => Err(KqlError::new(Problem::TooLarge, span)),
            Err(error) => {
                self.failed = Some(error);
                Err(KqlError::new(Problem::NoQuery, span))
            }
        }
    }

    /// Whether a table reads the row around it.
    fn depends(&self, rel: &Rel) -> bool {
        crate::plan::depth::reads_around(rel)
    }

    pub(super) fn bag_unpack(
        &mut self,
        rel: Rel,
        given: Given<'a>,
        schema: Option<&'a RowSchema>,
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        given.knows(&["OutputColumnPrefix", "columnsConflict", "ignoredProperties"])?;
        let span = given.plugin.span;
        let bag = self.column_of(&rel, given.args.first().map(|arg| &arg.value), span, outer)?;
        let prefix = self.option(given.named("OutputColumnPrefix").or(given.placed(1)))?.unwrap_or_default();
        let conflict = given.named("columnsConflict").or(given.placed(2));
        let conflict = match (self.option(conflict)?.as_deref(), conflict) {
            (None | Some("error"), _) => Conflict::Refuse,
            (Some("replace_source"), _) => Conflict::Replace,
            (Some("keep_source"), _) => Conflict::Keep,
            (Some(other), place) => {
                let span = place.map_or(span, |place| place.span);
                let allowed = "error, replace_source or keep_source";
                let problem = Problem::Choice { name: "columnsConflict", value: other.to_owned(), allowed };
                return Err(KqlError::new(problem, span));
            }
        };
        let ignored = given.named("ignoredProperties").or(given.placed(3));
        let ignored = match ignored.map(|ignored| self.constant(ignored)).transpose()?.map(|scalar| scalar.kind) {
            Some(Kind::Constant(Value::Array(names))) => names.iter().map(to_text).collect(),
            _ => Vec::new(),
        };
        let made = match schema {
            Some(schema) => {
                self.declared(&schema.columns)?.into_iter().map(|column| (column.name.clone(), column)).collect()
            }
            None => {
                let mut found = BTreeMap::new();
                let mut note = |bag: &Value| {
                    note_types(bag, &ignored, &mut found);
                    found.len() <= MOST
                };
                if !self.read(&rel, bag, span, &mut note)? {
                    let kept: Vec<usize> = (0..rel.columns.len()).filter(|index| *index != bag).collect();
                    return Ok(Rel { open: true, ..self.keep(rel, &kept) });
                }
                let column = |(key, ty): (Arc<str>, Option<Type>)| {
                    let name = format!("{prefix}{key}");
                    (name.clone(), Column::new(name, ty.unwrap_or(Type::Dynamic)))
                };
                found.into_iter().map(column).collect()
            }
        };
        let made: Vec<(String, Column)> = made;
        let keeps = schema.is_none_or(|schema| schema.star);
        let unpacked =
            unpack(rel, bag, &prefix, made, keeps, if schema.is_some() { Conflict::Declared } else { conflict });
        unpacked.map_err(|name| KqlError::new(Problem::DuplicateColumn(name), span))
    }

    fn option(&mut self, expr: Option<&'a Expr>) -> Bound<Option<String>> {
        expr.map(|expr| self.constant_text(expr)).transpose()
    }

    fn column_of(&mut self, rel: &Rel, expr: Option<&'a Expr>, span: Span, outer: Option<&Row<'_>>) -> Bound<usize> {
        let row = self.new_row(rel, outer);
        match expr.map(|expr| &expr.kind) {
            Some(ExprKind::Name(name)) => match row.find(&name.text) {
                Some((index, _)) => Ok(index),
                None => Err(self.unknown(name, &row)),
            },
            _ => Err(KqlError::new(Problem::NotAColumn, expr.map_or(span, |expr| expr.span))),
        }
    }

    pub(super) fn pivot(
        &mut self,
        rel: Rel,
        given: Given<'a>,
        schema: Option<&'a RowSchema>,
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let span = given.plugin.span;
        let pivot = self.column_of(&rel, given.args.first().map(|arg| &arg.value), span, outer)?;
        let (aggregate, used) = self.pivot_aggregate(&rel, given)?;
        let mut by = Vec::new();
        for arg in given.args.iter().skip(2) {
            by.push(self.column_of(&rel, Some(&arg.value), span, outer)?);
        }
        if given.args.len() <= 2 {
            by = (0..rel.columns.len()).filter(|index| *index != pivot && !used.contains(index)).collect();
        }
        let ty = aggregate.1;
        let mut columns: Vec<Column> = by.iter().filter_map(|index| rel.columns.get(*index).cloned()).collect();
        let values = match schema {
            Some(schema) => {
                let declared = self.declared(&schema.columns)?;
                declared.into_iter().filter(|column| !columns.contains(column)).map(|column| column.name).collect()
            }
            None => {
                let mut found = BTreeSet::new();
                let note = |value: &Value| {
                    found.insert(to_text(value));
                    found.len() <= MOST
                };
                if !self.read(&rel, pivot, span, note)? {
                    return Ok(Rel { open: true, ..self.keep(rel, &by) });
                }
                found.into_iter().collect()
            }
        };
        let values: Vec<String> = values;
        let keys: Vec<Scalar> =
            by.iter().zip(&columns).map(|(index, column)| Scalar::column(*index, column.ty)).collect();
        let own = rel.columns.get(pivot).map_or(Type::String, |column| column.ty);
        let text = converted(Scalar::column(pivot, own), Type::String);
        let aggregates = values.iter().map(|value| {
            let value = Scalar::constant(Value::text(value.as_str()), Type::String);
            let same = Kind::Compare(crate::CompareOp::Equal, Box::new(text.clone()), Box::new(value));
            let same = super::scalar::truth(same);
            let filter = match &aggregate.0.filter {
                Some(also) => super::scalar::truth(Kind::Logic(crate::LogicOp::And, vec![same, also.clone()])),
                None => same,
            };
            Aggregate { filter: Some(filter), ..aggregate.0.clone() }
        });
        let aggregates = aggregates.collect();
        columns.extend(values.into_iter().map(|value| Column::new(value, ty)));
        Ok(Rel { op: RelOp::Summarize { input: Box::new(rel), by: keys, aggregates }, columns, open: false })
    }

    /// The aggregate of a pivot, its type, and the columns that it reads.
    fn pivot_aggregate(&mut self, rel: &Rel, given: Given<'a>) -> Bound<((Aggregate, Type), Vec<usize>)> {
        let count = Aggregate { name: "count", args: Vec::new(), filter: None, width: 1 };
        let Some(arg) = given.args.get(1) else { return Ok(((count, Type::Long), Vec::new())) };
        let mut alone = super::outputs::Outputs::default();
        let gather = self.outputs_gathered(rel, &[], std::slice::from_ref(arg), &[], &mut alone)?;
        let ty = gather.types.first().copied().unwrap_or(Type::Dynamic);
        let Some(aggregate) = gather.aggregates.into_iter().next().filter(|aggregate| aggregate.width == 1) else {
            return Err(operand::needs("an aggregate", ty, arg.value.span));
        };
        let mut used = Vec::new();
        aggregate.args.iter().for_each(|arg| columns_in(arg, &mut used));
        Ok(((aggregate, ty), used))
    }
}

fn columns_in(scalar: &Scalar, found: &mut Vec<usize>) {
    if let Kind::Column(index) = scalar.kind {
        found.push(index);
    }
    scalar.parts().into_iter().for_each(|part| columns_in(part, found));
}

/// Notes the keys of a bag, and the type that holds each one's values so far.
fn note_types(bag: &Value, ignored: &[String], found: &mut BTreeMap<Arc<str>, Option<Type>>) {
    let Value::Bag(pairs) = bag else { return };
    for (key, value) in pairs.iter().filter(|(key, _)| !ignored.iter().any(|name| **name == **key)) {
        let known = found.entry(key.clone()).or_default();
        if let Some(ty) = type_of(value) {
            *known = Some(match *known {
                None => ty,
                Some(old) if old == ty => ty,
                Some(old) if old.is_number() && ty.is_number() => old.wider(ty),
                Some(_) => Type::Dynamic,
            });
        }
    }
}

fn type_of(value: &Value) -> Option<Type> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => Type::Bool,
        Value::Long(_) => Type::Long,
        Value::Real(_) => Type::Real,
        Value::Decimal(_) => Type::Decimal,
        Value::String(_) => Type::String,
        Value::DateTime(_) => Type::DateTime,
        Value::TimeSpan(_) => Type::TimeSpan,
        Value::Guid(_) => Type::Guid,
        Value::Array(_) | Value::Bag(_) => Type::Dynamic,
    })
}

/// The table without the bag and with a column for each key; the name of a column that is there already is an error,
/// if it is said so.
fn unpack(
    rel: Rel,
    bag: usize,
    prefix: &str,
    made: Vec<(String, Column)>,
    keeps: bool,
    conflict: Conflict,
) -> Result<Rel, String> {
    let mut columns = Vec::new();
    let mut scalars = Vec::new();
    for (index, column) in rel.columns.iter().enumerate().filter(|(index, _)| keeps && *index != bag) {
        columns.push(column.clone());
        scalars.push(Scalar::column(index, column.ty));
    }
    for (name, column) in made {
        let key = Arc::from(name.strip_prefix(prefix).unwrap_or(&name));
        let whole = Scalar::column(bag, Type::Dynamic);
        let part = Scalar::new(Kind::Member(Box::new(whole), key), Type::Dynamic);
        let own = rel.column(&column.name).filter(|(index, _)| !keeps && *index != bag);
        let part = match own {
            Some((index, ty)) => converted(Scalar::column(index, ty), column.ty),
            None => converted(part, column.ty),
        };
        match columns.iter().position(|known: &Column| known.name == column.name) {
            None => {
                columns.push(column);
                scalars.push(part);
            }
            Some(_) if conflict == Conflict::Keep => {}
            Some(_) if conflict == Conflict::Refuse => return Err(column.name),
            Some(place) if conflict == Conflict::Declared => {
                columns.remove(place);
                scalars.remove(place);
                columns.push(column);
                scalars.push(part);
            }
            Some(place) => {
                columns.remove(place);
                scalars.remove(place);
                columns.insert(place, column);
                scalars.insert(place, part);
            }
        }
    }
    Ok(Rel { op: RelOp::Project(Box::new(rel), scalars), columns, open: false })
}
