use std::{cmp::Ordering, rc::Rc};

use super::{Frame, Ran, Row, Rows, RunError, Runner, aggregate::State, arithmetic};
use crate::{
    ArithmeticOp, Value,
    plan::{Aggregate, Series},
    value::compare,
};

const MOST: usize = 1_048_576;

impl<'r> Runner<'r> {
    /// `make-series`: a row for each group, an array for each aggregate, an element for each step.
    pub(super) fn series(self: &Rc<Self>, series: &'r Series, frame: &Frame) -> Ran<Rows<'r>> {
        let held = self.hold(self.rows(&series.input, frame)?)?;
        let mut places = Vec::new();
        for row in &held.rows {
            places.push(self.value(&series.on, row, frame)?);
        }
        let steps = self.steps(series, &places, frame)?;
        let width = series.aggregates.len();
        let all: Vec<&Aggregate> = steps.iter().flat_map(|_| series.aggregates.iter().map(|(one, _)| one)).collect();
        let mut groups = self.groups();
        let mut filled: Vec<Vec<bool>> = Vec::new();
        if series.by.is_empty() && (series.always || !held.rows.is_empty()) {
            self.group(&mut groups, Vec::new(), &all)?;
            filled.push(vec![false; steps.len()]);
        }
        for (row, place) in held.rows.iter().zip(&places) {
            let keys = series.by.iter().map(|key| self.value(key, row, frame)).collect::<Ran<Row>>()?;
            let group = self.group(&mut groups, keys, &all)?;
            filled.resize(groups.keys.len(), vec![false; steps.len()]);
            let Some(step) = step_of(&steps, place, self.end(series, frame)?.as_ref()) else { continue };
            if let Some(flag) = filled.get_mut(group).and_then(|flags| flags.get_mut(step)) {
                *flag = true;
            }
            for (index, (aggregate, _)) in series.aggregates.iter().enumerate() {
                self.add(&mut groups, (group, step * width + index), aggregate, row, frame)?;
            }
        }
        let mut defaults = Vec::new();
        for (_, default) in &series.aggregates {
            defaults.push(self.value(default, &[], frame)?);
        }
        let mut out = Vec::new();
        for ((mut row, states), filled) in groups.keys.into_iter().zip(groups.states).zip(filled) {
            let mut states = states.into_iter();
            let mut arrays = vec![Vec::new(); width];
            for has_rows in filled {
                for (array, default) in arrays.iter_mut().zip(&defaults) {
                    let found = states.next().map(State::finish).and_then(|values| values.into_iter().next());
                    array.push(found.filter(|_| has_rows).unwrap_or(default.clone()));
                }
            }
            row.extend(arrays.into_iter().map(Value::array));
            row.push(Value::array(steps.clone()));
            out.push(row);
        }
        Ok(Box::new(out.into_iter().map(Ok)))
    }

    fn end(self: &Rc<Self>, series: &'r Series, frame: &Frame) -> Ran<Option<Value>> {
        series.to.as_ref().map(|to| self.value(to, &[], frame)).transpose()
    }

    /// Where each step begins.
    fn steps(self: &Rc<Self>, series: &'r Series, places: &[Value], frame: &Frame) -> Ran<Vec<Value>> {
        let step = self.value(&series.step, &[], frame)?;
        let known = |wanted: Ordering| {
            places
                .iter()
                .filter(|place| !place.is_null())
                .reduce(|a, b| if compare(b, a) == Some(wanted) { b } else { a })
        };
        let from = match &series.from {
            Some(from) => self.value(from, &[], frame)?,
            None => known(Ordering::Less).map(|least| floored(least, &step)).unwrap_or_default(),
        };
        let to = match self.end(series, frame)? {
            Some(to) => to,
            None => known(Ordering::Greater)
                .map(|most| arithmetic(ArithmeticOp::Add, most, &tick(&step)))
                .unwrap_or_default(),
        };
        let zero = arithmetic(ArithmeticOp::Subtract, &step, &step);
        if compare(&step, &zero) != Some(Ordering::Greater) {
            return Ok(Vec::new());
        }
        let mut steps = Vec::new();
        let mut at = from;
        while compare(&at, &to) == Some(Ordering::Less) {
            if steps.len() >= MOST {
                return Err(RunError::Rows(MOST));
            }
            self.tick()?;
            let next = arithmetic(ArithmeticOp::Add, &at, &step);
            steps.push(at);
            at = next;
        }
        Ok(steps)
    }
}

/// The least amount by which something of this kind can be more.
fn tick(step: &Value) -> Value {
    match step {
        Value::TimeSpan(_) => Value::TimeSpan(1),
        Value::Real(_) => Value::Real(f64::MIN_POSITIVE),
        _ => Value::Long(1),
    }
}

fn floored(value: &Value, step: &Value) -> Value {
    crate::functions::run("bin").map_or(Value::Null, |bin| bin(&[value.clone(), step.clone()]))
}

fn step_of(steps: &[Value], place: &Value, end: Option<&Value>) -> Option<usize> {
    if place.is_null() || end.is_some_and(|end| compare(place, end) != Some(Ordering::Less)) {
        return None;
    }
    let after = steps.partition_point(|step| compare(step, place) != Some(Ordering::Greater));
    after.checked_sub(1)
}
