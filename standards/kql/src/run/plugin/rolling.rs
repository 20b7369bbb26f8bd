//! `rolling_percentile`.

use std::collections::{BTreeMap, HashMap};

use super::{Call, Ran, Row, Run};
use crate::{
    Value,
    value::{compare, key},
};

pub(super) fn run(name: &str) -> Option<Run> {
    (name == "rolling_percentile").then_some(rolling as Run)
}

/// The value that so many per cent of the rows of the last windows do not exceed. Cells: value, time, the rest;
/// constants: the rank, the window, how many windows.
fn rolling(call: &Call<'_>) -> Ran<Vec<Row>> {
    let rank = crate::value::as_real(call.constant(0)).unwrap_or(50.0).clamp(0.0, 100.0) / 100.0;
    let (step, back) = (call.ticks(1), call.ticks(2));
    if step <= 0 {
        return Ok(Vec::new());
    }
    let mut groups: Vec<(Row, BTreeMap<i64, Vec<Value>>)> = Vec::new();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    for cells in &call.cells {
        let (Some(value), Some(Value::DateTime(when) | Value::Long(when))) = (cells.first(), cells.get(1)) else {
            continue;
        };
        let rest: Row = cells.iter().skip(2).cloned().collect();
        let mut bytes = Vec::new();
        rest.iter().for_each(|cell| key(cell, &mut bytes));
        let place = *places.entry(bytes).or_insert_with(|| {
            groups.push((rest, BTreeMap::new()));
            groups.len() - 1
        });
        if let Some((_, windows)) = groups.get_mut(place) {
            windows.entry(when - when.rem_euclid(step)).or_default().push(value.clone());
        }
    }
    let is_time = call.cells.iter().any(|cells| matches!(cells.get(1), Some(Value::DateTime(_))));
    let mut out = Vec::new();
    for (rest, windows) in &groups {
        for at in windows.keys() {
            (call.tick)()?;
            let from = at.saturating_sub(step.saturating_mul(back - 1));
            let mut values: Vec<&Value> = windows.range(from..=*at).flat_map(|(_, values)| values).collect();
            values.sort_by(|a, b| compare(a, b).unwrap_or(std::cmp::Ordering::Equal));
            let place = (rank * values.len() as f64).ceil().max(1.0) - 1.0;
            let place = crate::value::as_long_exact(place).and_then(|place| usize::try_from(place).ok()).unwrap_or(0);
            let value = values.get(place).map(|value| (*value).clone()).unwrap_or_default();
            let at = if is_time { Value::DateTime(*at) } else { Value::Long(*at) };
            out.push([at].into_iter().chain(rest.iter().cloned()).chain([value]).collect());
        }
    }
    Ok(out)
}
