use super::{Arg, Expr, Name, Parameter};

/// A part of a pattern that `graph-match` looks for: nodes with edges between them.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternPart {
    /// `(name)`.
    Node(Option<Name>),
    /// `-[name]->` and its kin.
    Edge(PatternEdge),
}

/// An edge of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct PatternEdge {
    /// Its name, where it has one.
    pub name: Option<Name>,
    /// Which way it goes.
    pub direction: Direction,
    /// How many edges stand for it, where it is not one.
    pub range: Option<(usize, usize)>,
}

/// Which way an edge goes, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Direction {
    Right,
    Left,
    Either,
}

/// `make-graph`.
#[derive(Debug, Clone, PartialEq)]
pub struct MakeGraph {
    /// The column of the edges in which the node stands that an edge comes from.
    pub source: Name,
    /// The one that it goes to.
    pub target: Name,
    /// Tables of nodes, and the column that tells which node a row is.
    pub nodes: Vec<(Expr, Name)>,
    /// What the column of a node is called where there are no tables.
    pub node_id: Option<Name>,
}

/// `graph-match`, and `graph-shortest-paths`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphMatch {
    /// Whether only the shortest ways count.
    pub shortest: bool,
    /// `cycles=` or `output=`.
    pub parameters: Vec<Parameter>,
    /// All must be found.
    pub patterns: Vec<Vec<PatternPart>>,
    /// What must hold.
    pub condition: Option<Expr>,
    /// What comes out.
    pub columns: Vec<Arg>,
}
