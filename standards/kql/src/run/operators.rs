use std::{cmp::Ordering, rc::Rc};

use super::{Frame, Held, Ran, Row, Rows, Runner};
use crate::{
    ArithmeticOp, Value,
    plan::{Order, Origin, Parse, Rel, Scalar},
    value::{compare, convert, to_text},
};

impl<'r> Runner<'r> {
    pub(super) fn constant_rows(self: &Rc<Self>, rows: &'r [Vec<Scalar>], frame: &Frame) -> Ran<Rows<'r>> {
        let (runner, frame) = (self.clone(), frame.clone());
        Ok(Box::new(rows.iter().map(move |row| {
            runner.tick()?;
            row.iter().map(|scalar| runner.value(scalar, &[], &frame)).collect()
        })))
    }

    pub(super) fn range(self: &Rc<Self>, parts: &'r [Scalar; 3], frame: &Frame) -> Ran<Rows<'r>> {
        let [from, to, step] = parts;
        let (from, to, step) =
            (self.value(from, &[], frame)?, self.value(to, &[], frame)?, self.value(step, &[], frame)?);
        let zero = super::arithmetic(ArithmeticOp::Subtract, &step, &step);
        let Some(ahead @ (Ordering::Less | Ordering::Greater)) = compare(&step, &zero) else {
            return Ok(Box::new(std::iter::empty()));
        };
        let runner = self.clone();
        let next = move |at: &Value| Some(super::arithmetic(ArithmeticOp::Add, at, &step));
        let within = move |at: &Value| compare(at, &to).is_some_and(|order| order != ahead);
        let values = std::iter::successors(Some(from), next).take_while(within);
        Ok(Box::new(values.map(move |value| runner.tick().map(|()| vec![value]))))
    }

    pub(super) fn filter(self: &Rc<Self>, input: &'r Rel, condition: &'r Scalar, frame: &Frame) -> Ran<Rows<'r>> {
        let rows = self.rows(input, frame)?;
        let (runner, frame) = (self.clone(), frame.clone());
        Ok(Box::new(rows.filter_map(move |row| match row {
            Ok(row) => match runner.holds(condition, &row, &frame) {
                Ok(true) => Some(Ok(row)),
                Ok(false) => None,
                Err(error) => Some(Err(error)),
            },
            error => Some(error),
        })))
    }

    pub(super) fn project(self: &Rc<Self>, input: &'r Rel, scalars: &'r [Scalar], frame: &Frame) -> Ran<Rows<'r>> {
        let rows = self.rows(input, frame)?;
        let (runner, frame) = (self.clone(), frame.clone());
        Ok(Box::new(rows.map(move |row| {
            let row = row?;
            scalars.iter().map(|scalar| runner.value(scalar, &row, &frame)).collect()
        })))
    }

    pub(super) fn union(self: &Rc<Self>, inputs: &'r [(Rel, Vec<Origin>)], frame: &Frame) -> Ran<Rows<'r>> {
        let (runner, frame) = (self.clone(), frame.clone());
        Ok(Box::new(inputs.iter().flat_map(move |(rel, origins)| {
            let placed = move |mut row: Row| -> Row {
                let mut take = |origin: &Origin| match origin {
                    Origin::Column(index) => row.get_mut(*index).map(std::mem::take).unwrap_or_default(),
                    Origin::Constant(value) => value.clone(),
                };
                origins.iter().map(&mut take).collect()
            };
            match runner.rows(rel, &frame) {
                Ok(rows) => Box::new(rows.map(move |row| row.map(placed))) as Rows<'r>,
                Err(error) => Box::new(std::iter::once(Err(error))),
            }
        })))
    }

    pub(super) fn sort(
        self: &Rc<Self>,
        input: &'r Rel,
        orders: &'r [Order],
        count: Option<usize>,
        frame: &Frame,
    ) -> Ran<Rows<'r>> {
        let mut keyed: Vec<(Vec<Value>, Row)> = Vec::new();
        let mut held = Held { rows: Vec::new(), bytes: 0, memory: self.memory.clone() };
        for row in self.rows(input, frame)? {
            let row = row?;
            let keys = orders.iter().map(|order| self.value(&order.key, &row, frame)).collect::<Ran<Vec<_>>>()?;
            let bytes = super::weight(&row) + super::weight(&keys);
            self.charge(bytes)?;
            held.bytes += bytes;
            keyed.push((keys, row));
            if count.is_some_and(|count| keyed.len() >= count.saturating_mul(2).max(1024)) {
                self.shrink(&mut keyed, orders, count, &mut held);
            }
        }
        self.shrink(&mut keyed, orders, count, &mut held);
        Ok(Box::new(keyed.into_iter().map(move |(_, row)| {
            let _ = &held;
            Ok(row)
        })))
    }

    fn shrink(&self, keyed: &mut Vec<(Vec<Value>, Row)>, orders: &[Order], count: Option<usize>, held: &mut Held) {
        keyed.sort_by(|(a, _), (b, _)| before(a, b, orders));
        if let Some(count) = count {
            let gone: usize =
                keyed.iter().skip(count).map(|(keys, row)| super::weight(row) + super::weight(keys)).sum();
            keyed.truncate(count);
            held.bytes -= gone.min(held.bytes);
            self.memory.set(self.memory.get().saturating_sub(gone));
        }
    }

    pub(super) fn parse(self: &Rc<Self>, parse: &'r Parse, frame: &Frame) -> Ran<Rows<'r>> {
        let rows = self.rows(&parse.input, frame)?;
        let (runner, frame) = (self.clone(), frame.clone());
        let regex = crate::functions::regex(&parse.pattern);
        let width = parse.into.iter().map(|(place, _)| place + 1).max().unwrap_or(0);
        Ok(Box::new(rows.filter_map(move |row| {
            let mut row = match row {
                Ok(row) => row,
                error => return Some(error),
            };
            let text = match runner.value(&parse.value, &row, &frame) {
                Ok(value) => to_text(&value),
                Err(error) => return Some(Err(error)),
            };
            let found = regex.as_ref().and_then(|regex| captured(regex, parse, &text));
            if found.is_none() && parse.filters {
                return None;
            }
            if row.len() < width {
                row.resize(width, Value::Null);
            }
            for (index, (place, ty)) in parse.into.iter().enumerate() {
                let value = found.as_ref().and_then(|values| values.get(index)).cloned();
                if let Some(cell) = row.get_mut(*place) {
                    *cell = value.unwrap_or(crate::bind::empty(*ty));
                }
            }
            Some(Ok(row))
        })))
    }
}

fn captured(regex: &regex::Regex, parse: &Parse, text: &str) -> Option<Vec<Value>> {
    let captures = regex.captures(text)?;
    let mut values = Vec::new();
    for (index, (_, ty)) in parse.into.iter().enumerate() {
        let part = captures.name(&format!("signet_{index}")).map_or("", |part| part.as_str());
        let value = convert(&Value::text(part), *ty);
        if value.is_null() && parse.strict {
            return None;
        }
        values.push(value);
    }
    Some(values)
}

/// The order of two rows' keys.
pub(super) fn before(left: &[Value], right: &[Value], orders: &[Order]) -> Ordering {
    for ((a, b), order) in left.iter().zip(right).zip(orders) {
        let absent = |value: &Value| value.is_null() || matches!(value, Value::Real(real) if real.is_nan());
        let found = match (absent(a), absent(b)) {
            (true, true) => Ordering::Equal,
            (true, false) => {
                if order.nulls_first {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (false, true) => {
                if order.nulls_first {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (false, false) => {
                let found = compare(a, b).unwrap_or_else(|| to_text(a).cmp(&to_text(b)));
                if order.ascending { found } else { found.reverse() }
            }
        };
        if found != Ordering::Equal {
            return found;
        }
    }
    Ordering::Equal
}
