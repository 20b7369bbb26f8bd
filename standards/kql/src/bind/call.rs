use super::{Any, Binder, Bound, Meaning, Row, literal};
use crate::{
    Arg, ColumnDecl, Expr, KqlError, Name, Span, Type, Value,
    error::Problem,
    functions, nearest,
    plan::{Kind, Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    /// `name(args)`: a value or a table.
    pub(super) fn call(&mut self, name: &'a Name, args: &'a [Arg], row: &Row<'_>, span: Span) -> Bound<Any> {
        if let Some(Meaning::Function(function, seen)) = self.lookup(&name.text) {
            return self.apply_function(function, seen, args, row, span);
        }
        match name.text.as_str() {
            "toscalar" => return self.first_cell(args, row, span).map(Any::Scalar),
            "materialize" => {
                let rel = self.table(one(&name.text, args, span)?, row.outer)?;
                return Ok(Any::Table(self.share(rel)));
            }
            "table" => {
                let text = self.constant_text(one(&name.text, args, span)?)?;
                let name = Name { text, span };
                return self.table_named(&name, row).map(Any::Table);
            }
            "database" | "cluster" | "workspace" | "app" | "external_table" | "materialized_view" => {
                return Err(KqlError::unsupported("other workspaces, databases and clusters", span));
            }
            _ => {}
        }
        if let Some(scalar) = self.graph_function(name, args, row)? {
            return Ok(Any::Scalar(scalar));
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

pub(super) fn one<'a>(name: &str, args: &'a [Arg], span: Span) -> Bound<&'a Expr> {
    args.first().map(|arg| &arg.value).ok_or_else(|| arguments(name, "1 argument".to_owned(), 0, span))
}

/// The value as this type, which it may be already.
pub(super) fn converted(value: Scalar, ty: Type) -> Scalar {
    if value.ty == ty || ty == Type::Dynamic {
        return Scalar::new(value.kind, ty);
    }
    Scalar::new(Kind::Convert(Box::new(value)), ty)
}
