//! Graphs: their nodes and edges, and the matches of a pattern.

use std::{collections::HashMap, rc::Rc};

use super::{Frame, Held, Ran, Row, Rows, Runner};
use crate::{
    Value,
    functions::sketches::hash_of,
    plan::{Graph, Hop, Match, Walk},
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
        let own = graph.columns.len();
        let mut place = |nodes: &mut Vec<(Value, Row)>, id: &Value, row: Option<Row>| {
            let mut bytes = Vec::new();
            key(id, &mut bytes);
            *places.entry(bytes).or_insert_with(|| {
                let blank = || graph.columns.iter().map(|column| crate::bind::empty(column.ty)).collect::<Row>();
                let mut row = row.unwrap_or_else(blank);
                row.resize(own, Value::Null);
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
            let known = |id: &Value| graph.nodes.is_none().then(|| vec![id.clone()]);
            let (source, target) = (id(graph.source), id(graph.target));
            let named = own > usize::from(graph.component.is_some());
            let fill = |id: &Value| if named { known(id) } else { None };
            let from = place(&mut nodes, &source, fill(&source));
            let to = place(&mut nodes, &target, fill(&target));
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
        let mut search = Search {
            net: &net,
            wanted,
            runner: self,
            frame,
            nodes: vec![None; wanted.nodes],
            edges: vec![Vec::new(); wanted.hops.len()],
            found: Vec::new(),
        };
        search.hop(0)?;
        let mut found = search.found;
        if matches!(wanted.walk, Walk::Shortest | Walk::AllShortest) {
            shortest(&mut found, wanted.walk);
        }
        Ok(Box::new(found.into_iter().map(|found| Ok(found.row))))
    }
}

/// The number of a node: the hash of what tells it.
fn number_of(id: &Value) -> i64 {
    match crate::functions::run("hash").map(|hash| hash(std::slice::from_ref(id))) {
        Some(Value::Long(number)) => number,
        _ => hash_of(id),
    }
}

impl Net {
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

/// A match: where it begins and ends, how long it is, what it gives.
struct Found {
    ends: (usize, usize),
    length: usize,
    row: Row,
}

/// Of the matches between two nodes those of the fewest edges.
fn shortest(found: &mut Vec<Found>, walk: Walk) {
    let mut least: HashMap<(usize, usize), usize> = HashMap::new();
    for one in found.iter() {
        let known = least.entry(one.ends).or_insert(one.length);
        *known = one.length.min(*known);
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|one| {
        let short = least.get(&one.ends) == Some(&one.length);
        short && (walk == Walk::AllShortest || seen.insert(one.ends))
    });
}

/// The search for a pattern, edge by edge.
struct Search<'s, 'r> {
    net: &'s Net,
    wanted: &'s Match,
    runner: &'s Rc<Runner<'r>>,
    frame: &'s Frame,
    nodes: Vec<Option<usize>>,
    edges: Vec<Vec<usize>>,
    found: Vec<Found>,
}

impl Search<'_, '_> {
    fn hop(&mut self, index: usize) -> Ran<()> {
        self.runner.tick()?;
        let wanted = self.wanted;
        let Some(hop) = wanted.hops.get(index) else {
            return match self.nodes.iter().position(Option::is_none) {
                Some(free) => self.each_node(free, |search| search.hop(index)),
                None => self.keep(),
            };
        };
        let known = |node: usize| self.nodes.get(node).copied().flatten();
        match (known(hop.from), known(hop.to)) {
            (Some(from), _) => self.walk(index, hop, from, true),
            (None, Some(to)) => self.walk(index, hop, to, false),
            (None, None) => self.each_node(hop.from, |search| search.hop(index)),
        }
    }

    fn each_node(&mut self, slot: usize, then: impl Fn(&mut Self) -> Ran<()>) -> Ran<()> {
        for node in 0..self.net.nodes.len() {
            if self.wanted.walk == Walk::EachNodeOnce && self.nodes.contains(&Some(node)) {
                continue;
            }
            self.set(slot, Some(node));
            then(self)?;
        }
        self.set(slot, None);
        Ok(())
    }

    fn set(&mut self, slot: usize, node: Option<usize>) {
        if let Some(place) = self.nodes.get_mut(slot) {
            *place = node;
        }
    }

    /// Goes on from a node by one edge more, or ends the chain here, if it is long enough.
    fn walk(&mut self, index: usize, hop: &Hop, here: usize, forward: bool) -> Ran<()> {
        self.runner.tick()?;
        let length = self.edges.get(index).map_or(0, Vec::len);
        if length >= hop.range.0 {
            self.arrive(index, hop, here, forward)?;
        }
        if length >= hop.range.1 {
            return Ok(());
        }
        let end = self.nodes.get(if forward { hop.to } else { hop.from }).copied().flatten();
        for (edge, next) in self.ways(here, forward, hop.either) {
            if !self.allowed(edge, next, end) {
                continue;
            }
            if let Some(edges) = self.edges.get_mut(index) {
                edges.push(edge);
            }
            self.walk(index, hop, next, forward)?;
            if let Some(edges) = self.edges.get_mut(index) {
                edges.pop();
            }
        }
        Ok(())
    }

    /// The end of a chain: its node is the one that is known, or becomes known.
    fn arrive(&mut self, index: usize, hop: &Hop, here: usize, forward: bool) -> Ran<()> {
        let slot = if forward { hop.to } else { hop.from };
        match self.nodes.get(slot).copied().flatten() {
            Some(known) if known != here => Ok(()),
            Some(_) => self.hop(index + 1),
            None => {
                self.set(slot, Some(here));
                let done = self.hop(index + 1);
                self.set(slot, None);
                done
            }
        }
    }

    /// Edges that go on from a node, and where to.
    fn ways(&self, here: usize, forward: bool, either: bool) -> Vec<(usize, usize)> {
        let list = |ways: &[Vec<usize>], end: fn(&(usize, usize, Row)) -> usize| {
            let edges = ways.get(here).into_iter().flatten();
            edges.filter_map(|edge| Some((*edge, end(self.net.edges.get(*edge)?)))).collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        if forward || either {
            found.extend(list(&self.net.out, |edge| edge.1));
        }
        if !forward || either {
            found.extend(list(&self.net.into, |edge| edge.0));
        }
        found
    }

    /// Whether an edge may be used once more, and its node be met again.
    fn allowed(&self, edge: usize, next: usize, end: Option<usize>) -> bool {
        let again = self.edges.iter().flatten().any(|used| *used == edge);
        match self.wanted.walk {
            Walk::Any => true,
            Walk::EachNodeOnce => {
                let passed = self.edges.iter().flatten().filter_map(|used| self.net.edges.get(*used));
                let met = passed.flat_map(|(from, to, _)| [*from, *to]).any(|node| node == next);
                !again && (end == Some(next) || !(met || self.nodes.contains(&Some(next))))
            }
            _ => !again,
        }
    }

    fn keep(&mut self) -> Ran<()> {
        let mut row = Row::new();
        for node in self.nodes.iter().flatten() {
            let Some((id, cells)) = self.net.nodes.get(*node) else { continue };
            row.extend(cells.iter().cloned());
            let degree = |ways: &[Vec<usize>]| ways.get(*node).map_or(0, Vec::len);
            for count in [degree(&self.net.into), degree(&self.net.out)] {
                row.push(Value::Long(i64::try_from(count).unwrap_or(i64::MAX)));
            }
            row.push(Value::Long(number_of(id)));
        }
        for ((edges, many), hop) in self.edges.iter().zip(&self.wanted.many).zip(&self.wanted.hops) {
            let cells = |edge: &usize| self.net.edges.get(*edge).map(|(_, _, row)| row.clone()).unwrap_or_default();
            if !many {
                row.extend(edges.iter().flat_map(cells));
                continue;
            }
            let backward = self.backward(edges, hop);
            let ordered: Vec<usize> = if backward { edges.iter().rev().copied().collect() } else { edges.clone() };
            row.push(Value::array(ordered.iter().map(|edge| Value::array(cells(edge))).collect()));
            row.push(Value::array(self.between(&ordered, hop)));
        }
        self.runner.charge(super::weight(&row))?;
        if let Some(condition) = &self.wanted.condition
            && !self.runner.holds(condition, &row, self.frame)?
        {
            return Ok(());
        }
        let shown = self.wanted.columns.iter().map(|column| self.runner.value(column, &row, self.frame));
        let shown = shown.collect::<Ran<Row>>()?;
        let ends = self.wanted.hops.first().map_or((0, 0), |hop| (hop.from, hop.to));
        let node = |slot: usize| self.nodes.get(slot).copied().flatten().unwrap_or(0);
        let length = self.edges.iter().map(Vec::len).sum();
        self.found.push(Found { ends: (node(ends.0), node(ends.1)), length, row: shown });
        Ok(())
    }

    /// Whether the edges of a chain were found from its end.
    fn backward(&self, edges: &[usize], hop: &Hop) -> bool {
        let start = self.nodes.get(hop.from).copied().flatten();
        let first = edges.first().and_then(|edge| self.net.edges.get(*edge));
        !hop.either && first.map(|(from, ..)| *from) != start
    }

    /// The nodes between the edges of a chain.
    fn between(&self, edges: &[usize], hop: &Hop) -> Vec<Value> {
        let mut here = self.nodes.get(hop.from).copied().flatten().unwrap_or(0);
        let mut found = Vec::new();
        let inner = edges.len().saturating_sub(1);
        for edge in edges.iter().take(inner) {
            let Some((from, to, _)) = self.net.edges.get(*edge) else { continue };
            here = if *from == here { *to } else { *from };
            let cells = self.net.nodes.get(here).map(|(_, row)| row.clone()).unwrap_or_default();
            found.push(Value::array(cells));
        }
        found
    }
}
