//! Where people may be sent back to, and pages about an application.

use crate::body::{JsonMap, bad_request};
use serde_json::Value;
use signet_kernel::Failure;
use std::collections::BTreeSet;
use url::{Host, Url};

const LONGEST: usize = 256;
const MOST: usize = 256;

/// What kind of client a redirect URI is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    Web,
    SinglePage,
    /// An installed one: it may have a scheme of its own.
    Public,
}

impl Client {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Web, "web"), (Self::SinglePage, "spa"), (Self::Public, "publicClient")];
}

/// The redirect URIs of an application.
pub(super) struct Redirects(Vec<(Client, &'static str, String)>);

impl Redirects {
    /// Reads them.
    pub(super) fn of(members: &JsonMap) -> Result<Self, Failure> {
        let mut all = Vec::new();
        for (client, name) in Client::ALL {
            let Some(value) = members.get(name).filter(|value| !value.is_null()) else { continue };
            let place = format!("{name}/redirectUris");
            let form = || bad_request(&place, format!("'{place}' is a list of URIs."));
            let list = value.as_object().ok_or_else(form)?.get("redirectUris").filter(|list| !list.is_null());
            let Some(list) = list else { continue };
            for uri in list.as_array().ok_or_else(form)? {
                all.push((client, name, uri.as_str().ok_or_else(form)?.to_owned()));
            }
        }
        Ok(Self(all))
    }

    /// Checks each, that there are not too many, and that the default is one of them.
    pub(super) fn check(&self, default: Option<&Value>) -> Result<(), Failure> {
        let mut seen = BTreeSet::new();
        for (client, name, uri) in &self.0 {
            let place = format!("{name}/redirectUris");
            check(*client, uri)
                .map_err(|why| bad_request(&place, format!("'{uri}' cannot be a redirect URI: {why}.")))?;
            if !seen.insert(uri) {
                return Err(bad_request(&place, format!("The redirect URI '{uri}' is listed twice.")));
            }
        }
        if self.0.len() > MOST {
            return Err(bad_request("web/redirectUris", format!("There are at most {MOST} redirect URIs in all.")));
        }
        match default.and_then(Value::as_str) {
            Some(default) if !seen.iter().any(|uri| *uri == default) => Err(bad_request(
                "defaultRedirectUri",
                "'defaultRedirectUri' is one of the application's redirect URIs.",
            )),
            _ => Ok(()),
        }
    }
}

// SPEC: RFC 6749 3.1.2: absolute, without a fragment. SPEC: RFC 9700 2.1: compared to the letter, so no wildcard.
fn check(client: Client, uri: &str) -> Result<(), &'static str> {
    if uri.len() > LONGEST {
        return Err("it has more than 256 characters");
    }
    let url = Url::parse(uri).map_err(|_| "it is not an absolute URI")?;
    if url.fragment().is_some() {
        return Err("it has a fragment");
    }
    if uri.contains('*') {
        return Err("it has a wildcard; list each address");
    }
    match url.scheme() {
        "https" => Ok(()),
        // SPEC: RFC 8252 7.3: a loopback address needs no TLS.
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err("http is for localhost alone; use https"),
        "javascript" | "data" | "file" | "blob" | "about" => Err("nobody is sent to such an address"),
        // SPEC: RFC 8252 7.1: schemes of installed applications.
        _ if client == Client::Public => Ok(()),
        _ => Err("it is neither https nor http on localhost"),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A page: null, or an address that a browser opens.
pub(super) fn check_page(place: &str, url: Option<&Value>) -> Result<(), Failure> {
    const LONGEST: usize = 2_048;
    let Some(url) = url.filter(|url| !url.is_null()) else { return Ok(()) };
    let is_page = |text: &str| {
        text.len() <= LONGEST && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
    };
    match url.as_str().is_some_and(is_page) {
        true => Ok(()),
        false => Err(bad_request(place, format!("'{place}' is null or the address of a page, https://…."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(members: Value) -> Option<String> {
        let members = members.as_object().unwrap().clone();
        let checked = Redirects::of(&members).and_then(|all| all.check(members.get("defaultRedirectUri")));
        checked.err().and_then(|refused| refused.target)
    }

    #[test]
    fn an_address_that_leaks_or_matches_too_much_is_refused() {
        for uri in [
            "/callback",
            "http://a.example/callback",
            "https://a.example/#here",
            "https://*.a.example/callback",
            "javascript:alert(1)",
            "com.example.app://callback",
        ] {
            for client in ["web", "spa"] {
                let place = format!("{client}/redirectUris");
                assert_eq!(refused(json!({client: {"redirectUris": [uri]}})), Some(place), "{uri}");
            }
        }
        assert!(refused(json!({"publicClient": {"redirectUris": ["javascript:alert(1)"]}})).is_some());
        assert!(refused(json!({"web": {"redirectUris": ["https://a.example", "https://a.example"]}})).is_some());
        assert!(refused(json!({"web": {"redirectUris": "https://a.example"}})).is_some());
        assert!(refused(json!({"web": []})).is_some());
        let default =
            json!({"web": {"redirectUris": ["https://a.example"]}, "defaultRedirectUri": "https://b.example"});
        assert_eq!(refused(default).as_deref(), Some("defaultRedirectUri"));
    }

    #[test]
    fn loopback_addresses_and_schemes_of_installed_applications_are_taken() {
        for fine in [
            json!({"web": {"redirectUris": ["https://a.example/callback", "http://localhost:3000", "http://[::1]/x"]}}),
            json!({"spa": {"redirectUris": ["http://127.0.0.1:8080/"]}, "web": null}),
            json!({"publicClient": {"redirectUris": ["com.example.app://callback", "msal1://auth"]}}),
            json!({"web": {"redirectUris": ["https://a.example"]}, "defaultRedirectUri": "https://a.example"}),
        ] {
            assert_eq!(refused(fine.clone()), None, "{fine}");
        }
    }
}
