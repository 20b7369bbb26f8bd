//! A signing key as stored.

use crate::schedule::Times;
use serde::{Deserialize, Serialize};
use signet_kernel::{Sealed, TenantId, Timestamp};
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// A token-signing key of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKey {
    /// Its id: the RFC 7638 thumbprint of its public half.
    pub kid: String,
    /// `RS256` or `ES256`.
    pub algorithm: String,
    /// PKCS#8, sealed by the tenant key; gone once the key is retired or compromised.
    pub private: Option<Sealed>,
    /// The public half as published.
    pub public: serde_json::Value,
    /// Signs from here on.
    pub activates: Timestamp,
    /// When it was withdrawn as compromised.
    #[serde(default)]
    pub compromised: Option<Timestamp>,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl SigningKey {
    /// The indexed field under which all keys of the tenant are found.
    pub const ALL: &'static str = "all";

    /// The key of that field.
    pub fn all() -> IndexKey {
        IndexKey::bool(true)
    }

    /// Its times.
    pub fn times(&self) -> Times {
        Times { activates: self.activates, withdrawn: self.compromised }
    }

    /// What its private half is sealed for.
    pub fn purpose(tenant: TenantId, kid: &str) -> String {
        format!("signing-key/{tenant}/{kid}")
    }
}

impl Kind for SigningKey {
    const NAME: &'static str = "signingKey";

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::ALL, Self::all());
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant("signingKey.kid", IndexKey::exact(&self.kid));
    }
}
