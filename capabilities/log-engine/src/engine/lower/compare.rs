//! Comparisons that the columnar engine makes itself, so that it can leave out what cannot match.

use datafusion::{
    common::Column as Name,
    logical_expr::{Expr, Operator, binary_expr, lit},
    scalar::ScalarValue,
};
use signet_kql::{
    CompareOp, ListMatch, Type, Value,
    plan::{Kind, Scalar},
};

use super::{Col, Low, Lowering, scalar::literal};
use crate::{
    TimeSpan,
    engine::{
        function::Body,
        repr::{Repr, UNIX},
    },
};

impl Lowering<'_> {
    /// A comparison as the engine's own, where both mean the same. Of a condition it only matters whether it holds;
    /// elsewhere false and null are told apart.
    pub(super) fn compared(&self, scalar: &Scalar, columns: &[Col], condition: bool) -> Low<Option<Expr>> {
        match &scalar.kind {
            Kind::Compare(op, left, right) => {
                if let Some(value) = self.constant(right)? {
                    return self.with(*op, left, value, columns, condition);
                }
                match self.constant(left)? {
                    Some(value) => self.with(turned(*op), right, value, columns, condition),
                    None => Ok(None),
                }
            }
            Kind::Between(false, parts) if condition => {
                let [value, low, high] = &**parts;
                let (Some(low), Some(high)) = (self.constant(low)?, self.constant(high)?) else { return Ok(None) };
                let high = match (&low, high) {
                    (Value::DateTime(from), Value::TimeSpan(by)) => Value::DateTime(from.saturating_add(by)),
                    (_, high) => high,
                };
                let from = self.with(CompareOp::GreaterOrEqual, value, low, columns, true)?;
                let until = self.with(CompareOp::LessOrEqual, value, high, columns, true)?;
                Ok(from.zip(until).map(|(from, until)| from.and(until)))
            }
            Kind::List(test, value, items)
                if test.what == ListMatch::In && test.cased && !test.negated && condition =>
            {
                self.listed(value, items, columns)
            }
            _ => Ok(None),
        }
    }

    /// `in` over texts.
    fn listed(&self, value: &Scalar, items: &[Scalar], columns: &[Col]) -> Low<Option<Expr>> {
        if value.ty != Type::String || self.constant(value)?.is_some() {
            return Ok(None);
        }
        let mut list = Vec::new();
        for item in items {
            match self.constant(item)? {
                Some(Value::String(text)) if !text.is_empty() => list.push(text_literal(&text)),
                _ => return Ok(None),
            }
        }
        let col = self.scalar(value, columns)?;
        Ok((col.repr == Repr::Text && !list.is_empty()).then(|| col.expr.in_list(list, false)))
    }

    fn with(&self, op: CompareOp, side: &Scalar, value: Value, columns: &[Col], condition: bool) -> Low<Option<Expr>> {
        if self.constant(side)?.is_some() {
            return Ok(None);
        }
        let fits = match &value {
            Value::DateTime(_) => side.ty == Type::DateTime,
            Value::Long(_) => matches!(side.ty, Type::Long | Type::Int),
            Value::TimeSpan(_) => side.ty == Type::TimeSpan,
            Value::Bool(_) => side.ty == Type::Bool,
            Value::String(text) => side.ty == Type::String && !text.is_empty() && is_of_texts(op),
            _ => false,
        };
        if !fits {
            return Ok(None);
        }
        let col = self.scalar(side, columns)?;
        if let (CompareOp::Like | CompareOp::NotLike, Value::String(text)) = (op, &value) {
            let wanted = text.to_lowercase();
            let is_column = col.repr == Repr::Text && !matches!(col.expr, Expr::Literal(..));
            let folded = Body::Folded(wanted.clone(), op == CompareOp::NotLike);
            return Ok(is_column
                .then(|| self.function(&format!("folded {op:?} {wanted}"), folded, vec![col], Repr::Bool).expr));
        }
        let (op, literal) = match (col.repr, value) {
            (Repr::Micros, Value::DateTime(ticks)) => match micros(op, ticks) {
                Some((op, micros)) => (op, moment(micros)),
                None => return Ok(None),
            },
            (Repr::Text, Value::String(text)) => (op, text_literal(&text)),
            (repr @ (Repr::Ticks | Repr::Long | Repr::Span | Repr::Bool), value) => (op, literal(repr, value)?),
            _ => return Ok(None),
        };
        Ok(operator(op, condition).map(|operator| binary_expr(col.expr, operator, literal)))
    }
}

fn is_of_texts(op: CompareOp) -> bool {
    matches!(op, CompareOp::Equal | CompareOp::NotEqual | CompareOp::Like | CompareOp::NotLike)
}

/// Null is unlike every value, and neither less nor greater than any.
fn operator(op: CompareOp, condition: bool) -> Option<Operator> {
    Some(match op {
        CompareOp::Equal if condition => Operator::Eq,
        CompareOp::Equal => Operator::IsNotDistinctFrom,
        CompareOp::NotEqual => Operator::IsDistinctFrom,
        CompareOp::Less => Operator::Lt,
        CompareOp::LessOrEqual => Operator::LtEq,
        CompareOp::Greater => Operator::Gt,
        CompareOp::GreaterOrEqual => Operator::GtEq,
        CompareOp::Like | CompareOp::NotLike => return None,
    })
}

fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        same => same,
    }
}

/// A comparison of whole microseconds that says the same as one with a finer moment.
fn micros(op: CompareOp, ticks: i64) -> Option<(CompareOp, i64)> {
    let since = ticks.checked_sub(UNIX)?;
    let (whole, rest) = (since.div_euclid(10), since.rem_euclid(10));
    if rest == 0 {
        return Some((op, whole));
    }
    match op {
        CompareOp::Greater | CompareOp::GreaterOrEqual => Some((CompareOp::Greater, whole)),
        CompareOp::Less | CompareOp::LessOrEqual => Some((CompareOp::LessOrEqual, whole)),
        _ => None,
    }
}

/// Whether the moment in a column lies within a span.
pub(super) fn within(span: TimeSpan, name: &str) -> Expr {
    let at = || Expr::Column(Name::new_unqualified(name));
    at().gt_eq(moment(span.from)).and(at().lt_eq(moment(span.until)))
}

fn moment(micros: i64) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())))
}

fn text_literal(text: &str) -> Expr {
    lit(ScalarValue::Utf8View(Some(text.to_owned())))
}
