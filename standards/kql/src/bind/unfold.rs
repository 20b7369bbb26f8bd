//! Functions of the query itself: a call stands for the body.

use super::{
    Any, Binder, Bound, MAX_CALLS, Meaning, Row,
    call::{arguments, converted},
    type_named,
};
use crate::{Arg, Function, KqlError, Span, error::Problem, plan::Rel};

impl<'a> Binder<'a> {
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
}
