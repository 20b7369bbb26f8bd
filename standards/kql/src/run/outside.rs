//! For those who answer parts of a plan otherwise: the values and groups of this evaluator, one at a time.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use super::{Environment, Frame, Limits, Patience, Row, RunError, Runner, SourceRows, Tables, aggregate::State};
use crate::{
    Column, Plan, Value,
    plan::{Aggregate, Rel, RelOp, Scalar, needed::Needed},
};

static NOTHING: Plan = Plan {
    root: Rel { op: RelOp::Missing, columns: Vec::new(), open: false },
    shared: Vec::new(),
    unsupported: None,
    needs_rows: false,
};

struct Nowhere;

impl Tables for Nowhere {
    fn rows(&self, table: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        Err(RunError::Source { table: table.to_owned(), why: "no table is at hand here".to_owned() })
    }
}

impl Patience for Nowhere {
    fn goes_on(&self) -> bool {
        true
    }
}

/// Evaluates scalars that read nothing but their row.
pub struct Evaluator {
    runner: Rc<Runner<'static>>,
}

impl Evaluator {
    /// Where it is `now`, in hundreds of nanoseconds since the year 1; a value may hold so many bytes.
    pub fn new(now: i64, memory: usize) -> Self {
        let limits = Limits { rows: 0, memory };
        let environment = Environment { tables: &Nowhere, now, limits, patience: &Nowhere };
        Self {
            runner: Rc::new(Runner {
                plan: &NOTHING,
                environment,
                needed: Needed::default(),
                memory: Rc::new(Cell::new(0)),
                ticks: Cell::new(0),
                shared: RefCell::default(),
                texts: RefCell::default(),
                random: Cell::new(0),
            }),
        }
    }

    /// The value of a scalar for a row.
    pub fn value(&self, scalar: &Scalar, row: &[Value]) -> Result<Value, RunError> {
        self.runner.value(scalar, row, &Frame::default())
    }
}

/// An aggregate over one group.
pub struct Gathering(State);

impl Gathering {
    /// Nothing seen so far.
    pub fn new(aggregate: &Aggregate) -> Self {
        Self(State::new(aggregate))
    }

    /// Adds the values of the aggregate's arguments for a row; by how many bytes this has grown, about.
    pub fn add(&mut self, arguments: Row) -> usize {
        self.0.add(arguments)
    }

    /// The values of the aggregate's columns.
    pub fn finish(self, aggregate: &Aggregate) -> Row {
        super::group::finished(self.0, aggregate)
    }

    /// Arguments which, added to a new gathering one after another, make it equal to this; none for an aggregate
    /// that has no such rows.
    pub fn replay(self) -> Option<Vec<Row>> {
        self.0.replay()
    }
}
