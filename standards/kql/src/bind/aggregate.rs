use std::rc::Rc;

use super::{
    Binder, Bound, Gather, Row, accept, call, naming, operand,
    outputs::{Given, Output, Outputs},
};
use crate::{
    Arg, ExprKind, KqlError, Span, Type,
    error::Problem,
    functions::Signature,
    plan::{Aggregate, Rel, RelOp, Scalar},
};

impl<'a> Binder<'a> {
    /// An aggregate within an output of `summarize`.
    pub(super) fn aggregate(&mut self, signature: &'static Signature, args: &'a [Arg], span: Span) -> Bound<Scalar> {
        let Some(gather) = self.gather.take() else {
            return Err(KqlError::new(Problem::Aggregate(signature.name.to_owned()), span));
        };
        let columns = gather.columns.clone();
        let open = gather.open;
        let bound = self.gathered(signature, args, &columns, open, span);
        let mut gather = gather;
        let answer = bound.map(|(aggregate, ty)| gather.add(aggregate, &[ty]));
        self.gather = Some(gather);
        answer
    }

    fn gathered(
        &mut self,
        signature: &'static Signature,
        args: &'a [Arg],
        columns: &[crate::Column],
        open: bool,
        span: Span,
    ) -> Bound<(Aggregate, Type)> {
        self.rows += 1;
        let row = Row { columns, open, outer: None, id: self.rows };
        let mut bound = Vec::new();
        for arg in args {
            bound.push(self.scalar(&arg.value, &row)?);
        }
        if signature.taking(args.len()).next().is_none() {
            return Err(call::arguments(signature.name, signature.counts(), args.len(), span));
        }
        if signature.name == "count" {
            bound.retain(|scalar| scalar.ty == Type::Bool);
        }
        let gives = accept::check(signature, &bound, args, false, span)?;
        let ty = match signature.name {
            "percentile" | "percentilew" | "arg_max" | "arg_min" | "argmax" | "argmin" | "any" | "take_any" => {
                bound.first().map_or(Type::Dynamic, |scalar| scalar.ty)
            }
            _ => accept::result(signature, gives, &bound, None),
        };
        Ok((self.made(signature.name, bound, span), ty))
    }

    /// `summarize`.
    pub(super) fn summarize(
        &mut self,
        input: Rel,
        aggregates: &'a [Arg],
        by: &'a [Arg],
        outer: Option<&Row<'_>>,
    ) -> Bound<Rel> {
        let (keys, mut outputs) = self.groups(&input, by, outer)?;
        let gather = self.outputs_gathered(&input, &keys, aggregates, by, &mut outputs)?;
        let mut columns: Vec<_> = outputs.columns.iter().take(keys.len()).cloned().collect();
        columns.extend(gather.types.iter().map(|ty| crate::Column::new("", *ty)));
        let op = RelOp::Summarize { input: Box::new(input), by: keys, aggregates: gather.aggregates };
        let gathered = Rel { op, columns, open: false };
        let op = RelOp::Project(Box::new(gathered), outputs.scalars);
        Ok(Rel { op, columns: outputs.columns, open: false })
    }

    /// What rows are grouped by, and the columns of it.
    pub(super) fn groups(
        &mut self,
        input: &Rel,
        by: &'a [Arg],
        outer: Option<&Row<'_>>,
    ) -> Bound<(Vec<Scalar>, Outputs)> {
        let row = self.new_row(input, outer);
        let mut keys = Vec::new();
        let mut outputs = Outputs::default();
        for arg in by {
            for output in self.outputs_of(arg, &row)? {
                if output.scalar.ty == Type::Dynamic && !input.open {
                    let wanted = "anything but dynamic: use tostring( )";
                    return Err(operand::needs(wanted, Type::Dynamic, output.span));
                }
                let scalar = Scalar::column(keys.len(), output.scalar.ty);
                keys.push(output.scalar);
                outputs.push(Output { scalar, ..output })?;
            }
        }
        Ok((keys, outputs))
    }

    pub(super) fn outputs_gathered(
        &mut self,
        input: &Rel,
        keys: &[Scalar],
        aggregates: &'a [Arg],
        by: &'a [Arg],
        outputs: &mut Outputs,
    ) -> Bound<Gather> {
        let outside = self.gather.replace(Gather {
            aggregates: Vec::new(),
            types: Vec::new(),
            base: keys.len(),
            columns: Rc::new(input.columns.clone()),
            open: input.open,
        });
        let mut bound = Ok(());
        for arg in aggregates {
            bound = self.output_gathered(arg, by, input, outputs);
            if bound.is_err() {
                break;
            }
        }
        let gather = std::mem::replace(&mut self.gather, outside);
        bound?;
        gather.ok_or(KqlError::new(Problem::NotAnAggregate, Span::default()))
    }

    fn output_gathered(&mut self, arg: &'a Arg, by: &'a [Arg], input: &Rel, outputs: &mut Outputs) -> Bound<()> {
        let span = arg.value.span;
        if let ExprKind::Call(name, args) = &arg.value.kind {
            match name.text.as_str() {
                "arg_max" | "arg_min" | "argmax" | "argmin" | "take_any" => {
                    return self.several(arg, name, args, by, input, outputs);
                }
                "any"
                    if args.len() > 1 || matches!(args.first().map(|arg| &arg.value.kind), Some(ExprKind::Star(_))) =>
                {
                    return self.several(arg, name, args, by, input, outputs);
                }
                "percentiles" | "percentilesw" => return self.percentiles(arg, name, args, outputs),
                _ => {}
            }
        }
        let before = self.gather.as_ref().map_or(0, |gather| gather.aggregates.len());
        let scalar = self.scalar(&arg.value, &Row::none())?;
        if self.gather.as_ref().map_or(0, |gather| gather.aggregates.len()) == before
            && scalar.is_constant()
            && arg.names.is_empty()
        {
            return Err(KqlError::new(Problem::NotAnAggregate, span));
        }
        let (name, given) = match (arg.names.first(), &arg.value.kind) {
            (Some(name), _) => (Some(name.text.clone()), Given::Explicit),
            (None, ExprKind::Call(function, args)) if function.text == "percentile" && args.len() == 2 => {
                (args.first().zip(args.get(1)).map(|(of, at)| naming::percentile(&of.value, &at.value)), Given::Implied)
            }
            (None, ExprKind::Call(function, args)) if function.text == "percentilew" && args.len() == 3 => {
                (args.first().zip(args.get(2)).map(|(of, at)| naming::percentile(&of.value, &at.value)), Given::Implied)
            }
            (None, ExprKind::Call(function, args))
                if function.text == "percentiles_array" || function.text == "percentilesw_array" =>
            {
                (
                    args.first().and_then(|of| naming::implied(&of.value)).map(|of| format!("percentiles_{of}")),
                    Given::Implied,
                )
            }
            _ => (naming::implied(&arg.value), Given::Implied),
        };
        outputs.push(Output { name, given, scalar, span })
    }
}

impl Gather {
    /// Where the aggregate's first column will stand.
    pub(super) fn add(&mut self, aggregate: Aggregate, types: &[Type]) -> Scalar {
        let index = self.base + self.types.len();
        self.aggregates.push(aggregate);
        self.types.extend(types);
        Scalar::column(index, types.first().copied().unwrap_or(Type::Dynamic))
    }
}
