use super::{Any, Binder, Bound, MAX_CALLS, Meaning, Row, literal, naming, operand, type_named};
use crate::{
    Arg, ArithmeticOp, ColumnDecl, Expr, ExprKind, Function, KqlError, Name, Span, Type, TypeSpec, Value,
    error::Problem,
    functions::{self, Gives, Signature, Takes},
    nearest,
    plan::{Called, Kind, Rel, RelOp, Scalar},
};

const WINDOWS: [&str; 7] =
    ["prev", "next", "row_number", "row_cumsum", "row_rank_dense", "row_rank_min", "row_window_session"];

impl<'a> Binder<'a> {
    /// `name(args)`: a value or a table.
    pub(super) fn call(&mut self, name: &'a Name, args: &'a [Arg], row: &Row<'_>, span: Span) -> Bound<Any> {
        if let Some(Meaning::Function(function, seen)) = self.lookup(&name.text) {
            return self.apply_function(function, seen, args, row, span);
        }
        match name.text.as_str() {
            "toscalar" => return self.first_cell(args, row, span).map(Any::Scalar),
            "materialize" => {
                let rel = self.table(one(name, args, span)?, row.outer)?;
                return Ok(Any::Table(self.share(rel)));
            }
            "table" => {
                let text = self.constant_text(one(name, args, span)?)?;
                let name = Name { text, span };
                return self.table_named(&name, row).map(Any::Table);
            }
            "database" | "cluster" | "workspace" | "app" | "external_table" | "materialized_view" => {
                return Err(KqlError::unsupported("other workspaces, databases and clusters", span));
            }
            _ => {}
        }
        if let Some(function) = self.catalog.functions.get(&name.text) {
            return self.table_function(name, function, args, span).map(Any::Table);
        }
        if let Some(signature) = functions::find(&name.text, true)
            && (self.gather.is_some() || functions::find(&name.text, false).is_none())
        {
            return self.aggregate(signature, args, span).map(Any::Scalar);
        }
        let Some(signature) = functions::find(&name.text, false) else {
            let suggestion = nearest(&name.text, functions::names());
            return Err(KqlError::new(Problem::UnknownFunction { name: name.text.clone(), suggestion }, name.span));
        };
        self.built_in(signature, args, row, span).map(Any::Scalar)
    }

    fn table_function(
        &mut self,
        name: &Name,
        function: &'a super::TableFunction,
        args: &'a [Arg],
        span: Span,
    ) -> Bound<Rel> {
        if args.len() != function.parameters.len() {
            return Err(arguments(&name.text, format!("{} arguments", function.parameters.len()), args.len(), span));
        }
        let mut values = Vec::new();
        for arg in args {
            match self.constant(&arg.value)?.kind {
                Kind::Constant(value) => values.push(value),
                _ => return Err(KqlError::new(Problem::NotConstant, arg.value.span)),
            }
        }
        Ok(Rel { op: RelOp::Scan(name.text.clone(), values), columns: function.columns.clone(), open: false })
    }

    fn first_cell(&mut self, args: &'a [Arg], row: &Row<'_>, span: Span) -> Bound<Scalar> {
        let [arg, ..] = args else { return Err(arguments("toscalar", "1 argument".to_owned(), 0, span)) };
        match self.any(&arg.value, row)? {
            Any::Scalar(scalar) => Ok(scalar),
            Any::Table(rel) => {
                let ty = rel.columns.first().map_or(Type::Dynamic, |column| column.ty);
                let index = self.shared_index(rel);
                Ok(Scalar::new(Kind::Cell(index), ty))
            }
        }
    }

    pub(super) fn constant_text(&mut self, expr: &'a Expr) -> Bound<String> {
        match self.constant(expr)?.kind {
            Kind::Constant(Value::String(text)) => Ok(text.to_string()),
            _ => Err(KqlError::new(Problem::NotConstant, expr.span)),
        }
    }

    fn built_in(&mut self, signature: &'static Signature, args: &'a [Arg], row: &Row<'_>, span: Span) -> Bound<Scalar> {
        let name = signature.name;
        match name {
            "column_ifexists" | "columnifexists" => return self.column_if_exists(name, args, row, span),
            "pack_all" => {
                return Ok(pack(
                    row.columns
                        .iter()
                        .enumerate()
                        .map(|(index, column)| (column.name.clone(), Scalar::column(index, column.ty))),
                ));
            }
            "bag_pack_columns" => {
                let mut pairs = Vec::new();
                for arg in args {
                    let name = naming::implied(&arg.value).ok_or(KqlError::new(Problem::NotAColumn, arg.value.span))?;
                    pairs.push((name, self.scalar(&arg.value, row)?));
                }
                return Ok(pack(pairs.into_iter()));
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
                None => Kind::Now,
                Some(offset) => shifted(ArithmeticOp::Add, offset),
            },
            "ago" => bound.pop().map_or(Kind::Now, |offset| shifted(ArithmeticOp::Subtract, offset)),
            "not" => bound.pop().map_or(Kind::Now, |value| Kind::Not(Box::new(value))),
            "iff" | "iif" | "case" => Kind::Case(choices(bound, ty)),
            "coalesce" => Kind::Coalesce(bound.into_iter().map(|value| converted(value, ty)).collect()),
            "tostring" | "tobool" | "toboolean" | "toint" | "tolong" | "toreal" | "todouble" | "todecimal"
            | "todatetime" | "totimespan" | "totime" | "toguid" | "boolean" => match bound.pop() {
                Some(value) => Kind::Convert(Box::new(value)),
                None => Kind::Now,
            },
            _ if WINDOWS.contains(&name) => {
                if !["prev", "next", "row_number"].contains(&name) || (name == "row_number" && bound.len() > 1) {
                    self.missing(format!("the function {name}"), span);
                }
                Kind::Window(name, bound)
            }
            _ => {
                let run = functions::run(name);
                if run.is_none() {
                    self.missing(format!("the function {name}"), span);
                }
                let arrays = bound.iter().filter(|arg| arg.ty == Type::Dynamic).count();
                if name.starts_with("array_sort_") && arrays > 1 {
                    self.missing(format!("{name} of several arrays"), span);
                }
                if name == "indexof_regex" && bound.len() > 2 {
                    self.missing("indexof_regex within a part of the text", span);
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

    /// A body in braces, as it stands.
    pub(super) fn inline(&mut self, function: &'a Function, args: &'a [Arg], row: &Row<'_>, span: Span) -> Bound<Any> {
        self.apply_function(function, self.scope.len(), args, row, span)
    }

    pub(super) fn apply_function(
        &mut self,
        function: &'a Function,
        seen: usize,
        args: &'a [Arg],
        row: &Row<'_>,
        span: Span,
    ) -> Bound<Any> {
        self.apply_with(function, seen, None, args, row, span)
    }

    /// As a call; `first` stands for the first parameter where there is one.
    pub(super) fn apply_with(
        &mut self,
        function: &'a Function,
        seen: usize,
        first: Option<Rel>,
        args: &'a [Arg],
        row: &Row<'_>,
        span: Span,
    ) -> Bound<Any> {
        if self.calls >= MAX_CALLS {
            return Err(KqlError::new(Problem::TooDeep, span));
        }
        let given = self.parameters_given(function, first, args, row, span)?;
        let hidden = self.scope.split_off(seen.min(self.scope.len()));
        self.scope.extend(given);
        self.calls += 1;
        let inside = Row { columns: &[], open: false, outer: None, id: row.id };
        let gather = self.gather.take();
        let answer = self.statements(&function.body, &inside);
        self.gather = gather;
        self.calls -= 1;
        self.scope.truncate(seen);
        self.scope.extend(hidden);
        answer
    }

    fn parameters_given(
        &mut self,
        function: &'a Function,
        first: Option<Rel>,
        args: &'a [Arg],
        row: &Row<'_>,
        span: Span,
    ) -> Bound<Vec<(String, Meaning<'a>)>> {
        let mut given = Vec::new();
        let mut positional = args.iter().filter(|arg| arg.names.is_empty());
        let mut first = first;
        let most = function.parameters.len();
        if args.len() + usize::from(first.is_some()) > most {
            return Err(arguments("the function", format!("{most} arguments"), args.len(), span));
        }
        for parameter in &function.parameters {
            let name = &parameter.name.text;
            if let Some(rel) = first.take() {
                given.push((name.clone(), Meaning::Table(self.share(rel))));
                continue;
            }
            let named = args.iter().find(|arg| arg.names.first().is_some_and(|given| given.text == *name));
            let Some(arg) = named.or_else(|| positional.next()) else {
                let Some(default) = &parameter.default else {
                    return Err(arguments("the function", format!("a value for `{name}`"), args.len(), span));
                };
                let value = self.constant(default)?;
                given.push((name.clone(), Meaning::Scalar(value, 0)));
                continue;
            };
            let meaning = match &parameter.scalar {
                None => Meaning::Table({
                    let rel = self.table(&arg.value, row.outer)?;
                    self.share(rel)
                }),
                Some(type_name) => {
                    let ty = type_named(type_name)?;
                    let value = converted(self.scalar(&arg.value, row)?, ty);
                    self.count_copy(&value, arg.value.span)?;
                    Meaning::Scalar(value, row.id)
                }
            };
            given.push((name.clone(), meaning));
        }
        Ok(given)
    }

    /// Declared columns.
    pub(super) fn declared(&self, columns: &[ColumnDecl]) -> Bound<Vec<crate::Column>> {
        columns
            .iter()
            .map(|column| Ok(crate::Column::new(column.name.text.clone(), literal::type_named(&column.type_name)?)))
            .collect()
    }
}

pub(super) fn arguments(name: &str, takes: String, got: usize, span: Span) -> KqlError {
    let got = if got == 1 { "1 is".to_owned() } else { format!("{got} are") };
    KqlError::new(Problem::Arguments { name: name.to_owned(), takes, got }, span)
}

fn one<'a>(name: &Name, args: &'a [Arg], span: Span) -> Bound<&'a Expr> {
    args.first().map(|arg| &arg.value).ok_or_else(|| arguments(&name.text, "1 argument".to_owned(), 0, span))
}

/// Stands where a function is not run; the plan says so.
fn nothing(_: &[Value]) -> Value {
    Value::Null
}

fn shifted(op: ArithmeticOp, offset: Scalar) -> Kind {
    Kind::Arithmetic(op, Box::new(Scalar::new(Kind::Now, Type::DateTime)), Box::new(offset))
}

fn pack(pairs: impl Iterator<Item = (String, Scalar)>) -> Scalar {
    let args = pairs.flat_map(|(name, value)| [Scalar::constant(Value::text(name), Type::String), value]).collect();
    let called = Called { name: "bag_pack", run: functions::run("bag_pack").unwrap_or(nothing) };
    Scalar::new(Kind::Call(called, args), Type::Dynamic)
}

/// The value as this type, which it may be already.
pub(super) fn converted(value: Scalar, ty: Type) -> Scalar {
    if value.ty == ty || ty == Type::Dynamic {
        return Scalar::new(value.kind, ty);
    }
    Scalar::new(Kind::Convert(Box::new(value)), ty)
}

/// Conditions and values in turn, then the last value.
fn choices(bound: Vec<Scalar>, ty: Type) -> Vec<Scalar> {
    let last = bound.len().saturating_sub(1);
    let value = |index: usize| index % 2 == 1 || index == last;
    bound.into_iter().enumerate().map(|(index, part)| if value(index) { converted(part, ty) } else { part }).collect()
}

/// Whether the arguments fit, and what then comes out.
pub(super) fn check(signature: &Signature, bound: &[Scalar], args: &[Arg], literal: bool, span: Span) -> Bound<Gives> {
    if signature.name == "case" {
        return check_case(bound, args, span);
    }
    let count = bound.len() + usize::from(literal);
    let mut problem = None;
    for overload in signature.taking(count) {
        let wrong = bound
            .iter()
            .enumerate()
            .find(|(index, scalar)| !overload.candidates(*index).any(|parameter| accepts(&parameter.takes, scalar.ty)));
        let Some((index, scalar)) = wrong else { return Ok(overload.gives) };
        let at = args.get(index).map_or(span, |arg| arg.value.span);
        let wanted = overload.parameter(index).map_or_else(String::new, |parameter| wanted(&parameter.takes));
        problem.get_or_insert(operand::needs(&wanted, scalar.ty, at));
    }
    Err(problem.unwrap_or_else(|| arguments(signature.name, signature.counts(), count, span)))
}

fn check_case(bound: &[Scalar], args: &[Arg], span: Span) -> Bound<Gives> {
    if bound.len() < 3 || bound.len().is_multiple_of(2) {
        return Err(arguments("case", "conditions and values in turn, then a value".to_owned(), bound.len(), span));
    }
    for (index, part) in bound.iter().enumerate().step_by(2) {
        if part.ty != Type::Bool && index + 1 < bound.len() {
            return Err(operand::needs("bool", part.ty, args.get(index).map_or(span, |arg| arg.value.span)));
        }
    }
    Ok(Gives::Common)
}

fn accepts(takes: &Takes, ty: Type) -> bool {
    match takes {
        Takes::Scalar => true,
        Takes::Types(types) => types.iter().any(|wanted| {
            *wanted == ty
                || *wanted == Type::Dynamic
                || (*wanted == Type::String && ty == Type::Dynamic)
                || (wanted.is_number() && ty.is_number() && wanted.wider(ty) == *wanted)
        }),
        Takes::Integer => ty.is_integer(),
        Takes::RealOrDecimal => matches!(ty, Type::Real | Type::Decimal),
        Takes::StringOrDynamic | Takes::StringOrArray => matches!(ty, Type::String | Type::Dynamic),
        Takes::IntegerOrArray => ty.is_integer() || ty == Type::Dynamic,
        Takes::Array | Takes::Bag => ty == Type::Dynamic,
        Takes::Number => ty.is_number(),
        Takes::NumberOrBool => ty.is_number() || ty == Type::Bool,
        Takes::Summable => ty.is_summable(),
        Takes::Orderable => ty.is_summable() || matches!(ty, Type::String | Type::Bool | Type::Guid),
        Takes::NotRealOrBool => !matches!(ty, Type::Real | Type::Bool),
        Takes::NotDynamic => ty != Type::Dynamic,
        Takes::Table | Takes::TypeLiteral => false,
    }
}

fn wanted(takes: &Takes) -> String {
    match takes {
        Takes::Types(types) => {
            return types.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(" or ");
        }
        Takes::Scalar => "a value",
        Takes::Integer => "int or long",
        Takes::RealOrDecimal => "real",
        Takes::StringOrDynamic => "string or dynamic",
        Takes::StringOrArray => "string or a dynamic array",
        Takes::IntegerOrArray => "long or a dynamic array",
        Takes::Array => "dynamic (an array)",
        Takes::Bag => "dynamic (a bag)",
        Takes::Number => "a number",
        Takes::NumberOrBool => "a number or bool",
        Takes::Summable => "a number, datetime or timespan",
        Takes::Orderable => "a number, datetime, timespan, string or bool",
        Takes::NotRealOrBool => "anything but real and bool",
        Takes::NotDynamic => "anything but dynamic: use tostring( )",
        Takes::Table => "a table",
        Takes::TypeLiteral => "typeof( )",
    }
    .to_owned()
}

pub(super) fn result(signature: &Signature, gives: Gives, bound: &[Scalar], literal: Option<Type>) -> Type {
    let argument = |index: usize| bound.get(index).map_or(Type::Dynamic, |scalar| scalar.ty);
    match gives {
        Gives::Type(ty) => ty,
        Gives::Argument(index) => argument(index),
        Gives::Literal => literal.unwrap_or(Type::String),
        Gives::Promoted => match argument(0) {
            Type::Int => Type::Long,
            ty => ty,
        },
        Gives::Common if signature.name == "case" => {
            let last = bound.len().saturating_sub(1);
            common(bound.iter().enumerate().filter(|(i, _)| i % 2 == 1 || *i == last).map(|(_, scalar)| scalar.ty))
        }
        Gives::Common => {
            let skipped = usize::from(matches!(signature.name, "iff" | "iif"));
            common(bound.iter().skip(skipped).map(|scalar| scalar.ty))
        }
        Gives::Widest => bound.iter().map(|scalar| scalar.ty).reduce(Type::wider).unwrap_or(Type::Long),
        Gives::Custom if signature.name == "bin_auto" => argument(0),
        Gives::Custom => Type::Dynamic,
    }
}

/// The type that holds all of these.
fn common(types: impl Iterator<Item = Type>) -> Type {
    types
        .reduce(|a, b| match (a, b) {
            (a, b) if a == b => a,
            (a, b) if a.is_number() && b.is_number() => a.wider(b),
            (Type::Dynamic, other) | (other, Type::Dynamic) => other,
            _ => Type::Dynamic,
        })
        .unwrap_or(Type::Dynamic)
}
