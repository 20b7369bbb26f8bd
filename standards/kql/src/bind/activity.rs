//! Plugins that tell who was active when.

use super::{
    Any, Binder, Bound, Row, naming, operand,
    plugin::{Given, plugged},
};
use crate::{
    Column, Expr, KqlError, Type,
    error::Problem,
    plan::{Kind, Plugin, Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    /// `…(who, when, constants…, dimensions…)`.
    pub(super) fn activity(&mut self, rel: Rel, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
        use Type::{Long, Real};
        let takes = "who, when, start, end and windows";
        let (name, own, count): (_, &[(&str, Type)], _) = match given.plugin.text.as_str() {
            "activity_counts_metrics" => (
                "activity_counts_metrics",
                &[("count", Long), ("dcount", Long), ("new_dcount", Long), ("aggregated_dcount", Long)],
                3,
            ),
            "activity_metrics" => (
                "activity_metrics",
                &[("dcount_values", Long), ("dcount_newvalues", Long), ("retention_rate", Real), ("churn_rate", Real)],
                3,
            ),
            "new_activity_metrics" => (
                "new_activity_metrics",
                &[
                    ("dcount_new_values", Long),
                    ("dcount_retained_values", Long),
                    ("dcount_churn_values", Long),
                    ("retention_rate", Real),
                    ("churn_rate", Real),
                ],
                3,
            ),
            "active_users_count" => ("active_users_count", &[("dcount", Long)], 6),
            "activity_engagement" => (
                "activity_engagement",
                &[("dcount_activities_inner", Long), ("dcount_activities_outer", Long), ("activity_ratio", Real)],
                4,
            ),
            "session_count" => ("session_count", &[("count_sessions", Long)], 4),
            _ => ("sliding_window_counts", &[("Count", Long), ("Dcount", Long)], 4),
        };
        let row = self.new_row(&rel, outer);
        let mut cells = vec![self.scalar(given.needed(0, takes)?, &row)?, self.scalar(given.needed(1, takes)?, &row)?];
        let when = naming::implied(given.needed(1, takes)?).unwrap_or("Column1".to_owned());
        let when_type = cells.get(1).map_or(Type::DateTime, |when| when.ty);
        let mut constants = Vec::new();
        let short = name == "activity_metrics" && given.args.len() == 3;
        if short {
            self.missing("activity_metrics without a start", given.plugin.span);
        }
        for index in 2..2 + count {
            if !(short && index > 2) {
                constants.push(self.constant(given.needed(index, takes)?)?);
            }
        }
        let mut columns = match name {
            "new_activity_metrics" => {
                vec![Column::new(format!("from_{when}"), when_type), Column::new(format!("to_{when}"), when_type)]
            }
            _ => vec![Column::new(when, when_type)],
        };
        let (mut table, mut table_cells) = (None, Vec::new());
        for arg in given.args.iter().skip(2 + count) {
            if name == "new_activity_metrics" && table.is_none() {
                if constants.len() == count && self.is_constant(&arg.value) {
                    constants.push(self.constant(&arg.value)?);
                    continue;
                }
                if let Ok(Any::Table(earlier)) = self.any(&arg.value, &Row::none()) {
                    let earlier_row = self.new_row(&earlier, None);
                    table_cells = vec![self.scalar(given.needed(0, takes)?, &earlier_row)?];
                    table = Some(earlier);
                    continue;
                }
            }
            let scalar = self.scalar(&arg.value, &row)?;
            let column = naming::implied(&arg.value).ok_or(KqlError::new(Problem::NotAColumn, arg.value.span))?;
            columns.push(Column::new(column, scalar.ty));
            cells.push(scalar);
        }
        columns.extend(own.iter().map(|(name, ty)| Column::new(*name, *ty)));
        let plugin = Plugin { name, input: rel, table, cells, table_cells, constants };
        Ok(Rel { op: RelOp::Plugin(Box::new(plugin)), columns, open: false })
    }

    fn is_constant(&mut self, expr: &'a Expr) -> bool {
        let missing = self.unsupported.clone();
        let answer = self.constant(expr).is_ok();
        self.unsupported = missing;
        answer
    }

    /// `rolling_percentile(value, rank, when, window, windows[, dimensions…])`.
    pub(super) fn rolling(&mut self, rel: Rel, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let takes = "a value, a rank, a time, a window and a number of windows";
        let row = self.new_row(&rel, outer);
        let (value, when) = (given.needed(0, takes)?, given.needed(2, takes)?);
        let mut cells = vec![self.scalar(value, &row)?, self.scalar(when, &row)?];
        let mut constants = Vec::new();
        for index in [1, 3, 4] {
            constants.push(self.constant(given.needed(index, takes)?)?);
        }
        let types: Vec<Type> = cells.iter().map(|cell| cell.ty).collect();
        let ty = |index: usize| types.get(index).copied().unwrap_or(Type::Dynamic);
        if !ty(0).is_summable() {
            return Err(operand::needs("a number, datetime or timespan", ty(0), value.span));
        }
        let mut columns = vec![Column::new(naming::implied(when).unwrap_or("Column1".to_owned()), ty(1))];
        for arg in given.args.iter().skip(5) {
            let scalar = self.scalar(&arg.value, &row)?;
            let column = naming::implied(&arg.value).ok_or(KqlError::new(Problem::NotAColumn, arg.value.span))?;
            columns.push(Column::new(column, scalar.ty));
            cells.push(scalar);
        }
        let number = |scalar: Option<&Scalar>| match scalar.map(|scalar| &scalar.kind) {
            Some(Kind::Constant(value)) => value.to_text(),
            _ => String::new(),
        };
        let of = naming::implied(value).unwrap_or_default();
        let name = format!("rolling_{}_percentile_{of}_{}", number(constants.get(2)), number(constants.first()));
        columns.push(Column::new(name, ty(0)));
        Ok(plugged("rolling_percentile", rel, columns, cells, constants))
    }
}
