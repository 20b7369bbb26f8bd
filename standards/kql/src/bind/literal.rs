use super::Bound;
use crate::{
    KqlError, Literal, Name, Span, Type, Value,
    error::Problem,
    nearest,
    plan::Scalar,
    types,
    value::{convert, parse_json, parse_timespan},
};

/// The type of this name.
pub(crate) fn type_named(name: &Name) -> Bound<Type> {
    Type::named(&name.text).ok_or_else(|| {
        let suggestion = nearest(&name.text, types::NAMES.iter().map(|(name, _)| *name));
        KqlError::new(Problem::UnknownType { name: name.text.clone(), suggestion }, name.span)
    })
}

pub(super) fn literal(literal: &Literal, span: Span) -> Bound<Scalar> {
    let bad = |type_name, text: &str| KqlError::new(Problem::Literal { type_name, text: text.to_owned() }, span);
    Ok(match literal {
        Literal::String(text) => Scalar::constant(Value::text(text.as_str()), Type::String),
        Literal::Bool(value) => Scalar::constant(Value::Bool(*value), Type::Bool),
        Literal::Long(text) => {
            let value = convert(&Value::text(text.as_str()), Type::Long);
            if value.is_null() {
                return Err(bad("long", text));
            }
            Scalar::constant(value, Type::Long)
        }
        Literal::Real(text) => Scalar::constant(convert(&Value::text(text.as_str()), Type::Real), Type::Real),
        Literal::Timespan(text) => {
            let ticks = parse_timespan(text).ok_or_else(|| bad("timespan", text))?;
            Scalar::constant(Value::TimeSpan(ticks), Type::TimeSpan)
        }
        Literal::Typed { type_name, text } => {
            let ty = Type::named(type_name).unwrap_or(Type::Dynamic);
            let value = typed(ty, text).ok_or_else(|| bad(ty.name(), text))?;
            Scalar::constant(value, ty)
        }
    })
}

fn typed(ty: Type, text: &str) -> Option<Value> {
    let text = text.trim();
    if text == "null" || (text.is_empty() && ty != Type::Dynamic) {
        return Some(Value::Null);
    }
    if ty == Type::Dynamic {
        return dynamic(text);
    }
    let plain = text.trim_matches(['"', '\'']);
    if ty == Type::TimeSpan {
        return parse_timespan(plain).map(Value::TimeSpan);
    }
    let value = convert(&Value::text(plain), ty);
    (!value.is_null()).then_some(value)
}

/// `dynamic( )` holds JSON, in which a text may stand in single quotes, and literals of other types.
fn dynamic(text: &str) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Null);
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
        return Some(parse_json(text));
    }
    loose::read(text)
}

/// JSON as queries write it.
mod loose {
    use std::sync::Arc;

    use crate::{
        ExprKind, Script, Statement, Type, Value,
        lexer::{Kind, Lexer, Token},
        value::{convert, parse_timespan},
    };

    const MAX_DEPTH: usize = 64;

    pub(super) fn read(text: &str) -> Option<Value> {
        let tokens = Lexer::tokens(text).ok()?;
        let mut reader = Reader { tokens, at: 0 };
        let value = reader.value(0)?;
        (reader.kind() == &Kind::End).then_some(value)
    }

    struct Reader {
        tokens: Vec<Token>,
        at: usize,
    }

    impl Reader {
        fn kind(&self) -> &Kind {
            self.tokens.get(self.at).map_or(&Kind::End, |token| &token.kind)
        }

        fn eat(&mut self, mark: &str) -> bool {
            let found = matches!(self.kind(), Kind::Mark(found) if *found == mark);
            self.at += usize::from(found);
            found
        }

        fn value(&mut self, depth: usize) -> Option<Value> {
            if depth > MAX_DEPTH {
                return None;
            }
            if self.eat("[") {
                return self.array(depth);
            }
            if self.eat("{") {
                return self.bag(depth);
            }
            let negative = self.eat("-");
            let kind = self.kind().clone();
            self.at += 1;
            match kind {
                Kind::String(mut text) if !negative => {
                    while let Kind::String(more) = self.kind().clone() {
                        text.push_str(&more);
                        self.at += 1;
                    }
                    Some(Value::text(text))
                }
                Kind::Bracketed(text) if !negative => Some(Value::array(vec![Value::text(text)])),
                Kind::Word(word) if !negative => match word.as_str() {
                    "null" => Some(Value::Null),
                    "true" => Some(Value::Bool(true)),
                    "false" => Some(Value::Bool(false)),
                    _ => None,
                },
                Kind::Long(text) => match convert(&Value::text(text), Type::Long) {
                    Value::Long(number) => Some(Value::Long(if negative { -number } else { number })),
                    _ => None,
                },
                Kind::Real(text) => {
                    text.parse().ok().map(|number: f64| Value::Real(if negative { -number } else { number }))
                }
                // A span among JSON is its ticks.
                Kind::Timespan(text) => {
                    parse_timespan(&text).map(|ticks| Value::Long(if negative { -ticks } else { ticks }))
                }
                Kind::Typed(name, text) if !negative => match nested(&format!("{name}({text})"))? {
                    Value::TimeSpan(ticks) => Some(Value::Long(ticks)),
                    value => Some(value),
                },
                _ => None,
            }
        }

        fn array(&mut self, depth: usize) -> Option<Value> {
            let mut items = Vec::new();
            while !self.eat("]") {
                items.push(self.value(depth + 1)?);
                if !self.eat(",") && !matches!(self.kind(), Kind::Mark("]")) {
                    return None;
                }
            }
            Some(Value::array(items))
        }

        fn bag(&mut self, depth: usize) -> Option<Value> {
            let mut pairs = Vec::new();
            while !self.eat("}") {
                let name = match self.kind().clone() {
                    Kind::String(text) | Kind::Word(text) => text,
                    _ => return None,
                };
                self.at += 1;
                if !self.eat(":") {
                    return None;
                }
                pairs.push((Arc::from(name), self.value(depth + 1)?));
                if !self.eat(",") && !matches!(self.kind(), Kind::Mark("}")) {
                    return None;
                }
            }
            Some(Value::bag(pairs))
        }
    }

    /// A literal such as `datetime(2024-01-01)` among JSON.
    fn nested(text: &str) -> Option<Value> {
        let script = Script::parse(text).ok()?;
        let Some(Statement::Query(expr)) = script.statements.first() else { return None };
        let ExprKind::Literal(literal) = &expr.kind else { return None };
        match super::literal(literal, expr.span).ok()?.kind {
            crate::plan::Kind::Constant(value) => Some(value),
            _ => None,
        }
    }
}
