//! How a result is called that was given no name.

use crate::{
    Arg, Expr, ExprKind, Literal,
    functions::{Naming, find},
};

/// The name that an expression brings along.
pub(super) fn implied(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.text.clone()),
        ExprKind::Path(base, name) => {
            Some(implied(base).map_or_else(|| name.text.clone(), |base| format!("{base}_{}", name.text)))
        }
        ExprKind::Index(base, index) => {
            let base = implied(base)?;
            match &index.kind {
                ExprKind::Literal(Literal::String(text) | Literal::Long(text)) => Some(format!("{base}_{text}")),
                _ => Some(base),
            }
        }
        ExprKind::Call(name, args) => called(&name.text, args),
        _ => None,
    }
}

/// The name that an argument is given or brings along.
pub(super) fn of_argument(arg: &Arg) -> Option<String> {
    arg.names.first().map(|name| name.text.clone()).or_else(|| implied(&arg.value))
}

fn called(name: &str, args: &[Arg]) -> Option<String> {
    let first = || args.first().and_then(of_argument);
    let taking = |aggregate| find(name, aggregate).filter(|found| found.taking(args.len()).next().is_some());
    let signature =
        taking(true).or_else(|| taking(false)).or_else(|| find(name, true)).or_else(|| find(name, false))?;
    match signature.naming {
        Naming::None => None,
        Naming::First => first(),
        Naming::Only => first().filter(|_| args.len() == 1),
        Naming::Prefix(prefix) => Some(format!("{prefix}_{}", first().unwrap_or_default())),
        Naming::NameAndFirst => Some(format!("{name}_{}", first().unwrap_or_default())),
        Naming::Fixed(name) => Some(name.to_owned()),
        Naming::Column => match args.first().map(|arg| &arg.value.kind) {
            Some(ExprKind::Literal(Literal::String(text))) => Some(text.clone()),
            _ => None,
        },
    }
}

/// What a percentile's column is called: numbers with `_` for the point.
pub(super) fn percentile(of: &Expr, at: &Expr) -> String {
    let number = match &at.kind {
        ExprKind::Literal(Literal::Long(text) | Literal::Real(text)) => text.replace('.', "_"),
        _ => String::new(),
    };
    format!("percentile_{}_{number}", implied(of).unwrap_or_default())
}
