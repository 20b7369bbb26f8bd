//! How many operators stand above one another while a plan runs: each is a part of the stack.

use super::{Kind, Rel, RelOp, Scalar};
use crate::{Column, ExternalData, Value};

/// The depth of a table, given those of the shared tables before it.
pub(crate) fn of(rel: &Rel, shared: &[usize]) -> usize {
    let known = |index: &usize| shared.get(*index).copied().unwrap_or(0);
    let own = match &rel.op {
        RelOp::Shared(index) => known(index),
        _ => 0,
    };
    let inputs = inputs(rel).into_iter().map(|input| of(input, shared)).max().unwrap_or(0);
    let within = scalars(rel).into_iter().map(|scalar| read_by(scalar, shared)).max().unwrap_or(0);
    1 + own.max(inputs).max(within)
}

/// The tables of the caller that are read.
pub(super) fn tables<'p>(rel: &'p Rel, found: &mut std::collections::BTreeSet<&'p str>) {
    if let RelOp::Scan(table, _) = &rel.op {
        found.insert(table);
    }
    inputs(rel).into_iter().for_each(|input| tables(input, found));
}

/// What is read from outside: the arguments and the columns of each.
pub(super) fn external_data<'p>(rel: &'p Rel, found: &mut Vec<(&'p [Value], &'p [Column])>) {
    if let RelOp::Scan(table, arguments) = &rel.op
        && table == ExternalData::TABLE
    {
        found.push((arguments, &rel.columns));
    }
    inputs(rel).into_iter().for_each(|input| external_data(input, found));
}

/// The depth of what a value reads.
fn read_by(scalar: &Scalar, shared: &[usize]) -> usize {
    let own = match scalar.kind {
        Kind::Cell(index) | Kind::Among(_, _, index) => shared.get(index).copied().unwrap_or(0),
        _ => 0,
    };
    scalar.parts().into_iter().map(|part| read_by(part, shared)).fold(own, usize::max)
}

/// Whether a table reads rows or values of what it stands in.
pub(crate) fn reads_around(rel: &Rel) -> bool {
    fn outer(scalar: &Scalar) -> bool {
        matches!(scalar.kind, Kind::Outer(..)) || scalar.parts().into_iter().any(outer)
    }
    let own = match &rel.op {
        RelOp::Input => true,
        RelOp::Apply(apply) => reads_around(&apply.input),
        RelOp::Partition { input, .. } => reads_around(input),
        _ => inputs(rel).into_iter().any(reads_around),
    };
    own || scalars(rel).into_iter().any(outer)
}

pub(super) fn inputs(rel: &Rel) -> Vec<&Rel> {
    match &rel.op {
        RelOp::Scan(..) | RelOp::Rows(_) | RelOp::Range(_) | RelOp::Shared(_) | RelOp::Input => Vec::new(),
        RelOp::Schema(_) | RelOp::Missing => Vec::new(),
        RelOp::Filter(input, _) | RelOp::Project(input, _) | RelOp::Window(input, _) | RelOp::Sort(input, _) => {
            vec![input]
        }
        RelOp::Top(input, ..) | RelOp::Take(input, _) | RelOp::Count(input) => vec![input],
        RelOp::Summarize { input, .. } => vec![input],
        RelOp::Join { left, right, .. } => vec![left, right],
        RelOp::Union(inputs) => inputs.iter().map(|(rel, _)| rel).collect(),
        RelOp::Expand(expand) => vec![&expand.input],
        RelOp::Apply(apply) => vec![&apply.input, &apply.body],
        RelOp::Parse(parse) => vec![&parse.input],
        RelOp::Partition { input, body, .. } => vec![input, body],
        RelOp::Series(series) => vec![&series.input],
        RelOp::Steps(steps) => vec![&steps.input],
        RelOp::Nested(nested) => vec![&nested.input],
        RelOp::Graph(graph) | RelOp::GraphTable(graph, ..) => graph_inputs(graph),
        RelOp::Match(wanted) => graph_inputs(&wanted.graph),
        RelOp::Plugin(plugin) => std::iter::once(&plugin.input).chain(&plugin.table).collect(),
    }
}

pub(super) fn scalars(rel: &Rel) -> Vec<&Scalar> {
    match &rel.op {
        RelOp::Rows(rows) => rows.iter().flatten().collect(),
        RelOp::Range(parts) => parts.iter().collect(),
        RelOp::Filter(_, scalar) | RelOp::Take(_, scalar) => vec![scalar],
        RelOp::Project(_, scalars) | RelOp::Window(_, scalars) => scalars.iter().collect(),
        RelOp::Sort(_, orders) | RelOp::Top(_, _, orders) => orders.iter().map(|order| &order.key).collect(),
        RelOp::Summarize { by, aggregates, .. } => {
            by.iter().chain(aggregates.iter().flat_map(|one| one.args.iter().chain(&one.filter))).collect()
        }
        RelOp::Expand(expand) => expand.values.iter().map(|(value, ..)| value).collect(),
        RelOp::Apply(apply) => apply.values.iter().map(|(value, _)| value).collect(),
        RelOp::Parse(parse) => vec![&parse.value],
        RelOp::Series(series) => series.by.iter().chain([&series.on, &series.step]).collect(),
        RelOp::Steps(steps) => {
            let own =
                steps.steps.iter().flat_map(|step| std::iter::once(&step.condition).chain(step.sets.iter().flatten()));
            own.chain(&steps.defaults).collect()
        }
        RelOp::Nested(nested) => {
            nested.levels.iter().flat_map(|level| std::iter::once(&level.of).chain(&level.aggregate.args)).collect()
        }
        RelOp::Match(wanted) => wanted.columns.iter().chain(&wanted.condition).collect(),
        RelOp::Plugin(plugin) => plugin.cells.iter().chain(&plugin.table_cells).chain(&plugin.constants).collect(),
        _ => Vec::new(),
    }
}

fn graph_inputs(graph: &super::Graph) -> Vec<&Rel> {
    std::iter::once(&graph.edges).chain(&graph.nodes).collect()
}
