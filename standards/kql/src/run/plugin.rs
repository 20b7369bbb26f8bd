//! `evaluate`, and operators that need all rows at once.

mod activity;
mod lookup;
mod reduce;
mod shape;

use std::rc::Rc;

use super::{Frame, Ran, Row, Rows, RunError, Runner};
use crate::{Column, Value, plan::Plugin};

/// What a plugin is given.
struct Call<'x> {
    columns: &'x [Column],
    rows: &'x [Row],
    /// For each row the arguments that read it.
    cells: Vec<Row>,
    table: &'x [Row],
    table_columns: &'x [Column],
    table_cells: Vec<Row>,
    constants: Vec<Value>,
}

type Run = fn(&Call<'_>) -> Vec<Row>;

/// What runs the plugin of this name.
fn run(name: &str) -> Option<Run> {
    activity::run(name).or_else(|| lookup::run(name)).or_else(|| shape::run(name)).or_else(|| reduce::run(name))
}

impl<'r> Runner<'r> {
    pub(super) fn plugin(self: &Rc<Self>, plugin: &'r Plugin, frame: &Frame) -> Ran<Rows<'r>> {
        let held = self.hold(self.rows(&plugin.input, frame)?)?;
        let table = plugin.table.as_ref().map(|table| self.hold(self.rows(table, frame)?)).transpose()?;
        let table_rows = table.as_ref().map(|table| table.rows.as_slice()).unwrap_or_default();
        let cells = |scalars: &[crate::plan::Scalar], rows: &[Row]| {
            let each = |row: &Row| {
                self.tick()?;
                scalars.iter().map(|cell| self.value(cell, row, frame)).collect()
            };
            rows.iter().map(each).collect::<Ran<Vec<Row>>>()
        };
        let call = Call {
            columns: &plugin.input.columns,
            rows: &held.rows,
            cells: cells(&plugin.cells, &held.rows)?,
            table: table_rows,
            table_columns: plugin.table.as_ref().map(|table| table.columns.as_slice()).unwrap_or_default(),
            table_cells: cells(&plugin.table_cells, table_rows)?,
            constants: plugin.constants.iter().map(|one| self.value(one, &[], frame)).collect::<Ran<Vec<_>>>()?,
        };
        let Some(run) = run(plugin.name) else {
            let why = "this plugin cannot be run".to_owned();
            return Err(RunError::Source { table: plugin.name.to_owned(), why });
        };
        let rows = run(&call);
        self.charge(rows.iter().map(super::weight).sum())?;
        Ok(Box::new(rows.into_iter().map(Ok)))
    }
}

impl Call<'_> {
    fn constant(&self, index: usize) -> &Value {
        self.constants.get(index).unwrap_or(&Value::Null)
    }

    fn ticks(&self, index: usize) -> i64 {
        crate::value::as_long(self.constant(index)).unwrap_or(0)
    }
}
