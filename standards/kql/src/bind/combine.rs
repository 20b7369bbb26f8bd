use super::{Binder, Bound, Row, operand, outputs::Outputs, step::parameter};
use crate::{
    Column, CompareOp, Expr, ExprKind, KqlError, LogicOp, Parameter, Type, Value,
    error::Problem,
    plan::{JoinKind, Origin, Rel, RelOp},
};

const KINDS: [(&str, JoinKind); 13] = [
    ("innerunique", JoinKind::InnerUnique),
    ("inner", JoinKind::Inner),
    ("leftouter", JoinKind::LeftOuter),
    ("rightouter", JoinKind::RightOuter),
    ("fullouter", JoinKind::FullOuter),
    ("leftanti", JoinKind::LeftAnti),
    ("anti", JoinKind::LeftAnti),
    ("leftantisemi", JoinKind::LeftAnti),
    ("rightanti", JoinKind::RightAnti),
    ("rightantisemi", JoinKind::RightAnti),
    ("leftsemi", JoinKind::LeftSemi),
    ("semi", JoinKind::LeftSemi),
    ("rightsemi", JoinKind::RightSemi),
];

impl<'a> Binder<'a> {
    pub(super) fn join(
        &mut self,
        left: Rel,
        parameters: &'a [Parameter],
        right: &'a Expr,
        on: &'a [Expr],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let kind = match parameter(parameters, "kind") {
            None => JoinKind::InnerUnique,
            Some((word, span)) => {
                let known = KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind);
                known.ok_or_else(|| choice("kind", word, "innerunique, inner, leftouter, rightouter, fullouter, leftanti, rightanti, leftsemi or rightsemi", span))?
            }
        };
        let right = self.table(right, outer)?;
        let keys = self.join_keys(&left, &right, on)?;
        let kept = (0..right.columns.len()).collect();
        Ok(self.joined(left, right, kind, keys, kept))
    }

    pub(super) fn lookup_table(
        &mut self,
        left: Rel,
        parameters: &'a [Parameter],
        right: &'a Expr,
        on: &'a [Expr],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let kind = match parameter(parameters, "kind") {
            None | Some(("leftouter", _)) => JoinKind::LeftOuter,
            Some(("inner", _)) => JoinKind::Inner,
            Some((word, span)) => return Err(choice("kind", word, "leftouter or inner", span)),
        };
        let right = self.table(right, outer)?;
        let keys = self.join_keys(&left, &right, on)?;
        let kept = (0..right.columns.len()).filter(|index| !keys.iter().any(|(_, key)| key == index)).collect();
        Ok(self.joined(left, right, kind, keys, kept))
    }

    fn joined(&mut self, left: Rel, right: Rel, kind: JoinKind, on: Vec<(usize, usize)>, kept: Vec<usize>) -> Rel {
        let open = left.open || right.open;
        let columns = match kind {
            JoinKind::LeftAnti | JoinKind::LeftSemi => left.columns.clone(),
            JoinKind::RightAnti | JoinKind::RightSemi => right.columns.clone(),
            _ => {
                let mut columns = left.columns.clone();
                for column in kept.iter().filter_map(|index| right.columns.get(*index)) {
                    let name = free_name(&column.name, &columns, &left.columns, &right.columns);
                    columns.push(Column::new(name, column.ty));
                }
                columns
            }
        };
        let op = RelOp::Join { left: Box::new(left), right: Box::new(right), kind, on, kept };
        Rel { op, columns, open }
    }

    fn join_keys(&mut self, left: &Rel, right: &Rel, on: &'a [Expr]) -> Bound<Vec<(usize, usize)>> {
        let mut keys = Vec::new();
        for condition in on {
            self.join_key(left, right, condition, &mut keys)?;
        }
        Ok(keys)
    }

    fn join_key(&mut self, left: &Rel, right: &Rel, condition: &'a Expr, keys: &mut Vec<(usize, usize)>) -> Bound<()> {
        match &condition.kind {
            ExprKind::Logic(LogicOp::And, parts) => {
                for part in parts {
                    self.join_key(left, right, part, keys)?;
                }
                return Ok(());
            }
            ExprKind::Name(name) => {
                let side = |rel: &Rel| rel.column(&name.text);
                let (Some(l), Some(r)) = (side(left), side(right)) else {
                    let rel = if side(left).is_none() { left } else { right };
                    if left.open || right.open {
                        self.missing("a join on columns that are known only while the query runs", name.span);
                        return Ok(());
                    }
                    let row = Row { columns: &rel.columns, open: false, outer: None, id: 0 };
                    return Err(self.unknown(name, &row));
                };
                return push_key(l, r, keys, condition);
            }
            ExprKind::Compare(CompareOp::Equal, a, b) => {
                let sides = [a, b].map(|side| match &side.kind {
                    ExprKind::Path(base, name) => match &base.kind {
                        ExprKind::Name(base) if base.text == "$left" || base.text == "$right" => {
                            Some((base.text == "$left", name))
                        }
                        _ => None,
                    },
                    _ => None,
                });
                let (l, r) = match sides {
                    [Some((true, l)), Some((false, r))] | [Some((false, r)), Some((true, l))] => (l, r),
                    _ => return Err(join_shape(condition)),
                };
                let find = |rel: &Rel, name: &crate::Name| {
                    rel.column(&name.text).ok_or_else(|| {
                        let row = Row { columns: &rel.columns, open: false, outer: None, id: 0 };
                        self.unknown(name, &row)
                    })
                };
                match (find(left, l), find(right, r)) {
                    (Ok(l), Ok(r)) => return push_key(l, r, keys, condition),
                    (Err(error), _) if !left.open => return Err(error),
                    (_, Err(error)) if !right.open => return Err(error),
                    _ => self.missing("a join on columns that are known only while the query runs", condition.span),
                }
                return Ok(());
            }
            _ => {}
        }
        Err(join_shape(condition))
    }

    /// The tables and views whose names match.
    pub(super) fn tables_like(&mut self, glob: &str, span: crate::Span) -> Bound<Vec<(String, Rel)>> {
        let tables = self.catalog.tables.iter().filter(|(name, _)| crate::glob::matches(glob, name));
        let mut found: Vec<_> = tables.map(|(name, columns)| (name.clone(), scan(name, columns))).collect();
        let views: Vec<_> = self
            .scope
            .iter()
            .filter(|(name, _)| crate::glob::matches(glob, name))
            .filter_map(|(name, meaning)| match meaning {
                super::Meaning::Function(function, seen) if function.view => Some((name.clone(), *function, *seen)),
                _ => None,
            })
            .collect();
        for (name, function, seen) in views {
            if let super::Any::Table(rel) = self.apply_function(function, seen, &[], &Row::none(), span)? {
                found.push((name, rel));
            }
        }
        Ok(found)
    }

    /// `union`, perhaps of what flows in first.
    pub(super) fn union(
        &mut self,
        first: Option<Rel>,
        parameters: &'a [Parameter],
        tables: &'a [Expr],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let fuzzy = parameter(parameters, "isfuzzy").is_some_and(|(word, _)| word == "true");
        let inner = parameter(parameters, "kind").is_some_and(|(word, _)| word == "inner");
        let source = parameter(parameters, "withsource").or(parameter(parameters, "with_source"));
        let mut inputs: Vec<(String, Rel)> = Vec::new();
        let mut unknown = None;
        if let Some(rel) = first {
            inputs.push((source_name(&rel, 0), rel));
        }
        for table in tables {
            if let ExprKind::Star(glob) = &table.kind {
                inputs.extend(self.tables_like(glob, table.span)?);
                continue;
            }
            let depth = self.scope.len();
            match self.table(table, outer) {
                Ok(rel) => {
                    let name = written_name(table).unwrap_or_else(|| source_name(&rel, inputs.len()));
                    inputs.push((name, rel));
                }
                Err(error)
                    if fuzzy
                        && matches!(error.problem, Problem::UnknownTable { .. } | Problem::UnknownFunction { .. }) =>
                {
                    self.scope.truncate(depth);
                    unknown = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        match (inputs.is_empty(), unknown) {
            (true, Some(error)) => Err(error),
            _ => Ok(unite(inputs, inner, source.map(|(name, _)| name))),
        }
    }
}

/// What a table is called where it is written.
fn written_name(table: &Expr) -> Option<String> {
    match &table.kind {
        ExprKind::Name(name) | ExprKind::Call(name, _) => Some(name.text.clone()),
        ExprKind::Query(query) => match query.steps.last().map(|step| &step.operator) {
            Some(crate::Operator::As { name, .. }) => Some(name.text.clone()),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn scan(name: &str, columns: &[Column]) -> Rel {
    Rel { op: RelOp::Scan(name.to_owned(), Vec::new()), columns: columns.to_vec(), open: false }
}

fn source_name(rel: &Rel, index: usize) -> String {
    match &rel.op {
        RelOp::Scan(name, _) => name.clone(),
        _ => format!("union_arg{index}"),
    }
}

/// One table of several: a name of one type is one column, a name of several types is a column for each.
pub(super) fn unite(inputs: Vec<(String, Rel)>, inner: bool, source: Option<&str>) -> Rel {
    let mut names: Vec<(String, Vec<Type>)> = Vec::new();
    for column in inputs.iter().flat_map(|(_, rel)| &rel.columns) {
        match names.iter_mut().find(|(name, _)| *name == column.name) {
            Some((_, types)) if types.contains(&column.ty) => {}
            Some((_, types)) => types.push(column.ty),
            None => names.push((column.name.clone(), vec![column.ty])),
        }
    }
    if inner {
        names.retain(|(name, _)| inputs.iter().all(|(_, rel)| rel.column(name).is_some()));
    }
    let mut outputs = Outputs::default();
    let mut origins: Vec<(String, Type)> = Vec::new();
    if let Some(source) = source {
        outputs.columns.push(Column::new(source, Type::String));
    }
    for (name, types) in names {
        for ty in &types {
            let shown = if types.len() == 1 { name.clone() } else { format!("{name}_{ty}") };
            let shown = outputs.unique(&shown);
            outputs.columns.push(Column::new(shown, *ty));
            origins.push((name.clone(), *ty));
        }
    }
    let open = inputs.iter().any(|(_, rel)| rel.open);
    let inputs = inputs.into_iter().map(|(label, rel)| {
        let mut from: Vec<Origin> = Vec::new();
        if source.is_some() {
            from.push(Origin::Constant(Value::text(label)));
        }
        from.extend(origins.iter().map(|(name, ty)| match rel.column(name) {
            Some((index, found)) if found == *ty => Origin::Column(index),
            _ => Origin::Constant(empty(*ty)),
        }));
        (rel, from)
    });
    Rel { op: RelOp::Union(inputs.collect()), columns: outputs.columns, open }
}

/// What stands where there is no value.
pub(crate) fn empty(ty: Type) -> Value {
    if ty == Type::String { Value::text("") } else { Value::Null }
}

fn push_key(l: (usize, Type), r: (usize, Type), keys: &mut Vec<(usize, usize)>, condition: &Expr) -> Bound<()> {
    let alike = l.1 == r.1 || (l.1.is_number() && r.1.is_number());
    if l.1 == Type::Dynamic || r.1 == Type::Dynamic {
        return Err(operand::needs("anything but dynamic as a key: use tostring( )", Type::Dynamic, condition.span));
    }
    if !alike {
        return Err(operand::undefined("==", l.1, r.1, condition.span));
    }
    keys.push((l.0, r.0));
    Ok(())
}

fn join_shape(condition: &Expr) -> KqlError {
    let problem = Problem::Type {
        wanted: "a common column or `$left.a == $right.b`".to_owned(),
        found: "another condition".to_owned(),
    };
    KqlError::new(problem, condition.span)
}

fn choice(name: &'static str, value: &str, allowed: &'static str, span: crate::Span) -> KqlError {
    KqlError::new(Problem::Choice { name, value: value.to_owned(), allowed }, span)
}

fn free_name(name: &str, taken: &[Column], left: &[Column], right: &[Column]) -> String {
    let is_in = |columns: &[Column], name: &str| columns.iter().any(|column| column.name == name);
    if !is_in(taken, name) {
        return name.to_owned();
    }
    (1..)
        .map(|n| format!("{name}{n}"))
        .find(|name| !is_in(taken, name) && !is_in(left, name) && !is_in(right, name))
        .unwrap_or_default()
}

/// The columns of the left, then those of the right under names that are free.
pub(super) fn unique_right(left: &[Column], right: &[Column]) -> Vec<Column> {
    let mut columns = left.to_vec();
    for column in right {
        let name = free_name(&column.name, &columns, left, right);
        columns.push(Column::new(name, column.ty));
    }
    columns
}
