//! Scalars as expressions of the columnar engine.

use std::{collections::HashSet, sync::Arc};

use arrow::datatypes::DataType;
use datafusion::{
    common::Column as Name,
    logical_expr::{Expr, ScalarUDF, cast, expr::ScalarFunction, lit, when},
    scalar::ScalarValue,
};
use signet_kql::{
    ListMatch, ListTest, LogicOp, Type, Value,
    plan::{Kind, Scalar},
};

use super::{Col, Low, Lowering, Not};
use crate::engine::{
    function::{Among, Body, RowFunction},
    path,
    repr::{Repr, UNIX},
};

impl Lowering<'_> {
    /// A condition, of which it only matters whether it holds.
    pub(super) fn condition(&self, scalar: &Scalar, columns: &[Col]) -> Low<Expr> {
        if let Kind::Logic(op, parts) = &scalar.kind {
            let parts = parts.iter().map(|part| self.condition(part, columns)).collect::<Low<Vec<_>>>()?;
            return joined(*op, parts);
        }
        match self.compared(scalar, columns, true)? {
            Some(expr) => Ok(expr),
            None => self.truth(scalar, columns),
        }
    }

    /// A truth value, or null.
    fn truth(&self, scalar: &Scalar, columns: &[Col]) -> Low<Expr> {
        let col = self.scalar(scalar, columns)?;
        if col.repr == Repr::Bool { Ok(col.expr) } else { Err(Not::Understood) }
    }

    /// The value of a scalar that is the same for every row.
    pub(super) fn constant(&self, scalar: &Scalar) -> Low<Option<Value>> {
        if !scalar.is_constant() || !is_plain(scalar) {
            return Ok(None);
        }
        self.evaluator.value(scalar, &[]).map(Some).map_err(Not::Failed)
    }

    pub(super) fn scalar(&self, scalar: &Scalar, columns: &[Col]) -> Low<Col> {
        if let Some(value) = self.constant(scalar)? {
            let repr = Repr::of(scalar.ty).ok_or(Not::Understood)?;
            return Ok(Col { expr: literal(repr, value)?, repr, paths: None });
        }
        if let Some(col) = leaf(scalar, columns) {
            return Ok(col);
        }
        if let Some(expr) = self.compared(scalar, columns, false)? {
            return Ok(Col { expr, repr: Repr::Bool, paths: None });
        }
        match &scalar.kind {
            Kind::Cell(index) => {
                let value = (self.shared)(*index).map_err(Not::Failed)?.into_iter().next();
                let value = value.and_then(|row| row.into_iter().next()).unwrap_or_default();
                self.scalar(&Scalar { kind: Kind::Constant(value), ty: scalar.ty }, columns)
            }
            Kind::Logic(op, parts) => {
                let parts = parts.iter().map(|part| self.truth(part, columns)).collect::<Low<Vec<_>>>()?;
                Ok(Col { expr: joined(*op, parts)?, repr: Repr::Bool, paths: None })
            }
            Kind::Not(inner) => {
                let expr = Expr::Not(Box::new(self.truth(inner, columns)?));
                Ok(Col { expr, repr: Repr::Bool, paths: None })
            }
            Kind::Convert(inner) if scalar.ty == Type::String => {
                let col = self.scalar(inner, columns)?;
                match col.repr {
                    // A text within is itself; null is the empty text.
                    Repr::AnyText | Repr::Text => Ok(Col { repr: Repr::Text, paths: None, ..col }),
                    _ => self.by_row(scalar, columns),
                }
            }
            Kind::Among(test, value, index) => self.among(*test, value, *index, columns),
            Kind::Call(called, args) => match self.floored(called.name, args, columns)? {
                Some(col) => Ok(col),
                None => self.by_row(scalar, columns),
            },
            Kind::Case(parts) if !is_one_text(scalar, columns) => self.case(scalar, parts, columns),
            _ => self.by_row(scalar, columns),
        }
    }

    /// `bin` and `startofday` of a stored moment.
    fn floored(&self, name: &str, args: &[Scalar], columns: &[Col]) -> Low<Option<Col>> {
        let (moment, step) = match (name, args) {
            ("bin" | "floor", [moment, step]) => match self.constant(step)? {
                Some(Value::TimeSpan(step)) if step > 0 && step % 10 == 0 => (moment, step / 10),
                _ => return Ok(None),
            },
            ("startofday", [moment]) => (moment, 86_400_000_000),
            _ => return Ok(None),
        };
        let col = self.scalar(moment, columns)?;
        if col.repr != Repr::Micros || matches!(col.expr, Expr::Literal(..)) {
            return Ok(None);
        }
        Ok(Some(self.function(&format!("floor {step}"), Body::Floor(step), vec![col], Repr::Micros)))
    }

    fn case(&self, scalar: &Scalar, parts: &[Scalar], columns: &[Col]) -> Low<Col> {
        let (mut conditions, mut values) = (Vec::new(), Vec::new());
        for pair in parts.chunks(2) {
            match pair {
                [condition, value] => {
                    conditions.push(self.condition(condition, columns)?);
                    values.push(self.scalar(value, columns)?);
                }
                [otherwise] => values.push(self.scalar(otherwise, columns)?),
                _ => {}
            }
        }
        let alike = values.windows(2).all(|pair| matches!(pair, [a, b] if a.repr == b.repr));
        if !alike || values.len() != conditions.len() + 1 {
            return self.by_row(scalar, columns);
        }
        let mut pairs = conditions.into_iter().zip(&values);
        let (Some((condition, value)), Some(last)) = (pairs.next(), values.last()) else {
            return Err(Not::Understood);
        };
        let mut cases = when(condition, value.expr.clone());
        for (condition, value) in pairs {
            cases = cases.when(condition, value.expr.clone());
        }
        Ok(Col { expr: cases.otherwise(last.expr.clone())?, repr: last.repr, paths: None })
    }

    fn among(&self, test: ListTest, value: &Scalar, index: usize, columns: &[Col]) -> Low<Col> {
        if test.what != ListMatch::In {
            return Err(Not::Understood);
        }
        let folded = !test.cased;
        let mut texts = HashSet::new();
        let mut add = |value: &Value| {
            let text = value.to_text();
            texts.insert(if folded { text.to_lowercase() } else { text });
        };
        for row in (self.shared)(index).map_err(Not::Failed)? {
            match row.first() {
                Some(Value::Array(items)) => items.iter().for_each(&mut add),
                Some(cell) => add(cell),
                None => {}
            }
        }
        let col = self.scalar(value, columns)?;
        let body = Body::Among(Among { texts, folded, negated: test.negated });
        Ok(self.function(&format!("among {test:?} {index}"), body, vec![col], Repr::Bool))
    }

    /// Any scalar, evaluated row by row.
    pub(super) fn by_row(&self, scalar: &Scalar, columns: &[Col]) -> Low<Col> {
        if !is_plain(scalar) {
            return Err(Not::Understood);
        }
        let gives = Repr::of(scalar.ty).ok_or(Not::Understood)?;
        let mut leaves = Vec::new();
        let replaced = replaced(scalar, columns, &mut leaves).ok_or(Not::Understood)?;
        Ok(self.function(&format!("{replaced:?}"), Body::Scalar(replaced), leaves, gives))
    }

    pub(super) fn function(&self, says: &str, body: Body, args: Vec<Col>, gives: Repr) -> Col {
        let takes: Vec<Repr> = args.iter().map(|col| col.repr).collect();
        let key = format!("{says} {takes:?} {gives:?}");
        let mut functions = self.functions.borrow_mut();
        let function = functions.entry(key).or_insert_with_key(|key| {
            let function = RowFunction::new(self.name(), key.clone(), body, takes, gives, self.now);
            Arc::new(ScalarUDF::new_from_impl(function))
        });
        let args = args.into_iter().map(|col| col.expr).collect();
        Col { expr: Expr::ScalarFunction(ScalarFunction::new_udf(function.clone(), args)), repr: gives, paths: None }
    }

    /// The column where null and the empty text are not told apart.
    pub(super) fn filled(&self, col: &Col) -> Expr {
        match (&col.expr, col.repr) {
            (Expr::Literal(..), _) => col.expr.clone(),
            (expr, Repr::Text) => {
                let empty = lit(ScalarValue::Utf8View(Some(String::new())));
                datafusion::functions::core::expr_fn::coalesce(vec![expr.clone(), empty])
            }
            (expr, _) => expr.clone(),
        }
    }

    /// The column in another form, where there is a way.
    pub(super) fn formed(&self, col: &Col, wanted: Repr) -> Low<Col> {
        let expr = match (col.repr, wanted) {
            (from, to) if from == to => return Ok(col.clone()),
            (Repr::Micros, Repr::Ticks) => cast(col.expr.clone(), DataType::Int64) * lit(10_i64) + lit(UNIX),
            (Repr::Long, Repr::Real) => cast(col.expr.clone(), DataType::Float64),
            (_, Repr::Coded) => {
                let body = Body::Native(|row| row.into_iter().next().unwrap_or_default());
                return Ok(self.function("coded", body, vec![col.clone()], Repr::Coded));
            }
            _ => return Err(Not::Understood),
        };
        Ok(Col { expr, repr: wanted, paths: None })
    }
}

/// Whether a scalar reads its row and nothing else, and is of types that are held here.
fn is_plain(scalar: &Scalar) -> bool {
    !matches!(scalar.kind, Kind::Outer(..) | Kind::Among(..) | Kind::Cell(_) | Kind::Window(..))
        && !matches!(scalar.kind, Kind::Random(_) | Kind::Assert(..) | Kind::Place(_) | Kind::Each(..))
        && scalar.ty != Type::Decimal
        && scalar.parts().into_iter().all(is_plain)
}

/// A column, or what is unfolded from one.
fn leaf(scalar: &Scalar, columns: &[Col]) -> Option<Col> {
    if let Kind::Column(index) = scalar.kind {
        return columns.get(index).cloned();
    }
    let (index, steps) = path::of(scalar)?;
    let (name, repr) = columns.get(index)?.paths.as_ref()?.get(&steps)?;
    Some(Col { expr: Expr::Column(Name::new_unqualified(name)), repr: *repr, paths: None })
}

/// Whether a scalar reads one column, of texts: then each different text is looked at once.
fn is_one_text(scalar: &Scalar, columns: &[Col]) -> bool {
    let mut leaves = Vec::new();
    is_plain(scalar)
        && replaced(scalar, columns, &mut leaves).is_some()
        && matches!(leaves.as_slice(), [col] if matches!(col.repr, Repr::Text | Repr::AnyText | Repr::Json))
}

/// The scalar with what it reads put in places of its own.
fn replaced(scalar: &Scalar, columns: &[Col], leaves: &mut Vec<Col>) -> Option<Scalar> {
    if let Some(col) = leaf(scalar, columns) {
        let place = leaves.iter().position(|leaf| leaf.expr == col.expr && leaf.repr == col.repr);
        let place = place.unwrap_or_else(|| {
            leaves.push(col);
            leaves.len() - 1
        });
        return Some(Scalar { kind: Kind::Column(place), ty: scalar.ty });
    }
    if matches!(scalar.kind, Kind::Column(_)) {
        return None;
    }
    let mut copy = scalar.clone();
    for part in copy.parts_mut() {
        *part = replaced(part, columns, leaves)?;
    }
    Some(copy)
}

fn joined(op: LogicOp, parts: Vec<Expr>) -> Low<Expr> {
    let join = |left: Expr, right: Expr| match op {
        LogicOp::And => left.and(right),
        LogicOp::Or => left.or(right),
    };
    parts.into_iter().reduce(join).ok_or(Not::Understood)
}

pub(super) fn literal(repr: Repr, value: Value) -> Low<Expr> {
    let column = repr.column(std::iter::once(value))?;
    Ok(Expr::Literal(ScalarValue::try_from_array(&column, 0)?, None))
}
