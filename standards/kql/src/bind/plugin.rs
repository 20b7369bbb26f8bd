//! `evaluate`: the plugins, their arguments and the columns that they give.

use super::{Binder, Bound, Row, call::arguments, combine, naming, step::missing_table};
use crate::{
    Arg, Column, Expr, KqlError, Name, RowSchema, Type,
    error::Problem,
    nearest,
    plan::{Plugin, Rel, RelOp, Scalar},
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

    /// Refuses a name that the plugin does not know.
    pub(super) fn knows(&self, names: &[&str]) -> Bound<()> {
        let mut given = self.args.iter().flat_map(|arg| &arg.names);
        let Some(unknown) = given.find(|name| !names.contains(&name.text.as_str())) else { return Ok(()) };
        let suggestion = nearest(&unknown.text, names.iter().copied());
        Err(KqlError::new(Problem::UnknownParameter { name: unknown.text.clone(), suggestion }, unknown.span))
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
