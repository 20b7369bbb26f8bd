//! Graphs, and patterns that are looked for in them.

#![expect(missing_docs, reason = "the parts say what they are; those that do not are explained")]

use super::{Rel, Scalar};
use crate::Column;

/// `make-graph`: edges between nodes, which a table may tell more of: first what tells a node, then its columns.
#[derive(Debug, Clone)]
pub struct Graph {
    pub edges: Rel,
    pub source: usize,
    pub target: usize,
    pub nodes: Option<Rel>,
    /// The columns of a node.
    pub columns: Vec<Column>,
    /// Those of them that tell a node.
    pub ids: Vec<usize>,
    /// The column that holds the number of the part of the graph that a node is in.
    pub component: Option<usize>,
}

/// `graph-match`: a row for each way to find the pattern.
#[derive(Debug, Clone)]
pub struct Match {
    pub graph: Graph,
    /// How many nodes the pattern has.
    pub nodes: usize,
    /// For each edge of the pattern whether it is a chain of any number.
    pub many: Vec<bool>,
    pub hops: Vec<Hop>,
    pub walk: Walk,
    pub condition: Option<Scalar>,
    pub columns: Vec<Scalar>,
}

/// An edge of a pattern between two of its nodes.
#[derive(Debug, Clone)]
pub struct Hop {
    pub from: usize,
    pub to: usize,
    /// It may go the other way.
    pub either: bool,
    /// It is written from its end: `<-[ ]-`.
    pub leftward: bool,
    /// How many edges stand for it.
    pub range: (usize, usize),
}

/// What may come again in a match, and which matches count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    EachEdgeOnce,
    EachNodeOnce,
    Any,
    Shortest,
    AllShortest,
}
