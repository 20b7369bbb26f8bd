//! What a federated credential may say.

use super::FederatedIdentityCredential;
use crate::OwnAddresses;
use crate::refusal::CredentialRefused;
use serde::{Deserialize, Serialize};
use url::Url;

const LONGEST_NAME: usize = 120;
const LONGEST_TEXT: usize = 600;

/// What a client asks for, in a create or a change; what is absent from a change stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FederatedTerms {
    /// Unique within the holder.
    pub name: Option<String>,
    /// The outside issuer.
    pub issuer: Option<String>,
    /// The outside subject.
    pub subject: Option<String>,
    /// Exactly one.
    pub audiences: Option<Vec<String>>,
    /// What the administrator says of it.
    pub description: Option<String>,
}

impl FederatedTerms {
    /// `credential` with these terms. Its name stays.
    pub(crate) fn apply_to(
        &self,
        mut credential: FederatedIdentityCredential,
        own: &OwnAddresses,
    ) -> Result<FederatedIdentityCredential, CredentialRefused> {
        if self.name.as_ref().is_some_and(|name| *name != credential.name) {
            return Err(CredentialRefused::Federated(
                "name",
                "The name cannot be changed; add another and remove this.",
            ));
        }
        let terms = self.clone();
        credential.issuer = terms.issuer.unwrap_or(credential.issuer);
        credential.subject = terms.subject.unwrap_or(credential.subject);
        credential.audiences = terms.audiences.unwrap_or(credential.audiences);
        credential.description = terms.description.or(credential.description);
        check(&credential, own)?;
        Ok(credential)
    }
}

/// Everything a federated credential says, before anyone is trusted by it.
fn check(credential: &FederatedIdentityCredential, own: &OwnAddresses) -> Result<(), CredentialRefused> {
    check_name(&credential.name)?;
    check_issuer(&credential.issuer, own)?;
    check_length("subject", &credential.subject)?;
    let [audience] = credential.audiences.as_slice() else {
        return Err(CredentialRefused::Federated("audiences", "Name exactly one audience."));
    };
    check_length("audiences", audience)?;
    credential
        .description
        .as_deref()
        .filter(|text| !text.is_empty())
        .map_or(Ok(()), |text| check_length("description", text))
}

fn check_name(name: &str) -> Result<(), CredentialRefused> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(fits) {
        return Err(CredentialRefused::Federated("name", "A name has 1 to 120 letters, digits, '-' and '_'."));
    }
    Ok(())
}

fn check_issuer(issuer: &str, own: &OwnAddresses) -> Result<(), CredentialRefused> {
    let refused = |why| Err(CredentialRefused::Federated("issuer", why));
    check_length("issuer", issuer)?;
    // SPEC: OpenID Connect Discovery 1.0 3: https, no query, no fragment
    let Ok(url) = Url::parse(issuer) else { return refused("The issuer is an https URL.") };
    if url.scheme() != "https" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return refused("The issuer is an https URL without user, query and fragment.");
    }
    // INVARIANT: no T1, T2, agent or user token of this deployment authenticates a blueprint.
    if own.own(issuer) {
        return refused("The issuer is this deployment: its own tokens do not authenticate an application.");
    }
    Ok(())
}

fn check_length(member: &'static str, text: &str) -> Result<(), CredentialRefused> {
    if text.is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(CredentialRefused::Length(member, LONGEST_TEXT));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_kernel::ObjectId;

    fn blank() -> FederatedIdentityCredential {
        FederatedIdentityCredential {
            holder: ObjectId::from_uuid(uuid::Uuid::nil()),
            name: "ci".to_owned(),
            issuer: String::new(),
            subject: String::new(),
            audiences: Vec::new(),
            description: None,
            shared: false,
            other: serde_json::Map::new(),
        }
    }

    fn terms(issuer: &str, subject: &str, audiences: &[&str]) -> FederatedTerms {
        FederatedTerms {
            issuer: Some(issuer.to_owned()),
            subject: Some(subject.to_owned()),
            audiences: Some(audiences.iter().map(|audience| (*audience).to_owned()).collect()),
            ..FederatedTerms::default()
        }
    }

    fn target(terms: &FederatedTerms) -> Option<&'static str> {
        let own = OwnAddresses::new(["https://id.example"]);
        match terms.apply_to(blank(), &own) {
            Err(CredentialRefused::Federated(member, _) | CredentialRefused::Length(member, _)) => Some(member),
            _ => None,
        }
    }

    #[test]
    fn an_issuer_is_an_outside_https_url() {
        for issuer in [
            "",
            "x",
            "http://idp.example",
            "https://idp.example?a=b",
            "https://u@idp.example",
            "https://ID.example:443/t/v2.0",
        ] {
            assert_eq!(target(&terms(issuer, "s", &["a"])), Some("issuer"), "{issuer}");
        }
        assert_eq!(target(&terms("https://idp.example/realm", "s", &["a"])), None);
    }

    #[test]
    fn it_names_one_subject_and_exactly_one_audience() {
        let issuer = "https://idp.example";
        assert_eq!(target(&terms(issuer, "", &["a"])), Some("subject"));
        for audiences in [&[][..], &["a", "b"], &[""]] {
            assert_eq!(target(&terms(issuer, "s", audiences)), Some("audiences"));
        }
    }

    #[test]
    fn a_name_fits_a_path_and_stays() {
        for name in ["", "a b", "ä", "a/b", &"x".repeat(121)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        let renamed = FederatedTerms { name: Some("other".to_owned()), ..terms("https://idp.example", "s", &["a"]) };
        assert_eq!(target(&renamed), Some("name"));
    }
}
