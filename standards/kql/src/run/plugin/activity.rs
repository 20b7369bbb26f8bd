//! Who was active when.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Call, Row, Run};
use crate::{
    Value,
    value::{compare, key},
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "activity_counts_metrics" => counts,
        "activity_metrics" => metrics,
        "new_activity_metrics" => new_metrics,
        "active_users_count" => active_users,
        "activity_engagement" => engagement,
        "session_count" => sessions,
        "sliding_window_counts" => sliding,
        "rolling_percentile" => rolling,
        _ => return None,
    })
}

/// A row as these plugins see it: who, when, and the rest.
struct Seen {
    who: Vec<u8>,
    when: i64,
}

/// The rows by what their further cells are, in the order in which these came.
fn by_rest(call: &Call<'_>) -> Vec<(Row, Vec<Seen>)> {
    let mut groups: Vec<(Row, Vec<Seen>)> = Vec::new();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    for cells in &call.cells {
        let (Some(who), Some(when)) = (cells.first(), cells.get(1)) else { continue };
        let (Value::DateTime(when) | Value::Long(when)) = when else { continue };
        let rest: Row = cells.iter().skip(2).cloned().collect();
        let mut bytes = Vec::new();
        rest.iter().for_each(|cell| key(cell, &mut bytes));
        let place = *places.entry(bytes).or_insert_with(|| {
            groups.push((rest, Vec::new()));
            groups.len() - 1
        });
        let mut own = Vec::new();
        key(who, &mut own);
        if let Some((_, seen)) = groups.get_mut(place) {
            seen.push(Seen { who: own, when: *when });
        }
    }
    groups
}

fn number(number: usize) -> Value {
    Value::Long(i64::try_from(number).unwrap_or(i64::MAX))
}

/// As the first constant is: a time or a number.
fn time(call: &Call<'_>, at: i64) -> Value {
    match call.constant(0) {
        Value::Long(_) => Value::Long(at),
        _ => Value::DateTime(at),
    }
}

/// The start of the window that holds a time; windows begin at `from`.
fn window(at: i64, from: i64, step: i64) -> i64 {
    at.saturating_sub(at.saturating_sub(from).checked_rem_euclid(step).unwrap_or(0))
}

type Windows<'s> = BTreeMap<i64, Vec<&'s Seen>>;

fn windows(seen: &[Seen], from: i64, to: i64, step: i64) -> Windows<'_> {
    let mut found = Windows::new();
    for one in seen.iter().filter(|one| one.when >= from && one.when <= to) {
        found.entry(window(one.when, from, step)).or_default().push(one);
    }
    found
}

fn who<'s>(seen: &[&'s Seen]) -> HashSet<&'s [u8]> {
    seen.iter().map(|one| one.who.as_slice()).collect()
}

/// Start, end and step of the windows; a step of nothing gives none.
fn frame(call: &Call<'_>) -> Option<(i64, i64, i64)> {
    let frame = (call.ticks(0), call.ticks(1), call.ticks(2));
    (frame.2 > 0 && (frame.1.saturating_sub(frame.0)) / frame.2 < 1_000_000).then_some(frame)
}

fn row(first: Vec<Value>, rest: &Row, then: Vec<Value>) -> Row {
    first.into_iter().chain(rest.iter().cloned()).chain(then).collect()
}

/// Rows, who was seen, who was seen for the first time, and how many in all so far.
fn counts(call: &Call<'_>) -> Vec<Row> {
    let Some((from, to, step)) = frame(call) else { return Vec::new() };
    let mut out = Vec::new();
    for (rest, seen) in by_rest(call) {
        let mut known: HashSet<&[u8]> = HashSet::new();
        for (at, seen) in windows(&seen, from, to, step) {
            let own = who(&seen);
            let new = own.iter().filter(|who| !known.contains(*who)).count();
            known.extend(&own);
            let numbers = [seen.len(), own.len(), new, known.len()].map(number);
            out.push(row(vec![time(call, at)], &rest, numbers.to_vec()));
        }
    }
    out
}

/// Who was seen, who never before; the shares of those of the window before who stayed and who left.
fn metrics(call: &Call<'_>) -> Vec<Row> {
    let Some((from, to, step)) = frame(call) else { return Vec::new() };
    let mut out = Vec::new();
    for (rest, seen) in by_rest(call) {
        let windows = windows(&seen, from, to, step);
        let mut known: HashSet<&[u8]> = HashSet::new();
        let mut at = from;
        while at <= to {
            let own = windows.get(&at).map(|seen| who(seen)).unwrap_or_default();
            let before = windows.get(&(at - step)).map(|seen| who(seen)).unwrap_or_default();
            let stayed = before.intersection(&own).count() as f64 / before.len() as f64;
            let new = own.iter().filter(|who| !known.contains(*who)).count();
            known.extend(&own);
            let shares = [stayed, 1.0 - stayed].map(Value::Real);
            if !own.is_empty() || !before.is_empty() {
                let numbers = [number(own.len()), number(new)].into_iter().chain(shares).collect();
                out.push(row(vec![time(call, at)], &rest, numbers));
            }
            at = at.saturating_add(step);
        }
    }
    out
}

/// For each window those first seen in it, and how many of them are seen in each later one. The fourth constant picks
/// one window; rows of the table were there before.
fn new_metrics(call: &Call<'_>) -> Vec<Row> {
    let Some((from, to, step)) = frame(call) else { return Vec::new() };
    let cohort = match call.constant(3) {
        Value::Null => None,
        _ => Some(window(call.ticks(3), from, step)),
    };
    let earlier: HashSet<Vec<u8>> = call
        .table_cells
        .iter()
        .filter_map(|cells| cells.first())
        .map(|who| {
            let mut bytes = Vec::new();
            key(who, &mut bytes);
            bytes
        })
        .collect();
    let mut out = Vec::new();
    for (rest, seen) in by_rest(call) {
        let windows = windows(&seen, from, to, step);
        let mut known: HashSet<&[u8]> = earlier.iter().map(Vec::as_slice).collect();
        for (at, seen) in &windows {
            let new: HashSet<&[u8]> = who(seen).into_iter().filter(|who| !known.contains(who)).collect();
            known.extend(&new);
            if cohort.is_some_and(|cohort| cohort != *at) {
                continue;
            }
            let mut then = *at;
            while then <= to {
                let kept = windows.get(&then).map_or(0, |seen| who(seen).intersection(&new).count());
                let share = kept as f64 / new.len() as f64;
                let numbers = [new.len(), kept, new.len() - kept].map(number);
                let shares = [share, 1.0 - share].map(Value::Real);
                let times = vec![time(call, *at), time(call, then)];
                out.push(row(times, &rest, numbers.into_iter().chain(shares).collect()));
                then = then.saturating_add(step);
            }
        }
    }
    out
}

/// Constants: start, end, how far back, period, in how many periods at least, window.
fn active_users(call: &Call<'_>) -> Vec<Row> {
    let (from, to, back, period) = (call.ticks(0), call.ticks(1), call.ticks(2), call.ticks(3));
    let (least, step) = (usize::try_from(call.ticks(4)).unwrap_or(0), call.ticks(5));
    if period <= 0 || step <= 0 {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (rest, seen) in by_rest(call) {
        let mut found: BTreeMap<i64, HashSet<&[u8]>> = BTreeMap::new();
        for one in seen.iter().filter(|one| one.when >= from && one.when <= to) {
            let recent = seen.iter().filter(|other| {
                other.who == one.who && other.when <= one.when && other.when > one.when.saturating_sub(back)
            });
            let periods: HashSet<i64> = recent.map(|other| window(other.when, from, period)).collect();
            if periods.len() >= least {
                found.entry(window(one.when, from, step)).or_default().insert(&one.who);
            }
        }
        for (at, own) in found {
            out.push(row(vec![time(call, at)], &rest, vec![number(own.len())]));
        }
    }
    out
}

/// Who was seen in a window, and in the longer one that ends with it. Constants: start, end, window, longer window.
fn engagement(call: &Call<'_>) -> Vec<Row> {
    let Some((from, to, step)) = frame(call) else { return Vec::new() };
    let outer = call.ticks(3);
    let mut out = Vec::new();
    for (rest, seen) in by_rest(call) {
        for (at, inner) in windows(&seen, from, to, step) {
            let end = at.saturating_add(step);
            let wide: Vec<&Seen> =
                seen.iter().filter(|one| one.when < end && one.when >= end.saturating_sub(outer)).collect();
            let (inner, wide) = (who(&inner).len(), who(&wide).len());
            let numbers = vec![number(inner), number(wide), Value::Real(inner as f64 / wide as f64)];
            out.push(row(vec![time(call, at)], &rest, numbers));
        }
    }
    out
}

/// Runs of activity with no longer pause than the fourth constant, in each window where they begin.
fn sessions(call: &Call<'_>) -> Vec<Row> {
    let Some((from, to, step)) = frame(call) else { return Vec::new() };
    let pause = call.ticks(3);
    let mut out = Vec::new();
    for (rest, mut seen) in by_rest(call) {
        seen.sort_by_key(|one| one.when);
        let mut last: HashMap<&[u8], i64> = HashMap::new();
        let mut found: BTreeMap<i64, usize> = BTreeMap::new();
        for one in &seen {
            let before = last.insert(&one.who, one.when);
            let begins = before.is_none_or(|before| one.when - before > pause);
            if begins && one.when >= from && one.when <= to {
                *found.entry(window(one.when, from, step)).or_default() += 1;
            }
        }
        out.extend(found.into_iter().map(|(at, count)| row(vec![time(call, at)], &rest, vec![number(count)])));
    }
    out
}

/// Rows and who was seen in the time that ends with each window. Constants: start, end, how far back, window.
fn sliding(call: &Call<'_>) -> Vec<Row> {
    let (from, to, back, step) = (call.ticks(0), call.ticks(1), call.ticks(2), call.ticks(3));
    if step <= 0 || to.saturating_sub(from) / step > 1_000_000 {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (rest, seen) in by_rest(call) {
        let mut at = from;
        while at <= to {
            let end = at.saturating_add(step);
            let within: Vec<&Seen> =
                seen.iter().filter(|one| one.when < end && one.when >= end.saturating_sub(back)).collect();
            if !within.is_empty() {
                let numbers = vec![number(within.len()), number(who(&within).len())];
                out.push(row(vec![time(call, at)], &rest, numbers));
            }
            at = end;
        }
    }
    out
}

/// The value that so many per cent of the rows of the last windows do not exceed. Cells: value, time, the rest;
/// constants: the rank, the window, how many windows.
fn rolling(call: &Call<'_>) -> Vec<Row> {
    let rank = crate::value::as_real(call.constant(0)).unwrap_or(50.0).clamp(0.0, 100.0) / 100.0;
    let (step, back) = (call.ticks(1), call.ticks(2));
    if step <= 0 {
        return Vec::new();
    }
    let mut groups: Vec<(Row, BTreeMap<i64, Vec<Value>>)> = Vec::new();
    for cells in &call.cells {
        let (Some(value), Some(Value::DateTime(when) | Value::Long(when))) = (cells.first(), cells.get(1)) else {
            continue;
        };
        let rest: Row = cells.iter().skip(2).cloned().collect();
        let place = groups.iter().position(|(known, _)| *known == rest).unwrap_or_else(|| {
            groups.push((rest, BTreeMap::new()));
            groups.len() - 1
        });
        if let Some((_, windows)) = groups.get_mut(place) {
            windows.entry(window(*when, 0, step)).or_default().push(value.clone());
        }
    }
    let is_time = call.cells.iter().any(|cells| matches!(cells.get(1), Some(Value::DateTime(_))));
    let mut out = Vec::new();
    for (rest, windows) in &groups {
        for at in windows.keys() {
            let from = at.saturating_sub(step.saturating_mul(back - 1));
            let mut values: Vec<&Value> = windows.range(from..=*at).flat_map(|(_, values)| values).collect();
            values.sort_by(|a, b| compare(a, b).unwrap_or(std::cmp::Ordering::Equal));
            let place = (rank * values.len() as f64).ceil().max(1.0) - 1.0;
            let place = crate::value::as_long_exact(place).and_then(|place| usize::try_from(place).ok()).unwrap_or(0);
            let value = values.get(place).map(|value| (*value).clone()).unwrap_or_default();
            let at = if is_time { Value::DateTime(*at) } else { Value::Long(*at) };
            out.push(row(vec![at], rest, vec![value]));
        }
    }
    out
}
