use super::{DAY, SECOND};

/// A date as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
}

/// Days from 0001-01-01 to this date.
pub(crate) fn days_of(date: Civil) -> i64 {
    let year = if date.month <= 2 { date.year - 1 } else { date.year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month = (date.month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + date.day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 306
}

/// The date on which these ticks fall.
pub(crate) fn civil(ticks: i64) -> Civil {
    let days = ticks.div_euclid(DAY) + 306;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil { year, month, day: of_year - (153 * shifted + 2) / 5 + 1 }
}

/// The ticks at which this date begins, if there is such a date.
pub(crate) fn ticks_of(date: Civil) -> Option<i64> {
    if !(1..=9999).contains(&date.year) || !(1..=12).contains(&date.month) || date.day < 1 {
        return None;
    }
    let ticks = days_of(date).checked_mul(DAY)?;
    (civil(ticks) == date).then_some(ticks)
}

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
        spelled_date(&mut reader).or_else(|| {
            reader = Reader(text);
            american_date(&mut reader)
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
    let mark = ['/', '-'].into_iter().find(|mark| reader.eat(*mark))?;
    let day = reader.digits(1, 2)?;
    let year = reader.eat(mark).then(|| reader.digits(4, 4))??;
    Some(Civil { year, month, day })
}

/// `Sat, 8 Nov 2014`, `8 Nov 14`, `1 November 2014`.
fn spelled_date(reader: &mut Reader<'_>) -> Option<Civil> {
    if let Some((_, rest)) = reader.0.split_once(',') {
        reader.0 = rest;
    }
    while reader.eat(' ') {}
    let day = reader.digits(1, 2)?;
    while reader.eat(' ') || reader.eat('-') {}
    let letters = reader.0.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, rest) = reader.0.split_at_checked(letters)?;
    let short = name.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|month| *month == short)? + 1;
    reader.0 = rest;
    while reader.eat(' ') || reader.eat('-') {}
    let year = reader.digits(2, 4)?;
    let year = if year < 100 { 2000 + year } else { year };
    Some(Civil { year, month: i64::try_from(month).ok()?, day })
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
            return whole.checked_mul(super::as_long_exact(ticks)?).map(|ticks| sign * ticks);
        }
        return super::as_long_exact((number.parse::<f64>().ok()? * ticks).round()).map(|ticks| sign * ticks);
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

/// As it is printed in JSON and by `tostring( )`.
pub(crate) fn format_datetime(ticks: i64) -> String {
    let date = civil(ticks);
    let clock = ticks.rem_euclid(DAY);
    let (seconds, fraction) = (clock / SECOND, clock % SECOND);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{fraction:07}Z",
        date.year,
        date.month,
        date.day,
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// `[-][d.]hh:mm:ss[.fffffff]`.
pub(crate) fn format_timespan(ticks: i64) -> String {
    let size = ticks.unsigned_abs();
    let second = SECOND.unsigned_abs();
    let (days, clock) = (size / DAY.unsigned_abs(), size % DAY.unsigned_abs());
    let (seconds, fraction) = (clock / second, clock % second);
    let sign = if ticks < 0 { "-" } else { "" };
    let days = if days > 0 { format!("{days}.") } else { String::new() };
    let fraction = if fraction > 0 { format!(".{fraction:07}") } else { String::new() };
    format!("{sign}{days}{:02}:{:02}:{:02}{fraction}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "2024-02-30", "2024-13-01", "hello", "2024-01-01T25:00", "2024-01-01x", "0000-01-01"] {
            assert_eq!(parse_datetime(text), None, "{text}");
        }
    }

    #[test]
    fn dates_come_back_as_written() {
        assert_eq!(parse_datetime("0001-01-01"), Some(0));
        assert_eq!(parse_datetime("1970-01-01"), Some(621_355_968_000_000_000));
        for (text, printed) in [
            ("2024-02-29", "2024-02-29T00:00:00.0000000Z"),
            ("2024-05-30T08:09:10.1234567Z", "2024-05-30T08:09:10.1234567Z"),
            ("2024-05-30 08:09", "2024-05-30T08:09:00.0000000Z"),
            ("2024-05-30T01:00:00+02:00", "2024-05-29T23:00:00.0000000Z"),
            ("Sat, 8 Nov 2014 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"),
            ("2015", "2015-01-01T00:00:00.0000000Z"),
            ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"),
        ] {
            assert_eq!(parse_datetime(text).map(format_datetime).as_deref(), Some(printed), "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries() {
        for day in 700_000..=846_100 {
            assert_eq!(days_of(civil(day * DAY)), day);
        }
    }

    #[test]
    fn timespans() {
        for (text, printed) in [
            ("1d", "1.00:00:00"),
            ("1.5h", "01:30:00"),
            ("-30m", "-00:30:00"),
            ("100ms", "00:00:00.1000000"),
            ("1tick", "00:00:00.0000001"),
            ("2.03:04:05.6", "2.03:04:05.6000000"),
            ("0:0:1", "00:00:01"),
            ("3", "3.00:00:00"),
            ("2minutes", "00:02:00"),
        ] {
            assert_eq!(parse_timespan(text).map(format_timespan).as_deref(), Some(printed), "{text}");
        }
        assert_eq!((parse_timespan("x"), parse_timespan("1y"), parse_timespan("25:00")), (None, None, None));
    }
}
