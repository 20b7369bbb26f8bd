//! From an issuer to the document that holds its keys.

use super::{KeyError, Source};
use crate::{FetchOptions, Fetched};
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

/// The issuer's key set, as served.
pub(super) async fn key_set<T>(source: &Source<T>, issuer: &str) -> Result<Fetched, KeyError> {
    let metadata = get(source, "the discovery document", &discovery_url(issuer)?).await?;
    let metadata: Metadata =
        serde_json::from_slice(&metadata.body).map_err(|error| KeyError::Discovery(error.to_string()))?;
    // SPEC: OpenID Connect Discovery 1.0 4.3: identical, not merely equivalent.
    if metadata.issuer != issuer {
        return Err(KeyError::OtherIssuer(metadata.issuer));
    }
    let jwks_uri = Url::parse(&metadata.jwks_uri).map_err(|error| KeyError::Discovery(format!("jwks_uri: {error}")))?;
    get(source, "the key set", &jwks_uri).await
}

async fn get<T>(source: &Source<T>, what: &'static str, url: &Url) -> Result<Fetched, KeyError> {
    let fetched = source.fetch.get_json(url, &FetchOptions::default()).await;
    fetched.map_err(|source| KeyError::Fetch { what, source })
}

/// SPEC: OpenID Connect Discovery 1.0 4.1: a terminating slash goes before the well-known part is appended.
fn discovery_url(issuer: &str) -> Result<Url, KeyError> {
    let url = Url::parse(issuer).map_err(|_| KeyError::NotAnIssuer)?;
    if url.host().is_none() || url.query().is_some() || url.fragment().is_some() {
        return Err(KeyError::NotAnIssuer);
    }
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    Url::parse(&format!("{base}/.well-known/openid-configuration")).map_err(|_| KeyError::NotAnIssuer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oidc_discovery_s4_1_the_well_known_part_follows_the_issuer() {
        let url = |issuer| discovery_url(issuer).map(String::from);
        for (issuer, path) in [("https://i.example", ""), ("https://i.example/a/", "/a"), ("https://i.example/a", "/a")]
        {
            assert_eq!(url(issuer), Ok(format!("https://i.example{path}/.well-known/openid-configuration")));
        }
        for wrong in ["", "i.example", "https://i.example?x", "https://i.example/#x", "data:text,x"] {
            assert_eq!(url(wrong), Err(KeyError::NotAnIssuer), "{wrong}");
        }
    }
}
