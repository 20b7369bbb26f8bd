use std::{collections::HashMap, rc::Rc};

use super::{Frame, Held, Ran, Row, Rows, Runner, aggregate::State};
use crate::{
    Value,
    plan::{Aggregate, Rel, Scalar},
    value::key,
};

/// Groups in the order in which they came.
pub(super) struct Groups {
    pub(super) keys: Vec<Row>,
    pub(super) states: Vec<Vec<State>>,
    pub(super) held: Held,
    places: HashMap<Vec<u8>, usize>,
}

impl<'r> Runner<'r> {
    pub(super) fn groups(&self) -> Groups {
        let held = Held { rows: Vec::new(), bytes: 0, memory: self.memory.clone() };
        Groups { keys: Vec::new(), states: Vec::new(), held, places: HashMap::new() }
    }

    /// Where the group of these keys is; it is made where there is none.
    pub(super) fn group(&self, groups: &mut Groups, keys: Row, aggregates: &[&Aggregate]) -> Ran<usize> {
        let mut bytes = Vec::new();
        for value in &keys {
            key(value, &mut bytes);
        }
        if let Some(place) = groups.places.get(&bytes) {
            return Ok(*place);
        }
        let size = super::weight(&keys) + 2 * bytes.len() + 128 * aggregates.len();
        self.charge(size)?;
        groups.held.bytes += size;
        groups.places.insert(bytes, groups.keys.len());
        groups.keys.push(keys);
        groups.states.push(aggregates.iter().map(|aggregate| State::new(aggregate)).collect());
        Ok(groups.keys.len() - 1)
    }

    /// Adds a row to an aggregate.
    pub(super) fn add(
        self: &Rc<Self>,
        groups: &mut Groups,
        (place, index): (usize, usize),
        aggregate: &Aggregate,
        row: &Row,
        frame: &Frame,
    ) -> Ran<()> {
        if let Some(filter) = &aggregate.filter
            && !self.holds(filter, row, frame)?
        {
            return Ok(());
        }
        let args = aggregate.args.iter().map(|arg| self.value(arg, row, frame)).collect::<Ran<Vec<_>>>()?;
        if let Some(state) = groups.states.get_mut(place).and_then(|states| states.get_mut(index)) {
            let grown = state.add(args);
            if grown > 0 {
                self.charge(grown)?;
                groups.held.bytes += grown;
            }
        }
        Ok(())
    }

    pub(super) fn summarize(
        self: &Rc<Self>,
        input: &'r Rel,
        by: &'r [Scalar],
        aggregates: &'r [Aggregate],
        frame: &Frame,
    ) -> Ran<Rows<'r>> {
        let all: Vec<&Aggregate> = aggregates.iter().collect();
        let mut groups = self.groups();
        if by.is_empty() {
            self.group(&mut groups, Vec::new(), &all)?;
        }
        for row in self.rows(input, frame)? {
            let row = row?;
            let keys = by.iter().map(|key| self.value(key, &row, frame)).collect::<Ran<Vec<_>>>()?;
            let place = self.group(&mut groups, keys, &all)?;
            for (index, aggregate) in aggregates.iter().enumerate() {
                self.add(&mut groups, (place, index), aggregate, &row, frame)?;
            }
        }
        let Groups { keys, states, held, .. } = groups;
        Ok(Box::new(keys.into_iter().zip(states).map(move |(mut row, states)| {
            let _ = &held;
            for (state, aggregate) in states.into_iter().zip(aggregates) {
                row.extend(finished(state, aggregate));
            }
            Ok(row)
        })))
    }
}

/// The values of an aggregate's columns.
pub(super) fn finished(state: State, aggregate: &Aggregate) -> Row {
    let mut values: Vec<Value> = state.finish();
    values.resize(aggregate.width, Value::Null);
    for (value, arg) in values.iter_mut().zip(&aggregate.args) {
        if value.is_null() && aggregate.gives_arguments() {
            *value = crate::bind::empty(arg.ty);
        }
    }
    values
}

impl Aggregate {
    /// Whether what comes out is what went in.
    fn gives_arguments(&self) -> bool {
        matches!(self.name, "min" | "max" | "arg_max" | "arg_min" | "take_any")
    }
}
