//! `summarize` for the columnar engine.

use std::sync::Arc;

use datafusion::{
    functions_aggregate::{average::avg_udaf, count::count_udaf, min_max, sum::sum_udaf},
    logical_expr::{AggregateUDF, Expr, expr::AggregateFunction, lit},
    scalar::ScalarValue,
};
use signet_kql::{
    Type, Value,
    plan::{Aggregate, Scalar},
};

use super::{Col, Low, Lowered, Lowering, Not};
use crate::{
    codec,
    engine::{distinct::Distinct, function::Body, gather, repr::Repr},
};

/// An aggregate, and the columns that come of its result.
struct Found {
    expr: Expr,
    columns: Vec<Col>,
}

impl Lowering<'_> {
    pub(super) fn summarize(&self, lowered: Lowered, by: &[Scalar], aggregates: &[Aggregate]) -> Low<Lowered> {
        if by.is_empty() && aggregates.is_empty() {
            return Err(Not::Understood);
        }
        let (mut groups, mut columns) = (Vec::new(), Vec::new());
        for key in by {
            let col = self.scalar(key, &lowered.columns)?;
            if matches!(col.repr, Repr::Json | Repr::AnyText | Repr::Guid) {
                return Err(Not::Understood);
            }
            let name = self.name();
            groups.push(self.filled(&col).alias(&name));
            columns.push(Col::named(name, col.repr));
        }
        let mut exprs = Vec::new();
        for aggregate in aggregates {
            let name = self.name();
            let found = self.aggregate(aggregate, &lowered.columns, &name)?;
            exprs.push(found.expr.alias(&name));
            columns.extend(found.columns);
        }
        let plan = lowered.plan.aggregate(groups, exprs)?;
        // What is made of results stands in columns of its own from here on.
        let (mut exprs, mut named) = (Vec::new(), Vec::new());
        for col in columns {
            let name = self.name();
            exprs.push(col.expr.alias(&name));
            named.push(Col::named(name, col.repr));
        }
        Ok(Lowered { plan: plan.project(exprs)?, columns: named, order: Vec::new() })
    }

    fn aggregate(&self, aggregate: &Aggregate, columns: &[Col], name: &str) -> Low<Found> {
        let filter = match &aggregate.filter {
            Some(filter) => Some(Box::new(self.condition(filter, columns)?)),
            None => None,
        };
        let args = aggregate.args.iter().map(|arg| self.scalar(arg, columns)).collect::<Low<Vec<_>>>()?;
        let call = |function: Arc<AggregateUDF>, args: Vec<Expr>| {
            Expr::AggregateFunction(AggregateFunction::new_udf(function, args, false, filter.clone(), vec![], None))
        };
        let first = args.first();
        let is = |reprs: &[Repr]| first.is_some_and(|col| reprs.contains(&col.repr));
        let ordered = [Repr::Long, Repr::Span, Repr::Micros, Repr::Ticks, Repr::Text];
        let simple = |expr: Expr, repr: Repr| Found { expr, columns: vec![Col::named(name.to_owned(), repr)] };
        Ok(match (aggregate.name, first) {
            ("count", _) => simple(call(count_udaf(), vec![lit(1_i64)]), Repr::Long),
            ("dcount" | "count_distinct", Some(col)) if is(&ordered) => {
                let different = Arc::new(AggregateUDF::new_from_impl(Distinct::new()));
                simple(call(different, vec![self.filled(col)]), Repr::Long)
            }
            ("sum", Some(col)) if is(&[Repr::Long, Repr::Real]) => {
                let zero = if col.repr == Repr::Real { lit(0.0_f64) } else { lit(0_i64) };
                let mut found = simple(call(sum_udaf(), vec![col.expr.clone()]), col.repr);
                found.replace(|sum| datafusion::functions::core::expr_fn::coalesce(vec![sum, zero]));
                found
            }
            ("avg", Some(col)) if is(&[Repr::Long, Repr::Real]) => {
                let mut found = simple(call(avg_udaf(), vec![col.expr.clone()]), Repr::Real);
                let nan = lit(ScalarValue::Float64(Some(f64::NAN)));
                found.replace(|mean| datafusion::functions::core::expr_fn::coalesce(vec![mean, nan]));
                found
            }
            ("min", Some(col)) if is(&ordered) => simple(call(min_max::min_udaf(), vec![self.filled(col)]), col.repr),
            ("max", Some(col)) if is(&ordered) => simple(call(min_max::max_udaf(), vec![self.filled(col)]), col.repr),
            (gathered, Some(_)) if gather::REPLAYED.contains(&gathered) => {
                let takes = args.iter().map(|col| col.repr).collect();
                let function = Arc::new(AggregateUDF::new_from_impl(gather::Gather::new(aggregate.clone(), takes)));
                let expr = call(function, args.into_iter().map(|col| col.expr).collect());
                let columns = self.taken_apart(aggregate, name)?;
                Found { expr, columns }
            }
            _ => return Err(Not::Understood),
        })
    }

    /// The columns of an aggregate whose result is a coded row.
    fn taken_apart(&self, aggregate: &Aggregate, name: &str) -> Low<Vec<Col>> {
        let gives_arguments = ["min", "max", "arg_max", "arg_min", "take_any"].contains(&aggregate.name);
        let ty = |place: usize| match aggregate.args.get(place) {
            Some(arg) if gives_arguments => arg.ty,
            _ if aggregate.name == "percentile" => aggregate.args.first().map_or(Type::Dynamic, |arg| arg.ty),
            _ => Type::Dynamic,
        };
        let column = |place: usize| {
            let repr = Repr::of(ty(place)).ok_or(Not::Understood)?;
            let row = Col::named(name.to_owned(), Repr::Coded);
            Ok(self.function(&format!("cell {place}"), Body::Cell(place), vec![row], repr))
        };
        (0..aggregate.width).map(column).collect()
    }
}

impl Found {
    fn replace(&mut self, with: impl FnOnce(Expr) -> Expr) {
        if let Some(col) = self.columns.first_mut() {
            col.expr = with(col.expr.clone());
        }
    }
}

/// A cell of a coded row.
pub(in crate::engine) fn cell(bytes: &[u8], place: usize) -> Value {
    codec::Reader(bytes).row().and_then(|row| row.into_iter().nth(place)).unwrap_or_default()
}
