//! What may stand between an operator's name and its operands: `name=value`, and `hint.name=value`. The names and values
//! are those of Microsoft's language service.

use super::{Parsed, Parser};
use crate::{Expr, ExprKind, KqlError, Literal, Parameter, error::Problem, lexer::Kind, nearest};

/// A parameter's name and the values that it can have; anything where there are none.
pub(super) type Known = (&'static str, &'static str);

const STRATEGY: Known = ("hint.strategy", "auto, broadcast, centralized, shuffle");
const SHUFFLE_KEY: Known = ("hint.shufflekey", "");
const PARTITIONS: Known = ("hint.num_partitions", "a number");
const CONCURRENCY: Known = ("hint.concurrency", "a number, auto, left, local, right, unresolved");
const SPREAD: Known = ("hint.spread", "a number, auto, local");
const MATERIALIZED: Known = ("hint.materialized", "true, false");
const FLAG: &str = "true, false";

/// Hints of any operator: one that another operator has is passed over, as the language service only warns of it.
const HINTS: &[Known] = &[
    ("hint.concurrency", ""),
    ("hint.distribution", ""),
    ("hint.materialized", ""),
    ("hint.num_partitions", ""),
    ("hint.pass_filters", ""),
    ("hint.pass_filters_column", ""),
    ("hint.progressive_top", ""),
    ("hint.remote", ""),
    ("hint.shufflekey", ""),
    ("hint.spread", ""),
    ("hint.strategy", ""),
];

pub(super) const AS: &[Known] = &[MATERIALIZED];
pub(super) const CONSUME: &[Known] = &[("decodeblocks", FLAG)];
pub(super) const DISTINCT: &[Known] = &[SHUFFLE_KEY, STRATEGY, PARTITIONS];
pub(super) const EVALUATE: &[Known] =
    &[("hint.distribution", "single, per_node, per_shard, default"), ("hint.remote", "auto, local")];
pub(super) const FIND: &[Known] = &[("withsource", "")];
pub(super) const GRAPH: &[Known] = &[("hint.strategy", "shuffle, native")];
pub(super) const MATCH: &[Known] = &[("cycles", "none, all, unique_edges")];
pub(super) const SHORTEST: &[Known] = &[("output", "any, all")];
pub(super) const COMPONENTS: &[Known] = &[("kind", "weak, strong"), ("with_component_id", "")];
pub(super) const EDGES: &[Known] = &[("with_source_id", ""), ("with_target_id", "")];
pub(super) const NODES: &[Known] = &[("with_node_id", "")];
pub(super) const JOIN: &[Known] = &[
    (
        "kind",
        "innerunique, inner, leftouter, rightouter, fullouter, leftanti, leftantisemi, anti, rightanti, rightantisemi, \
         leftsemi, semi, rightsemi",
    ),
    ("hint.remote", "auto, left, local, right, unresolved"),
    SHUFFLE_KEY,
    STRATEGY,
    PARTITIONS,
];
pub(super) const LOOKUP: &[Known] = &[("kind", "leftouter, inner")];
pub(super) const MAKE_SERIES: &[Known] = &[SHUFFLE_KEY, ("kind", "nonempty")];
pub(super) const MV_APPLY: &[Known] = &[("with_itemindex", "")];
pub(super) const MV_EXPAND: &[Known] =
    &[("kind", "bag, array"), ("bagexpansion", "bag, array"), ("with_itemindex", "")];
pub(super) const PARSE: &[Known] = &[("kind", "simple, regex, relaxed"), ("flags", "")];
pub(super) const PARTITION: &[Known] =
    &[CONCURRENCY, SPREAD, MATERIALIZED, SHUFFLE_KEY, ("hint.strategy", "shuffle, native, legacy")];
pub(super) const REDUCE: &[Known] = &[("kind", "source")];
pub(super) const SCAN: &[Known] = &[("kind", "partial, full"), ("with_match_id", "")];
pub(super) const SEARCH: &[Known] = &[("kind", "default, case_insensitive, case_sensitive")];
pub(super) const SORT: &[Known] = &[("hint.strategy", "splitBlock, multipleBlocks")];
pub(super) const SUMMARIZE: &[Known] = &[SHUFFLE_KEY, ("hint.strategy", "shuffle"), PARTITIONS];
pub(super) const TOP: &[Known] = &[("hint.progressive_top", FLAG)];
pub(super) const UNION: &[Known] = &[
    ("kind", "inner, outer"),
    ("withsource", ""),
    ("with_source", ""),
    ("isfuzzy", FLAG),
    ("best_effort", FLAG),
    CONCURRENCY,
    SPREAD,
];
pub(super) const RENDER: &[Known] = &[
    ("kind", "default, unstacked, stacked, stacked100, map"),
    ("title", ""),
    ("accumulate", FLAG),
    ("xcolumn", ""),
    ("ycolumns", ""),
    ("anomalycolumns", ""),
    ("series", ""),
    ("xtitle", ""),
    ("ytitle", ""),
    ("xaxis", "linear, log"),
    ("yaxis", "linear, log"),
    ("legend", "visible, hidden"),
    ("ysplit", "none, axes, panels"),
    ("ymin", ""),
    ("ymax", ""),
    ("xmin", ""),
    ("xmax", ""),
];
pub(super) const PARSE_KV: &[Known] =
    &[("pair_delimiter", ""), ("kv_delimiter", ""), ("regex", ""), ("quote", ""), ("escape", ""), ("greedy", FLAG)];

impl Parser {
    /// The parameters of an operator that knows these.
    pub(super) fn parameters(&mut self, known: &'static [Known]) -> Parsed<Vec<Parameter>> {
        let mut found = Vec::new();
        loop {
            let Kind::Word(word) = self.kind() else { return Ok(found) };
            let span = self.span();
            let plain = word.to_ascii_lowercase();
            let hint = plain == "hint" && self.mark_at(1, ".");
            let one = self.mark_at(1, "=") && known.iter().any(|(name, _)| *name == plain);
            if !(hint || one) {
                return Ok(found);
            }
            let mut name = self.name()?.text.to_ascii_lowercase();
            while self.eat(".") {
                name = format!("{name}.{}", self.name()?.text.to_ascii_lowercase());
            }
            let span = span.to(self.last_span());
            let known = known_parameter(&name, known, span)?;
            self.need("=")?;
            let value = self.parameter_value()?;
            allowed(known, &value)?;
            found.push(Parameter { name, value });
        }
    }

    fn parameter_value(&mut self) -> Parsed<Expr> {
        if let Kind::Word(_) = self.kind() {
            let name = self.name()?;
            let kind = match name.text.as_str() {
                "true" | "True" | "TRUE" => ExprKind::Literal(Literal::Bool(true)),
                "false" | "False" | "FALSE" => ExprKind::Literal(Literal::Bool(false)),
                _ => return Ok(Expr { span: name.span, kind: ExprKind::Name(name) }),
            };
            return Ok(Expr { kind, span: name.span });
        }
        self.sum()
    }
}

/// The parameter of this name, if the operator has it.
pub(super) fn known_parameter(name: &str, known: &'static [Known], span: crate::Span) -> Parsed<Known> {
    known.iter().chain(HINTS).find(|(known, _)| *known == name).copied().ok_or_else(|| {
        let suggestion = nearest(name, known.iter().chain(HINTS).map(|(known, _)| *known));
        KqlError::new(Problem::UnknownParameter { name: name.to_owned(), suggestion }, span)
    })
}

/// Refuses a value that is none of those that the parameter can have.
pub(super) fn allowed((name, values): Known, value: &Expr) -> Parsed<()> {
    let word = match &value.kind {
        ExprKind::Name(name) => name.text.as_str(),
        ExprKind::Literal(Literal::String(text)) => text.as_str(),
        ExprKind::Literal(Literal::Bool(true)) => "true",
        ExprKind::Literal(Literal::Bool(false)) => "false",
        ExprKind::Literal(Literal::Long(_)) => "a number",
        _ => "",
    };
    if values.is_empty() || values.split(", ").any(|allowed| allowed == word) {
        return Ok(());
    }
    Err(KqlError::new(Problem::Choice { name, value: word.to_owned(), allowed: values }, value.span))
}
