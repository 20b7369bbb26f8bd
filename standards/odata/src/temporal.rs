//! Dates, times of day, moments and durations as counts: days since 1970, or microseconds.

use std::fmt::Write as _;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// 0001-01-01T00:00:00Z
pub(crate) const FIRST_MOMENT: i64 = -62_135_596_800 * SECOND;
/// 9999-12-31T23:59:59.999999Z
pub(crate) const LAST_MOMENT: i64 = 253_402_300_800 * SECOND - 1;

/// The days of `2026-11-21`.
pub(crate) fn date(text: &str) -> Option<i64> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    let days = days_of(year, month, day);
    // What does not come back the same was no day of any month: 30 February.
    (year >= 1 && (1..=12).contains(&month) && day >= 1 && civil(days) == (year, month, day)).then_some(days)
}

/// The microseconds of `10:30`, `10:30:00` or `10:30:00.5`.
pub(crate) fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("00"));
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    if parts.next().is_some() || [hour, minute, second].iter().any(|part| part.len() != 2) {
        return None;
    }
    let (hour, minute, second) = (digits(hour)?, digits(minute)?, digits(second)?);
    let valid = hour < 24 && minute < 60 && second < 60;
    valid.then_some(hour * HOUR + minute * MINUTE + second * SECOND + micros(fraction)?)
}

/// The moment of `2026-11-21T10:30:00Z`, with any offset; digits beyond microseconds are dropped.
pub(crate) fn moment(text: &str) -> Option<i64> {
    let (day, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let (clock, offset) = rest.split_at_checked(rest.find(['Z', 'z', '+', '-'])?)?;
    let local = date(day)? * DAY + time_of_day(clock)?;
    if offset.eq_ignore_ascii_case("z") {
        return Some(local);
    }
    let (sign, offset) = offset.split_at_checked(1)?;
    let (hours, minutes) = offset.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    let shift = hours * HOUR + minutes * MINUTE;
    (hours < 24 && minutes < 60).then_some(if sign == "-" { local + shift } else { local - shift })
}

/// The microseconds of `P1DT2H3M4.5S`.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let text = text.strip_prefix('P')?;
    let (days, clock) = text.split_once('T').map_or((text, None), |(days, clock)| (days, Some(clock)));
    let mut rest = days;
    let mut total = unit(&mut rest, 'D', DAY)?;
    let mut given = rest.len() < days.len();
    if !rest.is_empty() {
        return None;
    }
    if let Some(clock) = clock {
        rest = clock;
        for (letter, size) in [('H', HOUR), ('M', MINUTE), ('S', SECOND)] {
            total = total.checked_add(unit(&mut rest, letter, size)?)?;
        }
        if clock.is_empty() || !rest.is_empty() {
            return None;
        }
        given = true;
    }
    given.then_some(if negative { -total } else { total })
}

/// Takes `12D` off the front, if that is the unit that comes next.
fn unit(rest: &mut &str, letter: char, size: i64) -> Option<i64> {
    let Some((number, tail)) = rest.split_once(letter) else { return Some(0) };
    *rest = tail;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let part = if fraction.is_empty() { 0 } else { micros(fraction)? };
    if !fraction.is_empty() && letter != 'S' {
        return None;
    }
    digits(whole)?.checked_mul(size)?.checked_add(part)
}

/// The microseconds of a fraction of a second.
fn micros(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || fraction.len() > 12 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded: String = fraction.chars().chain("000000".chars()).take(6).collect();
    digits(&padded)
}

fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Days since 1970 of a day in the Gregorian calendar, by counting 400-year eras from 1 March.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a count of days.
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

pub(crate) fn print_date(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

pub(crate) fn print_time_of_day(time: i64) -> String {
    let mut text = format!("{:02}:{:02}:{:02}", time / HOUR, time / MINUTE % 60, time / SECOND % 60);
    if time % SECOND != 0 {
        let _ = write!(text, ".{:06}", time % SECOND);
    }
    text
}

pub(crate) fn print_moment(moment: i64) -> String {
    format!("{}T{}Z", print_date(moment.div_euclid(DAY)), print_time_of_day(moment.rem_euclid(DAY)))
}

pub(crate) fn print_duration(duration: i64) -> String {
    let (sign, size) = (if duration < 0 { "-" } else { "" }, duration.unsigned_abs());
    format!("{sign}PT{}.{:06}S", size / 1_000_000, size % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_date_time_or_duration_is_refused() {
        for wrong in ["2026-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "0000-01-01", "2026-11", "é026-11-21"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        for wrong in ["24:00:00", "10:60:00", "10:00:60", "10", "1:00:00", "10:00:00:00", "10:00:00.", "10:00:00.x"] {
            assert_eq!(time_of_day(wrong), None, "{wrong}");
        }
        for wrong in
            ["2026-11-21T10:00:00", "2026-11-21 10:00:00Z", "2026-11-21T10:00:00+2:00", "2026-11-21T10:00:00+24:00"]
        {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
        for wrong in ["", "P", "PT", "P1", "P1DT", "PT1.5H", "P1H", "PT1S1M", "P99999999999999999999D", "P-1D"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_written_form_is_read() {
        assert_eq!(date("1970-01-01"), Some(0));
        assert_eq!(date("2024-02-29"), Some(19_782));
        assert_eq!(moment("2026-11-21T12:00+02:00"), moment("2026-11-21t10:00:00.0000000z"));
        assert_eq!(moment("1969-12-31T23:59:59.5Z"), Some(-500_000));
        assert_eq!(duration("-P1DT2H3M4.5S"), Some(-(DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 500_000)));
        assert_eq!(
            (moment("0001-01-01T00:00:00Z"), date("0001-01-01").map(|day| day * DAY)),
            (Some(FIRST_MOMENT), Some(FIRST_MOMENT))
        );
        assert_eq!(moment("9999-12-31T23:59:59.9999999Z"), Some(LAST_MOMENT));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(micros in FIRST_MOMENT..=LAST_MOMENT) {
            prop_assert_eq!(moment(&print_moment(micros)), Some(micros));
            prop_assert_eq!(date(&print_date(micros.div_euclid(DAY))), Some(micros.div_euclid(DAY)));
            prop_assert_eq!(time_of_day(&print_time_of_day(micros.rem_euclid(DAY))), Some(micros.rem_euclid(DAY)));
            prop_assert_eq!(duration(&print_duration(micros)), Some(micros));
        }

        #[test]
        fn never_panics(text in "\\PC{0,30}") {
            let _ = (date(&text), time_of_day(&text), moment(&text), duration(&text));
        }
    }
}
