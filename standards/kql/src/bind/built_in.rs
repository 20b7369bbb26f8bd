//! Calls of the functions that the language has.

use super::{
    Binder, Bound, Row,
    accept::{check, result},
    call::{arguments, converted},
    naming, type_named,
};
use crate::{
    Arg, ArithmeticOp, Expr, ExprKind, KqlError, Span, Type, TypeSpec, Value,
    error::Problem,
    functions::{self, Signature},
    plan::{Called, Kind, Random, Scalar},
};

const WINDOWS: [&str; 7] =
    ["prev", "next", "row_number", "row_cumsum", "row_rank_dense", "row_rank_min", "row_window_session"];

impl<'a> Binder<'a> {
    pub(super) fn built_in(
        &mut self,
        signature: &'static Signature,
        args: &'a [Arg],
        row: &Row<'_>,
        span: Span,
    ) -> Bound<Scalar> {
        let name = signature.name;
        match name {
            "column_ifexists" | "columnifexists" => return self.column_if_exists(name, args, row, span),
            "pack_all" => {
                let columns = row.columns.iter().enumerate();
                let all = pack(columns.map(|(index, column)| (column.name.clone(), Scalar::column(index, column.ty))));
                let bare = args.first().map(|arg| self.constant(&arg.value)).transpose()?;
                return Ok(match bare.map(|bare| bare.kind) {
                    Some(Kind::Constant(Value::Bool(true))) => {
                        let run = functions::run("bag_without_empty").unwrap_or(nothing);
                        Scalar::new(Kind::Call(Called { name: "bag_without_empty", run }, vec![all]), Type::Dynamic)
                    }
                    _ => all,
                });
            }
            "bag_pack_columns" => {
                let mut pairs = Vec::new();
                for arg in args {
                    let name = naming::implied(&arg.value).ok_or(KqlError::new(Problem::NotAColumn, arg.value.span))?;
                    pairs.push((name, self.scalar(&arg.value, row)?));
                }
                return Ok(pack(pairs.into_iter()));
            }
            "estimate_data_size" if matches!(args, [Arg { value: Expr { kind: ExprKind::Star(_), .. }, .. }]) => {
                let columns = row.columns.iter().enumerate();
                let bound = columns.map(|(index, column)| Scalar::column(index, column.ty)).collect();
                return self.built(signature, bound, Type::Long, None, span);
            }
            "column_names_of" => {
                let rel = self.table(super::call::one(name, args, span)?, row.outer)?;
                let names = rel.columns.iter().map(|column| Value::text(column.name.as_str())).collect();
                return Ok(Scalar::constant(Value::array(names), Type::Dynamic));
            }
            "iscolumnexists" => {
                let column = self.constant_text(super::call::one(name, args, span)?)?;
                return Ok(Scalar::constant(Value::Bool(row.find(&column).is_some()), Type::Bool));
            }
            "ingestion_time" => {
                if let Some((index, ty)) = row.find("_TimeReceived") {
                    return Ok(Scalar::column(index, ty));
                }
                self.missing("ingestion_time() over rows that have no `_TimeReceived`", span);
                return Ok(Scalar::constant(Value::Null, Type::DateTime));
            }
            _ => {}
        }
        let (bound, literal) = self.arguments(signature, args, row, span)?;
        let gives = check(signature, &bound, args, literal.is_some(), span)?;
        let ty = result(signature, gives, &bound, literal);
        self.built(signature, bound, ty, literal, span)
    }

    /// The arguments' values, and the type that `typeof( )` names as the last one.
    fn arguments(
        &mut self,
        signature: &'static Signature,
        args: &'a [Arg],
        row: &Row<'_>,
        span: Span,
    ) -> Bound<(Vec<Scalar>, Option<Type>)> {
        let mut bound = Vec::new();
        let mut literal = None;
        for arg in args {
            match &arg.value.kind {
                ExprKind::TypeOf(TypeSpec::Scalar(name)) => literal = Some(type_named(name)?),
                ExprKind::Star(_) if signature.name == "pack_array" => {
                    bound.extend(row.columns.iter().enumerate().map(|(index, column)| Scalar::column(index, column.ty)))
                }
                _ => bound.push(self.scalar(&arg.value, row)?),
            }
        }
        if signature.taking(args.len()).next().is_none() {
            return Err(arguments(signature.name, signature.counts(), args.len(), span));
        }
        Ok((bound, literal))
    }

    fn built(
        &mut self,
        signature: &'static Signature,
        mut bound: Vec<Scalar>,
        ty: Type,
        literal: Option<Type>,
        span: Span,
    ) -> Bound<Scalar> {
        let name = signature.name;
        let kind = match name {
            "now" => match bound.pop() {
                None => self.now().kind,
                Some(offset) => self.shifted(ArithmeticOp::Add, offset),
            },
            "ago" => match bound.pop() {
                None => self.now().kind,
                Some(offset) => self.shifted(ArithmeticOp::Subtract, offset),
            },
            "rand" => Kind::Random(match bound.pop() {
                None => Random::Real,
                Some(most) => Random::Below(Box::new(most)),
            }),
            "new_guid" => Kind::Random(Random::Guid),
            "assert" => match (bound.pop().map(|why| why.kind), bound.pop()) {
                (Some(Kind::Constant(Value::String(why))), Some(condition)) => Kind::Assert(Box::new(condition), why),
                _ => return Err(KqlError::new(Problem::NotConstant, span)),
            },
            "geo_info_from_ip_address" => {
                if !self.catalog.places {
                    self.missing("geo_info_from_ip_address without a database of places", span);
                }
                bound.pop().map_or(Kind::Now, |address| Kind::Place(Box::new(address)))
            }
            "bin_auto" => self.bin_auto(bound, span),
            "gettype" if bound.first().is_some_and(|value| value.ty != Type::Dynamic) => {
                let ty = bound.pop().map_or(Type::Dynamic, |value| value.ty);
                Kind::Constant(Value::text(ty.name()))
            }
            "not" => bound.pop().map_or(Kind::Now, |value| Kind::Not(Box::new(value))),
            "iff" | "iif" | "case" => Kind::Case(choices(bound, ty)),
            "coalesce" => Kind::Coalesce(bound.into_iter().map(|value| converted(value, ty)).collect()),
            "tostring" | "tobool" | "toboolean" | "toint" | "tolong" | "toreal" | "todouble" | "todecimal"
            | "todatetime" | "totimespan" | "totime" | "toguid" | "boolean" => match bound.pop() {
                Some(value) if ty == Type::String => texted(value).kind,
                Some(value) => Kind::Convert(Box::new(value)),
                None => Kind::Now,
            },
            _ if WINDOWS.contains(&name) => Kind::Window(name, bound),
            _ => {
                let run = functions::run(name);
                if run.is_none() {
                    self.missing(format!("the function {name}"), span);
                }
                if name == "tohex" && bound.first().is_some_and(|number| number.ty == Type::Int) {
                    bound.resize(2, Scalar::constant(Value::Null, Type::Long));
                    bound.push(Scalar::constant(Value::Bool(true), Type::Bool));
                }
                if matches!(name, "strcat" | "strcat_delim") {
                    bound = bound.into_iter().map(spelled).collect();
                }
                self.check_regex(name, &bound, span)?;
                Kind::Call(Called { name, run: run.unwrap_or(nothing) }, bound)
            }
        };
        let scalar = Scalar::new(kind, ty);
        Ok(match literal {
            Some(literal) => Scalar::new(Kind::Convert(Box::new(scalar)), literal),
            None => scalar,
        })
    }

    /// When it is: as the query sets it, if it does.
    fn now(&self) -> Scalar {
        self.settings.get("query_now").cloned().unwrap_or(Scalar::new(Kind::Now, Type::DateTime))
    }

    fn shifted(&self, op: ArithmeticOp, offset: Scalar) -> Kind {
        Kind::Arithmetic(op, Box::new(self.now()), Box::new(offset))
    }

    /// `bin_auto( )` with the size and start that the query sets.
    fn bin_auto(&mut self, mut bound: Vec<Scalar>, span: Span) -> Kind {
        let Some(size) = self.settings.get("query_bin_auto_size").cloned() else {
            self.missing("bin_auto() without `set query_bin_auto_size`", span);
            return Kind::Now;
        };
        let (name, last) = match self.settings.get("query_bin_auto_at").cloned() {
            Some(start) => ("bin_at", Some(start)),
            None => ("bin", None),
        };
        bound.push(size);
        bound.extend(last);
        Kind::Call(Called { name, run: functions::run(name).unwrap_or(nothing) }, bound)
    }

    fn check_regex(&self, name: &str, bound: &[Scalar], span: Span) -> Bound<()> {
        let takes = ["extract", "extract_all", "replace_regex", "replace", "trim", "trim_start", "trim_end"];
        let pattern = if name == "replace_regex" { bound.get(1) } else { bound.first() };
        if takes.contains(&name)
            && let Some(Kind::Constant(Value::String(pattern))) = pattern.map(|scalar| &scalar.kind)
            && functions::regex(pattern).is_none()
        {
            let problem = Problem::Literal { type_name: "regular expression", text: pattern.to_string() };
            return Err(KqlError::new(problem, span));
        }
        Ok(())
    }

    fn column_if_exists(&mut self, name: &str, args: &'a [Arg], row: &Row<'_>, span: Span) -> Bound<Scalar> {
        let [column, default] = args else {
            return Err(arguments(name, "2 arguments".to_owned(), args.len(), span));
        };
        let column = self.constant_text(&column.value)?;
        let default = self.scalar(&default.value, row)?;
        Ok(row.find(&column).map_or(default, |(index, ty)| Scalar::column(index, ty)))
    }
}

/// Stands where a function is not run; the plan says so.
fn nothing(_: &[Value]) -> Value {
    Value::Null
}

pub(super) fn pack(pairs: impl Iterator<Item = (String, Scalar)>) -> Scalar {
    let args = pairs.flat_map(|(name, value)| [Scalar::constant(Value::text(name), Type::String), value]).collect();
    let called = Called { name: "bag_pack", run: functions::run("bag_pack").unwrap_or(nothing) };
    Scalar::new(Kind::Call(called, args), Type::Dynamic)
}

/// Conditions and values in turn, then the last value.
fn choices(bound: Vec<Scalar>, ty: Type) -> Vec<Scalar> {
    let last = bound.len().saturating_sub(1);
    let value = |index: usize| index % 2 == 1 || index == last;
    bound.into_iter().enumerate().map(|(index, part)| if value(index) { converted(part, ty) } else { part }).collect()
}

/// The value as a text.
fn texted(value: Scalar) -> Scalar {
    match value.ty {
        Type::Bool => spelled(value),
        _ => Scalar::new(Kind::Convert(Box::new(value)), Type::String),
    }
}

/// A truth value as the reference spells it, which begins with a capital; another value as it is.
fn spelled(value: Scalar) -> Scalar {
    if value.ty != Type::Bool {
        return value;
    }
    let text = |text: &str| Scalar::constant(Value::text(text), Type::String);
    let not = Scalar::new(Kind::Not(Box::new(value.clone())), Type::Bool);
    Scalar::new(Kind::Case(vec![value, text("True"), not, text("False"), text("")]), Type::String)
}
