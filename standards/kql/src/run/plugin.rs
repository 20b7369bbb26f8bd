//! `evaluate`, and operators that need all rows at once.

mod activity;
mod lookup;
mod reduce;
mod rolling;
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
    /// Asked now and then: an error is the end.
    tick: &'x dyn Fn() -> Ran<()>,
    charge: &'x dyn Fn(usize) -> Ran<()>,
}

type Run = fn(&Call<'_>) -> Ran<Vec<Row>>;

/// What runs the plugin of this name.
fn run(name: &str) -> Option<Run> {
    let families = [activity::run, lookup::run, shape::run, reduce::run, rolling::run];
    families.iter().find_map(|family| family(name))
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
            tick: &|| self.tick(),
            charge: &|bytes| self.charge(bytes),
            constants: plugin.constants.iter().map(|one| self.value(one, &[], frame)).collect::<Ran<Vec<_>>>()?,
        };
        let Some(run) = run(plugin.name) else {
            let why = "this plugin cannot be run".to_owned();
            return Err(RunError::Source { table: plugin.name.to_owned(), why });
        };
        let rows = run(&call)?;
        if plugin.table.is_none() {
            self.charge(rows.iter().map(super::weight).sum())?;
        }
        Ok(Box::new(rows.into_iter().map(Ok)))
    }
}

impl Call<'_> {
    fn constant(&self, index: usize) -> &Value {
        self.constants.get(index).unwrap_or(&Value::Null)
    }

    /// Puts out a row beside those that there are: its memory is counted.
    fn keep(&self, out: &mut Vec<Row>, row: Row) -> Ran<()> {
        (self.charge)(super::weight(&row))?;
        out.push(row);
        Ok(())
    }

    fn ticks(&self, index: usize) -> i64 {
        crate::value::as_long(self.constant(index)).unwrap_or(0)
    }
}
