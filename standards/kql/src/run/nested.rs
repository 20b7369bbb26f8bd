//! `top-nested`.

use std::{cmp::Ordering, collections::HashMap, rc::Rc};

use super::{Frame, Ran, Row, Rows, Runner, aggregate::State, group::finished};
use crate::{
    Value,
    plan::{Nested, NestedLevel},
    value::{compare, key},
};

/// A value of a level: what it comes to, and its rows.
struct Part<'x> {
    value: Value,
    total: Value,
    rows: Vec<&'x Row>,
}

impl<'r> Runner<'r> {
    pub(super) fn nested(self: &Rc<Self>, nested: &'r Nested, frame: &Frame) -> Ran<Rows<'r>> {
        let held = self.hold(self.rows(&nested.input, frame)?)?;
        let mut out = Vec::new();
        self.level(&nested.levels, &held.rows.iter().collect::<Vec<_>>(), &Row::new(), frame, &mut out)?;
        let width = 2 * nested.levels.len();
        Ok(Box::new(out.into_iter().map(move |mut row| {
            row.resize(width, Value::Null);
            Ok(row)
        })))
    }

    fn total(self: &Rc<Self>, level: &NestedLevel, rows: &[&Row], frame: &Frame) -> Ran<Value> {
        let mut state = State::new(&level.aggregate);
        for row in rows {
            if let Some(filter) = &level.aggregate.filter
                && !self.holds(filter, row, frame)?
            {
                continue;
            }
            let args = level.aggregate.args.iter().map(|arg| self.value(arg, row, frame)).collect::<Ran<Vec<_>>>()?;
            state.add(args);
        }
        Ok(finished(state, &level.aggregate).into_iter().next().unwrap_or_default())
    }

    /// The rows of one level and those below it.
    fn level(
        self: &Rc<Self>,
        levels: &[NestedLevel],
        rows: &[&Row],
        before: &Row,
        frame: &Frame,
        out: &mut Vec<Row>,
    ) -> Ran<()> {
        let Some((level, below)) = levels.split_first() else {
            self.charge(super::weight(before))?;
            out.push(before.clone());
            return Ok(());
        };
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut parts: Vec<Part<'_>> = Vec::new();
        for row in rows {
            self.tick()?;
            let value = self.value(&level.of, row, frame)?;
            let mut bytes = Vec::new();
            key(&value, &mut bytes);
            let place = *places.entry(bytes).or_insert(parts.len());
            if place == parts.len() {
                parts.push(Part { value, total: Value::Null, rows: Vec::new() });
            }
            if let Some(part) = parts.get_mut(place) {
                part.rows.push(row);
            }
        }
        for part in &mut parts {
            part.total = self.total(level, &part.rows, frame)?;
        }
        parts.sort_by(|a, b| {
            let order = compare(&a.total, &b.total).unwrap_or(Ordering::Equal);
            if level.ascending { order } else { order.reverse() }
        });
        let most = level.count.as_ref().map(|count| self.count_of(count, frame)).transpose()?;
        let left = parts.split_off(most.unwrap_or(usize::MAX).min(parts.len()));
        for part in parts {
            let row = before.iter().cloned().chain([part.value, part.total]).collect();
            self.level(below, &part.rows, &row, frame, out)?;
        }
        if let Some(others) = &level.others {
            let rows: Vec<&Row> = left.iter().flat_map(|part| part.rows.iter().copied()).collect();
            if !rows.is_empty() {
                let cells = [self.value(others, &[], frame)?, self.total(level, &rows, frame)?];
                out.push(before.iter().cloned().chain(cells).collect());
            }
        }
        Ok(())
    }
}
