use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::{Frame, Held, Ran, Row, Rows, Runner};
use crate::{
    Column, Value,
    plan::{JoinKind, Rel},
    value::key,
};

/// The right side, found by its keys.
struct Index {
    held: Held,
    places: HashMap<Vec<u8>, Vec<usize>>,
    /// Rows that met a row of the left.
    met: RefCell<HashSet<usize>>,
}

/// A row's keys; none where one is null, which meets nothing.
fn keys(row: &Row, columns: impl Iterator<Item = usize>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for column in columns {
        match row.get(column) {
            None | Some(Value::Null) => return None,
            Some(value) => key(value, &mut bytes),
        }
    }
    Some(bytes)
}

fn blank(columns: &[Column]) -> Row {
    columns.iter().map(|column| crate::bind::empty(column.ty)).collect()
}

impl<'r> Runner<'r> {
    pub(super) fn join(
        self: &Rc<Self>,
        (left, right): (&'r Rel, &'r Rel),
        kind: JoinKind,
        on: &'r [(usize, usize)],
        kept: &'r [usize],
        frame: &Frame,
    ) -> Ran<Rows<'r>> {
        let (lefts, rights) = (|| on.iter().map(|(l, _)| *l), || on.iter().map(|(_, r)| *r));
        match kind {
            JoinKind::RightAnti | JoinKind::RightSemi => {
                let seen = self.seen(left, lefts(), frame)?;
                let wanted = kind == JoinKind::RightSemi;
                return Ok(filtered(self.rows(right, frame)?, seen, on.iter().map(|(_, r)| *r).collect(), wanted));
            }
            JoinKind::LeftAnti | JoinKind::LeftSemi => {
                let seen = self.seen(right, rights(), frame)?;
                let wanted = kind == JoinKind::LeftSemi;
                return Ok(filtered(self.rows(left, frame)?, seen, on.iter().map(|(l, _)| *l).collect(), wanted));
            }
            _ => {}
        }
        let held = self.hold(self.rows(right, frame)?)?;
        let mut places: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (place, row) in held.rows.iter().enumerate() {
            if let Some(keys) = keys(row, rights()) {
                places.entry(keys).or_default().push(place);
            }
        }
        let index = Rc::new(Index { held, places, met: RefCell::default() });
        let paired = self.paired(left, index.clone(), kind, on, kept, (blank(&right.columns), frame));
        let paired = paired?;
        if !matches!(kind, JoinKind::RightOuter | JoinKind::FullOuter) {
            return Ok(paired);
        }
        let blanks = blank(&left.columns);
        let rest = index.held.rows.len();
        let alone = (0..rest).filter_map(move |place| {
            if index.met.borrow().contains(&place) {
                return None;
            }
            let row = index.held.rows.get(place)?;
            Some(Ok(beside(blanks.clone(), row, kept)))
        });
        Ok(Box::new(paired.chain(alone)))
    }

    /// Rows of the left beside those of the right that they meet.
    fn paired(
        self: &Rc<Self>,
        left: &'r Rel,
        index: Rc<Index>,
        kind: JoinKind,
        on: &'r [(usize, usize)],
        kept: &'r [usize],
        (blanks, frame): (Row, &Frame),
    ) -> Ran<Rows<'r>> {
        let rows = self.rows(left, frame)?;
        let runner = self.clone();
        let mut once: HashSet<Vec<u8>> = HashSet::new();
        let notes = matches!(kind, JoinKind::RightOuter | JoinKind::FullOuter);
        let keeps = matches!(kind, JoinKind::LeftOuter | JoinKind::FullOuter);
        let mut weight = Held { rows: Vec::new(), bytes: 0, memory: self.memory.clone() };
        Ok(Box::new(rows.flat_map(move |row| -> Rows<'r> {
            let row = match row {
                Ok(row) => row,
                error => return Box::new(std::iter::once(error)),
            };
            let found = keys(&row, on.iter().map(|(l, _)| *l));
            if kind == JoinKind::InnerUnique
                && let Some(found) = &found
            {
                if !once.insert(found.clone()) {
                    return Box::new(std::iter::empty());
                }
                if let Err(error) = runner.charge(found.len() + 48) {
                    return Box::new(std::iter::once(Err(error)));
                }
                weight.grow(found.len() + 48);
            }
            let places = found.and_then(|found| index.places.get(&found).cloned()).unwrap_or_default();
            if places.is_empty() {
                let alone = keeps.then(|| Ok(beside(row, &blanks, kept)));
                return Box::new(alone.into_iter());
            }
            if notes {
                index.met.borrow_mut().extend(places.iter().copied());
            }
            let (index, runner) = (index.clone(), runner.clone());
            Box::new(places.into_iter().map(move |place| {
                runner.tick()?;
                let right = index.held.rows.get(place).map(Vec::as_slice).unwrap_or_default();
                Ok(beside(row.clone(), right, kept))
            }))
        })))
    }

    fn seen(self: &Rc<Self>, rel: &'r Rel, columns: impl Iterator<Item = usize> + Clone, frame: &Frame) -> Ran<Seen> {
        let mut seen =
            Seen { keys: HashSet::new(), held: Held { rows: Vec::new(), bytes: 0, memory: self.memory.clone() } };
        for row in self.rows(rel, frame)? {
            let Some(found) = keys(&row?, columns.clone()) else { continue };
            let size = found.len() + 48;
            if seen.keys.insert(found) {
                self.charge(size)?;
                seen.held.bytes += size;
            }
        }
        Ok(seen)
    }
}

struct Seen {
    keys: HashSet<Vec<u8>>,
    held: Held,
}

fn filtered<'r>(rows: Rows<'r>, seen: Seen, columns: Vec<usize>, wanted: bool) -> Rows<'r> {
    Box::new(rows.filter(move |row| match row {
        Ok(row) => {
            let _ = &seen.held;
            keys(row, columns.iter().copied()).is_some_and(|found| seen.keys.contains(&found)) == wanted
        }
        Err(_) => true,
    }))
}

fn beside(mut left: Row, right: &[Value], kept: &[usize]) -> Row {
    left.extend(kept.iter().map(|index| right.get(*index).cloned().unwrap_or_default()));
    left
}
