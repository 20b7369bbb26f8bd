use std::rc::Rc;

use super::{Around, Frame, Ran, Row, Rows, Runner};
use crate::{
    Type, Value,
    plan::{Apply, Expand, Rel, Scalar},
    value::{convert, key},
};

impl<'r> Runner<'r> {
    pub(super) fn expand(self: &Rc<Self>, expand: &'r Expand, frame: &Frame) -> Ran<Rows<'r>> {
        let limit = expand.limit.as_ref().map(|limit| self.count_of(limit, frame)).transpose()?;
        let rows = self.rows(&expand.input, frame)?;
        let (runner, frame) = (self.clone(), frame.clone());
        let added =
            expand.values.iter().map(|(_, place, _)| *place).chain(expand.index).max().map_or(0, |place| place + 1);
        Ok(Box::new(rows.flat_map(move |row| -> Rows<'r> {
            let values: Vec<&Scalar> = expand.values.iter().map(|(value, ..)| value).collect();
            let types: Vec<Type> = expand.values.iter().map(|(_, _, ty)| *ty).collect();
            let opened = row.and_then(|row| {
                let items = runner.opened(&values, &types, expand.as_arrays, limit, &row, &frame)?;
                Ok((row, items))
            });
            let (mut row, items) = match opened {
                Ok(opened) => opened,
                Err(error) => return Box::new(std::iter::once(Err(error))),
            };
            if row.len() < added {
                row.resize(added, Value::Null);
            }
            let runner = runner.clone();
            Box::new(items.into_iter().enumerate().map(move |(index, item)| {
                runner.tick()?;
                let mut row = row.clone();
                for ((_, place, _), value) in expand.values.iter().zip(item) {
                    if let Some(cell) = row.get_mut(*place) {
                        *cell = value;
                    }
                }
                if let Some(cell) = expand.index.and_then(|place| row.get_mut(place)) {
                    *cell = Value::Long(i64::try_from(index).unwrap_or(i64::MAX));
                }
                Ok(row)
            }))
        })))
    }

    /// The values side by side: one row for each element of the longest.
    fn opened(
        self: &Rc<Self>,
        values: &[&Scalar],
        types: &[Type],
        as_arrays: bool,
        limit: Option<usize>,
        row: &Row,
        frame: &Frame,
    ) -> Ran<Vec<Row>> {
        let mut columns = Vec::new();
        for (value, ty) in values.iter().zip(types) {
            let items = elements(&self.value(value, row, frame)?, as_arrays);
            columns.push(items.into_iter().map(|item| convert(&item, *ty)).collect::<Vec<_>>());
        }
        let length = columns.iter().map(Vec::len).max().unwrap_or(0).min(limit.unwrap_or(usize::MAX));
        let at = |index: usize| {
            columns
                .iter()
                .zip(types)
                .map(|(items, ty)| items.get(index).cloned().unwrap_or(crate::bind::empty(*ty)))
                .collect()
        };
        Ok((0..length).map(at).collect())
    }

    pub(super) fn apply(self: &Rc<Self>, apply: &'r Apply, frame: &Frame) -> Ran<Rows<'r>> {
        let limit = apply.limit.as_ref().map(|limit| self.count_of(limit, frame)).transpose()?;
        let rows = self.rows(&apply.input, frame)?;
        let (runner, frame) = (self.clone(), frame.clone());
        Ok(Box::new(rows.flat_map(move |row| -> Rows<'r> {
            let ran = row.and_then(|row| {
                runner.tick()?;
                runner.applied(apply, limit, row, &frame)
            });
            match ran {
                Ok(rows) => rows,
                Err(error) => Box::new(std::iter::once(Err(error))),
            }
        })))
    }

    fn applied(self: &Rc<Self>, apply: &'r Apply, limit: Option<usize>, row: Row, frame: &Frame) -> Ran<Rows<'r>> {
        let values: Vec<&Scalar> = apply.values.iter().map(|(value, _)| value).collect();
        let types: Vec<Type> = apply.values.iter().map(|(_, ty)| *ty).collect();
        let mut items = self.opened(&values, &types, false, limit, &row, frame)?;
        if apply.index {
            for (index, item) in items.iter_mut().enumerate() {
                item.push(Value::Long(i64::try_from(index).unwrap_or(i64::MAX)));
            }
        }
        let kept: Row = apply.outer.iter().map(|index| row.get(*index).cloned().unwrap_or_default()).collect();
        let around = Rc::new(Around { row, outer: frame.outer.clone() });
        let inside = Frame { input: Some(Rc::new(items)), outer: Some(around) };
        let rows = self.rows(&apply.body, &inside)?;
        Ok(Box::new(rows.map(move |inner| {
            let inner = inner?;
            let mut out = kept.clone();
            out.extend(apply.inner.iter().map(|index| inner.get(*index).cloned().unwrap_or_default()));
            Ok(out)
        })))
    }

    pub(super) fn partition(self: &Rc<Self>, input: &'r Rel, by: usize, body: &'r Rel, frame: &Frame) -> Ran<Rows<'r>> {
        let mut held = self.hold(self.rows(input, frame)?)?;
        let mut places = std::collections::HashMap::new();
        let mut parts: Vec<Vec<Row>> = Vec::new();
        for row in std::mem::take(&mut held.rows) {
            let mut bytes = Vec::new();
            key(row.get(by).unwrap_or(&Value::Null), &mut bytes);
            let place = *places.entry(bytes).or_insert_with(|| {
                parts.push(Vec::new());
                parts.len() - 1
            });
            if let Some(part) = parts.get_mut(place) {
                part.push(row);
            }
        }
        let (runner, outer) = (self.clone(), frame.outer.clone());
        Ok(Box::new(parts.into_iter().flat_map(move |part| -> Rows<'r> {
            let _ = &held;
            let inside = Frame { input: Some(Rc::new(part)), outer: outer.clone() };
            match runner.rows(body, &inside) {
                Ok(rows) => rows,
                Err(error) => Box::new(std::iter::once(Err(error))),
            }
        })))
    }
}

/// What a value is expanded to: null stays one row, an empty array is none.
fn elements(value: &Value, as_arrays: bool) -> Vec<Value> {
    match value {
        Value::Array(items) => items.to_vec(),
        Value::Bag(pairs) => {
            let slot = |(name, value): &(std::sync::Arc<str>, Value)| match as_arrays {
                true => Value::array(vec![Value::String(name.clone()), value.clone()]),
                false => Value::bag([(name.clone(), value.clone())]),
            };
            pairs.iter().map(slot).collect()
        }
        other => vec![other.clone()],
    }
}
