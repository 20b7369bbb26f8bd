//! Graphs: their nodes and edges.

mod search;

use std::{collections::HashMap, rc::Rc};

use search::{Search, shortest};

use super::{Frame, Held, Ran, Row, Rows, Runner};
use crate::{
    Column, Value,
    functions::sketches::hash_of,
    plan::{Graph, Match, Walk},
    value::key,
};

/// A graph in memory.
struct Net {
    /// What tells a node, and its columns.
    nodes: Vec<(Value, Row)>,
    /// From, to, and the columns of an edge.
    edges: Vec<(usize, usize, Row)>,
    out: Vec<Vec<usize>>,
    into: Vec<Vec<usize>>,
    _held: Held,
}

impl<'r> Runner<'r> {
    fn net(self: &Rc<Self>, graph: &'r Graph, frame: &Frame) -> Ran<Net> {
        let mut held = self.hold(self.rows(&graph.edges, frame)?)?;
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut nodes: Vec<(Value, Row)> = Vec::new();
        let mut place = |nodes: &mut Vec<(Value, Row)>, id: &Value, row: Option<Row>| {
            let mut bytes = Vec::new();
            key(id, &mut bytes);
            *places.entry(bytes).or_insert_with(|| {
                let mut row = row.unwrap_or_else(|| only_its_id(graph, id));
                row.resize(graph.columns.len(), Value::Null);
                nodes.push((id.clone(), row));
                nodes.len() - 1
            })
        };
        if let Some(table) = &graph.nodes {
            for row in self.rows(table, frame)? {
                let mut row = row?;
                self.tick()?;
                let id = row.remove(0);
                place(&mut nodes, &id, Some(row));
            }
        }
        let mut edges = Vec::with_capacity(held.rows.len());
        for row in std::mem::take(&mut held.rows) {
            self.tick()?;
            let id = |index: usize| row.get(index).cloned().unwrap_or_default();
            let (source, target) = (id(graph.source), id(graph.target));
            let from = place(&mut nodes, &source, None);
            let to = place(&mut nodes, &target, None);
            edges.push((from, to, row));
        }
        let bytes = nodes.iter().map(|(_, row)| super::weight(row)).sum();
        self.charge(bytes)?;
        held.grow(bytes);
        let (mut out, mut into) = (vec![Vec::new(); nodes.len()], vec![Vec::new(); nodes.len()]);
        for (index, (from, to, _)) in edges.iter().enumerate() {
            if let Some(list) = out.get_mut(*from) {
                list.push(index);
            }
            if let Some(list) = into.get_mut(*to) {
                list.push(index);
            }
        }
        let mut net = Net { nodes, edges, out, into, _held: held };
        if let Some(column) = graph.component {
            net.mark_components(column);
        }
        Ok(net)
    }

    pub(super) fn graph_table(
        self: &Rc<Self>,
        graph: &'r Graph,
        edges: bool,
        ids: &'r [bool],
        frame: &Frame,
    ) -> Ran<Rows<'r>> {
        let net = self.net(graph, frame)?;
        let id = |node: usize| Value::Long(net.nodes.get(node).map_or(0, |(id, _)| number_of(id)));
        let shown = |numbers: [Value; 2], row: &Row| {
            let asked = numbers.into_iter().zip(ids).filter(|(_, asked)| **asked).map(|(id, _)| id);
            asked.chain(row.iter().cloned()).collect::<Row>()
        };
        let rows: Vec<Row> = match edges {
            true => net.edges.iter().map(|(from, to, row)| shown([id(*from), id(*to)], row)).collect(),
            false => (0..net.nodes.len())
                .filter_map(|node| Some(shown([id(node), Value::Null], &net.nodes.get(node)?.1)))
                .collect(),
        };
        Ok(Box::new(rows.into_iter().map(Ok)))
    }

    pub(super) fn graph_match(self: &Rc<Self>, wanted: &'r Match, frame: &Frame) -> Ran<Rows<'r>> {
        let net = self.net(&wanted.graph, frame)?;
        let mut found = Search::new(&net, wanted, self, frame).run()?;
        if matches!(wanted.walk, Walk::Shortest | Walk::AllShortest) {
            shortest(&mut found, wanted.walk);
        }
        Ok(Box::new(found.into_iter().map(|found| Ok(found.row))))
    }
}

/// The row of a node that no table of nodes has.
fn only_its_id(graph: &Graph, id: &Value) -> Row {
    let cell = |(index, column): (usize, &Column)| match graph.ids.contains(&index) {
        true => id.clone(),
        false => crate::bind::empty(column.ty),
    };
    graph.columns.iter().enumerate().map(cell).collect()
}

/// The number of a node: the hash of what tells it.
fn number_of(id: &Value) -> i64 {
    match crate::functions::run("hash").map(|hash| hash(std::slice::from_ref(id))) {
        Some(Value::Long(number)) => number,
        _ => hash_of(id),
    }
}

impl Net {
    /// The columns of a node, its degrees and its number.
    fn node(&self, node: usize) -> Row {
        let Some((id, cells)) = self.nodes.get(node) else { return Row::new() };
        let degree = |ways: &[Vec<usize>]| {
            let count = ways.get(node).map_or(0, Vec::len);
            Value::Long(i64::try_from(count).unwrap_or(i64::MAX))
        };
        let own = [degree(&self.into), degree(&self.out), Value::Long(number_of(id))];
        cells.iter().cloned().chain(own).collect()
    }

    /// Numbers the parts of the graph that hang together, in the order of their first nodes.
    fn mark_components(&mut self, column: usize) {
        let mut number = 0;
        let mut marked = vec![false; self.nodes.len()];
        for first in 0..self.nodes.len() {
            let mut open = vec![first];
            let mut new = false;
            while let Some(node) = open.pop() {
                if marked.get(node).copied().unwrap_or(true) {
                    continue;
                }
                new = true;
                if let Some(mark) = marked.get_mut(node) {
                    *mark = true;
                }
                if let Some(cell) = self.nodes.get_mut(node).and_then(|(_, row)| row.get_mut(column)) {
                    *cell = Value::Long(number);
                }
                let near = self.out.get(node).into_iter().chain(self.into.get(node)).flatten();
                open.extend(near.filter_map(|edge| self.edges.get(*edge)).flat_map(|(from, to, _)| [*from, *to]));
            }
            number += i64::from(new);
        }
    }
}
