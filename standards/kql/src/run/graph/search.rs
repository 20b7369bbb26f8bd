//! The search for a pattern in a graph.

use std::{collections::HashMap, rc::Rc};

use super::Net;
use crate::{
    Value,
    plan::{Hop, Match, Walk},
    run::{Frame, Ran, Row, Runner, weight},
};

/// A match: where it begins and ends, how long it is, what it gives.
pub(super) struct Found {
    ends: (usize, usize),
    length: usize,
    pub(super) row: Row,
}

/// Of the matches between two nodes those of the fewest edges.
pub(super) fn shortest(found: &mut Vec<Found>, walk: Walk) {
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
pub(super) struct Search<'s, 'r> {
    net: &'s Net,
    wanted: &'s Match,
    runner: &'s Rc<Runner<'r>>,
    frame: &'s Frame,
    nodes: Vec<Option<usize>>,
    edges: Vec<Vec<usize>>,
    found: Vec<Found>,
}

impl<'s, 'r> Search<'s, 'r> {
    pub(super) fn new(net: &'s Net, wanted: &'s Match, runner: &'s Rc<Runner<'r>>, frame: &'s Frame) -> Self {
        let (nodes, edges) = (vec![None; wanted.nodes], vec![Vec::new(); wanted.hops.len()]);
        Self { net, wanted, runner, frame, nodes, edges, found: Vec::new() }
    }

    pub(super) fn run(mut self) -> Ran<Vec<Found>> {
        self.hop(0)?;
        Ok(self.found)
    }

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
            row.extend(self.net.node(*node));
        }
        for ((edges, many), hop) in self.edges.iter().zip(&self.wanted.many).zip(&self.wanted.hops) {
            let cells = |edge: &usize| self.net.edges.get(*edge).map(|(_, _, row)| row.clone()).unwrap_or_default();
            if !many {
                row.extend(edges.iter().flat_map(cells));
                continue;
            }
            let mut ordered = edges.clone();
            if self.backward(edges, hop) {
                ordered.reverse();
            }
            let mut chain: Vec<Value> = ordered.iter().map(|edge| Value::array(cells(edge))).collect();
            let mut inner = self.between(&ordered, hop);
            if hop.leftward {
                chain.reverse();
                inner.reverse();
            }
            row.extend([Value::array(chain), Value::array(inner)]);
        }
        self.runner.charge(weight(&row))?;
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
            found.push(Value::array(self.net.node(here)));
        }
        found
    }
}
