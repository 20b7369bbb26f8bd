//! The names an application may go by: as a resource (`identifierUris`) and as a key (`uniqueName`).

use crate::body::bad_request;
use signet_credentials::OwnAddresses;
use signet_kernel::{AppId, Failure, TenantId};
use std::collections::BTreeSet;
use url::Url;

/// The names of the directory API in Microsoft's clients, and of the exchange between a blueprint and its agents.
const RESERVED_HOSTS: [&str; 3] = ["graph.microsoft.com", "graph.windows.net", "azureadtokenexchange"];
/// The store's index keys tell texts apart by this many bytes.
const LONGEST: usize = 255;

/// Why a text is not a name for this application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum NotItsName {
    #[error("it is not of the form https://… or api://…, or it is longer than 255 characters")]
    Form,
    #[error("it is reserved")]
    Reserved,
    #[error("api://{{guid}} must have the application's own appId, or the tenant's id and a path")]
    ForeignId,
    #[error("it is listed twice")]
    Twice,
}

/// What a name is compared with.
pub(super) struct Owner<'a> {
    pub(super) app_id: AppId,
    pub(super) tenant: TenantId,
    pub(super) own: &'a OwnAddresses,
}

impl Owner<'_> {
    /// Checks all names of an application as a resource. That no other application has them, the store checks.
    pub(super) fn check_identifier_uris(&self, uris: &[String]) -> Result<(), Failure> {
        let mut seen = BTreeSet::new();
        for uri in uris {
            let fits = self.check(uri).and_then(|()| match seen.insert(uri.to_lowercase()) {
                true => Ok(()),
                false => Err(NotItsName::Twice),
            });
            fits.map_err(|why| bad_request("identifierUris", format!("'{uri}' cannot be an identifier URI: {why}.")))?;
        }
        Ok(())
    }

    fn check(&self, uri: &str) -> Result<(), NotItsName> {
        if uri.len() > LONGEST || uri.ends_with('/') || uri.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(NotItsName::Form);
        }
        let url = Url::parse(uri).map_err(|_| NotItsName::Form)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(NotItsName::Form)?.to_lowercase();
        if !matches!(url.scheme(), "https" | "api") || url.fragment().is_some() || url.query().is_some() {
            return Err(NotItsName::Form);
        }
        if RESERVED_HOSTS.contains(&host.as_str()) || self.own.own(uri) {
            return Err(NotItsName::Reserved);
        }
        match host.parse::<AppId>() {
            Ok(id) if !self.may_start_with(id, &url) => Err(NotItsName::ForeignId),
            _ => Ok(()),
        }
    }

    /// INVARIANT: `api://{appId}` names the application of that client id and no other.
    fn may_start_with(&self, id: AppId, url: &Url) -> bool {
        id == self.app_id || (id.uuid() == self.tenant.uuid() && url.path().len() > 1)
    }
}

/// A `uniqueName`: what configuration as code knows an application by.
pub(super) fn check_unique_name(name: &str) -> Result<(), Failure> {
    const LONGEST: usize = 120;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '@');
    if name.is_empty() || name.len() > LONGEST || !name.chars().all(fits) {
        let message = "'uniqueName' has 1 to 120 letters, digits and any of - _ . : / @";
        return Err(bad_request("uniqueName", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn check(uri: &str) -> Result<(), NotItsName> {
        let own = OwnAddresses::new(["https://id.example"]);
        let (app_id, tenant) = (AppId::from_uuid(Uuid::from_u128(1)), TenantId::from_uuid(Uuid::from_u128(2)));
        Owner { app_id, tenant, own: &own }.check(uri)
    }

    #[test]
    fn no_application_takes_a_name_that_is_not_its_own() {
        for form in ["", "x", "http://a.example", "urn:x:y", "https://a.example/", "https://a b", "api://a#f", "api://"]
        {
            assert_eq!(check(form), Err(NotItsName::Form), "{form}");
        }
        for reserved in [
            "https://graph.microsoft.com",
            "https://GRAPH.microsoft.com/x",
            "api://AzureADTokenExchange",
            "api://azureadtokenexchange/x",
            "https://id.example",
            "https://ID.example:443/v1.0",
        ] {
            assert_eq!(check(reserved), Err(NotItsName::Reserved), "{reserved}");
        }
        let (own, tenant, other) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        for foreign in [format!("api://{other}"), format!("api://{tenant}"), format!("api://{other}/x")] {
            assert_eq!(check(&foreign), Err(NotItsName::ForeignId), "{foreign}");
        }
        for fine in [format!("api://{own}"), format!("api://{tenant}/hr"), "https://hr.example/api".to_owned()] {
            assert_eq!(check(&fine), Ok(()), "{fine}");
        }
    }
}
