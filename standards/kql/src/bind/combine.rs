use super::{Binder, Bound, Row, operand, step::parameter};
use crate::{
    Column, CompareOp, Expr, ExprKind, KqlError, LogicOp, Parameter, Type, Value,
    error::Problem,
    plan::{JoinKind, Rel, RelOp},
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
