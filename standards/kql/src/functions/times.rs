use super::{Run, at, text, whole};
use crate::{
    Value,
    value::{Civil, DAY, SECOND, as_real, civil, compare, days_of, parse_datetime, parse_timespan, ticks_of},
};

const HOUR: i64 = 3_600 * SECOND;
const MINUTE: i64 = 60 * SECOND;

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "startofday" => |args| moved(args, |ticks, by| floor(ticks, DAY).checked_add(by.checked_mul(DAY)?)),
        "startofweek" => |args| moved(args, start_of_week),
        "startofmonth" => |args| moved(args, start_of_month),
        "startofyear" => |args| moved(args, start_of_year),
        "endofday" => |args| {
            moved(args, |ticks, by| floor(ticks, DAY).checked_add(by.checked_add(1)?.checked_mul(DAY)?)?.checked_sub(1))
        },
        "endofweek" => |args| moved(args, |ticks, by| start_of_week(ticks, by.checked_add(1)?)?.checked_sub(1)),
        "endofmonth" => |args| moved(args, |ticks, by| start_of_month(ticks, by.checked_add(1)?)?.checked_sub(1)),
        "endofyear" => |args| moved(args, |ticks, by| start_of_year(ticks, by.checked_add(1)?)?.checked_sub(1)),
        "hourofday" => |args| part(args, 0, |ticks| ticks.rem_euclid(DAY) / HOUR),
        "dayofmonth" => |args| part(args, 0, |ticks| civil(ticks).day),
        "dayofyear" => |args| part(args, 0, day_of_year),
        "monthofyear" | "getmonth" => |args| part(args, 0, |ticks| civil(ticks).month),
        "getyear" => |args| part(args, 0, |ticks| civil(ticks).year),
        "week_of_year" | "weekofyear" => |args| part(args, 0, week_of_year),
        "dayofweek" => |args| match at(args, 0) {
            Value::DateTime(ticks) => Value::TimeSpan(weekday(*ticks) * DAY),
            _ => Value::Null,
        },
        "datetime_part" | "datepart" => |args| match at(args, 1) {
            Value::DateTime(ticks) => part_named(&text(args, 0), *ticks).into(),
            _ => Value::Null,
        },
        "datetime_diff" => |args| match (at(args, 1), at(args, 2)) {
            (Value::DateTime(a), Value::DateTime(b)) => difference(&text(args, 0), *a, *b).into(),
            _ => Value::Null,
        },
        "datetime_add" => |args| match (whole(args, 1), at(args, 2)) {
            (Some(amount), Value::DateTime(ticks)) => date(added(&text(args, 0), amount, *ticks)),
            _ => Value::Null,
        },
        "format_datetime" => |args| match at(args, 0) {
            Value::DateTime(ticks) => formatted(*ticks, &text(args, 1)).into(),
            _ => Value::text(""),
        },
        "format_timespan" => |args| match at(args, 0) {
            Value::TimeSpan(ticks) => formatted_span(*ticks, &text(args, 1)).into(),
            _ => Value::text(""),
        },
        "around" => |args| {
            let (value, center, delta) = (at(args, 0), at(args, 1), at(args, 2));
            let low = crate::run::calculate(crate::ArithmeticOp::Subtract, center, delta);
            let high = crate::run::calculate(crate::ArithmeticOp::Add, center, delta);
            let order = compare(value, &low).zip(compare(value, &high));
            order.map(|(low, high)| low.is_ge() && high.is_le()).into()
        },
        "make_datetime" => make_datetime,
        "make_timespan" => make_timespan,
        "unixtime_seconds_todatetime" => |args| since_epoch(args, 1e7),
        "unixtime_milliseconds_todatetime" => |args| since_epoch(args, 1e4),
        "unixtime_microseconds_todatetime" => |args| since_epoch(args, 10.0),
        "unixtime_nanoseconds_todatetime" => |args| since_epoch(args, 0.01),
        _ => return None,
    })
}

const EPOCH: i64 = 621_355_968_000_000_000;

fn date(ticks: Option<i64>) -> Value {
    ticks.filter(|ticks| (0..=3_155_378_975_999_999_999).contains(ticks)).map_or(Value::Null, Value::DateTime)
}

fn floor(ticks: i64, by: i64) -> i64 {
    ticks - ticks.rem_euclid(by)
}

fn moved(args: &[Value], to: impl Fn(i64, i64) -> Option<i64>) -> Value {
    match at(args, 0) {
        Value::DateTime(ticks) => date(to(*ticks, whole(args, 1).unwrap_or(0))),
        _ => Value::Null,
    }
}

/// Days since Sunday.
fn weekday(ticks: i64) -> i64 {
    (ticks.div_euclid(DAY) + 1).rem_euclid(7)
}

fn start_of_week(ticks: i64, by: i64) -> Option<i64> {
    (floor(ticks, DAY) - weekday(ticks) * DAY).checked_add(by.checked_mul(7 * DAY)?)
}

fn start_of_month(ticks: i64, by: i64) -> Option<i64> {
    let now = civil(ticks);
    let months = now.year.checked_mul(12)?.checked_add(now.month - 1)?.checked_add(by)?;
    ticks_of(Civil { year: months.div_euclid(12), month: months.rem_euclid(12) + 1, day: 1 })
}

fn start_of_year(ticks: i64, by: i64) -> Option<i64> {
    ticks_of(Civil { year: civil(ticks).year.checked_add(by)?, month: 1, day: 1 })
}

fn day_of_year(ticks: i64) -> i64 {
    ticks.div_euclid(DAY) - days_of(Civil { year: civil(ticks).year, month: 1, day: 1 }) + 1
}

/// As ISO 8601 counts.
fn week_of_year(ticks: i64) -> i64 {
    let from_monday = (weekday(ticks) + 6).rem_euclid(7);
    let thursday = ticks.div_euclid(DAY) - from_monday + 3;
    let first = days_of(Civil { year: civil(thursday * DAY).year, month: 1, day: 1 });
    (thursday - first) / 7 + 1
}

fn part(args: &[Value], index: usize, of: impl Fn(i64) -> i64) -> Value {
    match at(args, index) {
        Value::DateTime(ticks) => Value::Long(of(*ticks)),
        _ => Value::Null,
    }
}

fn part_named(name: &str, ticks: i64) -> Option<i64> {
    let now = civil(ticks);
    let clock = ticks.rem_euclid(DAY);
    Some(match name.to_ascii_lowercase().as_str() {
        "year" => now.year,
        "quarter" => (now.month - 1) / 3 + 1,
        "month" => now.month,
        "week_of_year" | "weekofyear" => week_of_year(ticks),
        "day" => now.day,
        "dayofyear" => day_of_year(ticks),
        "hour" => clock / HOUR,
        "minute" => clock / MINUTE % 60,
        "second" => clock / SECOND % 60,
        "millisecond" => clock % SECOND / 10_000,
        "microsecond" => clock % SECOND / 10,
        "nanosecond" => clock % SECOND * 100,
        _ => return None,
    })
}

/// How many borders of this period lie between two times.
fn difference(period: &str, left: i64, right: i64) -> Option<i64> {
    let (a, b) = (civil(left), civil(right));
    let units = |size: i64| left.div_euclid(size) - right.div_euclid(size);
    Some(match period.to_ascii_lowercase().as_str() {
        "year" => a.year - b.year,
        "quarter" => (a.year - b.year) * 4 + (a.month - 1) / 3 - (b.month - 1) / 3,
        "month" => (a.year - b.year) * 12 + a.month - b.month,
        "week" => (start_of_week(left, 0)? - start_of_week(right, 0)?) / (7 * DAY),
        "day" => units(DAY),
        "hour" => units(HOUR),
        "minute" => units(MINUTE),
        "second" => units(SECOND),
        "millisecond" => units(10_000),
        "microsecond" => units(10),
        "nanosecond" => left.checked_sub(right)?.checked_mul(100)?,
        _ => return None,
    })
}

fn added(period: &str, amount: i64, ticks: i64) -> Option<i64> {
    let by = |size: i64| ticks.checked_add(amount.checked_mul(size)?);
    let months = |months: i64| {
        let now = civil(ticks);
        let start = start_of_month(ticks, months)?;
        let next = start_of_month(start, 1)?;
        let day = (now.day - 1).min((next - start) / DAY - 1);
        start.checked_add(day * DAY + ticks.rem_euclid(DAY))
    };
    match period.to_ascii_lowercase().as_str() {
        "year" => months(amount.checked_mul(12)?),
        "quarter" => months(amount.checked_mul(3)?),
        "month" => months(amount),
        "week" => by(7 * DAY),
        "day" => by(DAY),
        "hour" => by(HOUR),
        "minute" => by(MINUTE),
        "second" => by(SECOND),
        "millisecond" => by(10_000),
        "microsecond" => by(10),
        "nanosecond" => ticks.checked_add(amount / 100),
        _ => None,
    }
}

/// How many of a letter are read together.
fn longest(letter: char) -> usize {
    match letter {
        'f' | 'F' => 7,
        'y' => 4,
        'd' | 'M' | 'H' | 'h' | 'm' | 's' | 't' => 2,
        _ => 1,
    }
}

/// Runs of the same letter, and what stands between them.
fn runs(format: &str, longest: fn(char) -> usize) -> Vec<(char, usize)> {
    let mut found: Vec<(char, usize)> = Vec::new();
    for c in format.chars() {
        match found.last_mut() {
            Some((last, times)) if *last == c && *times < longest(c) => *times += 1,
            _ => found.push((c, 1)),
        }
    }
    found
}

fn formatted(ticks: i64, format: &str) -> String {
    let now = civil(ticks);
    let clock = ticks.rem_euclid(DAY);
    let hour = clock / HOUR;
    let mut out = String::new();
    for (c, width) in runs(format, longest) {
        match c {
            'y' if width < 3 => out.push_str(&format!("{:0width$}", now.year % 100)),
            'y' => out.push_str(&format!("{:0width$}", now.year)),
            'M' => out.push_str(&format!("{:0width$}", now.month)),
            'd' => out.push_str(&format!("{:0width$}", now.day)),
            'H' => out.push_str(&format!("{hour:0width$}")),
            'h' => out.push_str(&format!("{:0width$}", (hour + 11) % 12 + 1)),
            'm' => out.push_str(&format!("{:0width$}", clock / MINUTE % 60)),
            's' => out.push_str(&format!("{:0width$}", clock / SECOND % 60)),
            't' => out.push_str(if hour < 12 { "AM" } else { "PM" }),
            'f' | 'F' => fraction(clock, c, width, &mut out),
            other => out.push(other),
        }
    }
    out
}

fn fraction(clock: i64, letter: char, width: usize, out: &mut String) {
    let digits = format!("{:07}", clock % SECOND);
    let digits = digits.get(..width.min(7)).unwrap_or(&digits);
    if letter == 'f' || digits.bytes().any(|digit| digit != b'0') {
        out.push_str(digits);
    }
}

fn formatted_span(ticks: i64, format: &str) -> String {
    let ticks = ticks.saturating_abs();
    let mut out = String::new();
    for (c, width) in runs(format, |letter| if letter.is_ascii_alphabetic() { usize::MAX } else { 1 }) {
        match c {
            'd' => out.push_str(&format!("{:0width$}", ticks / DAY)),
            'H' | 'h' => out.push_str(&format!("{:0width$}", ticks / HOUR % 24)),
            'm' => out.push_str(&format!("{:0width$}", ticks / MINUTE % 60)),
            's' => out.push_str(&format!("{:0width$}", ticks / SECOND % 60)),
            'f' | 'F' => fraction(ticks, c, width, &mut out),
            other => out.push(other),
        }
    }
    out
}

fn make_datetime(args: &[Value]) -> Value {
    if args.len() == 1 {
        return match at(args, 0) {
            Value::DateTime(ticks) => Value::DateTime(*ticks),
            other => parse_datetime(&other.to_text()).map_or(Value::Null, Value::DateTime),
        };
    }
    let number = |index: usize| whole(args, index).unwrap_or(0);
    let Some(start) = ticks_of(Civil { year: number(0), month: number(1), day: number(2) }) else { return Value::Null };
    let seconds = as_real(at(args, 5)).unwrap_or(0.0);
    if !(0..24).contains(&number(3)) || !(0..60).contains(&number(4)) || !(0.0..60.0).contains(&seconds) {
        return Value::Null;
    }
    let ticks = crate::value::as_long_exact((seconds * 1e7).round()).unwrap_or(0);
    Value::DateTime(start + number(3) * HOUR + number(4) * MINUTE + ticks)
}

fn make_timespan(args: &[Value]) -> Value {
    if args.len() == 1 {
        return match at(args, 0) {
            Value::TimeSpan(ticks) => Value::TimeSpan(*ticks),
            other => parse_timespan(&other.to_text()).map_or(Value::Null, Value::TimeSpan),
        };
    }
    let days = if args.len() == 4 { whole(args, 0).unwrap_or(0) } else { 0 };
    let from = usize::from(args.len() == 4);
    let number = |index: usize| whole(args, from + index).unwrap_or(0);
    let (hours, minutes, seconds) = (number(0), number(1), as_real(at(args, from + 2)).unwrap_or(0.0));
    if !(0..24).contains(&hours) || !(0..60).contains(&minutes) || !(0.0..60.0).contains(&seconds) {
        return Value::Null;
    }
    let ticks = crate::value::as_long_exact((seconds * 1e7).round()).unwrap_or(0);
    let clock = hours * HOUR + minutes * MINUTE + ticks;
    days.checked_mul(DAY).and_then(|days| days.checked_add(clock)).map_or(Value::Null, Value::TimeSpan)
}

fn since_epoch(args: &[Value], ticks: f64) -> Value {
    let whole_ticks = match (at(args, 0), ticks >= 1.0) {
        (Value::Long(number), true) => crate::value::as_long_exact(ticks).and_then(|ticks| number.checked_mul(ticks)),
        (Value::Long(number), false) => Some(number / 100),
        (other, _) => as_real(other).and_then(|number| crate::value::as_long_exact((number * ticks).round())),
    };
    date(whole_ticks.and_then(|ticks| EPOCH.checked_add(ticks)))
}
