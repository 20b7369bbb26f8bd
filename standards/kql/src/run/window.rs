//! Functions that look at other rows.

use std::{cmp::Ordering, collections::HashMap, rc::Rc};

use super::{Frame, Ran, Row, Rows, Runner, scalar::At};
use crate::{
    ArithmeticOp, Type, Value,
    plan::{Kind, Rel, Scalar},
    value::{as_long, compare, equal},
};

/// Functions whose value for a row follows from their value for the row before.
const FOLLOWING: [&str; 4] = ["row_cumsum", "row_rank_dense", "row_rank_min", "row_window_session"];

/// A name for a scalar within a plan that does not move: where it stands.
pub(super) fn place_of(scalar: &Scalar) -> usize {
    std::ptr::from_ref(scalar).addr()
}

impl<'r> Runner<'r> {
    pub(super) fn window(self: &Rc<Self>, input: &'r Rel, scalars: &'r [Scalar], frame: &Frame) -> Ran<Rows<'r>> {
        let held = self.hold(self.rows(input, frame)?)?;
        let mut followed = HashMap::new();
        for scalar in scalars {
            self.follow(scalar, &held.rows, frame, &mut followed)?;
        }
        let (runner, frame) = (self.clone(), frame.clone());
        Ok(Box::new((0..held.rows.len()).map(move |index| {
            let row = held.rows.get(index).map(Vec::as_slice).unwrap_or_default();
            let at = At { row, frame: &frame, rows: &held.rows, index, followed: Some(&followed) };
            scalars.iter().map(|scalar| runner.eval(scalar, at)).collect()
        })))
    }

    /// Runs through all rows for each function that needs it, the inner ones first.
    fn follow(
        self: &Rc<Self>,
        scalar: &Scalar,
        rows: &[Row],
        frame: &Frame,
        found: &mut HashMap<usize, Vec<Value>>,
    ) -> Ran<()> {
        for part in scalar.parts() {
            self.follow(part, rows, frame, found)?;
        }
        let Kind::Window(name, args) = &scalar.kind else { return Ok(()) };
        let numbered = *name == "row_number" && args.len() > 1;
        if !(FOLLOWING.contains(name) || numbered) {
            return Ok(());
        }
        let mut values: Vec<Value> = Vec::with_capacity(rows.len());
        let mut before: Vec<Value> = Vec::new();
        let mut since = 0_i64;
        for (index, row) in rows.iter().enumerate() {
            self.tick()?;
            let at = At { row, frame, rows, index, followed: Some(found) };
            let given = args.iter().map(|arg| self.eval(arg, at)).collect::<Ran<Vec<_>>>()?;
            let restart = matches!(given.last(), Some(Value::Bool(true)));
            let last = if restart { None } else { values.last() };
            since = if last.is_none() { 1 } else { since.saturating_add(1) };
            let value = followed(name, &given, last, &before, since);
            values.push(value);
            before = given;
        }
        found.insert(place_of(scalar), values);
        Ok(())
    }

    /// `prev`, `next`, `row_number`.
    pub(super) fn around(self: &Rc<Self>, name: &str, args: &[Scalar], ty: Type, at: At<'_>) -> Ran<Value> {
        let number = |scalar: Option<&Scalar>| -> Ran<i64> {
            match scalar {
                Some(scalar) => Ok(as_long(&self.eval(scalar, at)?).unwrap_or(1)),
                None => Ok(1),
            }
        };
        let here = i64::try_from(at.index).unwrap_or(i64::MAX);
        if name == "row_number" {
            return Ok(Value::Long(number(args.first())?.wrapping_add(here)));
        }
        let by = number(args.get(1))?;
        let place = if name == "prev" { here.checked_sub(by) } else { here.checked_add(by) };
        let Some(row) = place.and_then(|place| usize::try_from(place).ok()).and_then(|place| at.rows.get(place)) else {
            return args.get(2).map_or(Ok(crate::bind::empty(ty)), |default| self.eval(default, at));
        };
        args.first().map_or(Ok(Value::Null), |scalar| self.eval(scalar, At { row, ..at }))
    }
}

/// The value for a row: its arguments, the value and the arguments of the row before, and how manieth row since the
/// start or restart this is.
fn followed(name: &str, given: &[Value], last: Option<&Value>, before: &[Value], since: i64) -> Value {
    let first = given.first().cloned().unwrap_or_default();
    let Some(last) = last else {
        return match name {
            "row_cumsum" | "row_window_session" | "row_number" => first,
            _ => Value::Long(1),
        };
    };
    let alike =
        before.first().is_some_and(|old| equal(old, &first) == Some(true) || (old.is_null() && first.is_null()));
    let plus = |amount: i64| Value::Long(as_long(last).unwrap_or(0).wrapping_add(amount));
    match name {
        "row_cumsum" => match super::arithmetic(ArithmeticOp::Add, last, &first) {
            Value::Null => last.clone(),
            sum => sum,
        },
        "row_number" => plus(1),
        "row_rank_dense" => plus(i64::from(!alike)),
        "row_rank_min" => {
            if alike {
                last.clone()
            } else {
                Value::Long(since)
            }
        }
        _ => session(&first, given, last, before.first()),
    }
}

/// The start of the session that a row belongs to: a new one where it is too long since the start, or since the row
/// before.
fn session(time: &Value, given: &[Value], start: &Value, previous: Option<&Value>) -> Value {
    let beyond = |from: &Value, most: Option<&Value>| {
        let gap = super::arithmetic(ArithmeticOp::Subtract, time, from);
        most.and_then(|most| compare(&gap, most)) == Some(Ordering::Greater)
    };
    let apart = previous.is_none_or(|previous| beyond(previous, given.get(2)));
    if apart || beyond(start, given.get(1)) { time.clone() } else { start.clone() }
}
