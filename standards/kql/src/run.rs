//! A plan over rows: what comes out.

mod aggregate;
mod apply;
mod arithmetic;
mod caller;
mod compare;
mod graph;
mod group;
mod join;
mod nested;
mod operators;
mod outside;
mod plugin;
mod scalar;
mod schema;
mod series;
mod steps;
mod tally;
mod text;
mod window;

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    rc::Rc,
};

use crate::{
    Plan, Value,
    plan::{Rel, RelOp, Scalar, needed::Needed},
};

use arithmetic::arithmetic;
pub(crate) use arithmetic::arithmetic as calculate;
pub use caller::{Environment, Limits, Part, Patience, Row, RunError, SharedTables, SourceRows, Tables};
pub use outside::{Evaluator, Gathering};
pub(crate) use text::test as text_test;

type Rows<'r> = Box<dyn Iterator<Item = Result<Row, RunError>> + 'r>;
type Ran<T> = Result<T, RunError>;

impl Plan {
    /// Runs this; rows come as they are asked for, as far as the operators allow it.
    pub fn run<'r>(&'r self, environment: Environment<'r>) -> Result<Answer<'r>, RunError> {
        if let Some(error) = &self.unsupported {
            return Err(RunError::Unsupported(error.clone()));
        }
        let mut needed = Needed::default();
        self.shared.iter().chain([&self.root]).for_each(|rel| needed.note(rel));
        let runner = Rc::new(Runner {
            plan: self,
            environment,
            needed,
            memory: Rc::new(Cell::new(0)),
            ticks: Cell::new(0),
            shared: RefCell::default(),
            texts: RefCell::default(),
            random: Cell::new(environment.now.cast_unsigned()),
        });
        let rows = runner.rows(&self.root, &Frame::default())?;
        Ok(Answer { rows, left: environment.limits.rows, limit: environment.limits.rows })
    }
}

/// The rows of an answer.
pub struct Answer<'r> {
    rows: Rows<'r>,
    left: usize,
    limit: usize,
}

impl Iterator for Answer<'_> {
    type Item = Result<Row, RunError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => return Some(Err(RunError::Rows(self.limit))),
        }
        Some(row)
    }
}

/// What a sub-query is run in.
#[derive(Clone, Default)]
struct Frame {
    /// The rows that flow in.
    input: Option<Rc<Vec<Row>>>,
    /// The row around it.
    outer: Option<Rc<Around>>,
}

struct Around {
    row: Row,
    outer: Option<Rc<Around>>,
}

struct Runner<'r> {
    plan: &'r Plan,
    environment: Environment<'r>,
    needed: Needed,
    memory: Rc<Cell<usize>>,
    ticks: Cell<u32>,
    shared: RefCell<HashMap<usize, Rc<Held>>>,
    /// First columns of shared tables as texts; folded to lower case where asked for.
    texts: RefCell<HashMap<(usize, bool), Texts>>,
    random: Cell<u64>,
}

type Texts = Rc<HashSet<String>>;

/// Rows in memory.
struct Held {
    rows: Vec<Row>,
    bytes: usize,
    memory: Rc<Cell<usize>>,
}

impl Held {
    /// Notes that more is held.
    fn grow(&mut self, bytes: usize) {
        self.bytes += bytes;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.memory.set(self.memory.get().saturating_sub(self.bytes));
    }
}

fn weight(row: &Row) -> usize {
    48 + row.iter().map(|value| 24 + value.weight()).sum::<usize>()
}

impl<'r> Runner<'r> {
    /// Counts a row, and asks now and then whether to go on.
    fn tick(&self) -> Ran<()> {
        let ticks = self.ticks.get().wrapping_add(1);
        self.ticks.set(ticks);
        if ticks.is_multiple_of(256) && !self.environment.patience.goes_on() {
            return Err(RunError::Time);
        }
        Ok(())
    }

    fn charge(&self, bytes: usize) -> Ran<()> {
        let held = self.memory.get().saturating_add(bytes);
        if held > self.environment.limits.memory {
            return Err(RunError::Memory(self.environment.limits.memory));
        }
        self.memory.set(held);
        Ok(())
    }

    fn hold(&self, rows: Rows<'r>) -> Ran<Held> {
        let mut held = Held { rows: Vec::new(), bytes: 0, memory: self.memory.clone() };
        for row in rows {
            let row = row?;
            let bytes = weight(&row);
            self.charge(bytes)?;
            held.bytes += bytes;
            held.rows.push(row);
        }
        Ok(held)
    }

    /// A shared table, read once.
    fn shared_rows(self: &Rc<Self>, index: usize) -> Ran<Rc<Held>> {
        if let Some(held) = self.shared.borrow().get(&index) {
            return Ok(held.clone());
        }
        let Some(rel) = self.plan.shared.get(index) else {
            return Ok(Rc::new(Held { rows: Vec::new(), bytes: 0, memory: self.memory.clone() }));
        };
        let held = Rc::new(self.hold(self.rows(rel, &Frame::default())?)?);
        self.shared.borrow_mut().insert(index, held.clone());
        Ok(held)
    }

    fn rows(self: &Rc<Self>, rel: &'r Rel, frame: &Frame) -> Ran<Rows<'r>> {
        let shared = |index| self.shared_rows(index).map(|held| held.rows.clone());
        let part = Part { rel, needed: self.needed.of(rel), shared: &shared };
        if let Some(answer) = self.environment.tables.answer(part) {
            let (runner, rows) = (self.clone(), answer?);
            return Ok(Box::new(rows.map(move |row| runner.tick().and(row))));
        }
        match &rel.op {
            RelOp::Scan(table, arguments) => self.scan(table, arguments, rel),
            RelOp::Rows(rows) => self.constant_rows(rows, frame),
            RelOp::Range(parts) => self.range(parts, frame),
            RelOp::Shared(index) => {
                let held = self.shared_rows(*index)?;
                let count = held.rows.len();
                Ok(Box::new((0..count).filter_map(move |index| held.rows.get(index).cloned().map(Ok))))
            }
            RelOp::Input => {
                let input = frame.input.clone().unwrap_or_default();
                let count = input.len();
                Ok(Box::new((0..count).filter_map(move |index| input.get(index).cloned().map(Ok))))
            }
            RelOp::Filter(input, condition) => self.filter(input, condition, frame),
            RelOp::Project(input, scalars) => self.project(input, scalars, frame),
            RelOp::Window(input, scalars) => self.window(input, scalars, frame),
            RelOp::Summarize { input, by, aggregates } => self.summarize(input, by, aggregates, frame),
            RelOp::Join { left, right, kind, on, kept } => self.join((left, right), *kind, on, kept, frame),
            RelOp::Union(inputs) => self.union(inputs, frame),
            RelOp::Sort(input, orders) => self.sort(input, orders, None, frame),
            RelOp::Top(input, count, orders) => {
                let count = self.count_of(count, frame)?;
                self.sort(input, orders, Some(count), frame)
            }
            RelOp::Take(input, count) => {
                let count = self.count_of(count, frame)?;
                Ok(Box::new(self.rows(input, frame)?.take(count)))
            }
            RelOp::Count(input) => {
                let mut count = 0_i64;
                for row in self.rows(input, frame)? {
                    row?;
                    count += 1;
                }
                Ok(Box::new(std::iter::once(Ok(vec![Value::Long(count)]))))
            }
            RelOp::Expand(expand) => self.expand(expand, frame),
            RelOp::Apply(apply) => self.apply(apply, frame),
            RelOp::Parse(parse) => self.parse(parse, frame),
            RelOp::Partition { input, by, body } => self.partition(input, *by, body, frame),
            RelOp::Series(series) => self.series(series, frame),
            RelOp::Schema(columns) => Ok(Box::new(schema::rows(columns).into_iter().map(Ok))),
            RelOp::Missing => Ok(Box::new(std::iter::empty())),
            _ => self.rows_of_all(rel, frame),
        }
    }

    /// Operators that need all rows before they give one: apart, so that the others need less of the stack.
    #[inline(never)]
    fn rows_of_all(self: &Rc<Self>, rel: &'r Rel, frame: &Frame) -> Ran<Rows<'r>> {
        match &rel.op {
            RelOp::Steps(steps) => self.steps_of(steps, frame),
            RelOp::Nested(nested) => self.nested(nested, frame),
            RelOp::Plugin(plugin) => self.plugin(plugin, frame),
            RelOp::Graph(graph) => self.graph_table(graph, false, &[], frame),
            RelOp::GraphTable(graph, edges, ids) => self.graph_table(graph, *edges, ids, frame),
            RelOp::Match(wanted) => self.graph_match(wanted, frame),
            _ => Ok(Box::new(std::iter::empty())),
        }
    }

    fn scan(self: &Rc<Self>, table: &'r str, arguments: &'r [Value], rel: &'r Rel) -> Ran<Rows<'r>> {
        let rows = self.environment.tables.rows(table, arguments, &rel.columns)?;
        let runner = self.clone();
        Ok(Box::new(rows.map(move |row| runner.tick().and(row))))
    }

    fn count_of(self: &Rc<Self>, count: &Scalar, frame: &Frame) -> Ran<usize> {
        let value = self.value(count, &[], frame)?;
        Ok(crate::value::as_long(&value).and_then(|count| usize::try_from(count).ok()).unwrap_or(0))
    }
}
