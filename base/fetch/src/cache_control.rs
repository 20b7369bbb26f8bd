//! How long a server says that its answer stays good.

use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap};
use std::time::Duration;

/// SPEC: RFC 9111 4.2.1 and 5.2.2: `max-age` less the answer's `Age`; zero for what must not be kept.
pub(crate) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut found = None;
    for directive in values.flat_map(|value| value.split(',')).map(str::trim) {
        let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return Some(Duration::ZERO);
        }
        if name.eq_ignore_ascii_case("max-age") {
            found = found.or(argument.trim_matches('"').parse().ok().map(Duration::from_secs));
        }
    }
    let age = headers.get(AGE).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0);
    found.map(|found| found.saturating_sub(Duration::from_secs(age)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cache_control: &str, age: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, cache_control.parse().unwrap());
        headers.insert(AGE, age.parse().unwrap());
        max_age(&headers).map(|age| age.as_secs())
    }

    #[test]
    fn rfc9111_s5_2_2_max_age() {
        assert_eq!(of("public, Max-Age=300, must-revalidate", "0"), Some(300));
        assert_eq!(of("max-age=\"300\"", "100"), Some(200));
        assert_eq!(of("max-age=300", "999"), Some(0));
        assert_eq!(of("max-age=300, no-store", "0"), Some(0));
        assert_eq!(of("max-age=x", "0"), None);
        assert_eq!(of("s-maxage=300", "0"), None);
    }
}
