//! `union`: several tables as one.

use super::{Binder, Bound, Row, combine::empty, outputs::Outputs, step::parameter};
use crate::{
    Column, Expr, ExprKind, Parameter, Type, Value,
    error::Problem,
    plan::{Origin, Rel, RelOp},
};

impl<'a> Binder<'a> {
    /// The tables and views whose names match.
    pub(super) fn tables_like(&mut self, glob: &str, span: crate::Span) -> Bound<Vec<(String, Rel)>> {
        let tables = self.catalog.tables.iter().filter(|(name, _)| crate::glob::matches(glob, name));
        let mut found: Vec<_> = tables.map(|(name, columns)| (name.clone(), scan(name, columns))).collect();
        let views: Vec<_> = self
            .scope
            .iter()
            .filter(|(name, _)| crate::glob::matches(glob, name))
            .filter_map(|(name, meaning)| match meaning {
                super::Meaning::Function(function, seen) if function.view => Some((name.clone(), *function, *seen)),
                _ => None,
            })
            .collect();
        for (name, function, seen) in views {
            if let super::Any::Table(rel) = self.apply_function(function, seen, &[], &Row::none(), span)? {
                found.push((name, rel));
            }
        }
        Ok(found)
    }

    /// `union`, perhaps of what flows in first.
    pub(super) fn union(
        &mut self,
        first: Option<Rel>,
        parameters: &'a [Parameter],
        tables: &'a [Expr],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let fuzzy = parameter(parameters, "isfuzzy").is_some_and(|(word, _)| word == "true");
        let inner = parameter(parameters, "kind").is_some_and(|(word, _)| word == "inner");
        let source = parameter(parameters, "withsource").or(parameter(parameters, "with_source"));
        let mut inputs: Vec<(String, Rel)> = Vec::new();
        let mut unknown = None;
        if let Some(rel) = first {
            inputs.push((source_name(&rel, 0), rel));
        }
        for table in tables {
            if let ExprKind::Star(glob) = &table.kind {
                inputs.extend(self.tables_like(glob, table.span)?);
                continue;
            }
            let depth = self.scope.len();
            match self.table(table, outer) {
                Ok(rel) => {
                    let name = written_name(table).unwrap_or_else(|| source_name(&rel, inputs.len()));
                    inputs.push((name, rel));
                }
                Err(error)
                    if fuzzy
                        && matches!(error.problem, Problem::UnknownTable { .. } | Problem::UnknownFunction { .. }) =>
                {
                    self.scope.truncate(depth);
                    unknown = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        match (inputs.is_empty(), unknown) {
            (true, Some(error)) => Err(error),
            _ => Ok(unite(inputs, inner, source.map(|(name, _)| name))),
        }
    }
}

/// What a table is called where it is written.
fn written_name(table: &Expr) -> Option<String> {
    match &table.kind {
        ExprKind::Name(name) | ExprKind::Call(name, _) => Some(name.text.clone()),
        ExprKind::Query(query) => match query.steps.last().map(|step| &step.operator) {
            Some(crate::Operator::As { name, .. }) => Some(name.text.clone()),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn scan(name: &str, columns: &[Column]) -> Rel {
    Rel { op: RelOp::Scan(name.to_owned(), Vec::new()), columns: columns.to_vec(), open: false }
}

fn source_name(rel: &Rel, index: usize) -> String {
    match &rel.op {
        RelOp::Scan(name, _) => name.clone(),
        _ => format!("union_arg{index}"),
    }
}

/// One table of several: a name of one type is one column, a name of several types is a column for each.
pub(super) fn unite(inputs: Vec<(String, Rel)>, inner: bool, source: Option<&str>) -> Rel {
    let mut names: Vec<(String, Vec<Type>)> = Vec::new();
    for column in inputs.iter().flat_map(|(_, rel)| &rel.columns) {
        match names.iter_mut().find(|(name, _)| *name == column.name) {
            Some((_, types)) if types.contains(&column.ty) => {}
            Some((_, types)) => types.push(column.ty),
            None => names.push((column.name.clone(), vec![column.ty])),
        }
    }
    if inner {
        names.retain(|(name, _)| inputs.iter().all(|(_, rel)| rel.column(name).is_some()));
    }
    let mut outputs = Outputs::default();
    let mut origins: Vec<(String, Type)> = Vec::new();
    if let Some(source) = source {
        outputs.columns.push(Column::new(source, Type::String));
    }
    for (name, types) in names {
        for ty in &types {
            let shown = if types.len() == 1 { name.clone() } else { format!("{name}_{ty}") };
            let shown = outputs.unique(&shown);
            outputs.columns.push(Column::new(shown, *ty));
            origins.push((name.clone(), *ty));
        }
    }
    let open = inputs.iter().any(|(_, rel)| rel.open);
    let inputs = inputs.into_iter().map(|(label, rel)| {
        let mut from: Vec<Origin> = Vec::new();
        if source.is_some() {
            from.push(Origin::Constant(Value::text(label)));
        }
        from.extend(origins.iter().map(|(name, ty)| match rel.column(name) {
            Some((index, found)) if found == *ty => Origin::Column(index),
            _ => Origin::Constant(empty(*ty)),
        }));
        (rel, from)
    });
    Rel { op: RelOp::Union(inputs.collect()), columns: outputs.columns, open }
}
