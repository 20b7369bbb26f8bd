//! Values written in an expression.

use crate::scalar::Scalar;
use crate::temporal;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use signet_kernel::Timestamp;
use std::borrow::Cow;
use std::fmt;

/// A value written in an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A whole number that fits 64 bits.
    Integer(i64),
    /// Any other number, `INF` and `NaN`. Decimals are computed in double precision.
    Number(f64),
    /// `'text'`, a quote in it doubled.
    Text(String),
    /// A GUID, in lower case.
    Guid(String),
    /// `2026-11-21`, in days since 1970.
    Date(i64),
    /// `2026-11-21T10:00:00Z`
    Moment(Timestamp),
    /// `10:30:00`, in microseconds since midnight.
    TimeOfDay(i64),
    /// `duration'PT1H'`, in microseconds.
    Duration(i64),
    /// `binary'…'`
    Binary(Vec<u8>),
    /// `microsoft.graph.riskLevel'high'`
    Enumeration {
        /// The type, as written.
        type_name: String,
        /// The member, or several separated by commas.
        member: String,
    },
}

impl Constant {
    /// The value as expressions compute with it.
    pub(crate) fn scalar(&self) -> Scalar<'_> {
        match self {
            Self::Null => Scalar::Null,
            Self::Boolean(value) => Scalar::Boolean(*value),
            Self::Integer(value) => Scalar::Integer(*value),
            Self::Number(value) => Scalar::Number(*value),
            Self::Text(text) | Self::Guid(text) | Self::Enumeration { member: text, .. } => {
                Scalar::Text(Cow::Borrowed(text))
            }
            Self::Date(days) => Scalar::Date(*days),
            Self::Moment(moment) => Scalar::Moment(moment.micros()),
            Self::TimeOfDay(time) => Scalar::TimeOfDay(*time),
            Self::Duration(duration) => Scalar::Duration(*duration),
            Self::Binary(bytes) => Scalar::Bytes(Cow::Borrowed(bytes)),
        }
    }

    /// The text, where it is one or is kept as one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Guid(text) | Self::Enumeration { member: text, .. } => Some(text),
            _ => None,
        }
    }

    /// A number, moment, date, time of day or GUID that is written without quotes.
    pub(crate) fn bare(word: &str) -> Option<Self> {
        if let Ok(value) = word.parse() {
            return Some(Self::Integer(value));
        }
        let numeric = word.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        if numeric
            && let Ok(value) = word.parse::<f64>()
            && value.is_finite()
        {
            return Some(Self::Number(value));
        }
        if is_guid(word) {
            return Some(Self::Guid(word.to_ascii_lowercase()));
        }
        let moment = || temporal::moment(word).map(|micros| Self::Moment(Timestamp::from_micros(micros)));
        let date = || temporal::date(word).map(Self::Date);
        let time = || temporal::time_of_day(word).map(Self::TimeOfDay);
        moment().or_else(date).or_else(time)
    }

    /// A value in quotes with its type before it: `duration'PT1H'`.
    pub(crate) fn prefixed(prefix: &str, text: &str) -> Option<Self> {
        match prefix.to_ascii_lowercase().as_str() {
            "duration" => temporal::duration(text).map(Self::Duration),
            "binary" => decode(text).map(Self::Binary),
            "guid" => is_guid(text).then(|| Self::Guid(text.to_ascii_lowercase())),
            "datetime" | "datetimeoffset" => {
                let micros = temporal::moment(text).or_else(|| temporal::moment(&format!("{text}Z")))?;
                Some(Self::Moment(Timestamp::from_micros(micros)))
            }
            _ => {
                let plain = |character: char| character.is_alphanumeric() || "_,. -".contains(character);
                let valid = prefix.contains('.') && !text.is_empty() && text.chars().all(plain);
                valid.then(|| Self::Enumeration { type_name: prefix.to_owned(), member: text.to_owned() })
            }
        }
    }
}

/// Base64 with either alphabet, padded or not.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    STANDARD_NO_PAD.decode(bare).or_else(|_| URL_SAFE_NO_PAD.decode(bare)).ok()
}

/// Whether a text is a GUID with hyphens.
pub(crate) fn is_guid(text: &str) -> bool {
    let mut groups = text.split('-');
    let sizes = [8, 4, 4, 4, 12];
    let fits = |size: &usize| {
        groups.next().is_some_and(|group| group.len() == *size && group.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    sizes.iter().all(fits) && groups.next().is_none()
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) if value.is_nan() => f.write_str("NaN"),
            Self::Number(value) if value.is_infinite() => f.write_str(if *value > 0.0 { "INF" } else { "-INF" }),
            Self::Number(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Self::Guid(text) => f.write_str(text),
            Self::Date(days) => f.write_str(&temporal::print_date(*days)),
            Self::Moment(moment) => f.write_str(&temporal::print_moment(moment.micros())),
            Self::TimeOfDay(time) => f.write_str(&temporal::print_time_of_day(*time)),
            Self::Duration(duration) => write!(f, "duration'{}'", temporal::print_duration(*duration)),
            Self::Binary(bytes) => write!(f, "binary'{}'", URL_SAFE_NO_PAD.encode(bytes)),
            Self::Enumeration { type_name, member } => write!(f, "{type_name}'{member}'"),
        }
    }
}
