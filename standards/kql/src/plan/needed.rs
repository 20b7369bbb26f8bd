//! Which columns of each table anybody looks at, so that one who answers a part otherwise need not give the others.

use std::collections::{BTreeMap, HashMap};

use super::{Apply, Expand, Kind, Origin, Rel, RelOp, Scalar};
use crate::plan::JoinKind;

/// For each table of a plan, by where it lies in memory, whether a column is looked at. A table that is not there is
/// looked at whole.
#[derive(Debug, Default)]
pub(crate) struct Needed(HashMap<usize, Vec<bool>>);

fn place(rel: &Rel) -> usize {
    std::ptr::from_ref(rel).addr()
}

/// Columns that are looked at.
#[derive(Clone)]
struct Wanted(Vec<bool>);

impl Wanted {
    fn none(width: usize) -> Self {
        Self(vec![false; width])
    }

    fn all(width: usize) -> Self {
        Self(vec![true; width])
    }

    fn add(&mut self, index: usize) {
        if let Some(wanted) = self.0.get_mut(index) {
            *wanted = true;
        }
    }

    fn has(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or(true)
    }

    fn read_by<'s>(mut self, scalars: impl IntoIterator<Item = &'s Scalar>) -> Self {
        for scalar in scalars {
            self.scalar(scalar);
        }
        self
    }

    fn scalar(&mut self, scalar: &Scalar) {
        if let Kind::Column(index) = scalar.kind {
            self.add(index);
        }
        scalar.parts().into_iter().for_each(|part| self.scalar(part));
    }

    /// Columns of a row around a sub-query, however far out: more rather than fewer.
    fn outer(&mut self, scalar: &Scalar) {
        if let Kind::Outer(_, index) = scalar.kind {
            self.add(index);
        }
        scalar.parts().into_iter().for_each(|part| self.outer(part));
    }
}

impl Needed {
    /// What is looked at below a table of which every column is.
    pub(crate) fn note(&mut self, root: &Rel) {
        self.rel(root, Wanted::all(root.columns.len()));
    }

    /// Whether each column of a table is looked at.
    pub(crate) fn of(&self, rel: &Rel) -> Option<&[bool]> {
        self.0.get(&place(rel)).map(Vec::as_slice)
    }

    /// Adds what is looked at of each table of the caller within what was noted.
    pub(crate) fn of_tables<'p>(&self, rel: &'p Rel, found: &mut BTreeMap<&'p str, Vec<bool>>) {
        if let RelOp::Scan(table, _) = &rel.op {
            let all = vec![true; rel.columns.len()];
            let wanted = self.of(rel).unwrap_or(&all);
            let known = found.entry(table).or_insert_with(|| vec![false; rel.columns.len()]);
            known.iter_mut().zip(wanted).for_each(|(known, wanted)| *known |= wanted);
        }
        super::depth::inputs(rel).into_iter().for_each(|input| self.of_tables(input, found));
    }

    fn rel(&mut self, rel: &Rel, wanted: Wanted) {
        self.below(rel, &wanted);
        self.0.insert(place(rel), wanted.0);
    }

    fn below(&mut self, rel: &Rel, wanted: &Wanted) {
        let none = |input: &Rel| Wanted::none(input.columns.len());
        match &rel.op {
            RelOp::Filter(input, condition) => self.rel(input, wanted.clone().read_by([condition])),
            RelOp::Take(input, _) => self.rel(input, wanted.clone()),
            RelOp::Sort(input, orders) | RelOp::Top(input, _, orders) => {
                self.rel(input, wanted.clone().read_by(orders.iter().map(|order| &order.key)));
            }
            RelOp::Project(input, scalars) | RelOp::Window(input, scalars) => {
                let read = scalars.iter().enumerate().filter(|(index, _)| wanted.has(*index));
                self.rel(input, none(input).read_by(read.map(|(_, scalar)| scalar)));
            }
            RelOp::Count(input) => self.rel(input, none(input)),
            RelOp::Summarize { input, by, aggregates } => {
                let read = aggregates.iter().flat_map(|one| one.args.iter().chain(&one.filter));
                self.rel(input, none(input).read_by(by.iter().chain(read)));
            }
            RelOp::Join { left, right, kind, on, kept } => self.join((left, right), *kind, (on, kept), wanted),
            RelOp::Union(inputs) => {
                for (input, origins) in inputs {
                    let mut read = none(input);
                    for (_, origin) in origins.iter().enumerate().filter(|(index, _)| wanted.has(*index)) {
                        if let Origin::Column(index) = origin {
                            read.add(*index);
                        }
                    }
                    self.rel(input, read);
                }
            }
            RelOp::Expand(expand) => self.expand(expand, wanted),
            RelOp::Apply(apply) => self.apply(apply, wanted),
            RelOp::Parse(parse) => {
                let mut read = none(&parse.input).read_by([&parse.value]);
                carried(wanted, &mut read);
                self.rel(&parse.input, read);
            }
            RelOp::Series(series) => {
                let read = series.aggregates.iter().flat_map(|(one, _)| one.args.iter().chain(&one.filter));
                let read = read.chain(&series.by).chain([&series.on]);
                self.rel(&series.input, none(&series.input).read_by(read));
            }
            RelOp::Partition { .. } | RelOp::Steps(_) | RelOp::Nested(_) | RelOp::Plugin(_) => self.whole(rel),
            RelOp::Graph(_) | RelOp::GraphTable(..) | RelOp::Match(_) => self.whole(rel),
            RelOp::Scan(..) | RelOp::Rows(_) | RelOp::Range(_) | RelOp::Shared(_) | RelOp::Input => {}
            RelOp::Schema(_) | RelOp::Missing => {}
        }
    }

    /// Every column of what lies below.
    fn whole(&mut self, rel: &Rel) {
        let inputs = match &rel.op {
            RelOp::Partition { input, .. } => vec![&**input],
            _ => super::depth::inputs(rel),
        };
        inputs.into_iter().for_each(|input| self.rel(input, Wanted::all(input.columns.len())));
    }

    fn join(
        &mut self,
        (left, right): (&Rel, &Rel),
        kind: JoinKind,
        (on, kept): (&[(usize, usize)], &[usize]),
        wanted: &Wanted,
    ) {
        let (mut lefts, mut rights) = (Wanted::none(left.columns.len()), Wanted::none(right.columns.len()));
        match kind {
            JoinKind::LeftAnti | JoinKind::LeftSemi => carried(wanted, &mut lefts),
            JoinKind::RightAnti | JoinKind::RightSemi => carried(wanted, &mut rights),
            _ => {
                carried(wanted, &mut lefts);
                for (index, column) in kept.iter().enumerate() {
                    if wanted.has(left.columns.len() + index) {
                        rights.add(*column);
                    }
                }
            }
        }
        for (l, r) in on {
            lefts.add(*l);
            rights.add(*r);
        }
        self.rel(left, lefts);
        self.rel(right, rights);
    }

    fn expand(&mut self, expand: &Expand, wanted: &Wanted) {
        let mut read = Wanted::none(expand.input.columns.len()).read_by(expand.values.iter().map(|(value, ..)| value));
        carried(wanted, &mut read);
        self.rel(&expand.input, read);
    }

    fn apply(&mut self, apply: &Apply, wanted: &Wanted) {
        let mut read = Wanted::none(apply.input.columns.len()).read_by(apply.values.iter().map(|(value, _)| value));
        for (_, index) in apply.outer.iter().enumerate().filter(|(index, _)| wanted.has(*index)) {
            read.add(*index);
        }
        outer_reads(&apply.body, &mut read);
        self.rel(&apply.input, read);
    }
}

/// Columns that keep their places.
fn carried(wanted: &Wanted, into: &mut Wanted) {
    for (index, _) in wanted.0.iter().enumerate().filter(|(_, wanted)| **wanted) {
        into.add(index);
    }
}

fn outer_reads(body: &Rel, into: &mut Wanted) {
    super::depth::scalars(body).into_iter().for_each(|scalar| into.outer(scalar));
    super::depth::inputs(body).into_iter().for_each(|input| outer_reads(input, into));
}
