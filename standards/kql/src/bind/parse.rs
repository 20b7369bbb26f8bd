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
///
/// A pattern of plain texts reaches to the end of the value and takes as little as it can for each column; one of
/// regular expressions takes as much as it can and may end anywhere.
fn expression(pattern: &[ParsePart], into: &[(usize, Type)], kind: &str, flags: &str) -> String {
    let regex = kind == "regex";
    let mut set: String = flags.chars().filter(|flag| matches!(flag, 'i' | 'm' | 's' | 'U')).collect();
    if !regex {
        set = "s".to_owned();
    }
    let mut text = if set.is_empty() { String::new() } else { format!("(?{set})") };
    let mut types = into.iter().map(|(_, ty)| *ty);
    for (index, part) in pattern.iter().enumerate() {
        match part {
            ParsePart::Star => text.push_str(".*?"),
            ParsePart::Text(part) if regex => text.push_str(&format!("(?:{part})")),
            ParsePart::Text(part) => text.push_str(&regex::escape(part)),
            ParsePart::Column(..) => {
                let column = into.len() - types.len();
                let ty = types.next().unwrap_or(Type::String);
                let after = pattern.get(index + 1..).unwrap_or_default();
                let body = if regex { shape(ty, true).unwrap_or(".*").to_owned() } else { plain(ty, after) };
                text.push_str(&format!("(?P<signet_{column}>{body})"));
            }
        }
    }
    if !regex {
        text.push('$');
    }
    text
}

/// What a column among plain texts takes: before a star what its type looks like, for nothing else ends it.
fn plain(ty: Type, after: &[ParsePart]) -> String {
    match (after, shape(ty, false)) {
        ([ParsePart::Star], Some(shape)) => format!("(?:{shape})?"),
        ([ParsePart::Star, ..], Some(shape)) => shape.to_owned(),
        _ => ".*?".to_owned(),
    }
}

/// What the values of a type look like; none where they may be anything.
fn shape(ty: Type, regex: bool) -> Option<&'static str> {
    Some(match (ty, regex) {
        (Type::Int | Type::Long, _) => r"\s*[-+]?\d+",
        (Type::Real | Type::Decimal, true) => r"\s*[-+]?\d+(?:\.\d+)?",
        (Type::Real | Type::Decimal, false) => r"\s*[-+]?(?:\d+\.?\d*|\.\d+)",
        (Type::Bool, true) => r"\s*(?i:true|false)",
        (Type::Bool, false) => r"\s*(?i:true|false|[-+]?\d+)",
        (Type::Guid, _) => {
            r"\s*(?:\{[[:xdigit:]]{8}-?(?:[[:xdigit:]]{4}-?){3}[[:xdigit:]]{12}\}|[[:xdigit:]]{8}-?(?:[[:xdigit:]]{4}-?){3}[[:xdigit:]]{12})"
        }
        (Type::DateTime, true) => {
            r"\s*(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{1,4})(?:[Tt ]\s*\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?(?:[Zz]|[-+]\d{1,2}(?::\d{1,2})?)?"
        }
        (Type::TimeSpan, true) => r"\s*-?(?:\d+\.\d{1,2}:\d{1,2}:\d{1,2}|\d{1,2}:\d{1,2}(?::\d{1,2})?)(?:\.\d*)?",
        _ => return None,
    })
}
