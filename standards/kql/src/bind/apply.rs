//! `mv-apply`: a small table per row, and where its columns stand among those of the row.

use super::{Binder, Bound, Row, outputs::Outputs, step::parameter};
use crate::{
    Column, Expansion, Expr, ExprKind, Parameter, Step, Type,
    plan::{Apply, Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    pub(super) fn mv_apply(
        &mut self,
        rel: Rel,
        (parameters, columns): (&'a [Parameter], &'a [Expansion]),
        limit: Option<&'a Expr>,
        steps: &'a [Step],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let row = self.new_row(&rel, outer);
        let mut inside = Vec::new();
        let mut values = Vec::new();
        for expansion in columns {
            let (name, scalar, ty) = self.expansion(expansion, &row)?;
            inside.push(Column::new(name, ty));
            values.push((scalar, ty));
        }
        let index = parameter(parameters, "with_itemindex");
        if let Some((name, _)) = index {
            inside.push(Column::new(name, Type::Long));
        }
        let limit = limit.map(|limit| self.whole(limit)).transpose()?;
        let source = Rel { op: RelOp::Input, columns: inside, open: false };
        let body = self.steps(source, steps, Some(&row))?;
        let opened = |column: &Column| columns.iter().any(|expansion| is_the_column(expansion, &column.name));
        let numbered = index.map(|(name, _)| name);
        let joined = joined(&rel.columns, &body.columns, opened, numbered);
        let open = rel.open || body.open;
        let Joined { outer, inner, columns, order } = joined;
        let apply = Apply { input: rel, values, index: index.is_some(), limit, body, outer, inner };
        let side_by_side = order.iter().zip(&columns).map(|(index, column)| Scalar::column(*index, column.ty));
        let scalars: Vec<Scalar> = side_by_side.collect();
        let in_order = order.iter().copied().eq(0..order.len());
        let applied = Rel { op: RelOp::Apply(Box::new(apply)), columns: columns.clone(), open };
        if in_order {
            return Ok(applied);
        }
        Ok(Rel { op: RelOp::Project(Box::new(applied), scalars), columns, open })
    }
}

/// Whether a column itself is opened, under its own name: it gives way to its elements.
fn is_the_column(expansion: &Expansion, column: &str) -> bool {
    matches!(&expansion.arg.value.kind, ExprKind::Name(name) if expansion.arg.names.is_empty() && name.text == column)
}

/// The columns of a row and of its small table.
struct Joined {
    outer: Vec<usize>,
    inner: Vec<usize>,
    columns: Vec<Column>,
    /// For each column where it stands in those of the row and then those of the table.
    order: Vec<usize>,
}

/// A column of the table takes the place of the row's of the same name; the others follow.
fn joined(row: &[Column], table: &[Column], opened: impl Fn(&Column) -> bool, numbered: Option<&str>) -> Joined {
    let mut outer = Vec::new();
    let mut slots: Vec<(Column, Option<usize>)> = Vec::new();
    let mut placed = vec![false; table.len()];
    for (index, column) in row.iter().enumerate().filter(|(_, column)| !opened(column)) {
        let same = table.iter().position(|new| new.name == column.name && Some(new.name.as_str()) != numbered);
        match same.and_then(|place| Some((place, table.get(place)?, placed.get_mut(place)?))) {
            Some((place, new, placed)) => {
                *placed = true;
                slots.push((new.clone(), Some(place)));
            }
            None => {
                outer.push(index);
                slots.push((column.clone(), None));
            }
        }
    }
    let mut names = Outputs::extending(&[], Vec::new());
    for (column, _) in &slots {
        names.columns.push(column.clone());
    }
    for (place, column) in table.iter().enumerate().filter(|(place, _)| placed.get(*place) == Some(&false)) {
        let name = names.unique(&column.name);
        names.columns.push(Column::new(name.clone(), column.ty));
        slots.push((Column::new(name, column.ty), Some(place)));
    }
    let (mut seen, mut inner) = (0, Vec::new());
    let mut order = Vec::new();
    for (_, place) in &slots {
        match place {
            None => {
                order.push(seen);
                seen += 1;
            }
            Some(place) => {
                order.push(outer.len() + inner.len());
                inner.push(*place);
            }
        }
    }
    Joined { outer, inner, columns: slots.into_iter().map(|(column, _)| column).collect(), order }
}
