//! Times of places, by the time zone database that the program carries.

use jiff::{
    civil::DateTime,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

use super::{Run, at, text};
use crate::{
    Value,
    value::{SECOND, civil},
};

const EPOCH: i64 = 621_355_968_000_000_000;

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "datetime_utc_to_local" => |args| shifted(args, |zone, ticks| ticks.checked_add(offset_at(zone, ticks)?)),
        "datetime_local_to_utc" => |args| shifted(args, |zone, ticks| ticks.checked_sub(offset_of(zone, ticks)?)),
        "datetime_list_timezones" => |_| {
            let names = TimeZoneDatabase::bundled();
            Value::array(names.available().map(|name| Value::text(name.as_str())).collect())
        },
        _ => return None,
    })
}

fn shifted(args: &[Value], by: impl Fn(&TimeZone, i64) -> Option<i64>) -> Value {
    let Value::DateTime(ticks) = at(args, 0) else { return Value::Null };
    let zone = TimeZoneDatabase::bundled().get(&text(args, 1)).ok();
    zone.and_then(|zone| by(&zone, *ticks)).map_or(Value::Null, Value::DateTime)
}

fn ticks(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * SECOND
}

/// How far a place is ahead at a moment.
fn offset_at(zone: &TimeZone, moment: i64) -> Option<i64> {
    let since = jiff::Timestamp::from_second(moment.checked_sub(EPOCH)?.div_euclid(SECOND)).ok()?;
    Some(ticks(zone.to_offset(since)))
}

/// How far a place is ahead when its clocks show this time; of two such moments the earlier counts.
fn offset_of(zone: &TimeZone, local: i64) -> Option<i64> {
    let date = civil(local);
    let seconds = local.rem_euclid(crate::value::DAY) / SECOND;
    let small = |number: i64| i8::try_from(number).ok();
    let shown = DateTime::new(
        i16::try_from(date.year).ok()?,
        small(date.month)?,
        small(date.day)?,
        small(seconds / 3_600)?,
        small(seconds / 60 % 60)?,
        small(seconds % 60)?,
        0,
    );
    let moment = zone.to_ambiguous_timestamp(shown.ok()?).compatible().ok()?;
    Some(ticks(zone.to_offset(moment)))
}
