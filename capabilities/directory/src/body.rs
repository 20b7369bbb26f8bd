//! Between a request's JSON and a kind's body: a create's members and a patch become a typed body, and a stored
//! row becomes wire JSON.

use crate::creation::CREATED_BY;
use serde_json::{Map, Value};
use signet_kernel::{Failure, Fault};
use signet_store::{Kind, Row};

/// A JSON object.
pub type JsonMap = Map<String, Value>;

/// 400 `Request_BadRequest` about one member.
pub fn bad_request(target: &str, message: impl Into<String>) -> Failure {
    Failure::new(Fault::Input, "Request_BadRequest", message).with_target(target)
}

/// 404 `Request_ResourceNotFound`.
pub fn not_found(id: impl std::fmt::Display) -> Failure {
    let message =
        format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
    Failure::new(Fault::NotFound, "Request_ResourceNotFound", message)
}

/// 403 `Authorization_RequestDenied`, with the sentence that says why.
pub fn denied(message: impl Into<String>) -> Failure {
    Failure::new(Fault::Rights, "Authorization_RequestDenied", message)
}

/// Reads members as a typed body.
///
/// INVARIANT: custom security attributes never come to lie in a body, where whoever reads the object would see them.
pub fn typed<K: Kind>(members: JsonMap) -> Result<K, Failure> {
    if members.contains_key(crate::attributes::MEMBER) {
        let message = "Custom security attributes cannot be given to objects of this type here.";
        return Err(bad_request(crate::attributes::MEMBER, message));
    }
    serde_json::from_value(Value::Object(members)).map_err(|error| {
        Failure::new(Fault::Input, "Request_BadRequest", format!("The body does not describe a {}: {error}.", K::NAME))
    })
}

/// A body as JSON members.
pub fn members<K: Kind>(body: &K) -> JsonMap {
    match serde_json::to_value(body) {
        Ok(Value::Object(members)) => members,
        // INVARIANT: a kind's body is a struct, and a struct serialises to an object.
        _ => JsonMap::new(),
    }
}

/// `body` with the members of `patch` written over it; a null removes a member, and a complex member is written over
/// member by member. Lists are exchanged as a whole.
pub fn patched<K: Kind>(body: &K, patch: JsonMap) -> Result<K, Failure> {
    let mut all = members(body);
    write_over(&mut all, patch);
    typed(all)
}

fn write_over(all: &mut JsonMap, patch: JsonMap) {
    for (name, value) in patch {
        match (all.get_mut(&name), value) {
            (_, Value::Null) => {
                all.shift_remove(&name);
            }
            (Some(Value::Object(old)), Value::Object(new)) => write_over(old, new),
            (_, value) => {
                all.insert(name, value);
            }
        }
    }
}

/// What people call a thing: 1 to 256 characters.
pub fn check_display_name(name: &str) -> Result<(), Failure> {
    const LONGEST: usize = 256;
    if name.trim().is_empty() || name.chars().count() > LONGEST {
        return Err(bad_request("displayName", format!("'displayName' has 1 to {LONGEST} characters.")));
    }
    Ok(())
}

/// A stored row as wire JSON: id, times and the body without `internal` members.
pub fn wire(row: &Row, internal: &[&str]) -> Result<JsonMap, Failure> {
    let body: JsonMap = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
    let mut wire = JsonMap::new();
    wire.insert("id".to_owned(), row.id.to_string().into());
    wire.insert(
        "deletedDateTime".to_owned(),
        row.deleted.map_or(Value::Null, |deletion| deletion.at.to_string().into()),
    );
    wire.insert("createdDateTime".to_owned(), row.created.to_string().into());
    let hidden = |name: &str| name == CREATED_BY || internal.contains(&name);
    wire.extend(body.into_iter().filter(|(name, _)| !hidden(name)));
    Ok(wire)
}

/// Takes `name@odata.bind` out of a create's body: the ids that its references end in.
pub fn bound(body: &mut JsonMap, relation: &str) -> Result<Option<Vec<signet_kernel::ObjectId>>, Failure> {
    let member = format!("{relation}@odata.bind");
    let Some(value) = body.shift_remove(&member) else { return Ok(None) };
    let wrong =
        || bad_request(&member, format!("'{member}' is a list of references such as \"https://…/v1.0/users/{{id}}\"."));
    let Value::Array(references) = value else { return Err(wrong()) };
    let id = |reference: &Value| {
        let tail = reference.as_str()?.trim_end_matches('/').rsplit('/').next()?;
        tail.parse().ok()
    };
    references.iter().map(|reference| id(reference).ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_removes_by_null_and_merges_complex_members() {
        let map = |value: Value| value.as_object().unwrap().clone();
        let mut all = map(json!({"a": 1, "api": {"x": 1, "y": [1]}, "tags": ["p"]}));
        write_over(&mut all, map(json!({"a": null, "api": {"y": [2], "z": 3}, "tags": ["q"], "new": true})));
        assert_eq!(Value::Object(all), json!({"api": {"x": 1, "y": [2], "z": 3}, "tags": ["q"], "new": true}));
    }

    #[test]
    fn a_reference_is_read_by_its_tail_whatever_its_host() {
        let id = "0199a4b0-0000-7000-8000-000000000001";
        let mut body = json!({"sponsors@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{id}")]});
        let body = body.as_object_mut().unwrap();
        assert_eq!(bound(body, "sponsors").unwrap().unwrap()[0].to_string(), id);
        assert!(body.is_empty() && bound(body, "sponsors").unwrap().is_none());
        for wrong in [json!("x"), json!(["https://x/users/1"]), json!([1])] {
            let mut body = json!({"sponsors@odata.bind": wrong});
            assert!(bound(body.as_object_mut().unwrap(), "sponsors").is_err());
        }
    }
}
