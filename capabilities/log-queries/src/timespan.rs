//! The stretch of time that a request asks for beside its query.

use jiff::{SignedDuration, Span, SpanRelativeTo};
use signet_kernel::Timestamp;
use std::time::Duration;

/// From, and up to and with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
}

/// A stretch that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no ISO 8601 duration or interval: send `PT1H`, or `start/end`, `start/duration` or `duration/end`")]
pub struct TimespanError(String);

impl Window {
    /// SPEC: ISO 8601 4.4: a duration up to now, or two parts around a slash.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, TimespanError> {
        let error = || TimespanError(text.to_owned());
        let moment = |part: &str| part.parse::<Timestamp>().map_err(|_| error());
        let Some((one, other)) = text.split_once('/') else {
            let span = duration(text).ok_or_else(error)?;
            return Ok(Self { from: Some(now.minus(span)), to: Some(now) });
        };
        let (from, to) = match (duration(one), duration(other)) {
            (None, None) => (moment(one)?, moment(other)?),
            (None, Some(span)) => {
                let from = moment(one)?;
                (from, from.plus(span))
            }
            (Some(span), None) => {
                let to = moment(other)?;
                (to.minus(span), to)
            }
            (Some(_), Some(_)) => return Err(error()),
        };
        Ok(Self { from: Some(from), to: Some(to) })
    }

    /// Whether it holds this moment.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at <= to)
    }
}

fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.starts_with(['P', 'p']).then(|| text.parse().ok())??;
    let length: SignedDuration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn seconds(text: &str) -> (i64, i64) {
        let window = Window::parse(text, NOW).unwrap();
        (window.from.unwrap().seconds(), window.to.unwrap().seconds())
    }

    #[test]
    fn what_is_no_stretch_is_refused() {
        for text in ["", "1h", "P1M", "2026-01-01T00:00:00Z", "PT1H/PT1H", "/", "a/b", "PT1H/x", "-PT1H"] {
            assert!(Window::parse(text, NOW).is_err(), "{text}");
        }
    }

    #[test]
    fn iso_8601_durations_end_now_and_intervals_where_they_say() {
        assert_eq!(seconds("PT1H"), (996_400, 1_000_000));
        // What azure-monitor-query makes of a timedelta.
        assert_eq!(seconds("PT86400.0S"), (913_600, 1_000_000));
        assert_eq!(seconds("P1D"), (913_600, 1_000_000));
        assert_eq!(seconds("1970-01-01T00:00:10Z/1970-01-01T00:00:20Z"), (10, 20));
        assert_eq!(seconds("1970-01-01T00:00:10Z/PT5S"), (10, 15));
        assert_eq!(seconds("PT5S/1970-01-01T00:00:20Z"), (15, 20));
    }

    #[test]
    fn both_ends_belong_to_it() {
        let window = Window { from: Some(Timestamp::from_seconds(1)), to: Some(Timestamp::from_seconds(2)) };
        let holds = |second| window.holds(Timestamp::from_seconds(second));
        assert_eq!([0, 1, 2, 3].map(holds), [false, true, true, false]);
    }
}
