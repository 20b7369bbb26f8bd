//! A rule's query, bound to the tables that exist.

use signet_directory::body::bad_request;
use signet_kernel::Failure;
use signet_kql::plan::{Kind, Rel, RelOp, Scalar};
use signet_kql::{
    Column, Environment, KqlError, Limits, Part, Patience, Plan, Row, RunError, Script, SourceRows, Tables, Value,
};
use signet_log_queries::catalog;
use signet_logs::tables::{Held, table};
use std::cell::{Cell, RefCell};

/// A rule's query, bound.
#[derive(Debug)]
pub(crate) struct Compiled {
    plan: Plan,
}

/// The record's table that a streaming rule reads, and the name that it reads it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Streams {
    pub(crate) stored: &'static str,
    pub(crate) table: &'static str,
}

impl Compiled {
    /// Binds a query; what is wrong is said with its place.
    pub(crate) fn of(text: &str) -> Result<Self, Failure> {
        let wrong = |error: KqlError| {
            let place = error.position(text);
            let message = format!("line {}, column {}: {}", place.line, place.column, error.problem);
            bad_request("query", message)
        };
        let plan = Script::parse(text).and_then(|script| script.bind(catalog())).map_err(wrong)?;
        match plan.unsupported() {
            Some(error) => Err(wrong(error.clone())),
            None => Ok(Self { plan }),
        }
    }

    /// The columns of its answer.
    pub(crate) fn columns(&self) -> Vec<&str> {
        self.plan.columns().iter().map(|column| column.name.as_str()).collect()
    }

    /// The table that it reads record by record; refused if an answer needs more than one record.
    pub(crate) fn streams(&self) -> Result<Streams, Failure> {
        let seen = RefCell::new(None);
        let look = Look { seen: &seen };
        // Nothing is read: whoever is asked for the whole plan looks at it and answers with nothing.
        drop(self.plan.run(environment(&look, 0, usize::MAX)).map(Iterator::count));
        let found = seen.take().flatten();
        let found = found.and_then(|name: String| {
            let table = table(&name)?;
            let Held::Record(stored, _) = table.held else { return None };
            Some(Streams { stored, table: table.name })
        });
        found.ok_or_else(|| {
            let message = "A streaming rule reads one table of the record with where, extend, project, mv-expand, mv-apply, \
                           parse and sort; what counts, joins or looks at other tables is scheduled.";
            bad_request("evaluation", message)
        })
    }

    /// The rows that it makes of these, which are its table's.
    pub(crate) fn run(&self, table: &str, rows: Vec<Row>, now: i64, most: usize) -> Result<Vec<Row>, RunError> {
        let given = Given { table, rows };
        self.plan.run(environment(&given, now, most))?.collect()
    }
}

const MEMORY: usize = 64 << 20;

fn environment(tables: &dyn Tables, now: i64, rows: usize) -> Environment<'_> {
    Environment { tables, now, limits: Limits { rows, memory: MEMORY }, patience: &Steps }
}

/// Rows that are at hand are few.
struct Steps;

impl Patience for Steps {
    fn goes_on(&self) -> bool {
        true
    }
}

/// Rows of one table.
struct Given<'t> {
    table: &'t str,
    rows: Vec<Row>,
}

impl Tables for Given<'_> {
    fn rows(&self, table: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        if table == self.table {
            return Ok(Box::new(self.rows.iter().cloned().map(Ok)));
        }
        Err(RunError::Source { table: table.to_owned(), why: "a streaming rule reads one table".to_owned() })
    }
}

/// Sees the whole plan, and runs nothing.
struct Look<'l> {
    seen: &'l RefCell<Option<Option<String>>>,
}

impl Tables for Look<'_> {
    fn rows(&self, _: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        Ok(Box::new(std::iter::empty()))
    }

    fn answer(&self, part: Part<'_>) -> Option<Result<SourceRows<'_>, RunError>> {
        let mut seen = self.seen.borrow_mut();
        seen.get_or_insert_with(|| one_table(part.rel).map(str::to_owned));
        Some(Ok(Box::new(std::iter::empty())))
    }
}

/// The one table that a plan reads record by record.
fn one_table(rel: &Rel) -> Option<&str> {
    let alone = Cell::new(true);
    let look = |scalar: &Scalar| alone.set(alone.get() && is_alone(scalar));
    let input = match &rel.op {
        RelOp::Scan(name, arguments) if arguments.is_empty() => return Some(name),
        RelOp::Filter(input, scalar) => {
            look(scalar);
            &**input
        }
        RelOp::Project(input, scalars) => {
            scalars.iter().for_each(look);
            &**input
        }
        RelOp::Sort(input, orders) => {
            orders.iter().for_each(|order| look(&order.key));
            &**input
        }
        RelOp::Expand(expand) => {
            expand.values.iter().for_each(|(value, ..)| look(value));
            &expand.input
        }
        RelOp::Apply(apply) => {
            apply.values.iter().for_each(|(value, _)| look(value));
            &apply.input
        }
        RelOp::Parse(parse) => {
            look(&parse.value);
            &parse.input
        }
        _ => return None,
    };
    if alone.get() { one_table(input) } else { None }
}

/// Whether a value is one of its row alone.
fn is_alone(scalar: &Scalar) -> bool {
    !matches!(scalar.kind, Kind::Among(..) | Kind::Cell(_) | Kind::Window(..))
        && scalar.parts().into_iter().all(is_alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams(query: &str) -> Option<&'static str> {
        Compiled::of(query).unwrap().streams().ok().map(|streams| streams.table)
    }

    #[test]
    fn what_needs_one_record_streams_and_nothing_else_does() {
        for query in [
            "AuditLogs",
            "AuditLogs | where Result == 'success' | extend A = tostring(TargetResources[0].id) | project A | order by A",
            "let bad = dynamic(['x']); AuditLogs | mv-expand T = TargetResources | where tostring(T.id) in (bad)",
        ] {
            assert_eq!(streams(query), Some("AuditLogs"), "{query}");
        }
        for query in [
            "AuditLogs | count",
            "AuditLogs | summarize count() by OperationName",
            "AuditLogs | join kind=inner (SigninLogs) on CorrelationId",
            "AuditLogs | where Id in ((SigninLogs | project Id))",
            "AuditLogs | where Id == toscalar(SigninLogs | take 1 | project Id)",
            "AuditLogs | take 5",
            "union AuditLogs, SigninLogs",
            "EntraAgentIdentities",
        ] {
            assert_eq!(streams(query), None, "{query}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let wrong = Compiled::of("AuditLogs\n| where Nothing == 1").unwrap_err();
        assert_eq!(wrong.target.as_deref(), Some("query"));
        assert!(wrong.message.starts_with("line 2, column 9: "), "{}", wrong.message);
    }
}
