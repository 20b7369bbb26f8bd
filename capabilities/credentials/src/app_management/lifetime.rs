//! How long a credential may live.

use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::str::FromStr;
use std::time::Duration;

/// `Edm.Duration`: ISO 8601 of weeks, days and shorter units, such as `P90D`. Kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetime {
    text: String,
    span: Duration,
}

impl Lifetime {
    /// How long that is; a day has 24 hours.
    pub fn duration(&self) -> Duration {
        self.span
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not a duration of weeks, days or shorter units above zero, such as P90D");
        let span: Span = text.parse().map_err(|_| wrong())?;
        let days = SpanRelativeTo::days_are_24_hours();
        let span = span.to_duration(days).ok().and_then(|span| Duration::try_from(span).ok());
        let span = span.filter(|span| !span.is_zero()).ok_or_else(wrong)?;
        Ok(Self { text: text.to_owned(), span })
    }
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_of_units_whose_length_is_known() {
        for wrong in ["", "90", "P", "P1Y", "P3M", "-P1D", "P0D", "PT", "P1D2"] {
            assert!(wrong.parse::<Lifetime>().is_err(), "{wrong}");
        }
        for (text, hours) in [("P90D", 90 * 24), ("PT36H", 36), ("P4DT12H", 4 * 24 + 12), ("P1W", 7 * 24)] {
            assert_eq!(text.parse::<Lifetime>().unwrap().duration(), Duration::from_secs(hours * 3_600), "{text}");
        }
    }
}
