//! Who was active when.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Call, Ran, Row, Run};
use crate::{Value, value::key};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "activity_counts_metrics" => counts,
        "activity_metrics" => metrics,
        "new_activity_metrics" => new_metrics,
        "active_users_count" => active_users,
        "activity_engagement" => engagement,
        "session_count" => sessions,
        "sliding_window_counts" => sliding,
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

/// Windows that a plugin may have.
const MOST: i64 = 10_000;

/// Start, end and step of the windows; none where there are none, or too many.
fn frame(call: &Call<'_>) -> Option<(i64, i64, i64)> {
    let frame = (call.ticks(0), call.ticks(1), call.ticks(2));
    (frame.2 > 0 && frame.1.saturating_sub(frame.0) / frame.2 <= MOST).then_some(frame)
}

fn row(first: Vec<Value>, rest: &Row, then: Vec<Value>) -> Row {
    first.into_iter().chain(rest.iter().cloned()).chain(then).collect()
}

/// Rows, who was seen, who was seen for the first time, and how many in all so far.
fn counts(call: &Call<'_>) -> Ran<Vec<Row>> {
    let Some((from, to, step)) = frame(call) else { return Ok(Vec::new()) };
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
    Ok(out)
}

/// Who was seen, who never before; the shares of those of the window before who stayed and who left.
fn metrics(call: &Call<'_>) -> Ran<Vec<Row>> {
    let Some((from, to, step)) = frame(call) else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for (rest, seen) in by_rest(call) {
        let windows = windows(&seen, from, to, step);
        let mut known: HashSet<&[u8]> = HashSet::new();
        let mut at = from;
        while at <= to {
            (call.tick)()?;
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
    Ok(out)
}

/// For each window those first seen in it, and how many of them are seen in each later one. The fourth constant picks
/// one window; rows of the table were there before.
fn new_metrics(call: &Call<'_>) -> Ran<Vec<Row>> {
    let Some((from, to, step)) = frame(call) else { return Ok(Vec::new()) };
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
                (call.tick)()?;
                let kept = windows.get(&then).map_or(0, |seen| who(seen).intersection(&new).count());
                let share = kept as f64 / new.len() as f64;
                let numbers = [new.len(), kept, new.len() - kept].map(number);
                let shares = [share, 1.0 - share].map(Value::Real);
                let times = vec![time(call, *at), time(call, then)];
                call.keep(&mut out, row(times, &rest, numbers.into_iter().chain(shares).collect()))?;
                then = then.saturating_add(step);
            }
        }
    }
    Ok(out)
}

/// Constants: start, end, how far back, period, in how many periods at least, window.
fn active_users(call: &Call<'_>) -> Ran<Vec<Row>> {
    let (from, to, back, period) = (call.ticks(0), call.ticks(1), call.ticks(2), call.ticks(3));
    let (least, step) = (usize::try_from(call.ticks(4)).unwrap_or(0), call.ticks(5));
    if period <= 0 || step <= 0 {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    for (rest, mut seen) in by_rest(call) {
        seen.sort_by(|a, b| (&a.who, a.when).cmp(&(&b.who, b.when)));
        let mut found: BTreeMap<i64, HashSet<&[u8]>> = BTreeMap::new();
        for own in seen.chunk_by(|a, b| a.who == b.who) {
            let mut first = 0;
            let mut periods: HashMap<i64, usize> = HashMap::new();
            for one in own {
                (call.tick)()?;
                *periods.entry(window(one.when, from, period)).or_default() += 1;
                while let Some(old) = own.get(first).filter(|old| old.when <= one.when.saturating_sub(back)) {
                    let gone = window(old.when, from, period);
                    if let Some(count) = periods.get_mut(&gone) {
                        *count -= 1;
                    }
                    periods.retain(|_, count| *count > 0);
                    first += 1;
                }
                if periods.len() >= least && one.when >= from && one.when <= to {
                    found.entry(window(one.when, from, step)).or_default().insert(&one.who);
                }
            }
        }
        for (at, own) in found {
            out.push(row(vec![time(call, at)], &rest, vec![number(own.len())]));
        }
    }
    Ok(out)
}

/// What was seen from one time up to another, of what is in order.
fn between(seen: &[Seen], from: i64, to: i64) -> Vec<&Seen> {
    let place = |at: i64| seen.partition_point(|one| one.when < at);
    let (first, last) = (place(from), place(to));
    seen.get(first..last.max(first)).unwrap_or_default().iter().collect()
}

/// Who was seen in a window, and in the longer one that ends with it. Constants: start, end, window, longer window.
fn engagement(call: &Call<'_>) -> Ran<Vec<Row>> {
    let Some((from, to, step)) = frame(call) else { return Ok(Vec::new()) };
    let outer = call.ticks(3);
    let mut out = Vec::new();
    for (rest, mut seen) in by_rest(call) {
        seen.sort_by_key(|one| one.when);
        for (at, inner) in windows(&seen, from, to, step) {
            (call.tick)()?;
            let end = at.saturating_add(step);
            let wide = between(&seen, end.saturating_sub(outer), end);
            let (inner, wide) = (who(&inner).len(), who(&wide).len());
            let numbers = vec![number(inner), number(wide), Value::Real(inner as f64 / wide as f64)];
            out.push(row(vec![time(call, at)], &rest, numbers));
        }
    }
    Ok(out)
}

/// Runs of activity with no longer pause than the fourth constant, in each window where they begin.
fn sessions(call: &Call<'_>) -> Ran<Vec<Row>> {
    let Some((from, to, step)) = frame(call) else { return Ok(Vec::new()) };
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
    Ok(out)
}

/// Rows and who was seen in the time that ends with each window. Constants: start, end, how far back, window.
fn sliding(call: &Call<'_>) -> Ran<Vec<Row>> {
    let (from, to, back, step) = (call.ticks(0), call.ticks(1), call.ticks(2), call.ticks(3));
    if step <= 0 || to.saturating_sub(from) / step > MOST {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    for (rest, mut seen) in by_rest(call) {
        seen.sort_by_key(|one| one.when);
        let mut at = from;
        while at <= to {
            (call.tick)()?;
            let end = at.saturating_add(step);
            let within = between(&seen, end.saturating_sub(back), end);
            if !within.is_empty() {
                let numbers = vec![number(within.len()), number(who(&within).len())];
                out.push(row(vec![time(call, at)], &rest, numbers));
            }
            at = end;
        }
    }
    Ok(out)
}
