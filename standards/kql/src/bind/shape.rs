use super::{Binder, Bound, Row, outputs::Outputs};
use crate::{
    Arg, Expr, ExprKind, KqlError, Ordered, Type,
    error::Problem,
    plan::{Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    pub(super) fn extend(&mut self, rel: Rel, args: &'a [Arg], outer: Option<&Row<'_>>) -> Bound<Rel> {
        let row = self.new_row(&rel, outer);
        let mut outputs = Outputs::extending(&rel.columns, rel.all());
        for arg in args {
            for output in self.outputs_of(arg, &row)? {
                outputs.push(output)?;
            }
        }
        Ok(self.projected(rel, outputs))
    }

    pub(super) fn project(&mut self, rel: Rel, args: &'a [Arg], outer: Option<&Row<'_>>) -> Bound<Rel> {
        let row = self.new_row(&rel, outer);
        let mut outputs = Outputs::default();
        for arg in args {
            for output in self.outputs_of(arg, &row)? {
                outputs.push(output)?;
            }
        }
        let mut projected = self.projected(rel, outputs);
        projected.open = false;
        Ok(projected)
    }

    pub(super) fn distinct(&mut self, rel: Rel, args: &'a [Arg], outer: Option<&Row<'_>>) -> Bound<Rel> {
        if let [Arg { value: Expr { kind: ExprKind::Star(_), span }, .. }] = args {
            let by = rel.all();
            if by.iter().any(|scalar| scalar.ty == Type::Dynamic) {
                return Err(super::operand::needs("anything but dynamic: name the columns", Type::Dynamic, *span));
            }
            return Ok(rel.then(|input| RelOp::Summarize { input, by, aggregates: Vec::new() }));
        }
        let (by, outputs) = self.groups(&rel, args, outer)?;
        let op = RelOp::Summarize { input: Box::new(rel), by, aggregates: Vec::new() };
        Ok(Rel { op, columns: outputs.columns, open: false })
    }

    /// The columns that a name or a name with `*` means.
    fn chosen(&self, rel: &Rel, expr: &Expr) -> Bound<Vec<usize>> {
        let row = Row { columns: &rel.columns, open: rel.open, outer: None, id: 0 };
        match &expr.kind {
            ExprKind::Name(name) => match row.find(&name.text) {
                Some((index, _)) => Ok(vec![index]),
                None if rel.open => Ok(Vec::new()),
                None => Err(self.unknown(name, &row)),
            },
            ExprKind::Star(glob) => {
                let matching =
                    rel.columns.iter().enumerate().filter(|(_, column)| crate::glob::matches(glob, &column.name));
                let found: Vec<usize> = matching.map(|(index, _)| index).collect();
                if found.is_empty() && !rel.open {
                    let problem = Problem::UnknownName { name: glob.clone(), suggestion: None };
                    return Err(KqlError::new(problem, expr.span));
                }
                Ok(found)
            }
            _ => Err(KqlError::new(Problem::NotAColumn, expr.span)),
        }
    }

    pub(super) fn keep(&self, rel: Rel, kept: &[usize]) -> Rel {
        let pick = |index: &usize| rel.columns.get(*index).cloned();
        let columns: Vec<_> = kept.iter().filter_map(pick).collect();
        let scalars = kept.iter().zip(&columns).map(|(index, column)| Scalar::column(*index, column.ty)).collect();
        let open = rel.open;
        Rel { op: RelOp::Project(Box::new(rel), scalars), columns, open }
    }

    pub(super) fn project_away(&mut self, rel: Rel, args: &'a [Arg]) -> Bound<Rel> {
        let mut gone = Vec::new();
        for arg in args {
            gone.extend(self.chosen(&rel, &arg.value)?);
        }
        let kept: Vec<usize> = (0..rel.columns.len()).filter(|index| !gone.contains(index)).collect();
        Ok(self.keep(rel, &kept))
    }

    pub(super) fn project_keep(&mut self, rel: Rel, args: &'a [Arg]) -> Bound<Rel> {
        let mut kept = Vec::new();
        for arg in args {
            kept.extend(self.chosen(&rel, &arg.value)?);
        }
        kept.sort_unstable();
        kept.dedup();
        let mut rel = self.keep(rel, &kept);
        rel.open = false;
        Ok(rel)
    }

    pub(super) fn project_reorder(&mut self, rel: Rel, args: &'a [Ordered]) -> Bound<Rel> {
        let mut kept: Vec<usize> = Vec::new();
        for arg in args {
            let mut chosen = self.chosen(&rel, &arg.column.value)?;
            if let Some(ascending) = arg.ascending {
                let name = |index: &usize| rel.columns.get(*index).map(|column| by_name(&column.name, arg.natural));
                chosen.sort_by_key(name);
                if !ascending {
                    chosen.reverse();
                }
            }
            chosen.retain(|index| !kept.contains(index));
            kept.extend(chosen);
        }
        let rest: Vec<usize> = (0..rel.columns.len()).filter(|index| !kept.contains(index)).collect();
        kept.extend(rest);
        Ok(self.keep(rel, &kept))
    }

    pub(super) fn project_rename(&mut self, mut rel: Rel, args: &'a [Arg]) -> Bound<Rel> {
        let mut renamed = Vec::new();
        for arg in args {
            let (Some(new), ExprKind::Name(old)) = (arg.names.first(), &arg.value.kind) else {
                return Err(KqlError::new(Problem::NotAColumn, arg.value.span));
            };
            let row = Row { columns: &rel.columns, open: rel.open, outer: None, id: 0 };
            match row.find(&old.text) {
                Some((index, _)) => renamed.push((index, new)),
                None if rel.open => {}
                None => return Err(self.unknown(old, &row)),
            }
        }
        for (index, new) in &renamed {
            let clash = rel.columns.iter().enumerate().any(|(other, column)| {
                other != *index && column.name == new.text && !renamed.iter().any(|(moved, _)| *moved == other)
            });
            if clash {
                return Err(KqlError::new(Problem::DuplicateColumn(new.text.clone()), new.span));
            }
        }
        for (index, new) in renamed {
            if let Some(column) = rel.columns.get_mut(index) {
                column.name.clone_from(&new.text);
            }
        }
        Ok(rel)
    }
}

/// What a name is ordered by: itself in capitals, where `natural` with its numbers as numbers.
fn by_name(name: &str, natural: bool) -> Vec<(String, u128)> {
    let name = name.to_uppercase();
    if !natural {
        return vec![(name, 0)];
    }
    let mut parts: Vec<(String, u128)> = vec![(String::new(), 0)];
    let mut counts = false;
    for c in name.chars() {
        let digit = c.to_digit(10);
        if counts && digit.is_none() {
            parts.push((String::new(), 0));
        }
        counts = digit.is_some();
        let Some((text, number)) = parts.last_mut() else { continue };
        match digit {
            Some(digit) => *number = number.saturating_mul(10).saturating_add(digit.into()),
            None => text.push(c),
        }
    }
    parts
}
