//! Expressions as text that reads back as the same expression.

use super::expr::{Choices, Expr, Lambda, MemberPath, Operator, Root, Step};
use crate::constant::Constant;
use std::fmt;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(constant) => write!(f, "{constant}"),
            Self::Path(path) => write!(f, "{path}"),
            Self::Lambda(lambda) => write!(f, "{lambda}"),
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
            Self::Not(inner) => {
                f.write_str("not ")?;
                enclosed(f, inner, matches!(**inner, Self::And(_) | Self::Or(_)))
            }
            Self::Negative(inner) => {
                f.write_str("-")?;
                let number = matches!(**inner, Self::Constant(Constant::Integer(_) | Constant::Number(_)));
                enclosed(f, inner, number || rank(inner) < ATOM)
            }
            Self::Binary(operator, left, right) => {
                enclosed(f, left, rank(left) < rank(self))?;
                write!(f, " {} ", operator.name())?;
                enclosed(f, right, rank(right) <= rank(self))
            }
            Self::In(item, choices) => {
                enclosed(f, item, rank(item) < rank(self))?;
                match choices {
                    Choices::Listed(list) => {
                        let texts: Vec<String> = list.iter().map(ToString::to_string).collect();
                        write!(f, " in ({})", texts.join(","))
                    }
                    Choices::Collection(path) => write!(f, " in {path}"),
                }
            }
            Self::Call(function, arguments) => {
                let texts: Vec<String> = arguments.iter().map(ToString::to_string).collect();
                write!(f, "{}({})", function.name(), texts.join(","))
            }
            Self::IsOf(path, name) if *path == MemberPath::it() => write!(f, "isof('{name}')"),
            Self::IsOf(path, name) => write!(f, "isof({path},'{name}')"),
            Self::Cast(inner, name) => write!(f, "cast({inner},'{name}')"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expr], word: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        match part {
            Expr::And(_) | Expr::Or(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

/// No more parentheses than are needed, so that what was read is not deeper when it is printed.
fn enclosed(f: &mut fmt::Formatter<'_>, expr: &Expr, needed: bool) -> fmt::Result {
    if needed { write!(f, "({expr})") } else { write!(f, "{expr}") }
}

const ATOM: u8 = 4;

/// How tightly an expression holds together, as the parser reads it.
fn rank(expr: &Expr) -> u8 {
    match expr {
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) => 0,
        Expr::Binary(operator, ..) if Operator::ADDING.contains(operator) => 2,
        Expr::Binary(operator, ..) if Operator::MULTIPLYING.contains(operator) => 3,
        Expr::Binary(..) | Expr::In(..) => 1,
        _ => ATOM,
    }
}

impl MemberPath {
    /// The path to the object itself.
    pub(crate) fn it() -> Self {
        Self { root: Root::It, steps: Vec::new() }
    }
}

impl fmt::Display for MemberPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = match &self.root {
            Root::It if self.steps.is_empty() => Some("$it"),
            Root::It => None,
            Root::Variable(name) => Some(name.as_str()),
        };
        if let Some(root) = root {
            f.write_str(root)?;
        }
        for (at, step) in self.steps.iter().enumerate() {
            if at > 0 || root.is_some() {
                f.write_str("/")?;
            }
            write!(f, "{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name) => f.write_str(name),
            Self::Cast(name) => write!(f, "microsoft.graph.{name}"),
            Self::Count => f.write_str("$count"),
        }
    }
}

impl fmt::Display for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}(", self.source, if self.all { "all" } else { "any" })?;
        if let Some((variable, condition)) = &self.condition {
            write!(f, "{variable}:{condition}")?;
        }
        f.write_str(")")
    }
}
