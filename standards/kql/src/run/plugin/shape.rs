//! Plugins that give rows another shape, or pick among them.

use std::collections::HashSet;

use super::{Call, Row, Run};
use crate::{
    Value,
    value::{as_long, to_text},
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "narrow" => |call| Ok(narrow(call)),
        "rows_near" => |call| Ok(near(call)),
        "schema_merge" => |call| Ok(schema_merge(call)),
        "dcount_intersect" => |call| Ok(intersect(call)),
        _ => return None,
    })
}

fn number(number: usize) -> Value {
    Value::Long(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A row for each cell.
fn narrow(call: &Call<'_>) -> Vec<Row> {
    let cells = |(index, row): (usize, &Row)| {
        let cell = |(column, value): (&crate::Column, &Value)| {
            vec![number(index), Value::text(column.name.as_str()), Value::text(to_text(value))]
        };
        call.columns.iter().zip(row).map(cell).collect::<Vec<_>>()
    };
    call.rows.iter().enumerate().flat_map(cells).collect()
}

/// Rows no further than so many rows from one where the condition holds.
fn near(call: &Call<'_>) -> Vec<Row> {
    let amount = |index: usize| as_long(call.constant(index)).and_then(|most| usize::try_from(most).ok());
    let before = amount(0).unwrap_or(0);
    let after = amount(1).unwrap_or(before);
    let holds = |index: &usize| matches!(call.cells.get(*index).and_then(|row| row.first()), Some(Value::Bool(true)));
    let mut kept = vec![false; call.rows.len()];
    for index in (0..call.rows.len()).filter(holds) {
        let end = (index + after + 1).min(kept.len());
        if let Some(part) = kept.get_mut(index.saturating_sub(before)..end) {
            part.fill(true);
        }
    }
    call.rows.iter().zip(kept).filter(|(_, kept)| *kept).map(|(row, _)| row.clone()).collect()
}

/// Schemas, as `getschema` gives them, as one: each column at the last place that it has in any of them; an error where
/// it has several, if order matters, or several types.
fn schema_merge(call: &Call<'_>) -> Vec<Row> {
    let ordered = !matches!(call.constant(0), Value::Bool(false));
    let place = |row: &Row| row.get(1).and_then(as_long).unwrap_or(0);
    let mut merged: Vec<(Row, bool, bool)> = Vec::new();
    for row in call.rows {
        match merged.iter_mut().find(|(known, ..)| known.first() == row.first()) {
            None => merged.push((row.clone(), false, false)),
            Some((known, moved, changed)) => {
                *moved |= place(known) != place(row);
                *changed |= known.get(3) != row.get(3);
                let last = place(known).max(place(row));
                known.splice(1..2, [Value::Long(last)]);
            }
        }
    }
    merged.sort_by_key(|(row, ..)| place(row));
    let failed = |row: &Row, place: i64, why: &str| {
        let name = row.first().cloned().unwrap_or_default();
        vec![name, Value::Long(place), Value::text(format!("ERROR(unknown CSL type:{why})")), Value::text(why)]
    };
    let shown = merged.into_iter().map(|(row, moved, changed)| match (ordered && moved, changed) {
        (true, _) => failed(&row, -1, "ERROR(columns are out of order)"),
        (false, true) => failed(&row, place(&row), "ERROR(schema mismatch)"),
        (false, false) => row,
    });
    shown.collect()
}

/// How many values each sketch shares with all before it.
fn intersect(call: &Call<'_>) -> Vec<Row> {
    let each = call.rows.iter().zip(&call.cells).map(|(row, sketches)| {
        let mut common: Option<HashSet<i64>> = None;
        let counts = sketches.iter().map(|sketch| {
            let own = crate::functions::sketches::hashes(sketch);
            let shared = match common.take() {
                None => own,
                Some(before) => before.intersection(&own).copied().collect(),
            };
            let count = number(shared.len());
            common = Some(shared);
            count
        });
        let counts: Vec<Value> = counts.collect();
        row.iter().cloned().chain(counts).collect()
    });
    each.collect()
}
