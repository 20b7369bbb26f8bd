//! Graphs: which columns nodes and edges of a pattern have, and what is asked of them.

use super::{Binder, Bound, Row, operand, outputs::Outputs, step::parameter, unite};
use crate::{
    Arg, Column, Direction, Expr, ExprKind, GraphMatch, KqlError, MakeGraph, Name, Parameter, PatternPart, Type,
    error::Problem,
    plan::{Each, Graph, Hop, Kind, Match, Rel, RelOp, Scalar, Walk},
};

const MAX_HOPS: usize = 16;
const MAX_EDGES: usize = 96;
const OF_NODES: [&str; 3] = ["node_degree_in", "node_degree_out", "node_id"];

/// The names of a pattern: nodes, and edges with whether they are many.
#[derive(Default)]
struct Names {
    nodes: Vec<Option<String>>,
    edges: Vec<(Option<String>, bool)>,
}

impl Names {
    fn node(&mut self, name: Option<&Name>) -> usize {
        let known = name.and_then(|name| self.nodes.iter().position(|known| known.as_ref() == Some(&name.text)));
        known.unwrap_or_else(|| {
            self.nodes.push(name.map(|name| name.text.clone()));
            self.nodes.len() - 1
        })
    }
}

impl<'a> Binder<'a> {
    pub(super) fn make_graph(&mut self, edges: Rel, made: &'a MakeGraph, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let place = |name: &Name| {
            let row = Row { columns: &edges.columns, open: edges.open, outer: None, id: 0 };
            edges.column(&name.text).ok_or_else(|| self.unknown(name, &row))
        };
        let (source, target) = (place(&made.source)?, place(&made.target)?);
        let (mut nodes, mut columns, mut ids) = (None, Vec::new(), Vec::new());
        if !made.nodes.is_empty() {
            let mut tables = Vec::new();
            for (table, id) in &made.nodes {
                let rel = self.table(table, outer)?;
                let row = Row { columns: &rel.columns, open: rel.open, outer: None, id: 0 };
                let (index, ty) = rel.column(&id.text).ok_or_else(|| self.unknown(id, &row))?;
                let mut scalars = vec![Scalar::column(index, ty)];
                scalars.extend(rel.all());
                let mut with = vec![Column::new("", source.1)];
                with.extend(rel.columns.clone());
                let open = rel.open;
                tables.push((id.text.clone(), Rel { op: RelOp::Project(Box::new(rel), scalars), columns: with, open }));
            }
            let all = unite::unite(tables, false, None);
            columns = all.columns.iter().skip(1).cloned().collect::<Vec<_>>();
            let tells = |column: &Column| made.nodes.iter().any(|(_, id)| id.text == column.name);
            ids = columns.iter().enumerate().filter(|(_, column)| tells(column)).map(|(index, _)| index).collect();
            nodes = Some(all);
        } else if let Some(name) = &made.node_id {
            columns.push(Column::new(name.text.clone(), source.1));
            ids.push(0);
        }
        let (source, target) = (source.0, target.0);
        let graph = Graph { edges, source, target, nodes, columns: columns.clone(), ids, component: None };
        Ok(Rel { op: RelOp::Graph(Box::new(graph)), columns, open: false })
    }

    /// The graph that flows in.
    fn graph_of(&self, rel: Rel, span: crate::Span) -> Bound<Graph> {
        match rel.op {
            RelOp::Graph(graph) => Ok(*graph),
            RelOp::Shared(index) => match self.shared.get(index).map(|rel| &rel.op) {
                Some(RelOp::Graph(graph)) => Ok((**graph).clone()),
                _ => Err(not_a_graph(span)),
            },
            _ => Err(not_a_graph(span)),
        }
    }

    pub(super) fn graph_components(&mut self, rel: Rel, parameters: &'a [Parameter], span: crate::Span) -> Bound<Rel> {
        let mut graph = self.graph_of(rel, span)?;
        let name = parameter(parameters, "with_component_id").map_or("ComponentId", |(name, _)| name);
        let strong = parameter(parameters, "kind").is_some_and(|(word, _)| word == "strong");
        if strong {
            self.missing("graph-mark-components kind=strong", span);
        }
        graph.columns.push(Column::new(name, Type::Long));
        graph.component = Some(graph.columns.len() - 1);
        let columns = graph.columns.clone();
        Ok(Rel { op: RelOp::Graph(Box::new(graph)), columns, open: false })
    }

    pub(super) fn graph_table(
        &mut self,
        rel: Rel,
        edges: bool,
        parameters: &'a [Parameter],
        span: crate::Span,
    ) -> Bound<Rel> {
        let graph = self.graph_of(rel, span)?;
        let asked: &[&str] = if edges { &["with_source_id", "with_target_id"] } else { &["with_node_id"] };
        let ids = asked.iter().map(|asked| parameter(parameters, asked).map(|(name, _)| name)).collect::<Vec<_>>();
        let mut columns: Vec<Column> = ids.iter().flatten().map(|name| Column::new(*name, Type::Long)).collect();
        columns.extend(if edges { graph.edges.columns.clone() } else { graph.columns.clone() });
        let ids = ids.iter().map(Option::is_some).collect();
        Ok(Rel { op: RelOp::GraphTable(Box::new(graph), edges, ids), columns, open: false })
    }

    pub(super) fn graph_match(&mut self, rel: Rel, wanted: &'a GraphMatch, span: crate::Span) -> Bound<Rel> {
        let GraphMatch { shortest, parameters, patterns, condition, columns } = wanted;
        let graph = self.graph_of(rel, span)?;
        let mut names = Names::default();
        let hops = hops(patterns, &mut names);
        let longest: usize = hops.iter().map(|hop| hop.range.1).sum();
        if hops.len() > MAX_HOPS || names.nodes.len() > MAX_HOPS || longest > MAX_EDGES {
            return Err(KqlError::new(Problem::TooLarge, span));
        }
        let seen = seen(&graph, &names);
        self.rows += 1;
        let row = Row { columns: &seen, open: false, outer: None, id: self.rows };
        let condition = condition.as_ref().map(|condition| self.condition(condition, &row)).transpose()?;
        if columns.is_empty() {
            self.missing("graph-match without project", span);
        }
        let mut outputs = Outputs::default();
        for arg in columns.iter() {
            for output in self.outputs_of(arg, &row)? {
                outputs.push(output)?;
            }
        }
        let walk = match (*shortest, parameter(parameters, "cycles").map(|(word, _)| word)) {
            (true, _) if parameter(parameters, "output").is_some_and(|(word, _)| word == "all") => Walk::AllShortest,
            (true, _) => Walk::Shortest,
            (false, Some("none")) => Walk::EachNodeOnce,
            (false, Some("all")) => Walk::Any,
            (false, _) => Walk::EachEdgeOnce,
        };
        let many = names.edges.iter().map(|(_, many)| *many).collect();
        let nodes = names.nodes.len();
        let op = Match { graph, nodes, many, hops, walk, condition, columns: outputs.scalars };
        Ok(Rel { op: RelOp::Match(Box::new(op)), columns: outputs.columns, open: false })
    }

    /// `map`, `all` and `any` over the edges of a pattern, or the nodes between them; `node_degree_in( )` and its kin.
    pub(super) fn graph_function(&mut self, name: &'a Name, args: &'a [Arg], row: &Row<'_>) -> Bound<Option<Scalar>> {
        let each = match name.text.as_str() {
            "map" => Each::Map,
            "all" => Each::All,
            "any" => Each::Any,
            "node_degree_in" | "node_degree_out" | "node_id" => {
                let own = match args.first().map(|arg| &arg.value.kind) {
                    Some(ExprKind::Name(node)) => format!("{}.${}", node.text, name.text),
                    Some(_) => return Ok(None),
                    None => format!("${}", name.text),
                };
                let found = row.find(&own);
                return Ok(found.map(|(index, ty)| Scalar::column(index, ty)));
            }
            _ => return Ok(None),
        };
        let [over, body] = args else { return Ok(None) };
        let hidden = match &over.value.kind {
            ExprKind::Name(edge) => format!("{}.$edges", edge.text),
            ExprKind::Call(function, inner) if function.text == "inner_nodes" => match inner.first() {
                Some(Arg { value: Expr { kind: ExprKind::Name(edge), .. }, .. }) => format!("{}.$inner", edge.text),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let Some((index, _)) = row.find(&hidden) else { return Ok(None) };
        let marker = format!("{hidden}.");
        let own = row
            .columns
            .iter()
            .filter_map(|column| column.name.strip_prefix(&marker).map(|name| Column::new(name, column.ty)));
        let columns: Vec<Column> = own.collect();
        self.rows += 1;
        let inside = Row { columns: &columns, open: false, outer: None, id: self.rows };
        let span = body.value.span;
        let body = self.scalar(&body.value, &inside)?;
        let ty = match each {
            Each::Map => Type::Dynamic,
            _ if body.ty == Type::Bool => Type::Bool,
            _ => return Err(operand::needs("bool", body.ty, span)),
        };
        let items = Scalar::column(index, Type::Dynamic);
        Ok(Some(Scalar::new(Kind::Each(each, Box::new(items), Box::new(body)), ty)))
    }
}

fn not_a_graph(span: crate::Span) -> KqlError {
    let problem = Problem::Type { wanted: "a graph: use `make-graph`".to_owned(), found: "a table".to_owned() };
    KqlError::new(problem, span)
}

fn hops(patterns: &[Vec<PatternPart>], names: &mut Names) -> Vec<Hop> {
    let mut found = Vec::new();
    for pattern in patterns {
        let mut before = None;
        let mut edge = None;
        for part in pattern {
            match part {
                PatternPart::Edge(one) => edge = Some(one),
                PatternPart::Node(name) => {
                    let node = names.node(name.as_ref());
                    if let (Some(from), Some(edge)) = (before, edge.take()) {
                        names.edges.push((edge.name.as_ref().map(|name| name.text.clone()), edge.range.is_some()));
                        let leftward = edge.direction == Direction::Left;
                        let either = edge.direction == Direction::Either;
                        let (from, to) = if leftward { (node, from) } else { (from, node) };
                        let range = edge.range.unwrap_or((1, 1));
                        found.push(Hop { from, to, either, leftward, range });
                    }
                    before = Some(node);
                }
            }
        }
    }
    found
}

/// The row of a match: for each node its columns, degrees and number; for each edge its columns; for each chain of edges
/// the edges and the nodes between them, each an array. What the elements of these are called stands beside, empty.
fn seen(graph: &Graph, names: &Names) -> Vec<Column> {
    let mut columns = Vec::new();
    for name in &names.nodes {
        let name = name.clone().unwrap_or_default();
        let named = |column: &Column| Column::new(format!("{name}.{}", column.name), column.ty);
        columns.extend(graph.columns.iter().map(named));
        columns.extend(OF_NODES.map(|own| Column::new(format!("{name}.${own}"), Type::Long)));
    }
    for (name, many) in &names.edges {
        let name = name.clone().unwrap_or_default();
        if *many {
            columns.push(Column::new(format!("{name}.$edges"), Type::Dynamic));
            columns.push(Column::new(format!("{name}.$inner"), Type::Dynamic));
        } else {
            let named = |column: &Column| Column::new(format!("{name}.{}", column.name), column.ty);
            columns.extend(graph.edges.columns.iter().map(named));
        }
    }
    for (name, _) in names.edges.iter().filter(|(_, many)| *many) {
        let name = name.clone().unwrap_or_default();
        let named = |kind: &str, column: &Column| Column::new(format!("{name}.${kind}.{}", column.name), column.ty);
        columns.extend(graph.edges.columns.iter().map(|column| named("edges", column)));
        columns.extend(graph.columns.iter().map(|column| named("inner", column)));
        columns.extend(OF_NODES.map(|own| Column::new(format!("{name}.$inner.${own}"), Type::Long)));
    }
    columns
}
