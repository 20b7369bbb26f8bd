//! A script: definitions and settings, then its query.

use super::{Any, Binder, Bound, Meaning, Row, type_named};
use crate::{
    Column, Expr, ExprKind, FunctionParameter, KqlError, Script, Span, Statement, Type,
    error::Problem,
    plan::{Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    pub(super) fn script(&mut self, script: &'a Script) -> Bound<Rel> {
        match self.statements(script, &Row::none())? {
            Any::Table(rel) => Ok(rel),
            Any::Scalar(scalar) => Ok(Rel {
                columns: vec![Column::new("print_0", scalar.ty)],
                op: RelOp::Rows(vec![vec![scalar]]),
                open: false,
            }),
        }
    }

    /// Definitions, then the last query.
    pub(super) fn statements(&mut self, script: &'a Script, row: &Row<'_>) -> Bound<Any> {
        let mut answer = None;
        for statement in &script.statements {
            match statement {
                Statement::Let { name, value } => {
                    let meaning = self.meaning(value, row)?;
                    self.define(name, meaning);
                }
                Statement::Set { name, value } => {
                    const KNOWN: [&str; 3] = ["query_now", "query_bin_auto_size", "query_bin_auto_at"];
                    let known = KNOWN.iter().find(|known| **known == name.text);
                    if let (Some(known), Some(value)) = (known, value) {
                        let value = self.constant(value)?;
                        self.settings.insert(known, value);
                    }
                }
                Statement::Parameters(parameters) => self.query_parameters(parameters)?,
                Statement::Query(query) => {
                    if answer.is_some() {
                        self.missing("several queries in one text", query.span);
                    }
                    answer = Some(self.any(query, row)?);
                }
            }
        }
        answer.ok_or(KqlError::new(Problem::NoQuery, Span::default()))
    }

    fn query_parameters(&mut self, parameters: &'a [FunctionParameter]) -> Bound<()> {
        for parameter in parameters {
            let ty = parameter.scalar.as_ref().map_or(Ok(Type::Dynamic), type_named)?;
            let Some(default) = &parameter.default else {
                return Err(KqlError::unsupported("a query parameter without a default", parameter.name.span));
            };
            let value = self.scalar(default, &Row::none())?;
            self.define(&parameter.name, Meaning::Scalar(Scalar::new(value.kind, ty), 0));
        }
        Ok(())
    }

    fn meaning(&mut self, value: &'a Expr, row: &Row<'_>) -> Bound<Meaning<'a>> {
        if let ExprKind::Function(function) = &value.kind {
            return Ok(Meaning::Function(function, self.scope.len()));
        }
        Ok(match self.any(value, row)? {
            Any::Scalar(scalar) => {
                self.count_copy(&scalar, value.span)?;
                Meaning::Scalar(scalar, row.id)
            }
            Any::Table(rel) => Meaning::Table(self.share(rel)),
        })
    }
}
