//! What the arguments of an operator give: a column each, or several.

use super::{
    Binder, Bound, Row, call, naming,
    outputs::{Given, Output},
};
use crate::{
    Arg, ExprKind, KqlError, Literal, Type, Value,
    error::Problem,
    plan::{Kind, Scalar},
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
            (None, ExprKind::Call(name, args)) if asks_in_vain(&name.text, args, row) => (None, Given::Implied),
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
}

/// Whether `column_ifexists( )` asks for a column that is not there.
fn asks_in_vain(name: &str, args: &[Arg], row: &Row<'_>) -> bool {
    let asks = matches!(name, "column_ifexists" | "columnifexists");
    asks && match args.first().map(|arg| &arg.value.kind) {
        Some(ExprKind::Literal(Literal::String(column))) => row.find(column).is_none(),
        _ => false,
    }
}
