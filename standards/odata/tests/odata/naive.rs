//! The meaning of expressions written down a second time, as plainly as possible, over parsed JSON alone.

use serde_json::Value;
use signet_kernel::Timestamp;
use signet_odata::{Choices, Constant, Expr, Function, MemberPath, Operator, Root, Step};
use std::cmp::Ordering;

/// A value, or an error.
type Outcome = Result<Value, ()>;
type Variables<'v> = Vec<(String, &'v Value)>;

pub(crate) fn holds(expr: &Expr, object: &Value) -> Result<bool, ()> {
    Ok(value(expr, object, &Vec::new())? == Value::Bool(true))
}

fn value(expr: &Expr, object: &Value, variables: &Variables<'_>) -> Outcome {
    match expr {
        Expr::Constant(constant) => Ok(of_constant(constant)),
        Expr::Path(path) => Ok(at(path, object, variables)),
        Expr::And(parts) => junction(parts, object, variables, false),
        Expr::Or(parts) => junction(parts, object, variables, true),
        Expr::Not(inner) => Ok(match value(inner, object, variables)? {
            Value::Bool(truth) => Value::Bool(!truth),
            _ => Value::Null,
        }),
        Expr::Negative(inner) => match value(inner, object, variables)?.as_i64() {
            Some(number) => number.checked_neg().map(Value::from).ok_or(()),
            None => Ok(Value::Null),
        },
        Expr::Binary(operator, left, right) => {
            binary(*operator, &value(left, object, variables)?, &value(right, object, variables)?)
        }
        Expr::In(item, choices) => {
            let item = value(item, object, variables)?;
            let choices = match choices {
                Choices::Listed(list) => list.iter().map(of_constant).collect(),
                Choices::Collection(path) => at(path, object, variables).as_array().cloned().unwrap_or_default(),
            };
            Ok(Value::Bool(choices.iter().any(|choice| order(&item, choice) == Some(Ordering::Equal))))
        }
        Expr::Call(function, arguments) => {
            let values: Vec<Value> =
                arguments.iter().map(|argument| value(argument, object, variables)).collect::<Result<_, _>>()?;
            if values.contains(&Value::Null) { Ok(Value::Null) } else { call(*function, &values) }
        }
        Expr::Lambda(lambda) => {
            let source = at(&lambda.source, object, variables);
            let items = source.as_array().cloned().unwrap_or_default();
            let Some((name, condition)) = &lambda.condition else { return Ok(Value::Bool(!items.is_empty())) };
            let mut unknown = false;
            for item in &items {
                let mut inner = variables.clone();
                inner.push((name.clone(), item));
                match value(condition, object, &inner)? {
                    Value::Bool(truth) if truth != lambda.all => return Ok(Value::Bool(truth)),
                    Value::Bool(_) => {}
                    _ => unknown = true,
                }
            }
            Ok(if unknown { Value::Null } else { Value::Bool(lambda.all) })
        }
        Expr::IsOf(..) | Expr::Cast(..) => unreachable!("not generated"),
    }
}

fn junction(parts: &[Expr], object: &Value, variables: &Variables<'_>, deciding: bool) -> Outcome {
    let mut unknown = false;
    for part in parts {
        match value(part, object, variables)? {
            Value::Bool(truth) if truth == deciding => return Ok(Value::Bool(truth)),
            Value::Bool(_) => {}
            _ => unknown = true,
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(!deciding) })
}

fn of_constant(constant: &Constant) -> Value {
    match constant {
        Constant::Boolean(truth) => Value::Bool(*truth),
        Constant::Integer(number) => Value::from(*number),
        Constant::Text(text) => Value::from(text.clone()),
        Constant::Moment(moment) => Value::from(moment.to_string()),
        _ => Value::Null,
    }
}

fn at(path: &MemberPath, object: &Value, variables: &Variables<'_>) -> Value {
    let mut here = match &path.root {
        Root::It => object.clone(),
        Root::Variable(name) => {
            variables.iter().find(|(known, _)| known == name).map_or(Value::Null, |(_, value)| (*value).clone())
        }
    };
    for step in &path.steps {
        here = match step {
            Step::Member(name) => here.get(name).cloned().unwrap_or(Value::Null),
            Step::Count => Value::from(here.as_array().map_or(0, Vec::len)),
            Step::Cast(_) => unreachable!("not generated"),
        };
    }
    here
}

/// Null is equal to null. Texts that are both moments compare as such.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => Some(left.as_i64()?.cmp(&right.as_i64()?)),
        (Value::String(left), Value::String(right)) => {
            Some(match (left.parse::<Timestamp>(), right.parse::<Timestamp>()) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                _ => left.to_lowercase().cmp(&right.to_lowercase()),
            })
        }
        _ => None,
    }
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Outcome {
    let order = order(left, right);
    let equal = order == Some(Ordering::Equal);
    let null = left.is_null() || right.is_null();
    Ok(match operator {
        Operator::Equal => Value::Bool(equal),
        Operator::NotEqual => Value::Bool(!equal),
        Operator::Greater => Value::Bool(!null && order == Some(Ordering::Greater)),
        Operator::GreaterOrEqual => Value::Bool(equal || order == Some(Ordering::Greater)),
        Operator::Less => Value::Bool(!null && order == Some(Ordering::Less)),
        Operator::LessOrEqual => Value::Bool(equal || order == Some(Ordering::Less)),
        _ if null => Value::Null,
        _ => {
            let (left, right) = (i128::from(left.as_i64().ok_or(())?), i128::from(right.as_i64().ok_or(())?));
            let result = match operator {
                Operator::Add => left + right,
                Operator::Subtract => left - right,
                Operator::Multiply => left * right,
                _ if right == 0 => return Err(()),
                Operator::Divide => left / right,
                _ => left % right,
            };
            Value::from(i64::try_from(result).map_err(|_| ())?)
        }
    })
}

fn call(function: Function, values: &[Value]) -> Outcome {
    let text = |at: usize| values[at].as_str().unwrap().to_owned();
    let low = |at: usize| text(at).to_lowercase();
    Ok(match function {
        Function::Contains => Value::Bool(low(0).contains(&low(1))),
        Function::StartsWith => Value::Bool(low(0).starts_with(&low(1))),
        Function::EndsWith => Value::Bool(low(0).ends_with(&low(1))),
        Function::Length => Value::from(text(0).chars().count()),
        Function::ToLower => Value::from(low(0)),
        Function::Trim => Value::from(text(0).trim()),
        Function::Concat => Value::from(format!("{}{}", text(0), text(1))),
        Function::Substring => {
            let start = usize::try_from(values[1].as_i64().unwrap()).map_err(|_| ())?;
            Value::from(text(0).chars().skip(start).collect::<String>())
        }
        Function::IndexOf => {
            let (text, part): (Vec<char>, Vec<char>) = (low(0).chars().collect(), low(1).chars().collect());
            let found = (0..=text.len()).find(|at| text[*at..].starts_with(&part));
            Value::from(found.map_or(-1, |at| i64::try_from(at).unwrap()))
        }
        _ => unreachable!("not generated"),
    })
}
