//! `parse-kv` and `reduce`: texts taken apart.

use std::sync::Arc;

use super::{Binder, Bound, Row, call::converted, operand, plugin::plugged};
use crate::{
    Arg, Column, ColumnDecl, Expr, KqlError, Parameter, Type, Value,
    error::Problem,
    functions,
    plan::{Called, Kind, Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    /// `parse-kv`: the text becomes a bag, of which each column is a member.
    pub(super) fn parse_kv(
        &mut self,
        rel: Rel,
        value: &'a Expr,
        declared: &'a [ColumnDecl],
        options: &'a [Arg],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let row = self.new_row(&rel, outer);
        let text = self.scalar(value, &row)?;
        if !matches!(text.ty, Type::String | Type::Dynamic) {
            return Err(operand::needs("string", text.ty, value.span));
        }
        let declared = self.declared(declared)?;
        let names = Value::array(declared.iter().map(|column| Value::text(column.name.as_str())).collect());
        let mut args = vec![text, Scalar::constant(names, Type::Dynamic)];
        for name in ["pair_delimiter", "kv_delimiter", "quote", "escape", "greedy", "regex"] {
            let option = options.iter().find(|arg| arg.names.first().is_some_and(|given| given.text == name));
            args.push(match option {
                Some(option) => self.constant(&option.value)?,
                None => Scalar::constant(Value::Null, Type::String),
            });
        }
        let run = functions::run("parse_kv").unwrap_or(|_| Value::Null);
        let bag = Scalar::new(Kind::Call(Called { name: "parse_kv", run }, args), Type::Dynamic);
        let place = rel.columns.len();
        let mut columns = rel.columns.clone();
        let mut scalars = rel.all();
        for column in declared {
            let whole = Scalar::column(place, Type::Dynamic);
            let part = Kind::Member(Box::new(whole), Arc::from(column.name.as_str()));
            let part = converted(Scalar::new(part, Type::Dynamic), column.ty);
            match columns.iter().position(|known| known.name == column.name) {
                Some(old) => {
                    columns.splice(old..=old, [column]);
                    scalars.splice(old..=old, [part]);
                }
                None => {
                    columns.push(column);
                    scalars.push(part);
                }
            }
        }
        let open = rel.open;
        let mut read = rel.all();
        read.push(bag);
        let mut seen = rel.columns.clone();
        seen.push(Column::new("", Type::Dynamic));
        let read = Rel { op: RelOp::Project(Box::new(rel), read), columns: seen, open };
        Ok(Rel { op: RelOp::Project(Box::new(read), scalars), columns, open })
    }

    pub(super) fn reduce(
        &mut self,
        rel: Rel,
        parameters: &'a [Parameter],
        by: &'a Expr,
        options: &'a [Arg],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let row = self.new_row(&rel, outer);
        let text = self.scalar(by, &row)?;
        let source = super::step::parameter(parameters, "kind").is_some();
        let mut constants = Vec::new();
        for (name, default) in [("threshold", Value::Real(0.1)), ("characters", Value::text(""))] {
            let option = options.iter().find(|arg| arg.names.first().is_some_and(|given| given.text == name));
            constants.push(match option {
                Some(option) => self.constant(&option.value)?,
                None => Scalar::constant(default, Type::Dynamic),
            });
        }
        if let Some(unknown) = options.iter().find(|arg| {
            !arg.names.first().is_some_and(|given| ["threshold", "characters"].contains(&given.text.as_str()))
        }) {
            let value = unknown.names.first().map_or_else(String::new, |name| name.text.clone());
            let problem = Problem::Choice { name: "reduce with", value, allowed: "threshold or characters" };
            return Err(KqlError::new(problem, unknown.value.span));
        }
        constants.push(Scalar::constant(Value::Bool(source), Type::Bool));
        let own = [("Pattern", Type::String), ("Count", Type::Long), ("Representative", Type::String)];
        let mut columns = if source { rel.columns.clone() } else { Vec::new() };
        columns.extend(own.map(|(name, ty)| Column::new(name, ty)));
        Ok(plugged("reduce", rel, columns, vec![text], constants))
    }
}
