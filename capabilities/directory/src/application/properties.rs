//! What an application says of itself that decides nothing in the directory: addresses, names, optional claims.
//!
//! A complex value is refused if it has a member that its type lacks, so that a slip is not kept as if it meant
//! something; members that a newer version wrote stay.

use super::Application;
use super::redirects::{Redirects, check_page};
use crate::body::{JsonMap, bad_request};
use serde_json::Value;
use signet_kernel::Failure;
use std::collections::BTreeSet;

/// Members of complex values (CSDL).
const MEMBERS: [(&str, &[&str]); 6] = [
    ("web", &["homePageUrl", "implicitGrantSettings", "logoutUrl", "redirectUris", "redirectUriSettings"]),
    ("spa", &["redirectUris"]),
    ("publicClient", &["redirectUris"]),
    ("optionalClaims", &["accessToken", "idToken", "saml2Token"]),
    ("info", &["logoUrl", "marketingUrl", "privacyStatementUrl", "supportUrl", "termsOfServiceUrl"]),
    ("implicitGrantSettings", &["enableAccessTokenIssuance", "enableIdTokenIssuance"]),
];
/// `groupMembershipClaims`: values that may stand together, with commas between them.
const GROUP_CLAIMS: [&str; 5] = ["None", "SecurityGroup", "DirectoryRole", "ApplicationGroup", "All"];
const LONGEST_TAG: usize = 256;

/// Checks the members as they are about to be, against what they were.
pub(super) fn check(new: &Application, old: Option<&Application>) -> Result<(), Failure> {
    for (name, known) in MEMBERS {
        let was = old.and_then(|old| old.other.get(name));
        refuse_unknown(name, known, was, new.other.get(name))?;
    }
    let api = old.map(|old| Value::Object(old.api.other.clone()));
    refuse_unknown("api", &["acceptMappedClaims"], api.as_ref(), Some(&Value::Object(new.api.other.clone())))?;
    Redirects::of(&new.other)?.check(new.other.get("defaultRedirectUri"))?;
    check_web(new.other.get("web"))?;
    check_info(new.other.get("info"))?;
    check_optional_claims(new.other.get("optionalClaims"))?;
    check_group_claims(new.other.get("groupMembershipClaims"))?;
    check_tags(new.other.get("tags"))?;
    match new.other.get("tokenEncryptionKeyId") {
        None | Some(Value::Null) => Ok(()),
        Some(_) => Err(bad_request(
            "tokenEncryptionKeyId",
            "'tokenEncryptionKeyId' is the keyId of a certificate with the usage Encrypt, and there is none: tokens are \
             signed here, not encrypted.",
        )),
    }
}

fn refuse_unknown(name: &str, known: &[&str], old: Option<&Value>, new: Option<&Value>) -> Result<(), Failure> {
    let members = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let (old, new) = (members(old), members(new));
    let is_known =
        |member: &&String| known.contains(&member.as_str()) || member.contains('@') || old.contains_key(*member);
    match new.keys().find(|member| !is_known(member)) {
        Some(member) => {
            let target = format!("{name}/{member}");
            Err(bad_request(&target, format!("'{name}' has no member '{member}'; it has {}.", known.join(", "))))
        }
        None => Ok(()),
    }
}

fn check_web(web: Option<&Value>) -> Result<(), Failure> {
    let Some(web) = web.and_then(Value::as_object) else { return Ok(()) };
    for member in ["homePageUrl", "logoutUrl"] {
        check_page(&format!("web/{member}"), web.get(member))?;
    }
    let Some(settings) = web.get("implicitGrantSettings").filter(|settings| !settings.is_null()) else { return Ok(()) };
    let (name, known) = ("web/implicitGrantSettings", ["enableAccessTokenIssuance", "enableIdTokenIssuance"]);
    refuse_unknown(name, &known, None, Some(settings))?;
    let flag = |value: &Value| value.is_boolean() || value.is_null();
    match settings.as_object().filter(|settings| settings.values().all(flag)) {
        Some(_) => Ok(()),
        None => Err(bad_request(name, format!("'{name}' holds {}, each true or false.", known.join(" and ")))),
    }
}

fn check_info(info: Option<&Value>) -> Result<(), Failure> {
    let Some(info) = info.and_then(Value::as_object) else { return Ok(()) };
    info.iter().try_for_each(|(name, url)| check_page(&format!("info/{name}"), Some(url)))
}

/// `{"accessToken": [{"name": …, "source": null or "user", "essential": …, "additionalProperties": […]}], …}`
fn check_optional_claims(claims: Option<&Value>) -> Result<(), Failure> {
    const NAME: &str = "optionalClaims";
    const KNOWN: [&str; 4] = ["name", "source", "essential", "additionalProperties"];
    let Some(tokens) = claims.and_then(Value::as_object) else { return Ok(()) };
    for (token, list) in tokens.iter().filter(|(_, list)| !list.is_null()) {
        let place = format!("{NAME}/{token}");
        let form = || bad_request(&place, format!("'{place}' lists claims, each an object with a 'name'."));
        let mut names = BTreeSet::new();
        for claim in list.as_array().ok_or_else(form)? {
            let name = claim.get("name").and_then(Value::as_str).filter(|name| !name.is_empty()).ok_or_else(form)?;
            refuse_unknown(&place, &KNOWN, None, Some(claim))?;
            if !is_claim(claim) {
                let message = format!(
                    "The claim '{name}' in '{place}' has a 'source' of null or \"user\", 'essential' true or false, and \
                     'additionalProperties' that list texts."
                );
                return Err(bad_request(&place, message));
            }
            if !names.insert((name, claim.get("source").and_then(Value::as_str))) {
                return Err(bad_request(&place, format!("'{place}' lists the claim '{name}' twice.")));
            }
        }
    }
    Ok(())
}

fn is_claim(claim: &Value) -> bool {
    let source = claim.get("source").is_none_or(|source| source.is_null() || source == "user");
    let essential = claim.get("essential").is_none_or(Value::is_boolean);
    let texts = |list: &Value| list.is_null() || list.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    source && essential && claim.get("additionalProperties").is_none_or(texts)
}

fn check_group_claims(claims: Option<&Value>) -> Result<(), Failure> {
    let Some(claims) = claims.and_then(Value::as_str) else { return Ok(()) };
    let each: Vec<&str> = claims.split(',').map(str::trim).collect();
    let alone = each.len() == 1 || !each.contains(&"None");
    if alone && each.iter().all(|claim| GROUP_CLAIMS.contains(claim)) {
        return Ok(());
    }
    let message = format!("'groupMembershipClaims' is one of {}; all but None also together.", GROUP_CLAIMS.join(", "));
    Err(bad_request("groupMembershipClaims", message))
}

fn check_tags(tags: Option<&Value>) -> Result<(), Failure> {
    let fits = |tag: &Value| tag.as_str().is_some_and(|tag| !tag.is_empty() && tag.chars().count() <= LONGEST_TAG);
    match tags.and_then(Value::as_array).is_none_or(|tags| tags.iter().all(fits)) {
        true => Ok(()),
        false => Err(bad_request("tags", format!("A tag has 1 to {LONGEST_TAG} characters."))),
    }
}

/// Fills in what a client takes for granted: lists that CSDL never has as null.
pub(crate) fn fill_in(view: &mut JsonMap) {
    for list in ["tags", "identifierUris", "requiredResourceAccess", "keyCredentials", "passwordCredentials"] {
        view.entry(list).or_insert_with(|| Value::Array(Vec::new()));
    }
    for client in ["web", "spa", "publicClient"] {
        let value = view.entry(client).or_insert_with(|| Value::Object(JsonMap::new()));
        let lists: &[&str] = if client == "web" { &["redirectUris", "redirectUriSettings"] } else { &["redirectUris"] };
        if let Some(members) = value.as_object_mut() {
            for list in lists {
                members.entry(*list).or_insert_with(|| Value::Array(Vec::new()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn application(members: Value) -> Application {
        let mut all =
            json!({"appId": "0199a4b0-0000-7000-8000-000000000001", "displayName": "A", "signInAudience": "x"});
        all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn target(members: Value) -> Option<String> {
        check(&application(members), None).err().and_then(|refused| refused.target)
    }

    #[test]
    fn what_a_value_cannot_be_is_refused_with_its_place() {
        for (wrong, place) in [
            (json!({"web": {"redirectUrls": []}}), "web/redirectUrls"),
            (json!({"web": {"homePageUrl": "x"}}), "web/homePageUrl"),
            (json!({"web": {"implicitGrantSettings": {"enable": true}}}), "web/implicitGrantSettings/enable"),
            (json!({"web": {"implicitGrantSettings": {"enableIdTokenIssuance": 1}}}), "web/implicitGrantSettings"),
            (json!({"info": {"supportUrl": "ftp://a.example"}}), "info/supportUrl"),
            (json!({"info": {"helpUrl": "https://a.example"}}), "info/helpUrl"),
            (json!({"optionalClaims": {"token": []}}), "optionalClaims/token"),
            (json!({"optionalClaims": {"accessToken": [{"source": "user"}]}}), "optionalClaims/accessToken"),
            (json!({"optionalClaims": {"accessToken": [{"name": "a", "source": "x"}]}}), "optionalClaims/accessToken"),
            (json!({"optionalClaims": {"idToken": [{"name": "a"}, {"name": "a"}]}}), "optionalClaims/idToken"),
            (json!({"groupMembershipClaims": "Groups"}), "groupMembershipClaims"),
            (json!({"groupMembershipClaims": "None,All"}), "groupMembershipClaims"),
            (json!({"tags": [""]}), "tags"),
            (json!({"api": {"acceptMapped": true}}), "api/acceptMapped"),
            (json!({"tokenEncryptionKeyId": "0199a4b0-0000-7000-8000-000000000002"}), "tokenEncryptionKeyId"),
        ] {
            assert_eq!(target(wrong.clone()).as_deref(), Some(place), "{wrong}");
        }
    }

    #[test]
    fn what_clients_send_is_taken() {
        for fine in [
            json!({}),
            json!({"web": {"homePageUrl": null, "logoutUrl": "https://a.example/out", "implicitGrantSettings": null}}),
            json!({"info": {"logoUrl": null, "supportUrl": "https://a.example"}}),
            json!({"optionalClaims": {"accessToken": [
                {"name": "idtyp", "source": null, "essential": false, "additionalProperties": ["include_user_token"]}
            ], "idToken": null}}),
            json!({"groupMembershipClaims": "SecurityGroup, DirectoryRole"}),
            json!({"tags": ["a"], "api": {"acceptMappedClaims": true}}),
        ] {
            assert_eq!(target(fine.clone()), None, "{fine}");
        }
    }

    #[test]
    fn a_member_that_a_newer_version_wrote_stays() {
        let old = application(json!({"web": {"newer": 1}}));
        check(&application(json!({"web": {"newer": 1, "redirectUris": []}})), Some(&old)).unwrap();
    }
}
