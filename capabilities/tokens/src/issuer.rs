//! The names of a tenant's authorization server. All start with the configured public URL, never a request header.

use signet_kernel::TenantId;

/// The public URL of the deployment, without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Takes the URL that clients use; a trailing slash is dropped.
    pub fn new(url: &str) -> Self {
        Self(url.trim_end_matches('/').to_owned())
    }

    /// The URL, also the name of the directory API as a resource.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `iss` of v2 and RFC 9068 tokens, and of the metadata.
    pub fn issuer(&self, tenant: TenantId) -> String {
        format!("{}/{tenant}/v2.0", self.0)
    }

    /// `iss` of v1 tokens.
    pub fn issuer_v1(&self, tenant: TenantId) -> String {
        format!("{}/{tenant}/", self.0)
    }

    /// An endpoint under `/{tenant}/oauth2/v2.0/`.
    pub fn endpoint(&self, tenant: TenantId, name: &str) -> String {
        format!("{}/{tenant}/oauth2/v2.0/{name}", self.0)
    }

    /// The JWKS.
    pub fn keys(&self, tenant: TenantId) -> String {
        format!("{}/{tenant}/discovery/v2.0/keys", self.0)
    }

    /// Whether `issuer` is one of this deployment: no outside issuer may look like one.
    pub fn owns(&self, issuer: &str) -> bool {
        issuer.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_of_this_deployment_is_recognised_and_a_neighbour_is_not() {
        let url = PublicUrl::new("https://id.example:8443/");
        assert!(url.owns("https://id.example:8443") && url.owns("https://id.example:8443/x/v2.0"));
        assert!(!url.owns("https://id.example:84430/x") && !url.owns("https://id.example"));
    }
}
