use super::{
    Binder, Bound, Row, call, naming,
    outputs::{Given, Output, Outputs},
};
use crate::{
    Arg, Expr, ExprKind, KqlError, Ordered, Type, Value,
    error::Problem,
    plan::{Kind, Rel, RelOp, Scalar},
};

/// Functions that give several columns: their names and types.
const SEVERAL: [(&str, &[(&str, Type)]); 11] = [
    ("series_fft", &[("real", Type::Dynamic), ("imag", Type::Dynamic)]),
    ("series_ifft", &[("real", Type::Dynamic), ("imag", Type::Dynamic)]),
    ("series_periods_detect", &[("periods", Type::Dynamic), ("scores", Type::Dynamic)]),
    ("series_periods_validate", &[("periods", Type::Dynamic), ("scores", Type::Dynamic)]),
    (
        "series_fit_poly",
        &[
            ("rsquare", Type::Real),
            ("coefficients", Type::Dynamic),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("poly_fit", Type::Dynamic),
        ],
    ),
    (
        "series_decompose_forecast",
        &[
            ("baseline", Type::Dynamic),
            ("seasonal", Type::Dynamic),
            ("trend", Type::Dynamic),
            ("residual", Type::Dynamic),
        ],
    ),
    (
        "series_fit_2lines",
        &[
            ("rsquare", Type::Real),
            ("split_idx", Type::Long),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("line_fit", Type::Dynamic),
            ("right_rsquare", Type::Real),
            ("right_slope", Type::Real),
            ("right_interception", Type::Real),
            ("right_variance", Type::Real),
            ("right_rvariance", Type::Real),
            ("left_rsquare", Type::Real),
            ("left_slope", Type::Real),
            ("left_interception", Type::Real),
            ("left_variance", Type::Real),
            ("left_rvariance", Type::Real),
        ],
    ),
    (
        "series_fit_line",
        &[
            ("rsquare", Type::Real),
            ("slope", Type::Real),
            ("variance", Type::Real),
            ("rvariance", Type::Real),
            ("interception", Type::Real),
            ("line_fit", Type::Dynamic),
        ],
    ),
    (
        "series_stats",
        &[
            ("min", Type::Real),
            ("min_idx", Type::Long),
            ("max", Type::Real),
            ("max_idx", Type::Long),
            ("avg", Type::Real),
            ("stdev", Type::Real),
            ("variance", Type::Real),
        ],
    ),
    (
        "series_decompose_anomalies",
        &[("ad_flag", Type::Dynamic), ("ad_score", Type::Dynamic), ("baseline", Type::Dynamic)],
    ),
    (
        "series_decompose",
        &[
            ("baseline", Type::Dynamic),
            ("seasonal", Type::Dynamic),
            ("trend", Type::Dynamic),
            ("residual", Type::Dynamic),
        ],
    ),
];

impl<'a> Binder<'a> {
    /// The columns that one argument gives.
    pub(super) fn outputs_of(&mut self, arg: &'a Arg, row: &Row<'_>) -> Bound<Vec<Output>> {
        let span = arg.value.span;
        if let Some(outputs) = self.several_of(arg, row)? {
            return Ok(outputs);
        }
        if let Some(second) = arg.names.get(1) {
            let problem =
                Problem::Type { wanted: "a function of several results".to_owned(), found: "a value".to_owned() };
            return Err(KqlError::new(problem, second.span));
        }
        let scalar = self.scalar(&arg.value, row)?;
        let (name, given) = match (arg.names.first(), &arg.value.kind) {
            (Some(name), _) => (Some(name.text.clone()), Given::Explicit),
            (None, ExprKind::Name(name)) => (Some(name.text.clone()), Given::Explicit),
            (None, ExprKind::Call(name, _)) if !self.is_built_in(&name.text) => (None, Given::Implied),
            _ => (naming::implied(&arg.value), Given::Implied),
        };
        Ok(vec![Output { name, given, scalar, span }])
    }

    fn is_built_in(&self, name: &str) -> bool {
        self.lookup(name).is_none()
    }

    fn several_of(&mut self, arg: &'a Arg, row: &Row<'_>) -> Bound<Option<Vec<Output>>> {
        let ExprKind::Call(name, args) = &arg.value.kind else { return Ok(None) };
        if name.text.starts_with("array_sort_") && self.is_built_in(&name.text) {
            return self.sorted_arrays(arg, args, row).map(Some);
        }
        let Some((_, parts)) = SEVERAL.iter().find(|(known, _)| *known == name.text) else { return Ok(None) };
        let span = arg.value.span;
        let whole = self.scalar(&arg.value, row)?;
        let base = args.first().and_then(|arg| naming::implied(&arg.value)).unwrap_or_default();
        let mut outputs = Vec::new();
        for (index, (part, ty)) in parts.iter().enumerate() {
            let at = Scalar::constant(Value::Long(i64::try_from(index).unwrap_or(0)), Type::Long);
            let element = Scalar::new(Kind::Element(Box::new(whole.clone()), Box::new(at)), Type::Dynamic);
            let written = arg.names.get(index);
            let name = written.map_or_else(|| format!("{}_{base}_{part}", name.text), |name| name.text.clone());
            let given = if written.is_some() { Given::Explicit } else { Given::Several };
            outputs.push(Output { name: Some(name), given, scalar: call::converted(element, *ty), span });
        }
        Ok(Some(outputs))
    }

    /// `array_sort_asc(a, b, …)`: a column for each array.
    fn sorted_arrays(&mut self, arg: &'a Arg, args: &'a [Arg], row: &Row<'_>) -> Bound<Vec<Output>> {
        let span = arg.value.span;
        let whole = self.scalar(&arg.value, row)?;
        let mut arrays = Vec::new();
        for part in args {
            if self.scalar(&part.value, row)?.ty == Type::Dynamic {
                arrays.push(naming::implied(&part.value));
            }
        }
        let several = arrays.len() > 1;
        let mut outputs = Vec::new();
        for (index, base) in arrays.into_iter().enumerate() {
            let at = Scalar::constant(Value::Long(i64::try_from(index).unwrap_or(0)), Type::Long);
            let kind = if several { Kind::Element(Box::new(whole.clone()), Box::new(at)) } else { whole.kind.clone() };
            let written = arg.names.get(index);
            let implied = base.map_or_else(|| format!("array{index}_sorted"), |base| format!("{base}_sorted"));
            let given = if written.is_some() { Given::Explicit } else { Given::Several };
            let name = Some(written.map_or(implied, |name| name.text.clone()));
            outputs.push(Output { name, given, scalar: Scalar::new(kind, Type::Dynamic), span });
        }
        Ok(outputs)
    }

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
                let name = |index: &usize| rel.columns.get(*index).map(|column| column.name.clone());
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
