//! How many different values each group has, for any number of groups and beside any other aggregate.
//!
//! The engine's own counts keep a set for each group; here one set holds the values of all groups.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Int64Array, StringViewArray},
    datatypes::{DataType, Field, FieldRef, Int64Type, TimeUnit, TimestampMicrosecondType},
};
use datafusion::{
    error::{DataFusionError, Result},
    logical_expr::{
        Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
        function::{AccumulatorArgs, StateFieldsArgs},
    },
    physical_expr_common::{binary_map::OutputType, binary_view_map::ArrowBytesViewMap},
    scalar::ScalarValue,
};

/// The aggregate.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Distinct(Signature);

impl Distinct {
    pub(super) fn new() -> Self {
        Self(Signature::any(1, Volatility::Immutable))
    }
}

impl AggregateUDFImpl for Distinct {
    fn name(&self) -> &'static str {
        "different"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[values]", args.name), DataType::Binary, true))])
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One(Sets::default())))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Sets::default()))
    }
}

/// Whole numbers are mixed, and nothing else is hashed.
#[derive(Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(23) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// A group and one of its values: a number, or the place of a text among the different ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Member {
    group: u32,
    value: u64,
}

/// Different texts, each with its place among them.
struct Texts {
    map: ArrowBytesViewMap<u32>,
    count: u32,
}

impl Default for Texts {
    fn default() -> Self {
        Self { map: ArrowBytesViewMap::new(OutputType::Utf8View), count: 0 }
    }
}

impl Texts {
    /// The place of the text in each row.
    fn places(&mut self, column: &ArrayRef) -> Vec<u32> {
        let (mut places, mut count) = (Vec::with_capacity(column.len()), self.count);
        let next = |_: Option<&[u8]>| {
            count = count.saturating_add(1);
            count - 1
        };
        self.map.insert_if_new(column, next, |place| places.push(place));
        self.count = count;
        places
    }

    /// The texts by their places.
    fn all(&mut self) -> ArrayRef {
        let all = std::mem::take(self).map.into_state();
        self.places(&all);
        all
    }
}

#[derive(Default)]
struct Sets {
    counts: Vec<i64>,
    members: HashSet<Member, BuildHasherDefault<Mix>>,
    texts: Texts,
}

fn beyond() -> DataFusionError {
    DataFusionError::ResourcesExhausted("too many groups, or too many different texts".to_owned())
}

impl Sets {
    fn reach(&mut self, groups: usize) {
        if self.counts.len() < groups {
            self.counts.resize(groups, 0);
        }
    }

    fn add(&mut self, group: usize, value: u64) -> Result<()> {
        let member = Member { group: u32::try_from(group).map_err(|_| beyond())?, value };
        if self.members.insert(member)
            && let Some(count) = self.counts.get_mut(group)
        {
            *count += 1;
        }
        Ok(())
    }

    fn add_numbers(&mut self, numbers: &[i64], rows: &Rows<'_>) -> Result<()> {
        for (row, (group, number)) in rows.groups.iter().zip(numbers).enumerate() {
            if rows.counts(row) {
                self.add(*group, u64::from_ne_bytes(number.to_ne_bytes()))?;
            }
        }
        Ok(())
    }

    fn add_texts(&mut self, column: &ArrayRef, rows: &Rows<'_>) -> Result<()> {
        if column.data_type() != &DataType::Utf8View {
            return Err(DataFusionError::Internal(format!("values of {} are not told apart", column.data_type())));
        }
        let places = self.texts.places(column);
        for (row, (group, place)) in rows.groups.iter().zip(places).enumerate() {
            if rows.counts(row) {
                self.add(*group, u64::from(place))?;
            }
        }
        Ok(())
    }

    /// Takes the first groups out.
    fn take(&mut self, emit: EmitTo) -> (Vec<i64>, Vec<Member>) {
        let counts = emit.take_needed(&mut self.counts);
        let taken = u32::try_from(counts.len()).unwrap_or(u32::MAX);
        let members = std::mem::take(&mut self.members);
        if self.counts.is_empty() {
            self.texts = Texts::default();
            return (counts, members.into_iter().collect());
        }
        let (out, kept): (Vec<Member>, Vec<Member>) = members.into_iter().partition(|member| member.group < taken);
        self.members = kept.into_iter().map(|member| Member { group: member.group - taken, ..member }).collect();
        (counts, out)
    }

    /// The values of each group as bytes: texts with their lengths, or numbers.
    fn states(&mut self, emit: EmitTo) -> Vec<Vec<u8>> {
        let texts = self.texts.all();
        let texts = texts.as_string_view_opt().filter(|texts| !texts.is_empty());
        let (counts, members) = self.take(emit);
        let mut states = vec![Vec::new(); counts.len()];
        for Member { group, value } in members {
            let Some(state) = usize::try_from(group).ok().and_then(|group| states.get_mut(group)) else { continue };
            match (texts, usize::try_from(value)) {
                (None, _) => put(state, NUMBER, &value.to_le_bytes()),
                (Some(texts), Ok(place)) if place < texts.len() => put(state, TEXT, texts.value(place).as_bytes()),
                _ => {}
            }
        }
        states
    }

    /// Adds what other sets came to.
    fn merge(&mut self, states: &BinaryArray, groups: &[usize]) -> Result<()> {
        let (mut texts, mut of) = (Vec::new(), Vec::new());
        for (state, group) in states.iter().zip(groups) {
            let mut rest = state.unwrap_or_default();
            while let Some((kind, value, after)) = split(rest) {
                match (kind, value.try_into(), std::str::from_utf8(value)) {
                    (NUMBER, Ok(number), _) => self.add(*group, u64::from_le_bytes(number))?,
                    (TEXT, _, Ok(text)) => {
                        texts.push(text);
                        of.push(*group);
                    }
                    _ => return Err(DataFusionError::Internal("a state that is none".to_owned())),
                }
                rest = after;
            }
        }
        let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values(texts));
        for (group, place) in of.into_iter().zip(self.texts.places(&texts)) {
            self.add(group, u64::from(place))?;
        }
        Ok(())
    }
}

const TEXT: u8 = 0;
const NUMBER: u8 = 1;

fn put(state: &mut Vec<u8>, kind: u8, value: &[u8]) {
    state.push(kind);
    state.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
    state.extend_from_slice(value);
}

/// The first value of a state, and the rest.
fn split(state: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (kind, rest) = state.split_first()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (value, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    Some((*kind, value, rest))
}

/// Which rows count, and for which groups.
struct Rows<'a> {
    groups: &'a [usize],
    column: &'a ArrayRef,
    filter: Option<&'a BooleanArray>,
}

impl Rows<'_> {
    fn counts(&self, row: usize) -> bool {
        self.column.is_valid(row) && self.filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
    }
}

impl GroupsAccumulator for Sets {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.reach(total);
        let Some(column) = values.first() else { return Ok(()) };
        let rows = Rows { groups, column, filter };
        let numbers = match column.data_type() {
            DataType::Int64 => column.as_primitive_opt::<Int64Type>().map(|array| &**array.values()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                column.as_primitive_opt::<TimestampMicrosecondType>().map(|array| &**array.values())
            }
            _ => None,
        };
        match numbers {
            Some(numbers) => self.add_numbers(numbers, &rows),
            None => self.add_texts(column, &rows),
        }
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from(self.take(emit).0)))
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(BinaryArray::from_iter_values(self.states(emit)))])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.reach(total);
        match values.first().and_then(|states| states.as_binary_opt::<i32>()) {
            Some(states) => self.merge(states, groups),
            None => Err(DataFusionError::Internal("a state that is none".to_owned())),
        }
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |array| array.len());
        let groups: Vec<usize> = (0..rows).collect();
        let mut each = Self::default();
        each.update_batch(values, &groups, filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.texts.map.size() + self.members.capacity() * 20 + self.counts.capacity() * 8
    }
}

/// All rows as one group.
#[derive(Default)]
struct One(Sets);

impl std::fmt::Debug for One {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} values", self.0.members.len())
    }
}

impl Accumulator for One {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |array| array.len());
        self.0.update_batch(values, &vec![0; rows], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.reach(1);
        ScalarValue::try_from_array(&self.0.evaluate(EmitTo::All)?, 0)
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.reach(1);
        self.0.state(EmitTo::All)?.iter().map(|state| ScalarValue::try_from_array(state, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |array| array.len());
        self.0.merge_batch(states, &vec![0; rows], 1)
    }
}
