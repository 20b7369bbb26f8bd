//! Days, ticks, and how they are printed.

mod read;

pub(crate) use read::{parse_datetime, parse_timespan};

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
        for text in [
            "",
            "2024-02-30",
            "2024-13-01",
            "hello",
            "2024-01-01T25:00",
            "2024-01-01x",
            "0000-01-01",
            "13.01.2022",
            "20221301",
        ] {
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
            ("Nov 8, 2014", "2014-11-08T00:00:00.0000000Z"),
            ("11.08.2014 10:00", "2014-11-08T10:00:00.0000000Z"),
            ("20141108", "2014-11-08T00:00:00.0000000Z"),
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
