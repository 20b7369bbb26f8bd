use std::sync::Arc;

use super::{Any, Binder, Bound, Meaning, Row, literal::literal, operand};
use crate::{
    Expr, ExprKind, KqlError, LogicOp, Name, TextMatch, TextTest, Type, UnaryOp, Value,
    error::Problem,
    plan::{Kind, Scalar},
};

impl<'a> Binder<'a> {
    /// A value.
    pub(super) fn scalar(&mut self, expr: &'a Expr, row: &Row<'_>) -> Bound<Scalar> {
        self.count_node(expr.span)?;
        match &expr.kind {
            ExprKind::Literal(value) => self.literal(value, expr.span),
            ExprKind::Name(name) => self.name(name, row),
            ExprKind::Path(base, name) => self.path(base, name, row),
            ExprKind::Index(base, index) => self.index(base, index, row),
            ExprKind::Call(name, args) => match self.call(name, args, row, expr.span)? {
                Any::Scalar(scalar) => Ok(scalar),
                Any::Table(_) => Err(KqlError::new(Problem::NotAValue, expr.span)),
            },
            ExprKind::Unary(op, inner) => {
                let literal = matches!(inner.kind, ExprKind::Literal(_));
                let inner = self.scalar(inner, row)?;
                if !(inner.ty.is_number() || matches!(inner.ty, Type::TimeSpan | Type::Dynamic)) {
                    return Err(operand::needs("a number or timespan", inner.ty, expr.span));
                }
                let ty = if inner.ty == Type::Int && !literal { Type::Long } else { inner.ty };
                Ok(match op {
                    UnaryOp::Plus => inner,
                    UnaryOp::Minus => Scalar::new(Kind::Negate(Box::new(inner)), ty),
                })
            }
            ExprKind::Logic(op, parts) => self.logic(*op, parts, row),
            ExprKind::Arithmetic(op, left, right) => {
                let (left, right) = (self.scalar(left, row)?, self.scalar(right, row)?);
                let ty = operand::arithmetic(*op, left.ty, right.ty, expr.span)?;
                Ok(Scalar::new(Kind::Arithmetic(*op, Box::new(left), Box::new(right)), ty))
            }
            ExprKind::Compare(op, left, right) => {
                if let ExprKind::Star(_) = left.kind {
                    let right = self.scalar(right, row)?;
                    return Ok(any_column(row, |column| Kind::Compare(*op, Box::new(column), Box::new(right.clone()))));
                }
                let (left, right) = (self.scalar(left, row)?, self.scalar(right, row)?);
                operand::comparison(*op, left.ty, right.ty, expr.span)?;
                let (left, right) = operand::as_texts(*op, left, right);
                Ok(truth(Kind::Compare(*op, Box::new(left), Box::new(right))))
            }
            ExprKind::Text(test, left, right) => self.text_test(*test, left, right, row, expr),
            ExprKind::List(test, value, list) => self.list(*test, value, list, row),
            ExprKind::Between { negated, value, low, high } => {
                let parts = [self.scalar(value, row)?, self.scalar(low, row)?, self.scalar(high, row)?];
                operand::between(&parts, expr.span)?;
                Ok(truth(Kind::Between(*negated, Box::new(parts))))
            }
            ExprKind::Star(_) => Err(KqlError::unsupported("`*` here", expr.span)),
            ExprKind::TypeOf(_) => Err(KqlError::unsupported("a type as a value", expr.span)),
            ExprKind::Method(..) => Err(KqlError::unsupported("other workspaces, databases and clusters", expr.span)),
            ExprKind::Query(_) | ExprKind::Source(_) => Err(KqlError::new(Problem::NotAValue, expr.span)),
            ExprKind::Function(function) => match self.inline(function, &[], row, expr.span)? {
                Any::Scalar(scalar) => Ok(scalar),
                Any::Table(_) => Err(KqlError::new(Problem::NotAValue, expr.span)),
            },
        }
    }

    /// A literal. One whose text is no value of its type is noted: the columns are known all the same, and the query
    /// does not run.
    fn literal(&mut self, value: &crate::Literal, span: crate::Span) -> Bound<Scalar> {
        match (literal(value, span), value) {
            (Err(error), crate::Literal::Typed { type_name, .. }) if type_name != "dynamic" => {
                self.unsupported.get_or_insert(error);
                let ty = Type::named(type_name).unwrap_or(Type::Dynamic);
                Ok(Scalar::constant(Value::Null, ty))
            }
            (found, _) => found,
        }
    }

    pub(super) fn condition(&mut self, expr: &'a Expr, row: &Row<'_>) -> Bound<Scalar> {
        let scalar = self.scalar(expr, row)?;
        if scalar.ty == Type::Bool { Ok(scalar) } else { Err(operand::needs("bool", scalar.ty, expr.span)) }
    }

    pub(super) fn constant(&mut self, expr: &'a Expr) -> Bound<Scalar> {
        self.scalar(expr, &Row::none())
    }

    fn name(&mut self, name: &Name, row: &Row<'_>) -> Bound<Scalar> {
        if let Some((index, ty)) = row.find(&name.text) {
            return Ok(Scalar::column(index, ty));
        }
        let mut level = 0;
        let mut outer = row.outer;
        while let Some(around) = outer {
            if let Some((index, ty)) = around.find(&name.text) {
                return Ok(Scalar::new(Kind::Outer(level, index), ty));
            }
            level += 1;
            outer = around.outer;
        }
        match self.lookup(&name.text) {
            Some(Meaning::Scalar(scalar, id)) if scalar.stands_alone() || id == row.id => {
                self.count_copy(&scalar, name.span)?;
                Ok(scalar)
            }
            Some(Meaning::Scalar(..)) => Err(KqlError::new(Problem::NotConstant, name.span)),
            Some(Meaning::Table(_)) => Err(KqlError::new(Problem::NotAValue, name.span)),
            Some(Meaning::Function(function, seen)) => {
                match self.apply_function(function, seen, &[], row, name.span)? {
                    Any::Scalar(scalar) => Ok(scalar),
                    Any::Table(_) => Err(KqlError::new(Problem::NotAValue, name.span)),
                }
            }
            None if row.open => {
                self.missing("columns that are known only while the query runs", name.span);
                Ok(Scalar::constant(Value::Null, Type::Dynamic))
            }
            None => Err(self.unknown(name, row)),
        }
    }

    fn path(&mut self, base: &'a Expr, name: &'a Name, row: &Row<'_>) -> Bound<Scalar> {
        if let ExprKind::Name(step) = &base.kind
            && let Some((index, ty)) = row.find(&format!("{}.{}", step.text, name.text))
        {
            return Ok(Scalar::column(index, ty));
        }
        let inner = self.scalar(base, row)?;
        if inner.ty != Type::Dynamic {
            return Err(KqlError::new(
                Problem::Type { wanted: "dynamic, to take a part of it".to_owned(), found: inner.ty.to_string() },
                name.span,
            ));
        }
        Ok(Scalar::new(Kind::Member(Box::new(inner), Arc::from(name.text.as_str())), Type::Dynamic))
    }

    fn index(&mut self, base: &'a Expr, index: &'a Expr, row: &Row<'_>) -> Bound<Scalar> {
        let inner = self.scalar(base, row)?;
        if inner.ty != Type::Dynamic {
            return Err(operand::needs("dynamic, to take a part of it", inner.ty, base.span));
        }
        let index = self.scalar(index, row)?;
        let kind = match &index.kind {
            Kind::Constant(Value::String(name)) => Kind::Member(Box::new(inner), name.clone()),
            _ => Kind::Element(Box::new(inner), Box::new(index)),
        };
        Ok(Scalar::new(kind, Type::Dynamic))
    }

    fn logic(&mut self, op: LogicOp, parts: &'a [Expr], row: &Row<'_>) -> Bound<Scalar> {
        let mut bound = Vec::new();
        for part in parts {
            let scalar = self.scalar(part, row)?;
            if !matches!(scalar.ty, Type::Bool | Type::Dynamic) {
                return Err(operand::needs("bool", scalar.ty, part.span));
            }
            bound.push(scalar);
        }
        Ok(truth(Kind::Logic(op, bound)))
    }

    fn text_test(
        &mut self,
        test: TextTest,
        left: &'a Expr,
        right: &'a Expr,
        row: &Row<'_>,
        whole: &'a Expr,
    ) -> Bound<Scalar> {
        let needle = self.scalar(right, row)?;
        if let ExprKind::Star(_) = left.kind {
            return Ok(any_column(row, |column| Kind::Text(test, Box::new(column), Box::new(needle.clone()))));
        }
        let left = self.scalar(left, row)?;
        let texts = |ty| matches!(ty, Type::String | Type::Dynamic);
        if !texts(left.ty) || !texts(needle.ty) {
            return Err(operand::undefined(operand::text_name(test.what), left.ty, needle.ty, whole.span));
        }
        if test.what == TextMatch::Regex
            && let Kind::Constant(Value::String(pattern)) = &needle.kind
            && crate::functions::regex(pattern).is_none()
        {
            let problem = Problem::Literal { type_name: "regular expression", text: pattern.to_string() };
            return Err(KqlError::new(problem, right.span));
        }
        Ok(truth(Kind::Text(test, Box::new(left), Box::new(needle))))
    }

    fn list(&mut self, test: crate::ListTest, value: &'a Expr, list: &'a [Expr], row: &Row<'_>) -> Bound<Scalar> {
        if let (ExprKind::Star(_), [only]) = (&value.kind, list) {
            let needle = self.scalar(only, row)?;
            return Ok(any_column(row, |column| Kind::List(test, Box::new(column), vec![needle.clone()])));
        }
        if let ExprKind::Star(_) = value.kind {
            return Err(KqlError::unsupported("`*` here", value.span));
        }
        let value_span = value.span;
        let value = self.scalar(value, row)?;
        if test.what != crate::ListMatch::In && !matches!(value.ty, Type::String | Type::Dynamic) {
            return Err(operand::needs("string or dynamic", value.ty, value_span));
        }
        if let [only] = list
            && let Any::Table(rel) = self.any(only, row)?
        {
            let index = self.shared_index(rel);
            return Ok(truth(Kind::Among(test, Box::new(value), index)));
        }
        let items = list.iter().map(|item| self.scalar(item, row)).collect::<Bound<Vec<_>>>()?;
        Ok(truth(Kind::List(test, Box::new(value), items)))
    }
}

pub(super) fn truth(kind: Kind) -> Scalar {
    Scalar::new(kind, Type::Bool)
}

/// `* has x`: whether it holds for any column that can be text.
pub(super) fn any_column(row: &Row<'_>, test: impl Fn(Scalar) -> Kind) -> Scalar {
    let texts = row.columns.iter().enumerate().filter(|(_, column)| matches!(column.ty, Type::String | Type::Dynamic));
    truth(Kind::Logic(
        LogicOp::Or,
        texts.map(|(index, column)| truth(test(Scalar::column(index, column.ty)))).collect(),
    ))
}
