//! `union` and `join` for the columnar engine.

use datafusion::{
    common::{Column as Name, JoinType},
    logical_expr::Expr,
};
use signet_kql::{
    Column,
    plan::{JoinKind, Origin, Rel},
};

use super::{Col, Low, Lowered, Lowering, Not, scalar::literal};
use crate::engine::repr::Repr;

impl Lowering<'_> {
    pub(super) fn union(&self, inputs: &[(Rel, Vec<Origin>)], columns: &[Column]) -> Low<Lowered> {
        let mut parts = Vec::new();
        for (rel, origins) in inputs {
            let lowered = self.rel(rel)?;
            let mut cols = Vec::new();
            for (origin, column) in origins.iter().zip(columns) {
                cols.push(match origin {
                    Origin::Column(index) => lowered.columns.get(*index).cloned().ok_or(Not::Understood)?,
                    Origin::Constant(value) => {
                        let repr = Repr::of(column.ty).ok_or(Not::Understood)?;
                        Col { expr: literal(repr, value.clone())?, repr, paths: None }
                    }
                });
            }
            parts.push((lowered, cols));
        }
        let mut reprs = Vec::new();
        for place in 0..columns.len() {
            let mut found = parts.iter().filter_map(|(_, cols)| cols.get(place)).map(|col| col.repr);
            let first = found.next().ok_or(Not::Understood)?;
            reprs.push(found.fold(first, common));
        }
        let names: Vec<String> = reprs.iter().map(|_| self.name()).collect();
        let mut whole = None;
        for (lowered, cols) in parts {
            let mut exprs = Vec::new();
            for ((col, repr), name) in cols.iter().zip(&reprs).zip(&names) {
                exprs.push(self.formed(col, *repr)?.expr.alias(name));
            }
            let plan = lowered.plan.project(exprs)?;
            whole = Some(match whole {
                None => plan,
                Some(whole) => super::built(datafusion::logical_expr::LogicalPlanBuilder::union(whole, plan.build()?))?,
            });
        }
        let columns = names.into_iter().zip(reprs).map(|(name, repr)| Col::named(name, repr)).collect();
        Ok(Lowered { plan: whole.ok_or(Not::Understood)?, columns, order: Vec::new() })
    }

    pub(super) fn join(
        &self,
        left: Lowered,
        right: Lowered,
        kind: JoinKind,
        on: &[(usize, usize)],
        kept: &[usize],
    ) -> Low<Lowered> {
        let join_type = match kind {
            JoinKind::InnerUnique => return Err(Not::Understood),
            JoinKind::Inner => JoinType::Inner,
            JoinKind::LeftOuter => JoinType::Left,
            JoinKind::RightOuter => JoinType::Right,
            JoinKind::FullOuter => JoinType::Full,
            JoinKind::LeftAnti => JoinType::LeftAnti,
            JoinKind::RightAnti => JoinType::RightAnti,
            JoinKind::LeftSemi => JoinType::LeftSemi,
            JoinKind::RightSemi => JoinType::RightSemi,
        };
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        for (l, r) in on {
            let (Some(l), Some(r)) = (left.columns.get(*l), right.columns.get(*r)) else { return Err(Not::Understood) };
            let repr = common(l.repr, r.repr);
            if matches!(repr, Repr::Coded | Repr::Json | Repr::AnyText | Repr::Guid | Repr::Real) {
                return Err(Not::Understood);
            }
            lefts.push(self.formed(l, repr)?);
            rights.push(self.formed(r, repr)?);
        }
        let (left, left_keys) = self.keyed(left, &lefts)?;
        let (right, right_keys) = self.keyed(right, &rights)?;
        let columns = match kind {
            JoinKind::LeftAnti | JoinKind::LeftSemi => left.columns.clone(),
            JoinKind::RightAnti | JoinKind::RightSemi => right.columns.clone(),
            _ => {
                let kept = kept.iter().filter_map(|index| right.columns.get(*index).cloned());
                left.columns.iter().cloned().chain(kept).collect()
            }
        };
        let plan = left.plan.join(right.plan.build()?, join_type, (left_keys, right_keys), None)?;
        Ok(Lowered { plan, columns, order: Vec::new() })
    }

    /// The columns and the keys, each under a name of its own.
    fn keyed(&self, lowered: Lowered, keys: &[Col]) -> Low<(Lowered, Vec<Name>)> {
        let mut exprs = Vec::new();
        let mut columns = Vec::new();
        for col in &lowered.columns {
            let name = self.name();
            exprs.push(col.expr.clone().alias(&name));
            columns.push(Col::named(name, col.repr));
        }
        let mut names = Vec::new();
        for key in keys {
            let name = self.name();
            exprs.push(Expr::alias(self.filled(key), &name));
            names.push(Name::new_unqualified(name));
        }
        let plan = lowered.plan.project(exprs)?;
        Ok((Lowered { plan, columns, order: Vec::new() }, names))
    }
}

/// A form that holds the values of both.
fn common(a: Repr, b: Repr) -> Repr {
    match (a, b) {
        (a, b) if a == b => a,
        (Repr::Micros, Repr::Ticks) | (Repr::Ticks, Repr::Micros) => Repr::Ticks,
        (Repr::Long, Repr::Real) | (Repr::Real, Repr::Long) => Repr::Real,
        _ => Repr::Coded,
    }
}
