//! Values by how often they come: `sample-distinct` and `top-hitters`, which is exact here.

use super::{Binder, Bound, Row, naming, operand};
use crate::{
    Column, Expr, Type,
    plan::{Aggregate, Order, Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    pub(super) fn sample_distinct(
        &mut self,
        rel: Rel,
        count: &'a Expr,
        of: &'a Expr,
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let count = self.whole(count)?;
        let row = self.new_row(&rel, outer);
        let scalar = self.scalar(of, &row)?;
        let columns = vec![Column::new(naming::implied(of).unwrap_or("Column1".to_owned()), scalar.ty)];
        let op = RelOp::Summarize { input: Box::new(rel), by: vec![scalar], aggregates: Vec::new() };
        Ok(Rel { op, columns, open: false }.then(|input| RelOp::Take(input, count)))
    }

    /// The values that come most often, or of which the sums are greatest.
    pub(super) fn top_hitters(
        &mut self,
        rel: Rel,
        count: &'a Expr,
        of: &'a Expr,
        by: Option<&'a Expr>,
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let count = self.whole(count)?;
        let row = self.new_row(&rel, outer);
        let key = self.scalar(of, &row)?;
        if key.ty == Type::Dynamic {
            return Err(operand::needs("anything but dynamic: use tostring( )", key.ty, of.span));
        }
        let of = naming::implied(of).unwrap_or("Column1".to_owned());
        let (name, aggregate, ty) = match by {
            None => (format!("approximate_count_{of}"), tallied("count", Vec::new()), Type::Long),
            Some(by) => {
                let weight = self.scalar(by, &row)?;
                if !weight.ty.is_number() {
                    return Err(operand::needs("a number", weight.ty, by.span));
                }
                let ty = if weight.ty == Type::Int { Type::Long } else { weight.ty };
                let by = naming::implied(by).unwrap_or("Column1".to_owned());
                (format!("approximate_sum_{by}"), tallied("sum", vec![weight]), ty)
            }
        };
        let columns = vec![Column::new(of, key.ty), Column::new(name, ty)];
        let op = RelOp::Summarize { input: Box::new(rel), by: vec![key], aggregates: vec![aggregate] };
        let order = Order { key: Scalar::column(1, ty), ascending: false, nulls_first: false };
        Ok(Rel { op, columns, open: false }.then(|input| RelOp::Top(input, count, vec![order])))
    }
}

fn tallied(name: &'static str, args: Vec<Scalar>) -> Aggregate {
    Aggregate { name, args, filter: None, width: 1 }
}
