//! The tenant object.

use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault, ObjectId, TenantId};
use signet_store::{BackendError, Id, IndexKey, Kind, Object, Store, UniqueKeys};
use std::sync::Arc;

/// A domain name whose ownership the operator vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedDomain {
    /// Lower-case name without a trailing dot.
    pub name: String,
}

/// An organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// What people call it.
    pub display_name: String,
    /// Names that stand for the tenant in URLs.
    #[serde(default)]
    pub verified_domains: Vec<VerifiedDomain>,
    /// Whether tokens are issued at all: the switch for the whole tenant.
    pub enabled: bool,
    /// Whether two blueprints may hold the same certificate, or trust the same issuer and subject.
    #[serde(default)]
    pub allow_shared_credentials: bool,
    /// Whether another vendor's directory API names are answered as aliases of Signet's own.
    #[serde(default = "yes")]
    pub accept_graph_aliases: bool,
    /// Who answers for an agent when nobody else is left.
    #[serde(default)]
    pub fallback_sponsor: Option<ObjectId>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

fn yes() -> bool {
    true
}

impl Kind for Tenant {
    const NAME: &'static str = "tenant";

    fn unique(&self, keys: &mut UniqueKeys) {
        for domain in &self.verified_domains {
            keys.everywhere(Self::DOMAIN_KEY, IndexKey::text(&domain.name));
        }
    }
}

impl Tenant {
    const DOMAIN_KEY: &'static str = "verifiedDomain";

    /// A new tenant with no domain but the given one.
    pub fn new(display_name: &str, domain: Option<&str>) -> Result<Self, Failure> {
        if display_name.trim().is_empty() || display_name.chars().count() > 256 {
            return Err(invalid("displayName", "A tenant's name has 1 to 256 characters."));
        }
        let verified_domains = domain.map(Self::domain).transpose()?.into_iter().collect();
        Ok(Self {
            display_name: display_name.to_owned(),
            verified_domains,
            enabled: true,
            allow_shared_credentials: false,
            accept_graph_aliases: true,
            fallback_sponsor: None,
            other: serde_json::Map::new(),
        })
    }

    fn domain(name: &str) -> Result<VerifiedDomain, Failure> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let label = |label: &str| {
            let inner = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            !label.is_empty() && label.len() <= 63 && inner && !label.starts_with('-') && !label.ends_with('-')
        };
        if name.len() > 253 || !name.contains('.') || !name.split('.').all(label) {
            return Err(invalid("domain", "A domain is a DNS name with at least two labels, such as contoso.example."));
        }
        Ok(VerifiedDomain { name })
    }

    /// The id of the tenant object of `tenant`.
    pub fn id(tenant: TenantId) -> Id<Self> {
        Id::of(ObjectId::from_uuid(tenant.uuid()))
    }

    /// The id that a URL's first segment names, by itself or by a verified domain. Nothing says yet that a tenant of
    /// this id exists.
    pub async fn named(store: &Store, segment: &str) -> Result<Option<TenantId>, BackendError> {
        if let Ok(tenant) = segment.parse() {
            return Ok(Some(tenant));
        }
        let owner = store.find_global_key(Self::DOMAIN_KEY, &IndexKey::text(segment)).await?;
        Ok(owner.map(|owner| owner.tenant))
    }

    /// The tenant that a URL's first segment names.
    pub async fn resolve(store: &Store, segment: &str) -> Result<Option<Arc<Object<Self>>>, BackendError> {
        match Self::named(store, segment).await? {
            Some(tenant) => store.tenant(tenant).find(Self::id(tenant)).await,
            None => Ok(None),
        }
    }
}

fn invalid(target: &str, message: &str) -> Failure {
    Failure::new(Fault::Input, "Request_BadRequest", message).with_target(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_dns_name() {
        for wrong in ["", "contoso", "a..b", "-a.b", "a b.c", "a_b.c"] {
            assert!(Tenant::new("Contoso", Some(wrong)).is_err(), "{wrong}");
        }
        let tenant = Tenant::new("Contoso", Some("Contoso.Example.")).unwrap();
        assert_eq!(tenant.verified_domains[0].name, "contoso.example");
        assert!(Tenant::new(" ", None).is_err());
    }
}
