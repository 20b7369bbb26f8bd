//! Plugins that find rows of a table by more than equality.

use super::{Binder, Bound, Row, combine, plugin::Given};
use crate::{
    Expr, ExprKind, Type, Value,
    plan::{Kind, Plugin, Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    /// The table that the first argument names.
    fn looked_up(&mut self, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
        self.table(given.needed(0, "a table and keys")?, outer)
    }

    pub(super) fn network_lookup(&mut self, rel: Rel, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
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
    pub(super) fn shape_lookup(&mut self, rel: Rel, given: Given<'a>, outer: Option<&Row<'_>>) -> Bound<Rel> {
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
}
