use std::sync::Arc;

use super::{
    Any, Binder, Bound, Meaning, Row, naming, operand,
    outputs::{Given, Outputs},
    scalar::{any_column, truth},
    unite,
};
use crate::{
    Arg, Column, ColumnDecl, Expr, ExprKind, KqlError, Literal, Name, Operator, TextMatch, TextTest, Type, Value,
    error::Problem,
    nearest,
    plan::{Kind, Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    /// A value or a table, whichever it is.
    pub(super) fn any(&mut self, expr: &'a Expr, row: &Row<'_>) -> Bound<Any> {
        match &expr.kind {
            ExprKind::Query(query) => {
                let source = self.table(&query.source, row.outer)?;
                self.steps(source, &query.steps, row.outer).map(Any::Table)
            }
            ExprKind::Source(operator) => self.source(operator, expr, row.outer).map(Any::Table),
            ExprKind::Function(function) => self.inline(function, &[], row, expr.span),
            ExprKind::Call(name, args) => self.call(name, args, row, expr.span),
            ExprKind::Name(name) if row.find(&name.text).is_none() => match self.lookup(&name.text) {
                Some(Meaning::Table(rel)) => Ok(Any::Table(rel)),
                Some(Meaning::Function(function, seen)) => self.apply_function(function, seen, &[], row, expr.span),
                None if self.catalog.tables.contains_key(&name.text) => self.table_named(name, row).map(Any::Table),
                _ => self.scalar(expr, row).map(Any::Scalar),
            },
            _ => self.scalar(expr, row).map(Any::Scalar),
        }
    }

    /// A table.
    pub(super) fn table(&mut self, expr: &'a Expr, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let row = Row { outer, ..Row::none() };
        if let ExprKind::Name(name) = &expr.kind
            && self.lookup(&name.text).is_none()
        {
            return self.table_named(name, &row);
        }
        if let ExprKind::Path(base, _) | ExprKind::Method(base, ..) = &expr.kind
            && let ExprKind::Call(name, _) = &base.kind
            && ["workspace", "database", "cluster", "app"].contains(&name.text.as_str())
        {
            return Err(KqlError::unsupported("other workspaces, databases and clusters", expr.span));
        }
        if let ExprKind::Star(_) = expr.kind {
            return Err(KqlError::new(Problem::NotATable, expr.span));
        }
        match self.any(expr, &row)? {
            Any::Table(rel) => Ok(rel),
            Any::Scalar(_) => Err(KqlError::new(Problem::NotATable, expr.span)),
        }
    }

    pub(super) fn table_named(&mut self, name: &Name, _row: &Row<'_>) -> Bound<Rel> {
        if let Some(Meaning::Table(rel)) = self.lookup(&name.text) {
            return Ok(rel);
        }
        if let Some(columns) = self.catalog.tables.get(&name.text) {
            return Ok(unite::scan(&name.text, columns));
        }
        let known =
            self.catalog.tables.keys().map(String::as_str).chain(self.scope.iter().map(|(name, _)| name.as_str()));
        let suggestion = nearest(&name.text, known);
        Err(KqlError::new(Problem::UnknownTable { name: name.text.clone(), suggestion }, name.span))
    }

    fn source(&mut self, operator: &'a Operator, expr: &'a Expr, outer: Option<&Row<'_>>) -> Bound<Rel> {
        match operator {
            Operator::Print(args) => self.print(args, outer),
            Operator::Range { name, from, to, step } => self.range(name, [from, to, step]),
            Operator::DataTable { columns, rows } => self.data_table(columns, rows, expr),
            Operator::ExternalData { columns, from, options } => self.external(columns, from, options, expr),
            Operator::Find(find) => self.find(find, outer),
            Operator::Union { parameters, tables } => self.union(None, parameters, tables, outer),
            Operator::Search { parameters, tables, what } => {
                self.search_kind(parameters);
                self.search(tables, what.as_ref(), outer)
            }
            Operator::Evaluate { plugin, args, schema, .. } => {
                self.evaluate(None, plugin, args, schema.as_ref(), outer)
            }
            _ => Err(KqlError::new(Problem::NotATable, expr.span)),
        }
    }

    fn print(&mut self, args: &'a [Arg], outer: Option<&Row<'_>>) -> Bound<Rel> {
        let row = Row { outer, ..Row::none() };
        let mut outputs = Outputs::default();
        for (index, arg) in args.iter().enumerate() {
            for mut output in self.outputs_of(arg, &row)? {
                if arg.names.is_empty() && output.given != Given::Several {
                    output.name = Some(format!("print_{index}"));
                    output.given = Given::Implied;
                }
                outputs.push(output)?;
            }
        }
        Ok(Rel { op: RelOp::Rows(vec![outputs.scalars]), columns: outputs.columns, open: false })
    }

    fn range(&mut self, name: &Name, parts: [&'a Expr; 3]) -> Bound<Rel> {
        let [from, to, step] = parts.map(|part| self.constant(part));
        let parts = [from?, to?, step?];
        let ty = match (parts[0].ty, parts[2].ty) {
            (a, b) if a.is_number() && b.is_number() => match a.wider(parts[1].ty).wider(b) {
                Type::Int => Type::Long,
                wide => wide,
            },
            (ty, _) => ty,
        };
        if !ty.is_summable() {
            return Err(operand::needs("a number, datetime or timespan", ty, name.span));
        }
        Ok(Rel { op: RelOp::Range(Box::new(parts)), columns: vec![Column::new(name.text.clone(), ty)], open: false })
    }

    fn data_table(&mut self, columns: &'a [ColumnDecl], cells: &'a [Expr], expr: &Expr) -> Bound<Rel> {
        let columns = self.declared(columns)?;
        let width = columns.len().max(1);
        let mut rows = Vec::new();
        for chunk in cells.chunks(width) {
            if chunk.len() != width {
                let got = format!("{} are", cells.len());
                let problem = Problem::Arguments {
                    name: "datatable".to_owned(),
                    takes: format!("{width} values for each row"),
                    got,
                };
                return Err(KqlError::new(problem, expr.span));
            }
            let mut row = Vec::new();
            for (cell, column) in chunk.iter().zip(&columns) {
                let scalar = self.constant(cell)?;
                row.push(Scalar::new(super::call::converted(scalar, column.ty).kind, column.ty));
            }
            rows.push(row);
        }
        Ok(Rel { op: RelOp::Rows(rows), columns, open: false })
    }

    /// `externaldata`: a table of the caller named by its addresses, if each of them is allowed.
    fn external(&mut self, columns: &'a [ColumnDecl], from: &'a [Expr], options: &'a [Arg], expr: &Expr) -> Bound<Rel> {
        let columns = self.declared(columns)?;
        let mut arguments = Vec::new();
        let mut allowed = true;
        for source in from {
            let address = self.constant_text(source)?;
            let plain = address.split(';').next().unwrap_or("");
            allowed &= self.catalog.external.iter().any(|known| crate::glob::matches(known, plain));
            arguments.push(Value::text(address));
        }
        let mut chosen = Vec::new();
        for option in options {
            if let (Some(name), Kind::Constant(value)) = (option.names.first(), self.constant(&option.value)?.kind) {
                chosen.push((Arc::from(name.text.as_str()), value));
            }
        }
        arguments.push(Value::bag(chosen));
        if !allowed {
            self.missing("externaldata from an address that is not allowed here", expr.span);
            return Ok(Rel { op: RelOp::Missing, columns, open: false });
        }
        Ok(Rel { op: RelOp::Scan(crate::ExternalData::TABLE.to_owned(), arguments), columns, open: false })
    }

    fn search(&mut self, tables: &'a [Expr], what: Option<&'a Expr>, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let span = what.map_or(crate::Span::default(), |what| what.span);
        let inputs = self.searched(tables, span, outer)?;
        self.search_in(inputs, what, outer)
    }

    /// The tables that are searched: all, if none is named.
    pub(super) fn searched(
        &mut self,
        tables: &'a [Expr],
        span: crate::Span,
        outer: Option<&Row<'_>>,
    ) -> Bound<Vec<(Option<String>, Rel)>> {
        let mut inputs = Vec::new();
        if tables.is_empty() {
            inputs.extend(self.tables_like("*", span)?.into_iter().map(|(name, rel)| (Some(name), rel)));
        }
        for table in tables {
            if let ExprKind::Star(glob) = &table.kind {
                inputs.extend(self.tables_like(glob, table.span)?.into_iter().map(|(name, rel)| (Some(name), rel)));
            } else {
                inputs.push((naming::implied(table), self.table(table, outer)?));
            }
        }
        Ok(inputs)
    }

    pub(super) fn search_kind(&mut self, parameters: &[crate::Parameter]) {
        let kind = super::step::parameter(parameters, "kind");
        self.cased = kind.is_some_and(|(kind, _)| kind == "case_sensitive");
    }

    pub(super) fn search_in(
        &mut self,
        inputs: Vec<(Option<String>, Rel)>,
        what: Option<&'a Expr>,
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let mut found = Vec::new();
        for (index, (name, rel)) in inputs.into_iter().enumerate() {
            let label = name.unwrap_or_else(|| match &rel.op {
                RelOp::Scan(name, _) => name.clone(),
                _ => format!("union_arg{index}"),
            });
            let row = self.new_row(&rel, outer);
            let rel = match what {
                None => rel,
                Some(what) => {
                    let condition = self.sought(what, &row)?;
                    rel.then(|input| RelOp::Filter(input, condition))
                }
            };
            found.push((label, rel));
        }
        Ok(unite::unite(found, false, Some("$table")))
    }

    /// A condition of `search`: a text alone is looked for in every column.
    pub(super) fn sought(&mut self, what: &'a Expr, row: &Row<'_>) -> Bound<Scalar> {
        match &what.kind {
            ExprKind::Literal(Literal::String(text)) => {
                let (inside, rest) = (text.trim_matches('*'), text.contains('*'));
                if inside.is_empty() {
                    return Ok(Scalar::constant(Value::Bool(true), Type::Bool));
                }
                let cased = self.cased;
                let test = |what| TextTest { what, negated: false, cased };
                let within = inside.contains('*');
                let test = test(match (text.starts_with('*'), text.ends_with('*')) {
                    _ if !rest => TextMatch::Has,
                    _ if within => TextMatch::Regex,
                    (true, true) => TextMatch::Contains,
                    (true, false) => TextMatch::HasSuffix,
                    _ => TextMatch::HasPrefix,
                });
                let needle = if within { starred(text, cased) } else { inside.to_owned() };
                let needle = Scalar::constant(Value::text(needle), Type::String);
                Ok(any_column(row, |column| Kind::Text(test, Box::new(column), Box::new(needle.clone()))))
            }
            ExprKind::Logic(op, parts) => {
                let parts = parts.iter().map(|part| self.sought(part, row)).collect::<Bound<Vec<_>>>()?;
                Ok(truth(Kind::Logic(*op, parts)))
            }
            ExprKind::Call(name, args) if name.text == "not" && args.len() == 1 => {
                let inner = args.iter().map(|arg| self.sought(&arg.value, row)).next();
                inner.unwrap_or_else(|| self.condition(what, row)).map(|inner| truth(Kind::Not(Box::new(inner))))
            }
            _ => self.condition(what, row),
        }
    }

    pub(super) fn invoke(&mut self, rel: Rel, call: &'a Expr, outer: Option<&Row<'_>>) -> Bound<Rel> {
        let ExprKind::Call(name, args) = &call.kind else { return Err(KqlError::new(Problem::NotATable, call.span)) };
        let Some(Meaning::Function(function, seen)) = self.lookup(&name.text) else {
            let known = self.scope.iter().map(|(name, _)| name.as_str());
            let suggestion = nearest(&name.text, known);
            return Err(KqlError::new(Problem::UnknownFunction { name: name.text.clone(), suggestion }, name.span));
        };
        let row = Row { outer, ..Row::none() };
        match self.apply_with(function, seen, Some(rel), args, &row, call.span)? {
            Any::Table(rel) => Ok(rel),
            Any::Scalar(_) => Err(KqlError::new(Problem::NotATable, call.span)),
        }
    }
}

/// A text with stars as a pattern.
fn starred(text: &str, cased: bool) -> String {
    let parts: Vec<String> = text.trim_matches('*').split('*').map(regex::escape).collect();
    let flags = if cased { "(?s)" } else { "(?is)" };
    format!("{flags}{}", parts.join(".*"))
}
