//! Operands: values, paths, calls, lambdas, what stands in parentheses.

use super::Parser;
use crate::constant::Constant;
use crate::filter::FilterError;
use crate::filter::expr::{Expr, Function, Lambda, MemberPath, Root, Step};
use crate::filter::lexer::Token;
use crate::path::cast;

/// How many parts a path has.
const MAX_STEPS: usize = 12;

impl Parser {
    pub(super) fn operand(&mut self) -> Result<Expr, FilterError> {
        self.part()?;
        if self.take_mark('(') {
            let inner = self.expression()?;
            self.take(')', "a closing parenthesis")?;
            return Ok(inner);
        }
        if self.next_is_constant() {
            return self.constant().map(Expr::Constant);
        }
        match (self.peek(), self.peek_after()) {
            (Some(Token::Word(word)), Some(Token::Mark('('))) => {
                let word = word.clone();
                self.call(&word)
            }
            (Some(Token::Word(_)), _) => self.path_or_lambda(),
            _ => Err(self.unexpected("a value, a property or a function")),
        }
    }

    fn next_is_constant(&self) -> bool {
        match self.peek() {
            Some(Token::Value(_) | Token::Number(_)) => true,
            Some(Token::Word(word)) => {
                let followed = matches!(self.peek_after(), Some(Token::Mark('/' | '(')));
                !followed && !self.variables.contains(word) && keyword(word).is_some()
            }
            _ => false,
        }
    }

    pub(super) fn constant(&mut self) -> Result<Constant, FilterError> {
        let negative = self.take_mark('-');
        let constant = match self.peek() {
            _ if negative => self.negative_number().inspect(|_| self.at -= 1),
            Some(Token::Value(constant)) => Some(constant.clone()),
            Some(Token::Number(digits)) => Constant::bare(digits),
            Some(Token::Word(word)) => keyword(word),
            _ => None,
        };
        let constant = constant.ok_or_else(|| self.unexpected("a value"))?;
        self.at += 1;
        Ok(constant)
    }

    fn call(&mut self, word: &str) -> Result<Expr, FilterError> {
        match word.to_ascii_lowercase().as_str() {
            "isof" => return self.is_of(),
            "cast" => return self.cast_call(),
            _ => {}
        }
        let Some(function) = Function::named(word) else { return Err(self.unexpected("a function that exists")) };
        self.at += 2;
        let mut arguments = Vec::new();
        let (least, most) = function.arity();
        while arguments.len() < most {
            if arguments.len() >= least && self.peek() == Some(&Token::Mark(')')) {
                break;
            }
            if !arguments.is_empty() {
                self.take(',', "a comma and another argument")?;
            }
            arguments.push(self.expression()?);
        }
        self.take(')', "a closing parenthesis")?;
        Ok(Expr::Call(function, arguments))
    }

    /// `isof('type')` and `isof(path,'type')`
    fn is_of(&mut self) -> Result<Expr, FilterError> {
        self.at += 2;
        let path = match self.type_name() {
            Some(name) => return self.closed(Expr::IsOf(MemberPath::it(), name)),
            None => self.path()?,
        };
        self.take(',', "a comma and a type")?;
        let name = self.type_name().ok_or_else(|| self.unexpected("a type"))?;
        self.closed(Expr::IsOf(path, name))
    }

    fn cast_call(&mut self) -> Result<Expr, FilterError> {
        self.at += 2;
        let inner = self.expression()?;
        self.take(',', "a comma and a type")?;
        let name = self.type_name().ok_or_else(|| self.unexpected("a type"))?;
        self.closed(Expr::Cast(Box::new(inner), name))
    }

    fn closed(&mut self, expr: Expr) -> Result<Expr, FilterError> {
        self.take(')', "a closing parenthesis")?;
        Ok(expr)
    }

    /// A qualified type name, with or without quotes.
    fn type_name(&mut self) -> Option<String> {
        let name = match self.peek()? {
            Token::Value(Constant::Text(text)) => text.clone(),
            Token::Word(word) if word.contains('.') && self.peek_after() != Some(&Token::Mark('/')) => word.clone(),
            _ => return None,
        };
        let valid = name.contains('.') && name.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '_');
        self.at += usize::from(valid);
        valid.then_some(name)
    }

    pub(super) fn path(&mut self) -> Result<MemberPath, FilterError> {
        let mut path = self.path_start()?;
        while self.take_mark('/') {
            self.step(&mut path)?;
        }
        Ok(path)
    }

    fn path_start(&mut self) -> Result<MemberPath, FilterError> {
        let mut path = MemberPath::it();
        match self.peek() {
            Some(Token::Word(word)) if word == "$it" => self.at += 1,
            Some(Token::Word(word)) if self.variables.contains(word) => {
                path.root = Root::Variable(word.clone());
                self.at += 1;
            }
            _ => self.step(&mut path)?,
        }
        Ok(path)
    }

    fn step(&mut self, path: &mut MemberPath) -> Result<(), FilterError> {
        let Some(Token::Word(word)) = self.peek() else { return Err(self.unexpected("a property")) };
        let step = if word == "$count" && !(path.steps.is_empty() && path.root == Root::It) {
            Step::Count
        } else if word.contains('.') {
            Step::Cast(cast(word).ok_or_else(|| self.unexpected("a type of `microsoft.graph`"))?.to_owned())
        } else if word.starts_with('$') {
            return Err(self.unexpected("a property"));
        } else {
            Step::Member(word.clone())
        };
        if path.steps.last() == Some(&Step::Count) {
            return Err(self.unexpected("nothing after `$count`"));
        }
        if path.steps.len() >= MAX_STEPS {
            return Err(FilterError::TooDeep);
        }
        path.steps.push(step);
        self.at += 1;
        Ok(())
    }

    fn path_or_lambda(&mut self) -> Result<Expr, FilterError> {
        let mut path = self.path_start()?;
        while self.take_mark('/') {
            let quantifier = match (self.peek(), self.peek_after()) {
                (Some(Token::Word(word)), Some(Token::Mark('('))) => word.to_ascii_lowercase(),
                _ => String::new(),
            };
            match quantifier.as_str() {
                "any" => return self.lambda(path, false),
                "all" => return self.lambda(path, true),
                _ => self.step(&mut path)?,
            }
        }
        Ok(Expr::Path(path))
    }

    fn lambda(&mut self, source: MemberPath, all: bool) -> Result<Expr, FilterError> {
        self.at += 2;
        if !all && self.take_mark(')') {
            return Ok(Expr::Lambda(Lambda { source, all, condition: None }));
        }
        let Some(Token::Word(variable)) = self.peek().cloned() else {
            return Err(self.unexpected("a range variable"));
        };
        if variable.contains(['.', '$']) || self.variables.contains(&variable) {
            return Err(self.unexpected("a range variable of its own"));
        }
        self.at += 1;
        self.take(':', "a colon after the range variable")?;
        self.variables.push(variable.clone());
        let condition = self.expression()?;
        self.variables.pop();
        self.closed(Expr::Lambda(Lambda { source, all, condition: Some((variable, Box::new(condition))) }))
    }
}

fn keyword(word: &str) -> Option<Constant> {
    match word.to_ascii_lowercase().as_str() {
        "null" => Some(Constant::Null),
        "true" => Some(Constant::Boolean(true)),
        "false" => Some(Constant::Boolean(false)),
        "inf" => Some(Constant::Number(f64::INFINITY)),
        "nan" => Some(Constant::Number(f64::NAN)),
        _ => None,
    }
}
