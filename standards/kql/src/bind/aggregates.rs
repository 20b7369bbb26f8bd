//! Aggregates by their names, and those that give several columns.

use super::{
    Binder, Bound, Row, call, naming, operand,
    outputs::{Given, Output, Outputs},
};
use crate::{
    Arg, Expr, ExprKind, KqlError, Name, Span, Type,
    error::Problem,
    functions,
    plan::{Aggregate, Kind, Rel, Scalar},
};

/// Aggregates with a condition, and those that they are with it.
const CONDITIONAL: [(&str, &str); 18] = [
    ("countif", "count"),
    ("dcountif", "dcount"),
    ("sumif", "sum"),
    ("avgif", "avg"),
    ("minif", "min"),
    ("maxif", "max"),
    ("make_list_if", "make_list"),
    ("make_set_if", "make_set"),
    ("make_bag_if", "make_bag"),
    ("stdevif", "stdev"),
    ("varianceif", "variance"),
    ("variancepif", "variancep"),
    ("count_distinctif", "count_distinct"),
    ("take_anyif", "take_any"),
    ("anyif", "take_any"),
    ("hll_if", "hll"),
    ("covarianceif", "covariance"),
    ("covariancepif", "covariancep"),
];

const ALIASES: [(&str, &str); 8] = [
    ("merge_tdigest", "tdigest_merge"),
    ("cnt", "count"),
    ("makelist", "make_list"),
    ("makeset", "make_set"),
    ("argmax", "arg_max"),
    ("argmin", "arg_min"),
    ("any", "take_any"),
    ("make_dictionary", "make_bag"),
];

/// The aggregates that can be run.
const RUN: [&str; 32] = [
    "binary_all_and",
    "binary_all_or",
    "binary_all_xor",
    "buildschema",
    "covariance",
    "covariancep",
    "hll",
    "hll_merge",
    "percentilesw_array",
    "percentilew",
    "tdigest",
    "tdigest_merge",
    "count",
    "dcount",
    "count_distinct",
    "sum",
    "avg",
    "min",
    "max",
    "make_list",
    "make_set",
    "make_bag",
    "arg_max",
    "arg_min",
    "take_any",
    "stdev",
    "stdevp",
    "variance",
    "variancep",
    "percentile",
    "make_list_with_nulls",
    "percentiles_array",
];

impl<'a> Binder<'a> {
    pub(super) fn made(&mut self, name: &'static str, mut args: Vec<Scalar>, span: Span) -> Aggregate {
        let mut filter = None;
        let mut plain = name;
        if let Some((_, without)) = CONDITIONAL.iter().find(|(with, _)| *with == name) {
            plain = without;
            let at = match plain {
                "count" => 0,
                "covariance" | "covariancep" => 2,
                _ => 1,
            };
            if at < args.len() {
                filter = Some(args.remove(at));
            }
        }
        if plain == "count" && !args.is_empty() {
            filter = args.pop();
        }
        plain = ALIASES.iter().find(|(alias, _)| *alias == plain).map_or(plain, |(_, name)| name);
        if !RUN.contains(&plain) {
            self.missing(format!("the aggregate {name}"), span);
        }
        let old = matches!(name, "makelist" | "makeset") && args.len() < 2;
        if old {
            args.push(Scalar::constant(crate::Value::Long(128), Type::Long));
        }
        let width = if matches!(plain, "arg_max" | "arg_min" | "take_any") { args.len() } else { 1 };
        Aggregate { name: plain, args, filter, width }
    }

    /// An aggregate that gives several columns.
    pub(super) fn several(
        &mut self,
        arg: &'a Arg,
        name: &'a Name,
        args: &'a [Arg],
        by: &'a [Arg],
        input: &Rel,
        outputs: &mut Outputs,
    ) -> Bound<()> {
        let signature = functions::find(&name.text, true).ok_or(KqlError::new(Problem::NotAnAggregate, name.span))?;
        let prefix = match name.text.as_str() {
            "arg_max" | "argmax" => "max_",
            "arg_min" | "argmin" => "min_",
            _ => "any_",
        };
        let orders = prefix != "any_";
        let mut bound = Vec::new();
        let mut names = Vec::new();
        let gather = self.gather.take();
        let row = self.new_row(input, None);
        for (index, part) in args.iter().enumerate() {
            if let ExprKind::Star(_) = part.value.kind {
                let from = names.len();
                self.starred(&row, args, by, &mut names, &mut bound);
                let starred = names.iter_mut().skip(from);
                starred.for_each(|column| *column = prefixed(&name.text, args, column));
                continue;
            }
            bound.push(self.scalar(&part.value, &row)?);
            let implied = match (&part.value.kind, name.text.as_str()) {
                (_, "any" | "argmax" | "argmin") => {
                    let own = naming::implied(&part.value);
                    own.map(|own| {
                        if index == 0 && orders { format!("{prefix}{own}") } else { prefixed(&name.text, args, &own) }
                    })
                }
                _ => naming::of_argument(part),
            };
            names.push(implied.unwrap_or_else(|| match index {
                0 if orders => prefix.to_owned(),
                _ => format!("{prefix}_arg{index}").replace("any__", "any_"),
            }));
        }
        self.gather = gather;
        if signature.taking(args.len().max(1)).next().is_none() || args.is_empty() {
            return Err(call::arguments(signature.name, signature.counts(), args.len(), arg.value.span));
        }
        if orders && !input.open && bound.first().is_some_and(|scalar| scalar.ty == Type::Dynamic) {
            return Err(operand::needs("a number, datetime, timespan or string", Type::Dynamic, arg.value.span));
        }
        let types: Vec<Type> = bound.iter().map(|scalar| scalar.ty).collect();
        let aggregate = self.made(signature.name, bound, arg.value.span);
        let Some(gather) = &mut self.gather else { return Ok(()) };
        let first = gather.add(aggregate, &types);
        let Kind::Column(base) = first.kind else { return Ok(()) };
        for (index, (implied, ty)) in names.into_iter().zip(types).enumerate() {
            let written = arg.names.get(index);
            let name = Some(written.map_or(implied, |name| name.text.clone()));
            let given = if written.is_some() { Given::Explicit } else { Given::Several };
            outputs.push(Output { name, given, scalar: Scalar::column(base + index, ty), span: arg.value.span })?;
        }
        Ok(())
    }

    /// All columns that are not named beside the star and not grouped by.
    fn starred(&self, row: &Row<'_>, args: &[Arg], by: &[Arg], names: &mut Vec<String>, bound: &mut Vec<Scalar>) {
        let plain = |expr: &Expr| match &expr.kind {
            ExprKind::Name(name) => Some(name.text.clone()),
            _ => None,
        };
        let mut taken: Vec<String> = args.iter().filter_map(|arg| plain(&arg.value)).collect();
        taken.extend(by.iter().filter(|arg| arg.names.is_empty()).filter_map(|arg| plain(&arg.value)));
        for (index, column) in row.columns.iter().enumerate() {
            if !taken.contains(&column.name) {
                names.push(column.name.clone());
                bound.push(Scalar::column(index, column.ty));
            }
        }
    }

    pub(super) fn percentiles(
        &mut self,
        arg: &'a Arg,
        name: &'a Name,
        args: &'a [Arg],
        outputs: &mut Outputs,
    ) -> Bound<()> {
        let span = arg.value.span;
        let signature = functions::find(&name.text, true).ok_or(KqlError::new(Problem::NotAnAggregate, span))?;
        let weighted = name.text == "percentilesw";
        let (of, at) = args.split_at_checked(if weighted { 2 } else { 1 }).unwrap_or((args, &[]));
        let Some(first) = of.first().filter(|_| !at.is_empty()) else {
            return Err(call::arguments(signature.name, signature.counts(), args.len(), span));
        };
        let gather = self.gather.take();
        let columns = gather.as_ref().map(|gather| gather.columns.clone()).unwrap_or_default();
        self.rows += 1;
        let row = Row {
            columns: &columns,
            open: gather.as_ref().is_some_and(|gather| gather.open),
            outer: None,
            id: self.rows,
        };
        let values = of.iter().map(|arg| self.scalar(&arg.value, &row)).collect::<Bound<Vec<_>>>()?;
        let mut ranks = Vec::new();
        for rank in at {
            ranks.push((self.scalar(&rank.value, &row)?, naming::percentile(&first.value, &rank.value)));
        }
        self.gather = gather;
        let ty = values.first().map_or(Type::Dynamic, |value| value.ty);
        for (index, (rank, implied)) in ranks.into_iter().enumerate() {
            let plain = if weighted { "percentilew" } else { "percentile" };
            let args = values.iter().cloned().chain([rank]).collect();
            let aggregate = Aggregate { name: plain, args, filter: None, width: 1 };
            let Some(gather) = &mut self.gather else { return Ok(()) };
            let scalar = gather.add(aggregate, &[ty]);
            let written = arg.names.get(index);
            let name = Some(written.map_or(implied, |name| name.text.clone()));
            let given = if written.is_some() { Given::Explicit } else { Given::Implied };
            outputs.push(Output { name, given, scalar, span })?;
        }
        Ok(())
    }
}

/// What the older aggregates put before the names of columns that they bring along.
fn prefixed(aggregate: &str, args: &[Arg], column: &str) -> String {
    let first = || args.first().and_then(|arg| naming::implied(&arg.value)).unwrap_or_default();
    match aggregate {
        "any" => format!("any_{column}"),
        "argmax" => format!("max_{}_{column}", first()),
        "argmin" => format!("min_{}_{column}", first()),
        _ => column.to_owned(),
    }
}
