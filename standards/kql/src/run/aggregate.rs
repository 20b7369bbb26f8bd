use std::{cmp::Ordering, collections::HashSet, sync::Arc};

use super::tally::Tally;
use crate::{
    Value,
    plan::Aggregate,
    value::{as_long, as_real, compare, key},
};

const MOST: usize = 1_048_576;

/// What an aggregate has seen.
pub(super) enum State {
    Count(i64),
    Distinct(HashSet<Vec<u8>>),
    Sum(Value),
    Mean {
        sum: f64,
        count: i64,
        ticks: Option<bool>,
    },
    /// The row of the greatest, or least, first value.
    Extreme {
        least: bool,
        best: Option<Vec<Value>>,
    },
    Any(Option<Vec<Value>>),
    List {
        items: Vec<Value>,
        most: usize,
        nulls: bool,
    },
    Set {
        seen: HashSet<Vec<u8>>,
        items: Vec<Value>,
        most: usize,
    },
    Bag {
        seen: HashSet<Arc<str>>,
        pairs: Vec<(Arc<str>, Value)>,
    },
    Spread {
        count: f64,
        mean: f64,
        squares: f64,
        sample: bool,
        root: bool,
    },
    Tally {
        tally: Tally,
        merges: bool,
    },
    Ranks {
        values: Vec<Value>,
        ranks: Vec<Value>,
        array: bool,
    },
}

impl State {
    pub(super) fn new(aggregate: &Aggregate) -> Self {
        let spread = |sample, root| Self::Spread { count: 0.0, mean: 0.0, squares: 0.0, sample, root };
        match aggregate.name {
            "count" => Self::Count(0),
            "dcount" | "count_distinct" => Self::Distinct(HashSet::new()),
            "sum" => Self::Sum(match aggregate.args.first().map(|arg| arg.ty) {
                Some(crate::Type::Real) => Value::Real(0.0),
                Some(crate::Type::TimeSpan) => Value::TimeSpan(0),
                _ => Value::Long(0),
            }),
            "avg" => Self::Mean { sum: 0.0, count: 0, ticks: None },
            "min" | "arg_min" => Self::Extreme { least: true, best: None },
            "max" | "arg_max" => Self::Extreme { least: false, best: None },
            "make_list" => Self::List { items: Vec::new(), most: MOST, nulls: false },
            "make_list_with_nulls" => Self::List { items: Vec::new(), most: MOST, nulls: true },
            "make_set" => Self::Set { seen: HashSet::new(), items: Vec::new(), most: MOST },
            "make_bag" => Self::Bag { seen: HashSet::new(), pairs: Vec::new() },
            "stdev" => spread(true, true),
            "stdevp" => spread(false, true),
            "variance" => spread(true, false),
            "variancep" => spread(false, false),
            "percentile" => Self::Ranks { values: Vec::new(), ranks: Vec::new(), array: false },
            "percentiles_array" => Self::Ranks { values: Vec::new(), ranks: Vec::new(), array: true },
            name => match Tally::new(name) {
                Some(tally) => Self::Tally { tally, merges: name.ends_with("_merge") },
                None => Self::Any(None),
            },
        }
    }

    /// Adds a row's values; by how much this has grown, about.
    pub(super) fn add(&mut self, mut args: Vec<Value>) -> usize {
        let first = args.first().cloned().unwrap_or_default();
        match self {
            Self::Count(count) => *count += 1,
            Self::Distinct(seen) => {
                if !first.is_null() {
                    return insert(seen, &first);
                }
            }
            Self::Sum(sum) => {
                let more = super::arithmetic(crate::ArithmeticOp::Add, sum, &first);
                if !more.is_null() {
                    *sum = more;
                }
            }
            Self::Mean { sum, count, ticks } => {
                if let Some(value) = as_real(&first) {
                    *sum += value;
                    *count += 1;
                    *ticks = match first {
                        Value::TimeSpan(_) => Some(false),
                        Value::DateTime(_) => Some(true),
                        _ => None,
                    };
                }
            }
            Self::Extreme { least, best } => {
                let better = match best.as_ref().and_then(|best| best.first()) {
                    None => true,
                    Some(Value::Null) => !first.is_null(),
                    Some(old) => {
                        let wanted = if *least { Ordering::Less } else { Ordering::Greater };
                        compare(&first, old) == Some(wanted)
                    }
                };
                if better {
                    let grown = args.iter().map(Value::weight).sum();
                    *best = Some(args);
                    return grown;
                }
            }
            Self::Any(kept) => {
                let bare = |values: &[Value]| values.iter().all(|value| value.is_null() || value.as_str() == Some(""));
                if kept.as_ref().is_none_or(|kept| bare(kept) && !bare(&args)) {
                    *kept = Some(args);
                }
            }
            Self::List { items, most, nulls } => {
                *most = size(args.get(1)).unwrap_or(*most);
                let each = match &first {
                    Value::Array(inner) => inner.to_vec(),
                    _ => vec![first],
                };
                let mut grown = 0;
                for value in each {
                    if (*nulls || !value.is_null()) && items.len() < *most {
                        grown += 24 + value.weight();
                        items.push(value);
                    }
                }
                return grown;
            }
            Self::Set { seen, items, most } => {
                *most = size(args.get(1)).unwrap_or(*most);
                let each = match &first {
                    Value::Array(inner) => inner.to_vec(),
                    one => vec![one.clone()],
                };
                let mut grown = 0;
                for value in each {
                    let more = if value.is_null() || items.len() >= *most { 0 } else { insert(seen, &value) };
                    if more > 0 {
                        grown += more + value.weight();
                        items.push(value);
                    }
                }
                return grown;
            }
            Self::Bag { seen, pairs } => {
                if let Value::Bag(more) = &first {
                    let mut grown = 0;
                    for (name, value) in more.iter() {
                        if seen.insert(name.clone()) {
                            grown += 48 + name.len() + value.weight();
                            pairs.push((name.clone(), value.clone()));
                        }
                    }
                    return grown;
                }
            }
            Self::Spread { count, mean, squares, .. } => {
                if let Some(value) = as_real(&first) {
                    *count += 1.0;
                    let off = value - *mean;
                    *mean += off / *count;
                    *squares += off * (value - *mean);
                }
            }
            Self::Tally { tally, merges } => return tally.add(args, *merges),
            Self::Ranks { values, ranks, .. } => {
                if ranks.is_empty() {
                    let rest = args.drain(1..).flat_map(|rank| match rank {
                        Value::Array(items) => items.to_vec(),
                        one => vec![one],
                    });
                    *ranks = rest.collect();
                }
                if !first.is_null() {
                    values.push(first);
                    return 24;
                }
            }
        }
        0
    }

    /// Arguments that make a new state equal to this, where there are such.
    pub(super) fn replay(self) -> Option<Vec<Vec<Value>>> {
        let limited = |items: Vec<Value>, most: usize| {
            let most = Value::Long(i64::try_from(most).unwrap_or(i64::MAX));
            items.into_iter().map(|item| vec![item, most.clone()]).collect()
        };
        Some(match self {
            Self::Extreme { best, .. } | Self::Any(best) => best.into_iter().collect(),
            Self::List { items, most, .. } => limited(items, most),
            Self::Set { items, most, .. } => limited(items, most),
            Self::Bag { pairs, .. } => vec![vec![Value::bag(pairs)]],
            Self::Ranks { values, ranks, .. } => {
                values.into_iter().map(|value| std::iter::once(value).chain(ranks.iter().cloned()).collect()).collect()
            }
            Self::Count(_) | Self::Distinct(_) | Self::Sum(_) | Self::Mean { .. } | Self::Spread { .. } => return None,
            Self::Tally { .. } => return None,
        })
    }

    /// What comes out.
    pub(super) fn finish(self) -> Vec<Value> {
        let one = |value| vec![value];
        let long = |number: usize| Value::Long(i64::try_from(number).unwrap_or(i64::MAX));
        match self {
            Self::Count(count) => one(Value::Long(count)),
            Self::Distinct(seen) => one(long(seen.len())),
            Self::Sum(sum) => one(sum),
            Self::Mean { count: 0, .. } => one(Value::Real(f64::NAN)),
            Self::Mean { sum, count, ticks } => {
                let mean = sum / count as f64;
                let whole = || as_long(&Value::Real(mean)).unwrap_or(0);
                one(match ticks {
                    None => Value::Real(mean),
                    Some(false) => Value::TimeSpan(whole()),
                    Some(true) => Value::DateTime(whole()),
                })
            }
            Self::Extreme { best, .. } => best.unwrap_or_default(),
            Self::Any(kept) => kept.unwrap_or_default(),
            Self::List { items, .. } | Self::Set { items, .. } => one(Value::array(items)),
            Self::Bag { pairs, .. } => one(Value::bag(pairs)),
            Self::Spread { count, squares, sample, root, .. } => {
                let by = if sample { count - 1.0 } else { count };
                let variance = if by < 1.0 { 0.0 } else { squares / by };
                one(Value::Real(if root { variance.sqrt() } else { variance }))
            }
            Self::Tally { tally, .. } => one(tally.finish()),
            Self::Ranks { mut values, ranks, array } => {
                values.sort_by(|a, b| compare(a, b).unwrap_or(Ordering::Equal));
                let found: Vec<Value> = ranks.iter().map(|rank| ranked(&values, rank)).collect();
                one(if array { Value::array(found) } else { found.into_iter().next().unwrap_or_default() })
            }
        }
    }
}

fn size(value: Option<&Value>) -> Option<usize> {
    value.and_then(as_long).and_then(|most| usize::try_from(most).ok())
}

fn insert(seen: &mut HashSet<Vec<u8>>, value: &Value) -> usize {
    let mut bytes = Vec::new();
    key(value, &mut bytes);
    let size = bytes.len() + 48;
    if seen.insert(bytes) { size } else { 0 }
}

/// The least value that so many per cent do not exceed.
fn ranked(values: &[Value], rank: &Value) -> Value {
    let share = as_real(rank).unwrap_or(0.0).clamp(0.0, 100.0) / 100.0;
    let place = (share * values.len() as f64).ceil().max(1.0) - 1.0;
    as_long(&Value::Real(place))
        .and_then(|place| usize::try_from(place).ok())
        .and_then(|place| values.get(place))
        .cloned()
        .unwrap_or_default()
}
