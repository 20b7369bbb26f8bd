//! `scan`.

use std::rc::Rc;

use super::{Frame, Ran, Row, Rows, Runner};
use crate::{
    Value,
    plan::{StepOf, StepOutput, Steps},
};

/// Rows that matched one step after another: the last of each step so far.
#[derive(Clone)]
struct Sequence {
    id: i64,
    rows: Vec<Option<Row>>,
}

struct Machine<'s> {
    steps: &'s Steps,
    /// The sequence that has come as far as each step.
    states: Vec<Option<Sequence>>,
    /// How many columns a row has with those declared.
    width: usize,
    defaults: Row,
    next: i64,
}

impl<'r> Runner<'r> {
    pub(super) fn steps_of(self: &Rc<Self>, steps: &'r Steps, frame: &Frame) -> Ran<Rows<'r>> {
        let input = self.rows(&steps.input, frame)?;
        let defaults = steps.defaults.iter().map(|default| self.value(default, &[], frame)).collect::<Ran<Row>>()?;
        let width = steps.input.columns.len() + defaults.len();
        let mut machine = Machine { steps, states: vec![None; steps.steps.len()], width, defaults, next: 0 };
        let mut out = Vec::new();
        for row in input {
            self.tick()?;
            let found = machine.take(self, row?, frame)?;
            self.charge(found.iter().map(super::weight).sum())?;
            out.extend(found);
        }
        for index in 0..steps.steps.len() {
            let standing = machine.states.get_mut(index).and_then(Option::take);
            out.extend(standing.and_then(|sequence| machine.last_of(&sequence, index)));
        }
        Ok(Box::new(out.into_iter().map(Ok)))
    }
}

impl Machine<'_> {
    /// A row meets the steps from the last to the first: a sequence that waits before a step goes on, or one that
    /// stands at it takes the row in place of its last.
    fn take(&mut self, runner: &Rc<Runner<'_>>, row: Row, frame: &Frame) -> Ran<Vec<Row>> {
        let mut row = row;
        row.extend(self.defaults.iter().cloned());
        let mut out = Vec::new();
        for (index, step) in self.steps.steps.iter().enumerate().rev() {
            let waiting = index.checked_sub(1).and_then(|before| self.states.get_mut(before)).and_then(Option::take);
            if let Some(sequence) = waiting {
                if let Some(extended) = self.matched(runner, step, &row, Some(&sequence), frame)? {
                    let ended = self.states.get_mut(index).and_then(Option::take);
                    out.extend(ended.and_then(|old| self.last_of(&old, index)));
                    out.extend(self.last_of(&sequence, index - 1));
                    self.keep(sequence, index, extended, step, &mut out);
                    continue;
                }
                self.put(index - 1, sequence);
            }
            let standing = self.states.get_mut(index).and_then(Option::take);
            if standing.is_none() && index > 0 {
                continue;
            }
            match self.matched(runner, step, &row, standing.as_ref(), frame)? {
                Some(extended) => {
                    let sequence = standing.unwrap_or_else(|| self.begin());
                    self.keep(sequence, index, extended, step, &mut out);
                }
                None => {
                    if let Some(standing) = standing {
                        self.put(index, standing);
                    }
                }
            }
        }
        Ok(out)
    }

    fn begin(&mut self) -> Sequence {
        self.next += 1;
        Sequence { id: self.next - 1, rows: vec![None; self.steps.steps.len()] }
    }

    fn put(&mut self, index: usize, sequence: Sequence) {
        if let Some(state) = self.states.get_mut(index) {
            *state = Some(sequence);
        }
    }

    fn keep(&mut self, mut sequence: Sequence, index: usize, row: Row, step: &StepOf, out: &mut Vec<Row>) {
        if let Some(place) = sequence.rows.get_mut(index) {
            *place = Some(row);
        }
        if step.output == StepOutput::All {
            out.extend(self.shown(&sequence, index));
        }
        self.put(index, sequence);
    }

    /// What comes out when no more rows will match a step of which the last is wanted.
    fn last_of(&self, sequence: &Sequence, index: usize) -> Option<Row> {
        let wanted = self.steps.steps.get(index)?.output == StepOutput::Last;
        if wanted { self.shown(sequence, index) } else { None }
    }

    /// The row of a step as it comes out.
    fn shown(&self, sequence: &Sequence, index: usize) -> Option<Row> {
        let mut row = sequence.rows.get(index)?.clone()?;
        if self.steps.numbered {
            row.push(Value::Long(sequence.id));
        }
        Some(row)
    }

    /// The row with what the step sets, if the step's condition holds.
    fn matched(
        &self,
        runner: &Rc<Runner<'_>>,
        step: &StepOf,
        row: &Row,
        sequence: Option<&Sequence>,
        frame: &Frame,
    ) -> Ran<Option<Row>> {
        let mut seen = row.clone();
        for index in 0..self.steps.steps.len() {
            match sequence.and_then(|sequence| sequence.rows.get(index)).and_then(Option::as_ref) {
                Some(old) => seen.extend(old.iter().cloned()),
                None => {
                    let blank = self.steps.input.columns.iter().map(|column| crate::bind::empty(column.ty));
                    seen.extend(blank.chain(self.defaults.iter().cloned()));
                }
            }
        }
        if !runner.holds(&step.condition, &seen, frame)? {
            return Ok(None);
        }
        let mut extended = row.clone();
        let first = self.width - self.defaults.len();
        for (cell, set) in extended.iter_mut().skip(first).zip(&step.sets) {
            if let Some(set) = set {
                *cell = runner.value(set, &seen, frame)?;
            }
        }
        Ok(Some(extended))
    }
}
