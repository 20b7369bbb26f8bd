//! `Prefer`.

use axum::http::HeaderMap;

/// What a client would like (RFC 7240); unknown preferences are ignored, as that standard demands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// `create-if-missing`
    pub(crate) create_if_missing: bool,
    /// `return=representation`
    pub(crate) representation: bool,
}

impl Preferences {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        // SPEC: RFC 7240 2: a list of preferences, each with parameters after a semicolon.
        for preference in values.flat_map(|value| value.split(',')) {
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'));
            match name.as_str() {
                "create-if-missing" => preferences.create_if_missing = true,
                "return" => preferences.representation = value.eq_ignore_ascii_case("representation"),
                _ => {}
            }
        }
        preferences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> (bool, bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("prefer", value.parse().unwrap());
        }
        let Preferences { create_if_missing, representation } = Preferences::of(&headers);
        (create_if_missing, representation)
    }

    #[test]
    fn rfc7240_s2_preferences_come_in_lists_and_lines_and_any_case() {
        assert_eq!(of(&[]), (false, false));
        assert_eq!(of(&["create-if-missingx, return=minimal", "wait=5"]), (false, false));
        assert_eq!(of(&["Create-If-Missing;x=1, return=\"representation\""]), (true, true));
        assert_eq!(of(&["respond-async", "return = Representation"]), (false, true));
    }
}
