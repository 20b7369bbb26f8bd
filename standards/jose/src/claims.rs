//! The claims of a verified token, and whether it is valid now.

use crate::json;
use serde_json::{Map, Value};
use signet_kernel::Timestamp;
use std::time::Duration;

/// How deep claims may nest: `act` chains and `authorization_details` need some.
const CLAIMS_DEPTH: u8 = 32;

/// The last second of the year 9999: later times do not print.
const MAX_SECONDS: i64 = 253_402_300_799;

/// Why a payload is not a set of claims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// Not a JSON object of different members.
    #[error("the claims are not valid JSON: {0}")]
    Json(String),
    /// A registered claim has the wrong type or an impossible value.
    #[error("the claim `{0}` is malformed")]
    Malformed(&'static str),
}

/// The claims of a token: the registered ones read, all of them at hand.
///
/// INVARIANT: outside this crate, claims come from [`VerifiedJws::claims`](crate::VerifiedJws::claims) alone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// `iss`
    pub issuer: Option<String>,
    /// `sub`
    pub subject: Option<String>,
    /// `aud`, one or several; empty if absent.
    pub audience: Vec<String>,
    /// `exp`
    pub expires: Option<Timestamp>,
    /// `nbf`
    pub not_before: Option<Timestamp>,
    /// `iat`
    pub issued_at: Option<Timestamp>,
    /// `jti`
    pub id: Option<String>,
    /// Every claim as sent, these included.
    pub all: Map<String, Value>,
}

impl Claims {
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, ClaimsError> {
        let all = json::object(payload, CLAIMS_DEPTH).map_err(|error| ClaimsError::Json(error.to_string()))?;
        Ok(Self {
            issuer: text(&all, "iss")?,
            subject: text(&all, "sub")?,
            audience: audience(&all)?,
            expires: time(&all, "exp")?,
            not_before: time(&all, "nbf")?,
            issued_at: time(&all, "iat")?,
            id: text(&all, "jti")?,
            all,
        })
    }

    /// A text claim of any name; absent if it is not text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name)?.as_str()
    }
}

fn text(all: &Map<String, Value>, name: &'static str) -> Result<Option<String>, ClaimsError> {
    match all.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ClaimsError::Malformed(name)),
    }
}

/// SPEC: RFC 7519 4.1.3: one string or a list of strings
fn audience(all: &Map<String, Value>) -> Result<Vec<String>, ClaimsError> {
    let one = |value: &Value| value.as_str().map(str::to_owned).ok_or(ClaimsError::Malformed("aud"));
    match all.get("aud") {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => values.iter().map(one).collect(),
        Some(value) => one(value).map(|value| vec![value]),
    }
}

/// SPEC: RFC 7519 2, `NumericDate`: seconds since 1970, fractions allowed
fn time(all: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, ClaimsError> {
    let Some(value) = all.get(name) else { return Ok(None) };
    let moment = match (value.as_i64(), value.as_f64()) {
        (Some(seconds), _) if (0..=MAX_SECONDS).contains(&seconds) => Timestamp::from_seconds(seconds),
        (None, Some(seconds)) if (0.0..=253_402_300_799.0).contains(&seconds) => {
            Timestamp::default().plus(Duration::from_secs_f64(seconds))
        }
        _ => return Err(ClaimsError::Malformed(name)),
    };
    Ok(Some(moment))
}

/// When claims are looked at, and how far clocks may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The moment of the check.
    pub now: Timestamp,
    /// How far the issuer's clock may be off.
    pub leeway: Duration,
}

/// Why a token is not valid at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    /// It never expires, which no token may.
    #[error("the token has no `exp`")]
    NoExpiry,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come, or it was issued in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
}

impl Validity {
    /// Checks `exp`, which must be there, `nbf` and `iat`.
    ///
    /// # Errors
    /// [`ValidityError`].
    pub fn check(&self, claims: &Claims) -> Result<(), ValidityError> {
        let expires = claims.expires.ok_or(ValidityError::NoExpiry)?;
        // SPEC: RFC 7519 4.1.4: on or after `exp` the token is not accepted
        if self.now.minus(self.leeway) >= expires {
            return Err(ValidityError::Expired);
        }
        // SPEC: RFC 7519 4.1.5 and 4.1.6
        let earliest = self.now.plus(self.leeway);
        if [claims.not_before, claims.issued_at].into_iter().flatten().any(|moment| moment > earliest) {
            return Err(ValidityError::NotYetValid);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Validity {
        Validity { now: Timestamp::from_seconds(seconds), leeway: Duration::from_secs(30) }
    }

    fn claims(text: &str) -> Claims {
        Claims::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn registered_claims_of_the_wrong_type_are_refused() {
        for (name, text) in [
            ("iss", r#"{"iss":1}"#),
            ("sub", r#"{"sub":null}"#),
            ("aud", r#"{"aud":{}}"#),
            ("aud", r#"{"aud":["a",1]}"#),
            ("jti", r#"{"jti":7}"#),
            ("exp", r#"{"exp":"1795227512"}"#),
            ("exp", r#"{"exp":null}"#),
            ("exp", r#"{"exp":-1}"#),
            ("exp", r#"{"exp":18446744073709551615}"#),
            ("nbf", r#"{"nbf":-0.5}"#),
            ("iat", r#"{"iat":253402300800}"#),
            ("iat", r#"{"iat":1e300}"#),
        ] {
            assert_eq!(Claims::parse(text.as_bytes()), Err(ClaimsError::Malformed(name)), "{text}");
        }
        for text in [r#"{"exp":1e999}"#, r#"{"exp":NaN}"#, r#"{"iss":"a","iss":"b"}"#, "[]", ""] {
            assert!(matches!(Claims::parse(text.as_bytes()), Err(ClaimsError::Json(_))), "{text}");
        }
    }

    #[test]
    fn rfc7519_s4_1_4_a_token_ends_at_exp_and_must_have_one() {
        let token = claims(r#"{"exp":1000}"#);
        assert_eq!(at(1_030).check(&token), Err(ValidityError::Expired));
        assert_eq!(at(1_029).check(&token), Ok(()));
        assert_eq!(at(0).check(&claims("{}")), Err(ValidityError::NoExpiry));
    }

    #[test]
    fn rfc7519_s4_1_5_a_token_begins_at_nbf_and_is_not_from_the_future() {
        for text in [r#"{"exp":9000,"nbf":1000}"#, r#"{"exp":9000,"iat":1000}"#] {
            assert_eq!(at(969).check(&claims(text)), Err(ValidityError::NotYetValid));
            assert_eq!(at(970).check(&claims(text)), Ok(()));
        }
    }

    #[test]
    fn times_may_have_fractions_as_msal_for_python_sends_them() {
        let token = claims(r#"{"exp":1795227512.25,"iat":1795227512}"#);
        assert_eq!(token.expires, Some(Timestamp::from_micros(1_795_227_512_250_000)));
        assert_eq!(token.issued_at, Some(Timestamp::from_seconds(1_795_227_512)));
    }

    #[test]
    fn rfc7519_s4_1_3_the_audience_is_one_or_several() {
        assert_eq!(claims(r#"{"aud":"a"}"#).audience, ["a"]);
        assert_eq!(claims(r#"{"aud":["a","b"]}"#).audience, ["a", "b"]);
        assert!(claims("{}").audience.is_empty());
        assert_eq!(claims(r#"{"fmi":"x","n":1}"#).text("fmi"), Some("x"));
        assert_eq!(claims(r#"{"fmi":"x","n":1}"#).text("n"), None);
    }
}
