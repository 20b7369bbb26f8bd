//! Aggregates of the language that the engine has no like of, over columns.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray},
    buffer::NullBuffer,
    datatypes::{DataType, Field, FieldRef, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use datafusion::{
    error::{DataFusionError, Result},
    logical_expr::{
        Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
        function::{AccumulatorArgs, StateFieldsArgs},
    },
    scalar::ScalarValue,
};
use signet_kql::{Gathering, plan::Aggregate};

use super::repr::Repr;
use crate::codec;

/// An aggregate; its value is the row of its columns, coded.
pub(super) struct Gather {
    says: String,
    inner: Arc<Inner>,
    signature: Signature,
}

struct Inner {
    aggregate: Aggregate,
    takes: Vec<Repr>,
}

/// Aggregates whose partial results can be put together.
pub(super) const REPLAYED: [&str; 12] = [
    "min",
    "max",
    "arg_min",
    "arg_max",
    "take_any",
    "make_list",
    "make_list_with_nulls",
    "make_set",
    "make_bag",
    "percentile",
    "percentiles_array",
    "any",
];

impl Gather {
    pub(super) fn new(aggregate: Aggregate, takes: Vec<Repr>) -> Self {
        let says = format!("{}{takes:?}", aggregate.name);
        let signature = Signature::any(takes.len(), Volatility::Immutable);
        Self { says, inner: Arc::new(Inner { aggregate, takes }), signature }
    }
}

impl AggregateUDFImpl for Gather {
    fn name(&self) -> &str {
        self.inner.aggregate.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Binary)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[rows]", args.name), DataType::Binary, true))])
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One(Groups::new(self.inner.clone()))))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::new(self.inner.clone())))
    }
}

impl PartialEq for Gather {
    fn eq(&self, other: &Self) -> bool {
        self.says == other.says
    }
}

impl Eq for Gather {}

impl Hash for Gather {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.says.hash(state);
    }
}

impl fmt::Debug for Gather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)
    }
}

struct Groups {
    inner: Arc<Inner>,
    groups: Vec<Gathering>,
    /// Of `arg_max` and `arg_min` the best key of each group, so that rows that do not win are not looked at.
    best: Vec<Best>,
    /// And where its row is among the batches that are held, unless it was added already.
    winners: Vec<Option<(usize, usize)>>,
    held: Vec<Vec<ArrayRef>>,
    bytes: usize,
}

/// Batches that are held before the rows that won are added: in the order of time nearly every row is the last one yet.
const HELD: usize = 64;

/// The best key that a group has met.
#[derive(Clone, Copy, PartialEq)]
enum Best {
    Nothing,
    Null,
    Key(i64),
}

impl Best {
    fn wins(self, over: Self, least: bool) -> bool {
        match (over, self) {
            (Self::Nothing, _) => true,
            (Self::Null, key) => key != Self::Null,
            (Self::Key(best), Self::Key(key)) if least => key < best,
            (Self::Key(best), Self::Key(key)) => key > best,
            (Self::Key(_), _) => false,
        }
    }
}

impl Groups {
    fn new(inner: Arc<Inner>) -> Self {
        Self { inner, groups: Vec::new(), best: Vec::new(), winners: Vec::new(), held: Vec::new(), bytes: 0 }
    }

    fn reach(&mut self, groups: usize) {
        while self.groups.len() < groups {
            self.groups.push(Gathering::new(&self.inner.aggregate));
            self.best.push(Best::Nothing);
            self.winners.push(None);
            self.bytes += 64;
        }
    }

    /// Notes of each group the row with the best key.
    fn note_best(&mut self, values: &[ArrayRef], keys: &Keys<'_>, groups: &[usize], filter: Option<&BooleanArray>) {
        let least = self.inner.aggregate.name == "arg_min";
        for (row, group) in groups.iter().enumerate() {
            if filter.is_some_and(|filter| filter.is_null(row) || !filter.value(row)) {
                continue;
            }
            let (Some(best), Some(winner)) = (self.best.get_mut(*group), self.winners.get_mut(*group)) else {
                continue;
            };
            let key = keys.at(row);
            if key.wins(*best, least) {
                *best = key;
                *winner = Some((self.held.len(), row));
            }
        }
        self.held.push(values.to_vec());
        if self.held.len() >= HELD {
            self.settle();
        }
    }

    /// Adds the rows that were noted.
    fn settle(&mut self) {
        let (inner, held) = (self.inner.clone(), std::mem::take(&mut self.held));
        for group in 0..self.winners.len() {
            let winner = self.winners.get_mut(group).and_then(Option::take);
            let Some((values, row)) = winner.and_then(|(batch, row)| Some((held.get(batch)?, row))) else { continue };
            let arguments = values.iter().zip(&inner.takes).map(|(array, repr)| repr.value(array, row)).collect();
            self.add(group, arguments);
        }
    }

    fn add(&mut self, group: usize, row: signet_kql::Row) {
        if let Some(group) = self.groups.get_mut(group) {
            self.bytes += group.add(row);
        }
    }

    fn emit(&mut self, emit: EmitTo) -> impl Iterator<Item = Gathering> + use<> {
        self.settle();
        let taken = emit.take_needed(&mut self.groups);
        emit.take_needed(&mut self.best);
        emit.take_needed(&mut self.winners);
        if self.groups.is_empty() {
            self.bytes = 0;
        }
        taken.into_iter()
    }
}

/// Keys that are whole numbers.
struct Keys<'a> {
    values: &'a [i64],
    nulls: Option<&'a NullBuffer>,
}

impl<'a> Keys<'a> {
    fn of(array: &'a ArrayRef) -> Option<Self> {
        let values = match array.data_type() {
            DataType::Int64 => array.as_primitive_opt::<Int64Type>()?.values(),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                array.as_primitive_opt::<TimestampMicrosecondType>()?.values()
            }
            _ => return None,
        };
        Some(Self { values, nulls: array.nulls() })
    }

    fn at(&self, row: usize) -> Best {
        match self.values.get(row) {
            Some(key) if self.nulls.is_none_or(|nulls| nulls.is_valid(row)) => Best::Key(*key),
            _ => Best::Null,
        }
    }
}

fn coded(row: signet_kql::Row) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::put_row(&row, &mut bytes);
    bytes
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.reach(total);
        let inner = self.inner.clone();
        if ["arg_max", "arg_min"].contains(&inner.aggregate.name)
            && let Some(keys) = values.first().and_then(Keys::of)
        {
            self.note_best(values, &keys, group_indices, filter);
            return Ok(());
        }
        for (row, group) in group_indices.iter().enumerate() {
            if filter.is_some_and(|filter| filter.is_null(row) || !filter.value(row)) {
                continue;
            }
            let arguments = values.iter().zip(&inner.takes).map(|(array, repr)| repr.value(array, row)).collect();
            self.add(*group, arguments);
        }
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let inner = self.inner.clone();
        let rows = self.emit(emit).map(|group| Some(coded(group.finish(&inner.aggregate))));
        Ok(Arc::new(rows.collect::<BinaryArray>()))
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let states = self.emit(emit).map(|group| {
            let mut bytes = Vec::new();
            group.replay().unwrap_or_default().iter().for_each(|row| codec::put_row(row, &mut bytes));
            Some(bytes)
        });
        Ok(vec![Arc::new(states.collect::<BinaryArray>())])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total: usize) -> Result<()> {
        self.reach(total);
        let Some(states) = values.first().and_then(|states| states.as_binary_opt::<i32>()) else {
            return Err(DataFusionError::Internal("a state that is none".to_owned()));
        };
        for (state, group) in states.iter().zip(group_indices) {
            let mut reader = codec::Reader(state.unwrap_or_default());
            while !reader.0.is_empty() {
                let Some(row) = reader.row() else {
                    return Err(DataFusionError::Internal("a state that ends early".to_owned()));
                };
                self.add(*group, row);
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |array| array.len());
        let groups: Vec<usize> = (0..rows).collect();
        let mut each = Groups::new(self.inner.clone());
        each.update_batch(values, &groups, filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        // Batches share the texts that they show; counted are the views, and about as much again.
        let held: usize = self.held.iter().flatten().map(|array| array.len() * 32).sum();
        self.bytes + held + self.winners.capacity() * 24
    }
}

/// All rows as one group.
struct One(Groups);

impl fmt::Debug for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.bytes)
    }
}

impl One {
    fn scalar(array: &ArrayRef) -> Result<ScalarValue> {
        ScalarValue::try_from_array(array, 0)
    }
}

impl Accumulator for One {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |array| array.len());
        self.0.update_batch(values, &vec![0; rows], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.reach(1);
        Self::scalar(&self.0.evaluate(EmitTo::All)?)
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.reach(1);
        self.0.state(EmitTo::All)?.iter().map(Self::scalar).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |array| array.len());
        self.0.merge_batch(states, &vec![0; rows], 1)
    }
}
