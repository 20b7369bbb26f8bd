//! `If-Match` against an object's version.

use axum::http::{HeaderMap, header};
use signet_kernel::{Failure, Fault};

/// The strong entity tag of a version.
pub(crate) fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// The version that the operation must find, if the client named one; refused if the object is at another.
pub(crate) fn if_match(headers: &HeaderMap, version: u64) -> Result<Option<u64>, Failure> {
    if !headers.contains_key(header::IF_MATCH) {
        return Ok(None);
    }
    let current = etag(version);
    // SPEC: RFC 9110 13.1.1: any of the tags, by strong comparison, so that a weak one never matches.
    for value in headers.get_all(header::IF_MATCH) {
        let tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
        for tag in tags {
            match tag {
                "*" => return Ok(None),
                tag if tag == current => return Ok(Some(version)),
                _ => {}
            }
        }
    }
    let message = "The object is at another version than If-Match names; read it again and decide.";
    Err(Failure::new(Fault::Precondition, "Request_PreconditionFailed", message).with_target("If-Match"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Result<Option<u64>, Fault> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, value.parse().unwrap());
        }
        if_match(&headers, 7).map_err(|failure| failure.fault)
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
