//! Aggregates beyond the common ones: bits, covariance, schemas, sketches, weighted ranks.

use std::{cmp::Ordering, collections::HashSet, sync::Arc};

use crate::{
    Value,
    functions::sketches,
    value::{as_long, as_real, compare},
};

pub(super) enum Tally {
    Bits { word: Option<i64>, of: fn(i64, i64) -> i64 },
    Together { count: f64, means: (f64, f64), products: f64, sample: bool },
    Schema(Shape),
    Hashes(HashSet<i64>),
    Points(Vec<(f64, f64)>),
    Weighted { values: Vec<(Value, i64)>, ranks: Vec<Value>, array: bool },
}

impl Tally {
    pub(super) fn new(name: &str) -> Option<Self> {
        let together = |sample| Self::Together { count: 0.0, means: (0.0, 0.0), products: 0.0, sample };
        let weighted = |array| Self::Weighted { values: Vec::new(), ranks: Vec::new(), array };
        Some(match name {
            "binary_all_and" => Self::Bits { word: None, of: |a, b| a & b },
            "binary_all_or" => Self::Bits { word: None, of: |a, b| a | b },
            "binary_all_xor" => Self::Bits { word: None, of: |a, b| a ^ b },
            "covariance" => together(true),
            "covariancep" => together(false),
            "buildschema" => Self::Schema(Shape::default()),
            "hll" | "hll_merge" => Self::Hashes(HashSet::new()),
            "tdigest" | "tdigest_merge" => Self::Points(Vec::new()),
            "percentilew" => weighted(false),
            "percentilesw_array" => weighted(true),
            _ => return None,
        })
    }

    /// Adds a row's values; by how much this has grown, about. `merges` says whether sketches come in.
    pub(super) fn add(&mut self, args: Vec<Value>, merges: bool) -> usize {
        let first = args.first().cloned().unwrap_or_default();
        match self {
            Self::Bits { word, of } => {
                if let Some(more) = as_long(&first) {
                    *word = Some(word.map_or(more, |word| of(word, more)));
                }
                0
            }
            Self::Together { count, means, products, .. } => {
                if let (Some(x), Some(y)) = (as_real(&first), args.get(1).and_then(as_real)) {
                    *count += 1.0;
                    let off = x - means.0;
                    means.0 += off / *count;
                    means.1 += (y - means.1) / *count;
                    *products += off * (y - means.1);
                }
                0
            }
            Self::Schema(shape) => shape.add(&first, 0),
            Self::Hashes(hashes) => {
                let before = hashes.len();
                if merges {
                    hashes.extend(sketches::hashes(&first));
                } else if !first.is_null() {
                    hashes.insert(sketches::hash_of(&first));
                }
                16 * (hashes.len() - before)
            }
            Self::Points(points) => {
                let before = points.len();
                if merges {
                    points.extend(sketches::points(&first));
                } else if let Some(number) = as_real(&first) {
                    points.push((number, args.get(1).and_then(as_real).unwrap_or(1.0)));
                }
                if points.len() > 1 << 16 {
                    *points = sketches::gathered(std::mem::take(points));
                }
                16 * points.len().saturating_sub(before)
            }
            Self::Weighted { values, ranks, .. } => {
                if ranks.is_empty() {
                    let rest = args.iter().skip(2).flat_map(|rank| match rank {
                        Value::Array(items) => items.to_vec(),
                        one => vec![one.clone()],
                    });
                    *ranks = rest.collect();
                }
                if let Some(weight) = args.get(1).and_then(as_long).filter(|weight| *weight > 0 && !first.is_null()) {
                    values.push((first, weight));
                }
                32
            }
        }
    }

    pub(super) fn finish(self) -> Value {
        match self {
            Self::Bits { word, .. } => word.into(),
            Self::Together { count, products, sample, .. } => {
                let by = if sample { count - 1.0 } else { count };
                if count < 1.0 {
                    Value::Real(f64::NAN)
                } else {
                    Value::Real(if by < 1.0 { 0.0 } else { products / by })
                }
            }
            Self::Schema(shape) => shape.value(),
            Self::Hashes(hashes) => sketches::from_hashes(hashes),
            Self::Points(points) => sketches::from_points(points),
            Self::Weighted { mut values, ranks, array } => {
                values.sort_by(|a, b| compare(&a.0, &b.0).unwrap_or(Ordering::Equal));
                let found: Vec<Value> = ranks.iter().map(|rank| weighted(&values, rank)).collect();
                if array { Value::array(found) } else { found.into_iter().next().unwrap_or_default() }
            }
        }
    }
}

/// The least value that values of so many per cent of the weight do not exceed.
fn weighted(values: &[(Value, i64)], rank: &Value) -> Value {
    let total: i64 = values.iter().map(|(_, weight)| weight).fold(0, |sum, weight| sum.saturating_add(*weight));
    let wanted = total as f64 * as_real(rank).unwrap_or(0.0).clamp(0.0, 100.0) / 100.0;
    let mut below = 0_i64;
    for (value, weight) in values {
        below = below.saturating_add(*weight);
        if below as f64 >= wanted {
            return value.clone();
        }
    }
    values.last().map(|(value, _)| value.clone()).unwrap_or_default()
}

const MAX_LEVELS: usize = 64;

/// The types of values, and the shapes within bags and arrays.
#[derive(Default)]
pub(super) struct Shape {
    types: Vec<&'static str>,
    bag: Option<Vec<(Arc<str>, Shape)>>,
    items: Option<Box<Shape>>,
}

impl Shape {
    fn add(&mut self, value: &Value, level: usize) -> usize {
        if level > MAX_LEVELS {
            return 0;
        }
        let name = match value {
            Value::Null => return 0,
            Value::Bag(pairs) => {
                let bag = self.bag.get_or_insert_default();
                let mut grown = 0;
                for (key, value) in pairs.iter() {
                    if !bag.iter().any(|(known, _)| known == key) {
                        bag.push((key.clone(), Self::default()));
                        grown += 64 + key.len();
                    }
                    if let Some((_, shape)) = bag.iter_mut().find(|(known, _)| known == key) {
                        grown += shape.add(value, level + 1);
                    }
                }
                return grown;
            }
            Value::Array(items) => {
                let shape = self.items.get_or_insert_default();
                return items.iter().map(|item| shape.add(item, level + 1)).sum();
            }
            Value::Bool(_) => "bool",
            Value::Long(_) => "long",
            Value::Real(_) => "double",
            Value::Decimal(_) => "decimal",
            Value::String(_) => "string",
            Value::DateTime(_) => "datetime",
            Value::TimeSpan(_) => "timespan",
            Value::Guid(_) => "guid",
        };
        if !self.types.contains(&name) {
            self.types.push(name);
        }
        0
    }

    fn value(self) -> Value {
        let mut all: Vec<Value> = self.types.into_iter().map(Value::text).collect();
        all.extend(self.bag.map(|bag| Value::bag(bag.into_iter().map(|(key, shape)| (key, shape.value())))));
        all.extend(self.items.map(|items| Value::bag([(Arc::from("`indexer`"), items.value())])));
        match all.as_slice() {
            [one] => one.clone(),
            _ => Value::array(all),
        }
    }
}
