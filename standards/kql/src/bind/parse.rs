use std::sync::Arc;

use super::{Binder, Bound, Row, step::parameter, type_named};
use crate::{
    Column, Expr, KqlError, Parameter, ParsePart, Type,
    error::Problem,
    plan::{Parse, Rel, RelOp},
};

impl<'a> Binder<'a> {
    pub(super) fn parse(
        &mut self,
        rel: Rel,
        filters: bool,
        parameters: &'a [Parameter],
        value: &'a Expr,
        pattern: &'a [ParsePart],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let row = self.new_row(&rel, outer);
        let scalar = self.scalar(value, &row)?;
        let kind = parameter(parameters, "kind").map_or("simple", |(word, _)| word);
        let flags = parameter(parameters, "flags").map_or("", |(word, _)| word);
        let mut columns = rel.columns.clone();
        let mut into = Vec::new();
        for part in pattern {
            let ParsePart::Column(name, ty) = part else { continue };
            let ty = ty.as_ref().map_or(Ok(Type::String), type_named)?;
            let place = match columns.iter().position(|column| column.name == name.text) {
                Some(place) => place,
                None => {
                    columns.push(Column::new(name.text.clone(), ty));
                    columns.len() - 1
                }
            };
            if let Some(column) = columns.get_mut(place) {
                column.ty = ty;
            }
            into.push((place, ty));
        }
        let text = expression(pattern, &into, kind, flags);
        if crate::functions::regex(&text).is_none() {
            return Err(KqlError::new(Problem::Literal { type_name: "pattern", text }, value.span));
        }
        let open = rel.open;
        let strict = kind != "relaxed";
        let parse = Parse { input: rel, value: scalar, pattern: Arc::from(text), into, filters, strict };
        Ok(Rel { op: RelOp::Parse(Box::new(parse)), columns, open })
    }
}

/// The pattern as a regular expression; the column at place `n` is the group `signet_n`.
fn expression(pattern: &[ParsePart], into: &[(usize, Type)], kind: &str, flags: &str) -> String {
    let regex = kind == "regex";
    let mut set: String = flags.chars().filter(|flag| matches!(flag, 'i' | 'm' | 's' | 'U')).collect();
    if !regex {
        set = "s".to_owned();
    }
    let mut text = if set.is_empty() { "^".to_owned() } else { format!("(?{set})^") };
    let some = if regex { ".*" } else { ".*?" };
    let mut column = 0;
    for (index, part) in pattern.iter().enumerate() {
        let last = index + 1 == pattern.len();
        match part {
            ParsePart::Star => text.push_str(if last { ".*" } else { some }),
            ParsePart::Text(part) if regex => text.push_str(&format!("(?:{part})")),
            ParsePart::Text(part) => text.push_str(&regex::escape(part)),
            ParsePart::Column(..) => {
                let ty = into.get(column).map_or(Type::String, |(_, ty)| *ty);
                let body = match ty {
                    Type::Int | Type::Long if kind == "relaxed" => r"\s*[+-]?\d+|.*?",
                    _ if kind == "relaxed" && !last => some,
                    Type::Int | Type::Long => r"\s*[+-]?\d+",
                    Type::Real | Type::Decimal => r"\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?",
                    _ if last => ".*",
                    _ => some,
                };
                text.push_str(&format!("(?P<signet_{column}>{body})"));
                column += 1;
            }
        }
    }
    text.push('$');
    text
}
