//! `evaluate`: the plugins, their arguments and the columns that they give.

use super::{Binder, Bound, Row, call::arguments, combine, naming, operand, step::missing_table};
use crate::{
    Arg, Column, Expr, ExprKind, KqlError, Name, RowSchema, Type, Value,
    error::Problem,
    nearest,
    plan::{Kind, Plugin, Rel, RelOp, Scalar},
};

/// Plugins that are known; those of which the columns are not are bound and not run.
const KNOWN: [&str; 32] = [
    "active_users_count",
    "activity_counts_metrics",
    "activity_engagement",
    "activity_metrics",
    "ai_chat_completion",
    "ai_embed_text",
    "autocluster",
    "bag_unpack",
    "basket",
    "cosmosdb_sql_request",
    "dcount_intersect",
    "diffpatterns",
    "funnel_sequence",
    "funnel_sequence_completion",
    "geo_line_lookup",
    "geo_polygon_lookup",
    "http_request",
    "http_request_post",
    "infer_storage_schema",
    "ipv4_lookup",
    "ipv6_lookup",
    "narrow",
    "new_activity_metrics",
    "pivot",
    "preview",
    "python",
    "r",
    "rolling_percentile",
    "rows_near",
    "schema_merge",
    "session_count",
    "sql_request",
];
const MORE: [&str; 3] = ["sequence_detect", "sliding_window_counts", "mysql_request"];

/// The arguments of a plugin, in their places and by their names.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) plugin: &'a Name,
    pub(super) args: &'a [Arg],
}

impl<'a> Given<'a> {
    pub(super) fn placed(&self, index: usize) -> Option<&'a Expr> {
        self.args.get(index).filter(|arg| arg.names.is_empty()).map(|arg| &arg.value)
    }

    pub(super) fn named(&self, name: &str) -> Option<&'a Expr> {
        let given = self.args.iter().find(|arg| arg.names.first().is_some_and(|given| given.text == name));
        given.map(|arg| &arg.value)
    }

    pub(super) fn needed(&self, index: usize, takes: &str) -> Bound<&'a Expr> {
        let few = || arguments(&self.plugin.text, takes.to_owned(), self.args.len(), self.plugin.span);
        self.placed(index).ok_or_else(few)
    }
}

impl<'a> Binder<'a> {
    pub(super) fn evaluate(
        &mut self,
        rel: Option<Rel>,
        plugin: &'a Name,
        args: &'a [Arg],
        schema: Option<&'a RowSchema>,
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let given = Given { plugin, args };
        let rel = rel.unwrap_or(missing_table(&[]));
        let found = match plugin.text.as_str() {
            "bag_unpack" => return self.bag_unpack(rel, given, schema, outer),
            "pivot" => return self.pivot(rel, given, schema, outer),
            "ipv4_lookup" | "ipv6_lookup" => self.network_lookup(rel, given, outer)?,
            "geo_polygon_lookup" | "geo_line_lookup" => self.shape_lookup(rel, given, outer)?,
            "activity_counts_metrics"
            | "activity_metrics"
            | "session_count"
            | "activity_engagement"
            | "new_activity_metrics"
            | "active_users_count"
            | "sliding_window_counts" => self.activity(rel, given, outer)?,
            "rolling_percentile" => self.rolling(rel, given, outer)?,
            "rows_near" => {
                let row = self.new_row(&rel, outer);
                let condition = self.condition(given.needed(0, "a condition and a number")?, &row)?;
                let mut constants = vec![self.whole(given.needed(1, "a condition and a number")?)?];
                if let Some(after) = given.placed(2) {
                    constants.push(self.whole(after)?);
                }
                let columns = rel.columns.clone();
                plugged("rows_near", rel, columns, vec![condition], constants)
            }
            "narrow" => {
                let names = [("Row", Type::Long), ("Column", Type::String), ("Value", Type::String)];
                let columns = names.map(|(name, ty)| Column::new(name, ty)).to_vec();
                plugged("narrow", rel, columns, Vec::new(), Vec::new())
            }
            "schema_merge" => {
                let ordered = given.named("PreserveOrder").or(given.placed(0));
                let constants = ordered.map(|ordered| self.constant(ordered)).transpose()?;
                let columns = rel.columns.clone();
                plugged("schema_merge", rel, columns, Vec::new(), constants.into_iter().collect())
            }
            "dcount_intersect" => {
                let row = self.new_row(&rel, outer);
                let cells = args.iter().map(|arg| self.scalar(&arg.value, &row)).collect::<Bound<Vec<_>>>()?;
                let mut columns = rel.columns.clone();
                columns.extend((0..cells.len()).map(|index| Column::new(format!("s{index}"), Type::Long)));
                plugged("dcount_intersect", rel, columns, cells, Vec::new())
            }
            "preview" => {
                let count = self.whole(given.needed(0, "a number of rows")?)?;
                rel.then(|input| RelOp::Take(input, count))
            }
            name => self.not_run(rel, name, given, outer)?,
        };
        match schema {
            Some(schema) => self.with_schema(found, schema),
            None => Ok(found),
        }
    }

    /// A plugin that is known and not run, or one that there is not.
    fn not_run(&mut self, rel: Rel, name: &str, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let mut known = KNOWN.iter().chain(&MORE).copied();
        if !known.any(|known| known == name) {
            let suggestion = nearest(name, KNOWN.iter().chain(&MORE).copied());
            let problem = Problem::UnknownFunction { name: name.to_owned(), suggestion };
            return Err(KqlError::new(problem, given.plugin.span));
        }
        self.missing(format!("evaluate {name}"), given.plugin.span);
        let (mut columns, mut open) = (rel.columns.clone(), false);
        let first = |names: &[(&str, Type)]| names.iter().map(|(name, ty)| Column::new(*name, *ty)).collect::<Vec<_>>();
        match name {
            "autocluster" | "basket" => {
                let own = first(&[("SegmentId", Type::Long), ("Count", Type::Long), ("Percent", Type::Real)]);
                columns.splice(0..0, own);
            }
            "diffpatterns" => {
                let counts = [("SegmentId", Type::Long), ("CountA", Type::Long), ("CountB", Type::Long)];
                let shares = [("PercentA", Type::Real), ("PercentB", Type::Real), ("PercentDiffAB", Type::Real)];
                columns.splice(0..0, first(&counts).into_iter().chain(first(&shares)));
            }
            "sequence_detect" => columns = self.sequence_columns(&rel, given, outer)?,
            _ => open = true,
        }
        Ok(Rel { op: RelOp::Missing, columns, open })
    }

    /// `sequence_detect(when, span, span, name = condition, …, dimension, …)`.
    fn sequence_columns(&mut self, rel: &Rel, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Vec<Column>> {
        let row = self.new_row(rel, outer);
        let when = naming::implied(given.needed(0, "a time, two spans, conditions")?).unwrap_or_default();
        let (mut columns, mut steps) = (Vec::new(), Vec::new());
        for arg in given.args.iter().skip(3) {
            let scalar = self.scalar(&arg.value, &row)?;
            match arg.names.first() {
                Some(name) => steps.push(Column::new(format!("{}_{when}", name.text), Type::DateTime)),
                None => columns.push(Column::new(naming::implied(&arg.value).unwrap_or_default(), scalar.ty)),
            }
        }
        columns.extend(steps);
        columns.push(Column::new("Duration", Type::TimeSpan));
        Ok(columns)
    }

    fn with_schema(&mut self, rel: Rel, schema: &'a RowSchema) -> Bound<Rel> {
        let declared = self.declared(&schema.columns)?;
        let mut columns = if schema.star { rel.columns.clone() } else { Vec::new() };
        let mut scalars = if schema.star { rel.all() } else { Vec::new() };
        for column in declared {
            let found = rel.column(&column.name).map(|(index, ty)| Scalar::column(index, ty));
            let missing = || Scalar::constant(combine::empty(column.ty), column.ty);
            scalars.push(super::call::converted(found.unwrap_or_else(missing), column.ty));
            columns.push(column);
        }
        let open = matches!(rel.op, RelOp::Missing);
        let op = if open { RelOp::Missing } else { RelOp::Project(Box::new(rel), scalars) };
        Ok(Rel { op, columns, open: false })
    }

    /// The table that the first argument names.
    fn looked_up(&mut self, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
        self.table(given.needed(0, "a table and keys")?, outer)
    }

    fn network_lookup(&mut self, rel: Rel, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let table = self.looked_up(given, outer)?;
        let (row, table_row) = (self.new_row(&rel, outer), self.new_row(&table, None));
        let cells = vec![self.scalar(given.needed(1, "a table and keys")?, &row)?];
        let table_cells = vec![self.scalar(given.needed(2, "a table and keys")?, &table_row)?];
        let (mut cells, mut table_cells) = (cells, table_cells);
        for arg in given.args.iter().skip(3).filter(|arg| arg.names.is_empty()) {
            if let ExprKind::Name(name) = &arg.value.kind
                && table_row.find(&name.text).is_some()
            {
                cells.push(self.scalar(&arg.value, &row)?);
                table_cells.push(self.scalar(&arg.value, &table_row)?);
            }
        }
        let last = given.args.last().filter(|arg| arg.names.is_empty() && given.args.len() > 3).map(|arg| &arg.value);
        let flag = last.filter(|last| !matches!(last.kind, ExprKind::Name(_)));
        let keeps = self.flag(given.named("return_unmatched").or(flag))?;
        let name = if given.plugin.text == "ipv4_lookup" { "ipv4_lookup" } else { "ipv6_lookup" };
        let columns = combine::unique_right(&rel.columns, &table.columns);
        let plugin = Plugin { name, input: rel, table: Some(table), cells, table_cells, constants: vec![keeps] };
        Ok(Rel { op: RelOp::Plugin(Box::new(plugin)), columns, open: false })
    }

    fn flag(&mut self, given: Option<&'a Expr>) -> Bound<Scalar> {
        given.map_or(Ok(Scalar::constant(Value::Bool(false), Type::Bool)), |given| self.constant(given))
    }

    /// `geo_polygon_lookup(table, shape, longitude, latitude[, …])`; the line's has a distance after them.
    fn shape_lookup(&mut self, rel: Rel, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let takes = "a table, its column of shapes, a longitude and a latitude";
        let table = self.looked_up(given, outer)?;
        let (row, table_row) = (self.new_row(&rel, outer), self.new_row(&table, None));
        let table_cells = vec![self.scalar(given.needed(1, takes)?, &table_row)?];
        let cells = vec![self.scalar(given.needed(2, takes)?, &row)?, self.scalar(given.needed(3, takes)?, &row)?];
        let lines = given.plugin.text == "geo_line_lookup";
        let mut constants = vec![self.flag(given.named("return_unmatched"))?];
        constants.push(match (lines, given.named("radius")) {
            (true, _) => self.constant(given.needed(4, "a table, lines, a longitude, a latitude and a distance")?)?,
            (false, Some(radius)) => self.constant(radius)?,
            (false, None) => Scalar::constant(Value::Real(0.0), Type::Real),
        });
        let name = if lines { "geo_line_lookup" } else { "geo_polygon_lookup" };
        let keeps_key = self.flag(given.named("return_lookup_key"))?;
        let key = match (&keeps_key.kind, table_cells.first().map(|cell| &cell.kind)) {
            (Kind::Constant(Value::Bool(false)), Some(Kind::Column(index))) => Some(*index),
            _ => None,
        };
        let dropped =
            Scalar::constant(key.and_then(|key| i64::try_from(key).ok()).map_or(Value::Null, Value::Long), Type::Long);
        constants.push(dropped);
        let mut shown = table.columns.clone();
        if let Some(key) = key {
            shown.remove(key);
        }
        let columns = combine::unique_right(&rel.columns, &shown);
        let plugin = Plugin { name, input: rel, table: Some(table), cells, table_cells, constants };
        Ok(Rel { op: RelOp::Plugin(Box::new(plugin)), columns, open: false })
    }

    /// `…(who, when, constants…, dimensions…)`.
    fn activity(&mut self, rel: Rel, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
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
                if let Ok(super::Any::Table(earlier)) = self.any(&arg.value, &Row::none()) {
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
    fn rolling(&mut self, rel: Rel, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
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

pub(super) fn plugged(
    name: &'static str,
    input: Rel,
    columns: Vec<Column>,
    cells: Vec<Scalar>,
    constants: Vec<Scalar>,
) -> Rel {
    let plugin = Plugin { name, input, table: None, cells, table_cells: Vec::new(), constants };
    Rel { op: RelOp::Plugin(Box::new(plugin)), columns, open: false }
}
