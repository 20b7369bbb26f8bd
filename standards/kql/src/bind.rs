//! Names to columns: a tree and the tables that exist become a plan.

mod accept;
mod activity;
mod aggregate;
mod aggregates;
mod apply;
mod built_in;
mod call;
mod combine;
mod expand;
mod find;
mod graph;
mod hitters;
mod learn;
mod literal;
mod lookup;
mod naming;
mod operand;
mod outputs;
mod pairs;
mod parse;
mod plugin;
mod scalar;
mod scope;
mod script;
mod sequence;
mod several;
mod shape;
mod source;
mod step;
mod unfold;
mod unite;

use std::{collections::BTreeMap, rc::Rc};

pub(crate) use combine::empty;
pub(crate) use literal::type_named;

use crate::{
    Column, Function, KqlError, Name, Plan, Script, Span, Type,
    error::Problem,
    nearest,
    plan::{Aggregate, Rel, RelOp, Scalar, depth},
    run,
};

/// What the caller has: tables and functions that give tables.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Tables by name.
    pub tables: BTreeMap<String, Vec<Column>>,
    /// Functions by name, such as `_GetWatchlist`.
    pub functions: BTreeMap<String, TableFunction>,
    /// Addresses that `externaldata` may read, perhaps with `*` in them. Its rows are asked for as those of a table
    /// function of that name: the addresses, then a bag of its options.
    pub external: Vec<String>,
    /// Whether [`crate::Tables::place`] knows where addresses are.
    pub places: bool,
}

/// A function of the caller that gives a table.
#[derive(Debug, Clone)]
pub struct TableFunction {
    /// The types of its arguments.
    pub parameters: Vec<Type>,
    /// The columns that come out.
    pub columns: Vec<Column>,
}

const MAX_NODES: usize = 50_000;
const MAX_HEIGHT: usize = 60;
const MAX_DEPTH: usize = 160;
const MAX_CALLS: usize = 32;
const MAX_STEPS: usize = 1_000;

type Bound<T> = Result<T, KqlError>;

/// What a name in scope stands for.
#[derive(Clone)]
enum Meaning<'a> {
    /// A value, and the row whose columns it may read.
    Scalar(Scalar, usize),
    Table(Rel),
    /// A function and how much of the scope it sees.
    Function(&'a Function, usize),
}

/// A value or a table.
enum Any {
    Scalar(Scalar),
    Table(Rel),
}

/// The columns in reach.
#[derive(Clone, Copy)]
struct Row<'r> {
    columns: &'r [Column],
    open: bool,
    outer: Option<&'r Row<'r>>,
    id: usize,
}

/// Aggregates met while the outputs of `summarize` are bound.
struct Gather {
    aggregates: Vec<Aggregate>,
    types: Vec<Type>,
    /// Columns before the first aggregate's.
    base: usize,
    columns: Rc<Vec<Column>>,
    open: bool,
}

struct Binder<'a> {
    catalog: &'a Catalog,
    scope: Vec<(String, Meaning<'a>)>,
    shared: Vec<Rel>,
    unsupported: Option<KqlError>,
    gather: Option<Gather>,
    nodes: usize,
    steps: usize,
    calls: usize,
    rows: usize,
    /// Where rows may be read to learn which columns there are.
    environment: Option<run::Environment<'a>>,
    /// Why reading them stopped.
    failed: Option<run::RunError>,
    needs_rows: bool,
    /// Whether what `search` looks for is in the case written.
    cased: bool,
    /// What is `set`: the time, and the size and start of `bin_auto( )`.
    settings: BTreeMap<&'static str, Scalar>,
}

impl Script {
    /// Resolves the names of this against the tables that exist.
    ///
    /// Some plugins give columns that depend on rows; see [`Plan::needs_rows`].
    pub fn bind(&self, catalog: &Catalog) -> Result<Plan, KqlError> {
        Binder::new(catalog, None).plan(self)
    }

    /// As [`Script::bind`], and reads rows where the columns of a plugin depend on them.
    pub fn bind_over<'s>(
        &'s self,
        catalog: &'s Catalog,
        environment: run::Environment<'s>,
    ) -> Result<Plan, run::RunError> {
        let mut binder = Binder::new(catalog, Some(environment));
        binder.plan(self).map_err(|error| binder.failed.take().unwrap_or(run::RunError::Refused(error)))
    }
}

impl<'a> Binder<'a> {
    fn new(catalog: &'a Catalog, environment: Option<run::Environment<'a>>) -> Self {
        Binder {
            catalog,
            scope: Vec::new(),
            shared: Vec::new(),
            unsupported: None,
            gather: None,
            nodes: 0,
            steps: 0,
            calls: 0,
            rows: 0,
            environment,
            failed: None,
            needs_rows: false,
            cased: false,
            settings: BTreeMap::new(),
        }
    }

    fn plan(&mut self, script: &'a Script) -> Result<Plan, KqlError> {
        let root = self.script(script)?;
        let mut depths = Vec::new();
        for rel in &self.shared {
            let depth = depth::of(rel, &depths);
            depths.push(depth);
        }
        if depth::of(&root, &depths) > MAX_DEPTH {
            return Err(KqlError::new(Problem::TooDeep, Span::default()));
        }
        let shared = std::mem::take(&mut self.shared);
        Ok(Plan { root, shared, unsupported: self.unsupported.take(), needs_rows: self.needs_rows })
    }

    /// Counts what a name brings along each time it is used; what would grow too high is refused.
    fn count_copy(&mut self, scalar: &Scalar, span: Span) -> Bound<()> {
        let (size, height) = scalar.measure();
        self.nodes = self.nodes.saturating_add(size);
        if height > MAX_HEIGHT {
            return Err(KqlError::new(Problem::TooDeep, span));
        }
        if self.nodes > MAX_NODES { Err(KqlError::new(Problem::TooLarge, span)) } else { Ok(()) }
    }

    fn define(&mut self, name: &Name, meaning: Meaning<'a>) {
        self.scope.push((name.text.clone(), meaning));
    }

    fn lookup(&self, name: &str) -> Option<Meaning<'a>> {
        self.scope.iter().rev().find(|(known, _)| known == name).map(|(_, meaning)| meaning.clone())
    }

    /// Keeps a table to be read from several places.
    fn share(&mut self, rel: Rel) -> Rel {
        if matches!(rel.op, RelOp::Shared(_) | RelOp::Scan(..)) {
            return rel;
        }
        let shared = Rel { op: RelOp::Shared(self.shared.len()), columns: rel.columns.clone(), open: rel.open };
        self.shared.push(rel);
        shared
    }

    /// Keeps a table of which a value is made, and where.
    fn shared_index(&mut self, rel: Rel) -> usize {
        if let RelOp::Shared(index) = rel.op {
            return index;
        }
        self.shared.push(rel);
        self.shared.len() - 1
    }

    fn new_row<'r>(&mut self, rel: &'r Rel, outer: Option<&'r Row<'r>>) -> Row<'r> {
        self.rows += 1;
        Row { columns: &rel.columns, open: rel.open, outer, id: self.rows }
    }

    /// Notes what cannot be run; binding goes on.
    fn missing(&mut self, what: impl Into<String>, span: Span) {
        if self.unsupported.is_none() {
            self.unsupported = Some(KqlError::unsupported(what, span));
        }
    }

    fn count_node(&mut self, span: Span) -> Bound<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES { Err(KqlError::new(Problem::TooLarge, span)) } else { Ok(()) }
    }

    fn unknown(&self, name: &Name, row: &Row<'_>) -> KqlError {
        let mut known: Vec<&str> = self.scope.iter().map(|(name, _)| name.as_str()).collect();
        let mut reach = Some(*row);
        while let Some(row) = reach {
            known.extend(row.columns.iter().map(|column| column.name.as_str()));
            reach = row.outer.copied();
        }
        let suggestion = nearest(&name.text, known.into_iter());
        KqlError::new(Problem::UnknownName { name: name.text.clone(), suggestion }, name.span)
    }
}
