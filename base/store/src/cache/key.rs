//! What a cached read is known by, in few bytes: a hot agent has several.

use crate::backend::LinkEnd;
use crate::kind::{IndexKey, KeyScope};
use signet_kernel::{ObjectId, TenantId};

/// A read: whose, which one, of what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey {
    tenant: [u8; 16],
    read: u64,
    of: Of,
}

/// Nearly every key is an id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Of {
    Id([u8; 16]),
    Bytes(Box<[u8]>),
}

impl From<ObjectId> for Of {
    fn from(id: ObjectId) -> Self {
        Self::Id(*id.as_bytes())
    }
}

impl From<&IndexKey> for Of {
    fn from(key: &IndexKey) -> Self {
        let bytes = key.as_bytes();
        bytes.try_into().map_or_else(|_| Self::Bytes(bytes.into()), Self::Id)
    }
}

impl CacheKey {
    /// An object.
    pub(crate) fn object(tenant: TenantId, id: ObjectId) -> Self {
        Self { tenant: *tenant.as_bytes(), read: digest(["object"]), of: id.into() }
    }

    /// Who holds a unique key.
    pub(crate) fn unique(scope: KeyScope, space: &str, key: &IndexKey) -> Self {
        let within = match scope {
            KeyScope::Tenant(_) => "tenant",
            KeyScope::Global => "everywhere",
        };
        Self { tenant: scope.tenant_bytes(), read: digest(["unique", within, space]), of: key.into() }
    }

    /// The objects that an index row names.
    pub(crate) fn index(tenant: TenantId, kind: &str, field: &str, key: &IndexKey) -> Self {
        Self { tenant: *tenant.as_bytes(), read: digest(["index", kind, field]), of: key.into() }
    }

    /// The links of one relation at one end.
    pub(crate) fn links(tenant: TenantId, end: LinkEnd, relation: &str) -> Self {
        let (side, id) = match end {
            LinkEnd::Source(id) => ("from", id),
            LinkEnd::Target(id) => ("to", id),
        };
        Self { tenant: *tenant.as_bytes(), read: digest(["links", side, relation]), of: id.into() }
    }
}

/// FNV-1a. The names are declared in the program, a few hundred of them, and no request adds one.
fn digest<const N: usize>(names: [&str; N]) -> u64 {
    let byte = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    // No text in UTF-8 has the byte that ends each name.
    names.iter().fold(0xcbf2_9ce4_8422_2325, |hash, name| byte(name.as_bytes().iter().fold(hash, byte), &0xff))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn one_id_is_as_many_keys_as_there_are_reads_of_it() {
        let (tenant, uuid) = (TenantId::from_uuid(Uuid::from_u128(1)), Uuid::from_u128(2));
        let (id, key) = (ObjectId::from_uuid(uuid), IndexKey::uuid(uuid));
        let other = TenantId::from_uuid(Uuid::from_u128(3));
        let keys = [
            CacheKey::object(tenant, id),
            CacheKey::object(other, id),
            CacheKey::unique(KeyScope::Global, "appId", &key),
            CacheKey::unique(KeyScope::Tenant(tenant), "appId", &key),
            CacheKey::unique(KeyScope::Tenant(tenant), "servicePrincipal.appId", &key),
            CacheKey::index(tenant, "agent", "by", &key),
            CacheKey::index(tenant, "agentb", "y", &key),
            CacheKey::links(tenant, LinkEnd::Source(id), "sponsors"),
            CacheKey::links(tenant, LinkEnd::Target(id), "sponsors"),
            CacheKey::links(tenant, LinkEnd::Target(id), "owners"),
        ];
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|other| other == key), Some(place));
        }
    }

    #[test]
    fn it_is_small() {
        assert!(size_of::<CacheKey>() <= 48);
    }
}
