//! Graphs: `make-graph` and what follows it.

use super::super::{Parsed, Parser, parameters};
use crate::{Direction, GraphMatch, MakeGraph, Operator, PatternEdge, PatternPart, lexer::Kind};

/// Edges that may stand for one of a pattern.
const MOST: usize = 64;

impl Parser {
    pub(super) fn make_graph(&mut self) -> Parsed<Operator> {
        self.parameters(parameters::GRAPH)?;
        let source = self.name()?;
        self.need("-")?;
        self.need("-")?;
        self.need(">")?;
        let mut made = MakeGraph { source, target: self.name()?, nodes: Vec::new(), node_id: None };
        if self.is_word("with_node_id") && self.mark_at(1, "=") {
            self.advance();
            self.advance();
            made.node_id = Some(self.name()?);
        } else if self.eat_word("with") {
            made.nodes = self.many(|parser| {
                let table = parser.table()?;
                parser.need_word("on")?;
                Ok((table, parser.name()?))
            })?;
        }
        Ok(Operator::MakeGraph(Box::new(made)))
    }

    pub(super) fn graph_match(&mut self, shortest: bool) -> Parsed<Operator> {
        let known = if shortest { parameters::SHORTEST } else { parameters::MATCH };
        let parameters = self.parameters(known)?;
        let patterns = self.many(Self::pattern)?;
        let condition = if self.eat_word("where") { Some(self.expr()?) } else { None };
        let columns = if self.eat_word("project") { self.args()? } else { Vec::new() };
        Ok(Operator::GraphMatch(Box::new(GraphMatch { shortest, parameters, patterns, condition, columns })))
    }

    pub(super) fn graph_to_table(&mut self) -> Parsed<Operator> {
        let edges = self.is_word("edges");
        if !self.eat_word("edges") {
            self.need_word("nodes")?;
        }
        let parameters = self.parameters(if edges { parameters::EDGES } else { parameters::NODES })?;
        Ok(Operator::GraphToTable { edges, parameters })
    }

    fn pattern(&mut self) -> Parsed<Vec<PatternPart>> {
        let mut parts = vec![self.pattern_node()?];
        while self.is_mark("-") || self.is_mark("<") {
            parts.push(PatternPart::Edge(self.pattern_edge()?));
            parts.push(self.pattern_node()?);
        }
        Ok(parts)
    }

    fn pattern_node(&mut self) -> Parsed<PatternPart> {
        self.need("(")?;
        let name = if self.is_mark(")") { None } else { Some(self.name()?) };
        self.need(")")?;
        Ok(PatternPart::Node(name))
    }

    fn pattern_edge(&mut self) -> Parsed<PatternEdge> {
        let left = self.eat("<");
        self.need("-")?;
        let (mut name, mut range) = (None, None);
        if self.eat("[") {
            if let Kind::Word(_) | Kind::Bracketed(_) = self.kind() {
                name = Some(self.name()?);
            }
            if self.eat("*") {
                let least = self.edge_count()?;
                self.need("..")?;
                range = Some((least, self.edge_count()?));
            }
            self.need("]")?;
        }
        self.need("-")?;
        let right = self.eat(">");
        let direction = match (left, right) {
            (false, true) => Direction::Right,
            (true, false) => Direction::Left,
            _ => Direction::Either,
        };
        Ok(PatternEdge { name, direction, range })
    }

    fn edge_count(&mut self) -> Parsed<usize> {
        let Kind::Long(text) = self.kind().clone() else { return Err(self.expected("a number of edges")) };
        let count = text.parse().ok().filter(|count| *count <= MOST);
        let count = count.ok_or_else(|| self.expected("a number of edges up to 64"))?;
        self.advance();
        Ok(count)
    }
}
