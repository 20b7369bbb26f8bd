use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::{
    Around, Frame, Ran, Row, RunError, Runner,
    compare::{comparison, is_among},
    text, window,
};
use crate::{
    ListMatch, ListTest, LogicOp, Type, Value,
    plan::{Each, Kind, Random, Scalar},
    value::{as_long, compare, convert, to_text},
};

/// Bytes and levels of one value that a function makes.
const MOST: usize = 32 << 20;
const LEVELS: usize = 160;

/// Where a value is asked for.
#[derive(Clone, Copy)]
pub(super) struct At<'x> {
    pub(super) row: &'x [Value],
    pub(super) frame: &'x Frame,
    /// All rows, and which one this is, where a function looks at others.
    pub(super) rows: &'x [Row],
    pub(super) index: usize,
    /// What functions that follow the rows one after another gave, by where they stand.
    pub(super) followed: Option<&'x HashMap<usize, Vec<Value>>>,
}

impl<'r> Runner<'r> {
    pub(super) fn value(self: &Rc<Self>, scalar: &Scalar, row: &[Value], frame: &Frame) -> Ran<Value> {
        self.eval(scalar, At { row, frame, rows: &[], index: 0, followed: None })
    }

    /// Whether a condition holds; null does not.
    pub(super) fn holds(self: &Rc<Self>, scalar: &Scalar, row: &[Value], frame: &Frame) -> Ran<bool> {
        Ok(matches!(self.value(scalar, row, frame)?, Value::Bool(true)))
    }

    pub(super) fn eval(self: &Rc<Self>, scalar: &Scalar, at: At<'_>) -> Ran<Value> {
        Ok(match &scalar.kind {
            Kind::Constant(value) => value.clone(),
            Kind::Column(index) => at.row.get(*index).cloned().unwrap_or_default(),
            Kind::Outer(level, index) => outer(at.frame.outer.as_ref(), *level, *index),
            Kind::Member(base, name) => self.eval(base, at)?.member(name),
            Kind::Element(base, index) => match (self.eval(base, at)?, self.eval(index, at)?) {
                (base, Value::String(name)) => base.member(&name),
                (base, Value::Long(index)) => base.element(index),
                _ => Value::Null,
            },
            Kind::Logic(op, parts) => self.logic(*op, parts, at)?,
            Kind::Not(inner) => match self.eval(inner, at)? {
                Value::Bool(value) => Value::Bool(!value),
                _ => Value::Null,
            },
            Kind::Negate(inner) => match self.eval(inner, at)? {
                Value::Long(value) => Value::Long(value.wrapping_neg()),
                Value::Real(value) => Value::Real(-value),
                Value::Decimal(value) => Value::Decimal(value.negated()),
                Value::TimeSpan(value) => Value::TimeSpan(value.wrapping_neg()),
                _ => Value::Null,
            },
            Kind::Arithmetic(op, left, right) => {
                let value = super::arithmetic(*op, &self.eval(left, at)?, &self.eval(right, at)?);
                match (scalar.ty, &value) {
                    (Type::Real, Value::Long(whole)) => Value::Real(*whole as f64),
                    _ => value,
                }
            }
            Kind::Compare(op, left, right) => comparison(*op, &self.eval(left, at)?, &self.eval(right, at)?),
            Kind::Text(test, left, right) => {
                let found = text::test(*test, &self.eval(left, at)?, &self.eval(right, at)?);
                Value::Bool(found != test.negated)
            }
            Kind::List(test, value, items) => self.list(*test, value, items, at)?,
            Kind::Among(test, value, index) => self.among(*test, value, *index, at)?,
            Kind::Between(negated, parts) => self.between(*negated, parts, at)?,
            Kind::Call(called, args) => {
                let args = args.iter().map(|arg| self.eval(arg, at)).collect::<Ran<Vec<_>>>()?;
                let value = (called.run)(&args);
                self.bearable(&value)?;
                match (scalar.ty, &value) {
                    (Type::Real, Value::Long(whole)) => Value::Real(*whole as f64),
                    (Type::String, Value::Null) => Value::text(""),
                    _ => value,
                }
            }
            Kind::Case(parts) => self.case(parts, at)?,
            Kind::Coalesce(parts) => {
                for part in parts {
                    let value = self.eval(part, at)?;
                    if !value.is_null() && value.as_str() != Some("") {
                        return Ok(value);
                    }
                }
                crate::bind::empty(scalar.ty)
            }
            Kind::Convert(inner) => convert(&self.eval(inner, at)?, scalar.ty),
            Kind::Cell(index) => {
                let held = self.shared_rows(*index)?;
                let first = held.rows.first().and_then(|row| row.first()).cloned();
                first.unwrap_or(crate::bind::empty(scalar.ty))
            }
            Kind::Now => Value::DateTime(self.environment.now),
            _ => self.eval_rest(scalar, at)?,
        })
    }

    /// The kinds that are seldom met: apart, so that the many need less of the stack.
    #[inline(never)]
    fn eval_rest(self: &Rc<Self>, scalar: &Scalar, at: At<'_>) -> Ran<Value> {
        Ok(match &scalar.kind {
            Kind::Window(name, args) => match at.followed.and_then(|all| all.get(&window::place_of(scalar))) {
                Some(values) => values.get(at.index).cloned().unwrap_or_default(),
                None => self.around(name, args, scalar.ty, at)?,
            },
            Kind::Each(each, items, body) => self.each(*each, &self.eval(items, at)?, body, at)?,
            Kind::Random(what) => self.random(what, at)?,
            Kind::Assert(condition, why) => match self.eval(condition, at)? {
                Value::Bool(true) => Value::Bool(true),
                _ => return Err(RunError::Assertion(why.to_string())),
            },
            Kind::Place(address) => {
                let address = to_text(&self.eval(address, at)?).parse().ok();
                address.and_then(|address| self.environment.tables.place(address)).unwrap_or_default()
            }
            _ => Value::Null,
        })
    }

    /// Refuses a value that a function made too large, or nested too deeply, to go on with.
    fn bearable(&self, value: &Value) -> Ran<()> {
        let mut bytes = MOST.min(self.environment.limits.memory);
        if value.fits(&mut bytes, LEVELS) { Ok(()) } else { Err(RunError::Memory(self.environment.limits.memory)) }
    }

    /// The body for each element, which is its row.
    fn each(self: &Rc<Self>, each: Each, items: &Value, body: &Scalar, at: At<'_>) -> Ran<Value> {
        let Value::Array(items) = items else { return Ok(Value::Null) };
        let mut values = Vec::with_capacity(items.len());
        for item in items.iter() {
            let Value::Array(row) = item else { continue };
            values.push(self.eval(body, At { row, rows: &[], index: 0, followed: None, ..at })?);
        }
        let holds = |value: &Value| matches!(value, Value::Bool(true));
        Ok(match each {
            Each::Map => Value::array(values),
            Each::All => Value::Bool(values.iter().all(holds)),
            Each::Any => Value::Bool(values.iter().any(holds)),
        })
    }

    /// The next number of a sequence that begins with the seed (SplitMix64).
    fn next_random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn random(self: &Rc<Self>, what: &Random, at: At<'_>) -> Ran<Value> {
        Ok(match what {
            Random::Real => Value::Real((self.next_random() >> 11) as f64 / (1_u64 << 53) as f64),
            Random::Below(most) => match as_long(&self.eval(most, at)?).and_then(|most| u64::try_from(most).ok()) {
                Some(most) if most > 0 => Value::Real((self.next_random() % most) as f64),
                _ => Value::Null,
            },
            Random::Guid => {
                let bits = u128::from(self.next_random()) << 64 | u128::from(self.next_random());
                Value::Guid(bits & !(0xf000 << 64) & !(0xc000 << 48) | 0x4000 << 64 | 0x8000 << 48)
            }
        })
    }

    fn logic(self: &Rc<Self>, op: LogicOp, parts: &[Scalar], at: At<'_>) -> Ran<Value> {
        let decides = op == LogicOp::Or;
        let mut unknown = false;
        for part in parts {
            match self.eval(part, at)? {
                Value::Bool(value) if value == decides => return Ok(Value::Bool(decides)),
                Value::Bool(_) => {}
                _ => unknown = true,
            }
        }
        Ok(if unknown { Value::Null } else { Value::Bool(!decides) })
    }

    fn case(self: &Rc<Self>, parts: &[Scalar], at: At<'_>) -> Ran<Value> {
        for pair in parts.chunks(2) {
            match pair {
                [condition, value] => {
                    if matches!(self.eval(condition, at)?, Value::Bool(true)) {
                        return self.eval(value, at);
                    }
                }
                [otherwise] => return self.eval(otherwise, at),
                _ => {}
            }
        }
        Ok(Value::Null)
    }

    fn list(self: &Rc<Self>, test: ListTest, value: &Scalar, items: &[Scalar], at: At<'_>) -> Ran<Value> {
        let value = self.eval(value, at)?;
        let mut all = true;
        let mut some = false;
        for item in items {
            let item = self.eval(item, at)?;
            let each = match &item {
                Value::Array(inner) => inner.as_slice(),
                one => std::slice::from_ref(one),
            };
            for needle in each {
                let found = is_among(test, &value, needle);
                some |= found;
                all &= found;
            }
            if some && test.what != ListMatch::HasAll {
                break;
            }
        }
        let found = if test.what == ListMatch::HasAll { all } else { some };
        Ok(Value::Bool(found != test.negated))
    }

    fn among(self: &Rc<Self>, test: ListTest, value: &Scalar, index: usize, at: At<'_>) -> Ran<Value> {
        let value = self.eval(value, at)?;
        let texts = self.texts_of(index, !test.cased)?;
        let found = match test.what {
            ListMatch::In => {
                let text = to_text(&value);
                !value.is_null() && texts.contains(&if test.cased { text } else { text.to_lowercase() })
            }
            ListMatch::HasAny => texts.iter().any(|needle| text::has(&to_text(&value), needle, false)),
            ListMatch::HasAll => texts.iter().all(|needle| text::has(&to_text(&value), needle, false)),
        };
        Ok(Value::Bool(found != test.negated))
    }

    fn texts_of(self: &Rc<Self>, index: usize, folded: bool) -> Ran<Rc<HashSet<String>>> {
        if let Some(texts) = self.texts.borrow().get(&(index, folded)) {
            return Ok(texts.clone());
        }
        let held = self.shared_rows(index)?;
        let mut texts = HashSet::new();
        let mut add = |value: &Value| {
            let text = to_text(value);
            texts.insert(if folded { text.to_lowercase() } else { text });
        };
        for cell in held.rows.iter().filter_map(|row| row.first()) {
            match cell {
                Value::Array(items) => items.iter().for_each(&mut add),
                cell => add(cell),
            }
        }
        let texts = Rc::new(texts);
        self.texts.borrow_mut().insert((index, folded), texts.clone());
        Ok(texts)
    }

    fn between(self: &Rc<Self>, negated: bool, parts: &[Scalar; 3], at: At<'_>) -> Ran<Value> {
        let [value, low, high] = parts;
        let (value, low, high) = (self.eval(value, at)?, self.eval(low, at)?, self.eval(high, at)?);
        let high = match (&low, &high) {
            (Value::DateTime(from), Value::TimeSpan(by)) => Value::DateTime(from.saturating_add(*by)),
            _ => high,
        };
        let (Some(above), Some(below)) = (compare(&value, &low), compare(&value, &high)) else {
            return Ok(Value::Null);
        };
        Ok(Value::Bool((above != Ordering::Less && below != Ordering::Greater) != negated))
    }
}

fn outer(around: Option<&Rc<Around>>, level: usize, index: usize) -> Value {
    let mut around = around;
    for _ in 0..level {
        around = around.and_then(|around| around.outer.as_ref());
    }
    around.and_then(|around| around.row.get(index)).cloned().unwrap_or_default()
}
