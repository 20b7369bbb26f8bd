//! Dates and spans as people write them.

use super::{Civil, DAY, SECOND, ticks_of};

struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (number, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        number.parse().ok()
    }

    fn eat(&mut self, mark: char) -> bool {
        match self.0.strip_prefix(mark) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Digits after a point, in ticks.
    fn fraction(&mut self) -> Option<i64> {
        if !self.eat('.') {
            return Some(0);
        }
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        let mut padded: String = digits.chars().take(7).collect();
        while padded.len() < 7 {
            padded.push('0');
        }
        padded.parse().ok().filter(|_| count > 0)
    }

    fn clock(&mut self) -> Option<i64> {
        let hours = self.digits(1, 2)?;
        let minutes = if self.eat(':') { self.digits(1, 2)? } else { 0 };
        let seconds = if self.eat(':') { self.digits(1, 2)? } else { 0 };
        let fraction = self.fraction()?;
        (hours < 24 && minutes < 60 && seconds < 60)
            .then_some((hours * 3_600 + minutes * 60 + seconds) * SECOND + fraction)
    }

    fn zone(&mut self) -> Option<i64> {
        while self.eat(' ') {}
        if self.eat('Z') || self.eat('z') || self.0.is_empty() {
            return Some(0);
        }
        for zone in ["UTC", "GMT"] {
            if let Some(rest) = self.0.strip_prefix(zone) {
                self.0 = rest;
                return Some(0);
            }
        }
        let sign = if self.eat('-') { -1 } else { i64::from(self.eat('+')) };
        let hours = self.digits(2, 2)?;
        self.eat(':');
        let minutes = self.digits(2, 2).unwrap_or(0);
        (sign != 0).then_some(sign * (hours * 60 + minutes) * 60 * SECOND)
    }
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `2024-05-30T08:00:00.1234567Z` and what the language takes beside it.
pub(crate) fn parse_datetime(text: &str) -> Option<i64> {
    let plain = text.trim().trim_matches(['"', '\'']).trim();
    let commas = plain.starts_with(|c: char| c.is_ascii_digit()) && plain.contains(", ");
    let spaced = if commas { plain.replace(", ", "-") } else { plain.replace(" - ", "-") };
    let text = spaced.as_str();
    let mut reader = Reader(text);
    let date = iso_date(&mut reader).or_else(|| {
        reader = Reader(text);
        [spelled_date, american_date, named_date, packed_date].into_iter().find_map(|read| {
            reader = Reader(text);
            read(&mut reader)
        })
    })?;
    let start = ticks_of(date)?;
    if reader.0.is_empty() {
        return Some(start);
    }
    if !(reader.eat('T') || reader.eat('t') || reader.eat(' ')) {
        return None;
    }
    while reader.eat(' ') {}
    let clock = reader.clock()?;
    let offset = reader.zone()?;
    reader.0.is_empty().then(|| start.checked_add(clock)?.checked_sub(offset)).flatten()
}

fn iso_date(reader: &mut Reader<'_>) -> Option<Civil> {
    let year = reader.digits(4, 4)?;
    if reader.0.is_empty() {
        return Some(Civil { year, month: 1, day: 1 });
    }
    let mark = ['-', '/', '.'].into_iter().find(|mark| reader.eat(*mark))?;
    let month = reader.digits(1, 2)?;
    let day = if reader.eat(mark) { reader.digits(1, 2)? } else { 1 };
    Some(Civil { year, month, day })
}

fn american_date(reader: &mut Reader<'_>) -> Option<Civil> {
    let month = reader.digits(1, 2)?;
    let mark = ['/', '-', '.'].into_iter().find(|mark| reader.eat(*mark))?;
    let day = reader.digits(1, 2)?;
    let year = reader.eat(mark).then(|| reader.digits(4, 4))??;
    Some(Civil { year, month, day })
}

/// `20141108`.
fn packed_date(reader: &mut Reader<'_>) -> Option<Civil> {
    let (year, month, day) = (reader.digits(4, 4)?, reader.digits(2, 2)?, reader.digits(2, 2)?);
    Some(Civil { year, month, day })
}

/// `Nov 8, 2014`.
fn named_date(reader: &mut Reader<'_>) -> Option<Civil> {
    let month = named_month(reader)?;
    while reader.eat(' ') {}
    let day = reader.digits(1, 2)?;
    reader.eat(',');
    while reader.eat(' ') {}
    Some(Civil { year: reader.digits(4, 4)?, month, day })
}

/// The month whose name, or the beginning of it, stands here.
fn named_month(reader: &mut Reader<'_>) -> Option<i64> {
    let letters = reader.0.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, rest) = reader.0.split_at_checked(letters)?;
    let short = name.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|month| *month == short)? + 1;
    reader.0 = rest;
    i64::try_from(month).ok()
}

/// `Sat, 8 Nov 2014`, `8 Nov 14`, `1 November 2014`.
fn spelled_date(reader: &mut Reader<'_>) -> Option<Civil> {
    if let Some((_, rest)) = reader.0.split_once(',') {
        reader.0 = rest;
    }
    while reader.eat(' ') {}
    let day = reader.digits(1, 2)?;
    while reader.eat(' ') || reader.eat('-') {}
    let month = named_month(reader)?;
    while reader.eat(' ') || reader.eat('-') {}
    let year = reader.digits(2, 4)?;
    let year = if year < 100 { 2000 + year } else { year };
    Some(Civil { year, month, day })
}

const UNITS: [(&str, i64); 9] = [
    ("microsecond", 10),
    ("micro", 10),
    ("millisecond", 10_000),
    ("milli", 10_000),
    ("ms", 10_000),
    ("tick", 1),
    ("day", DAY),
    ("hour", 3_600 * SECOND),
    ("min", 60 * SECOND),
];

fn unit(name: &str) -> Option<f64> {
    let ticks = match name {
        "d" => DAY,
        "h" | "hr" | "hrs" => 3_600 * SECOND,
        "m" => 60 * SECOND,
        "s" | "sec" | "second" | "seconds" => SECOND,
        "nano" | "nanos" | "nanosecond" | "nanoseconds" => return Some(0.01),
        _ => UNITS.iter().find(|(unit, _)| name.starts_with(unit)).map(|(_, ticks)| *ticks)?,
    };
    Some(ticks as f64)
}

/// `1.5h`, `2.03:04:05.6`, `03:04`, or whole days.
pub(crate) fn parse_timespan(text: &str) -> Option<i64> {
    let text = text.trim().trim_matches(['"', '\'']).trim();
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    if let Some(split) = text.find(|c: char| c.is_ascii_alphabetic()) {
        let (number, name) = text.split_at_checked(split)?;
        let number = number.trim();
        let ticks = unit(name.trim())?;
        if let Ok(whole) = number.parse::<i64>() {
            return whole.checked_mul(crate::value::as_long_exact(ticks)?).map(|ticks| sign * ticks);
        }
        return crate::value::as_long_exact((number.parse::<f64>().ok()? * ticks).round()).map(|ticks| sign * ticks);
    }
    let mut reader = Reader(text);
    let Some((days, clock)) = text
        .split_once(':')
        .map(|(before, _)| before.split_once('.').map_or((None, before), |(days, hour)| (Some(days), hour)))
    else {
        return text.parse::<i64>().ok()?.checked_mul(DAY).map(|ticks| sign * ticks);
    };
    let _ = clock;
    let days = match days {
        Some(days) => {
            reader.0 = reader.0.get(days.len() + 1..)?;
            days.parse::<i64>().ok()?
        }
        None => 0,
    };
    let clock = reader.clock()?;
    reader.0.is_empty().then(|| days.checked_mul(DAY)?.checked_add(clock)).flatten().map(|ticks| sign * ticks)
}
