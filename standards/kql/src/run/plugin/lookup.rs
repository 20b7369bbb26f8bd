//! Plugins that find rows of a table by more than equality.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, Ipv6Addr},
};

use super::{Call, Ran, Row, Run};
use crate::{
    Value, functions,
    value::{key, to_text},
};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "ipv4_lookup" => |call| networks(call, block4),
        "ipv6_lookup" => |call| networks(call, block6),
        "geo_polygon_lookup" => |call| match radius(call) {
            0.0 => located(call, functions::geo::point_in_polygon),
            most => located(call, |x, y, shape| functions::geo::point_near_polygon(x, y, shape, most)),
        },
        "geo_line_lookup" => |call| {
            let most = radius(call);
            located(call, |x, y, line| functions::geo::point_near_line(x, y, line, most))
        },
        _ => return None,
    })
}

fn radius(call: &Call<'_>) -> f64 {
    crate::value::as_real(call.constant(1)).unwrap_or(0.0)
}

/// The first address of a block and how many bits its addresses share, of 128.
fn block6(text: &str) -> Option<(u128, u32)> {
    let (address, prefix) = text.trim().split_once('/').unwrap_or((text.trim(), "128"));
    let (bits, longest) = match (address.parse::<Ipv6Addr>(), address.parse::<Ipv4Addr>()) {
        (Ok(address), _) => (u128::from(address), 0),
        (_, Ok(address)) => (u128::from(address.to_ipv6_mapped()), 96),
        _ => return None,
    };
    let prefix = if text.contains('/') { prefix.parse::<u32>().ok()? + longest } else { 128 };
    (prefix <= 128).then(|| (bits & mask(prefix), prefix))
}

fn block4(text: &str) -> Option<(u128, u32)> {
    let address = text.trim().split('/').next()?;
    address.parse::<Ipv4Addr>().ok()?;
    block6(text)
}

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix.min(128)).unwrap_or(0)
}

/// Rows beside those of the table whose block holds their address, and whose further keys are equal. The first constant
/// says whether rows that find none are kept.
fn networks(call: &Call<'_>, block: fn(&str) -> Option<(u128, u32)>) -> Ran<Vec<Row>> {
    let extra = |cells: &Row| {
        let mut bytes = Vec::new();
        cells.iter().skip(1).for_each(|cell| key(cell, &mut bytes));
        bytes
    };
    let mut places: HashMap<(u128, u32, Vec<u8>), Vec<&Row>> = HashMap::new();
    let mut prefixes: Vec<u32> = Vec::new();
    for (row, cells) in call.table.iter().zip(&call.table_cells) {
        let Some((bits, prefix)) = cells.first().map(to_text).and_then(|text| block(&text)) else { continue };
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
        places.entry((bits, prefix, extra(cells))).or_default().push(row);
    }
    prefixes.sort_unstable_by(|a, b| b.cmp(a));
    beside(call, |cells| {
        let Some((bits, own)) = cells.first().map(to_text).and_then(|text| block(&text)) else { return Vec::new() };
        let keys = extra(cells);
        let found = prefixes.iter().filter(|prefix| **prefix <= own);
        found
            .filter_map(|prefix| places.get(&(bits & mask(*prefix), *prefix, keys.clone())))
            .flatten()
            .copied()
            .collect()
    })
}

/// Rows beside those of the table whose shape holds their point, longitude first.
fn located(call: &Call<'_>, holds: impl Fn(f64, f64, &Value) -> Option<bool>) -> Ran<Vec<Row>> {
    beside(call, |cells| {
        let number = |index: usize| cells.get(index).and_then(crate::value::as_real);
        let (Some(longitude), Some(latitude)) = (number(0), number(1)) else { return Vec::new() };
        let shapes = call.table.iter().zip(&call.table_cells);
        let within = |shape: &&(&Row, &Row)| shape.1.first().and_then(|s| holds(longitude, latitude, s)) == Some(true);
        shapes.collect::<Vec<_>>().iter().filter(within).map(|(row, _)| *row).collect()
    })
}

fn beside<'x>(call: &Call<'x>, find: impl Fn(&Row) -> Vec<&'x Row>) -> Ran<Vec<Row>> {
    let keeps = matches!(call.constant(0), Value::Bool(true));
    let gone = crate::value::as_long(call.constant(2)).and_then(|gone| usize::try_from(gone).ok());
    let blank: Row = call.table_columns.iter().map(|column| crate::bind::empty(column.ty)).collect();
    let shown = |right: &Row| {
        let kept = right.iter().enumerate().filter(move |(index, _)| Some(*index) != gone);
        kept.map(|(_, value)| value.clone()).collect::<Row>()
    };
    let mut out = Vec::new();
    for (row, cells) in call.rows.iter().zip(&call.cells) {
        (call.tick)()?;
        let found = find(cells);
        if found.is_empty() && keeps {
            call.keep(&mut out, row.iter().cloned().chain(shown(&blank)).collect())?;
        }
        for right in found {
            call.keep(&mut out, row.iter().cloned().chain(shown(right)).collect())?;
        }
    }
    Ok(out)
}
