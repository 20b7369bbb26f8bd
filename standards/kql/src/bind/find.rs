//! `find`, and columns chosen by names that are values.

use super::{Binder, Bound, Row, combine, unite};
use crate::{
    Arg, Column, Expr, ExprKind, Find, FoundColumn, KqlError, Type, Value,
    error::Problem,
    plan::{Kind, Rel, RelOp, Scalar},
    value::to_text,
};

impl<'a> Binder<'a> {
    /// `find`: the rows of several tables for which a condition holds, with the columns that all tables have, those of
    /// the condition, and the others in a bag.
    pub(super) fn find(&mut self, find: &'a Find, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let Find { parameters, tables, condition, columns } = find;
        let columns = columns.as_deref();
        self.cased = false;
        let inputs = self.searched(tables, condition.span, outer)?;
        let types = |name: &str| inputs.iter().find_map(|(_, rel)| rel.column(name)).map(|(_, ty)| ty);
        let mut named = Vec::new();
        names_in(condition, &mut named);
        let tested: Vec<Column> = named.into_iter().filter_map(|name| Some(Column::new(name, types(name)?))).collect();
        let (mut wanted, packs) = match columns {
            Some(columns) => self.asked(columns, types)?,
            None => (common(&inputs), true),
        };
        if columns.is_none() {
            let more: Vec<Column> = tested.iter().filter(|column| !wanted.contains(column)).cloned().collect();
            wanted.extend(more);
        }
        let rest = |rel: &Rel| rel.columns.iter().any(|column| !wanted.contains(column));
        let packs = packs && (columns.is_some() || inputs.iter().any(|(_, rel)| rest(rel)));
        let mut found = Vec::new();
        for (index, (label, rel)) in inputs.into_iter().enumerate() {
            let label = label.unwrap_or_else(|| format!("union_arg{index}"));
            let rel = with_missing(rel, &tested);
            let row = self.new_row(&rel, outer);
            let holds = self.sought(condition, &row)?;
            let rel = rel.then(|input| RelOp::Filter(input, holds));
            found.push((label, shaped(rel, &wanted, packs)));
        }
        let source = super::step::parameter(parameters, "withsource").map_or("source_", |(name, _)| name);
        Ok(unite::unite(found, false, Some(source)))
    }

    /// The columns that `find … project` names, and whether the others are wanted in a bag.
    fn asked(
        &mut self,
        columns: &'a [FoundColumn],
        types: impl Fn(&str) -> Option<Type>,
    ) -> Bound<(Vec<Column>, bool)> {
        let (mut wanted, mut packs) = (Vec::new(), false);
        for column in columns {
            match column {
                FoundColumn::Pack => packs = true,
                FoundColumn::Column(name, declared) => {
                    let ty = match declared {
                        Some(declared) => super::type_named(declared)?,
                        None => types(&name.text).ok_or_else(|| self.unknown(name, &Row::none()))?,
                    };
                    wanted.push(Column::new(name.text.clone(), ty));
                }
            }
        }
        Ok((wanted, packs))
    }

    /// `project-by-names`: texts, arrays of texts, or columns; with a star several.
    pub(super) fn project_by_names(&mut self, rel: Rel, args: &'a [Arg]) -> Bound<Rel> {
        let mut kept: Vec<usize> = Vec::new();
        for arg in args {
            let names = match &arg.value.kind {
                ExprKind::Name(name) if rel.column(&name.text).is_some() => vec![name.text.clone()],
                _ => match self.constant(&arg.value)?.kind {
                    Kind::Constant(Value::Array(names)) => names.iter().map(to_text).collect(),
                    Kind::Constant(value @ Value::String(_)) => vec![to_text(&value)],
                    _ => return Err(KqlError::new(Problem::NotConstant, arg.value.span)),
                },
            };
            for name in names {
                let matching =
                    rel.columns.iter().enumerate().filter(|(_, column)| crate::glob::matches(&name, &column.name));
                let new: Vec<usize> = matching.map(|(index, _)| index).filter(|index| !kept.contains(index)).collect();
                kept.extend(new);
            }
        }
        Ok(self.keep(rel, &kept))
    }
}

/// The names that a condition uses, each once.
fn names_in<'e>(expr: &'e Expr, found: &mut Vec<&'e str>) {
    let parts: Vec<&'e Expr> = match &expr.kind {
        ExprKind::Name(name) if found.contains(&name.text.as_str()) => Vec::new(),
        ExprKind::Name(name) => return found.push(&name.text),
        ExprKind::Path(base, _) | ExprKind::Unary(_, base) => vec![base],
        ExprKind::Index(a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::Arithmetic(_, a, b)
        | ExprKind::Text(_, a, b) => vec![a, b],
        ExprKind::Call(_, args) => args.iter().map(|arg| &arg.value).collect(),
        ExprKind::Logic(_, parts) => parts.iter().collect(),
        ExprKind::List(_, value, parts) => std::iter::once(&**value).chain(parts).collect(),
        ExprKind::Between { value, low, high, .. } => vec![value, low, high],
        _ => Vec::new(),
    };
    parts.into_iter().for_each(|part| names_in(part, found));
}

/// The columns that all tables have.
fn common(inputs: &[(Option<String>, Rel)]) -> Vec<Column> {
    let Some(((_, first), others)) = inputs.split_first() else { return Vec::new() };
    first
        .columns
        .iter()
        .filter(|column| others.iter().all(|(_, rel)| rel.column(&column.name).is_some()))
        .cloned()
        .collect()
}

/// The table with these columns, empty where it has them not.
fn with_missing(rel: Rel, columns: &[Column]) -> Rel {
    let (mut all, mut scalars) = (rel.columns.clone(), rel.all());
    for column in columns.iter().filter(|column| rel.column(&column.name).is_none()) {
        all.push(column.clone());
        scalars.push(Scalar::constant(combine::empty(column.ty), column.ty));
    }
    let open = rel.open;
    Rel { op: RelOp::Project(Box::new(rel), scalars), columns: all, open }
}

/// The table as these columns, and a bag of the others.
fn shaped(rel: Rel, wanted: &[Column], packs: bool) -> Rel {
    let mut columns = wanted.to_vec();
    let cell = |column: &Column| match rel.column(&column.name) {
        Some((index, ty)) => super::call::converted(Scalar::column(index, ty), column.ty),
        None => Scalar::constant(combine::empty(column.ty), column.ty),
    };
    let mut scalars: Vec<Scalar> = wanted.iter().map(cell).collect();
    if packs {
        let others = rel.columns.iter().enumerate().filter(|(_, column)| !wanted.contains(column));
        scalars.push(super::built_in::pack(
            others.map(|(index, column)| (column.name.clone(), Scalar::column(index, column.ty))),
        ));
        columns.push(Column::new("pack_", Type::Dynamic));
    }
    Rel { op: RelOp::Project(Box::new(rel), scalars), columns, open: false }
}
