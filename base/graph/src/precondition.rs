//! `If-Match` and `If-None-Match` of a write against an object's version.

use axum::http::{HeaderMap, HeaderName, header};
use signet_kernel::{Failure, Fault};

/// The strong entity tag of a version.
pub(crate) fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// The version that the operation must find, if the client named one; refused if the object is at another, or if
/// the client wants there to be none.
pub(crate) fn on_version(headers: &HeaderMap, version: u64) -> Result<Option<u64>, Failure> {
    // SPEC: RFC 9110 13.1.2
    if names(headers, &header::IF_NONE_MATCH, version).is_some() {
        return Err(failed("If-None-Match", "The object exists already at the version that If-None-Match excludes."));
    }
    if !headers.contains_key(header::IF_MATCH) {
        return Ok(None);
    }
    match names(headers, &header::IF_MATCH, version) {
        Some(Named::Any) => Ok(None),
        Some(Named::Version) => Ok(Some(version)),
        None => {
            let message = "The object is at another version than If-Match names; read it again and decide.";
            Err(failed("If-Match", message))
        }
    }
}

/// Whether a client that reads has an object at this version already.
pub(crate) fn is_known(headers: &HeaderMap, version: u64) -> bool {
    // SPEC: RFC 9110 13.1.2: by weak comparison, so that a weak tag of this version matches too.
    let weak = || etags(headers, &header::IF_NONE_MATCH).any(|tag| tag.strip_prefix("W/") == Some(&etag(version)));
    names(headers, &header::IF_NONE_MATCH, version).is_some() || weak()
}

/// Refuses a client that wants the object to be there, of one that is not.
pub(crate) fn on_missing(headers: &HeaderMap) -> Result<(), Failure> {
    if headers.contains_key(header::IF_MATCH) {
        return Err(failed("If-Match", "There is no object that If-Match could match; leave it out to create one."));
    }
    Ok(())
}

fn failed(target: &str, message: &str) -> Failure {
    Failure::new(Fault::Precondition, "Request_PreconditionFailed", message).with_target(target)
}

enum Named {
    Any,
    Version,
}

/// How a list of entity tags names a version, if it does.
fn names(headers: &HeaderMap, header: &HeaderName, version: u64) -> Option<Named> {
    let current = etag(version);
    // SPEC: RFC 9110 13.1.1: any of the tags, by strong comparison, so that a weak one never matches.
    etags(headers, header).find_map(|tag| match tag {
        "*" => Some(Named::Any),
        tag if tag == current => Some(Named::Version),
        _ => None,
    })
}

fn etags<'h>(headers: &'h HeaderMap, header: &HeaderName) -> impl Iterator<Item = &'h str> + use<'h> {
    let values = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Result<Option<u64>, Fault> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, value.parse().unwrap());
        }
        on_version(&headers, 7).map_err(|failure| failure.fault)
    }

    #[test]
    fn rfc9110_s13_1_2_a_write_of_what_should_not_exist_is_refused() {
        let of = |value: &str| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, value.parse().unwrap())]);
            on_version(&headers, 7).map_err(|failure| failure.fault)
        };
        assert_eq!([of("*"), of("\"7\"")], [Err(Fault::Precondition), Err(Fault::Precondition)]);
        assert_eq!(of("\"8\""), Ok(None));
    }

    #[test]
    fn rfc9110_s13_1_2_a_reader_knows_this_version_by_any_tag_of_it() {
        let known = |value: &str| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, value.parse().unwrap())]);
            is_known(&headers, 7)
        };
        assert!(!is_known(&HeaderMap::new(), 7));
        for other in ["\"8\"", "7", "W/\"77\"", ""] {
            assert!(!known(other), "{other}");
        }
        for same in ["\"7\"", "W/\"7\"", "*", "\"6\", \"7\""] {
            assert!(known(same), "{same}");
        }
    }

    #[test]
    fn rfc9110_s13_1_1_nothing_matches_what_is_missing() {
        assert!(on_missing(&HeaderMap::new()).is_ok());
        let headers = HeaderMap::from_iter([(header::IF_MATCH, "*".parse().unwrap())]);
        assert_eq!(on_missing(&headers).map_err(|failure| failure.fault), Err(Fault::Precondition));
    }

    #[test]
    fn rfc9110_s13_1_1_only_a_strong_tag_of_this_version_or_a_star_matches() {
        for wrong in [&["\"8\""][..], &["W/\"7\""], &["7"], &[""], &["\"77\"", "\"6\""]] {
            assert_eq!(of(wrong), Err(Fault::Precondition), "{wrong:?}");
        }
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["*"]), Ok(None));
        assert_eq!(of(&["\"6\", \"7\""]), Ok(Some(7)));
        assert_eq!(of(&["\"6\"", "\"7\""]), Ok(Some(7)));
    }
}
