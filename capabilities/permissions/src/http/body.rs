//! Reading the bodies of contained objects, which no declaration has checked.

use signet_directory::body::bad_request;
use signet_graph::JsonMap;
use signet_kernel::Failure;
use std::str::FromStr;

/// Refuses members that are neither among `known` nor annotations.
pub(super) fn refuse_unknown(body: &JsonMap, known: &[&str]) -> Result<(), Failure> {
    match body.keys().find(|name| !name.contains('@') && !known.contains(&name.as_str())) {
        Some(name) => Err(bad_request(name, format!("There is no property '{name}' here."))),
        None => Ok(()),
    }
}

/// The id in `member`, if the member is there.
pub(super) fn optional_id<T: FromStr>(body: &JsonMap, member: &str) -> Result<Option<T>, Failure> {
    let Some(value) = body.get(member) else { return Ok(None) };
    let id = value.as_str().and_then(|text| text.parse().ok());
    id.map(Some).ok_or_else(|| bad_request(member, format!("'{member}' is not a GUID.")))
}

/// The id in `member`.
pub(super) fn id<T: FromStr>(body: &JsonMap, member: &str) -> Result<T, Failure> {
    optional_id(body, member)?.ok_or_else(|| bad_request(member, format!("'{member}' is required.")))
}
