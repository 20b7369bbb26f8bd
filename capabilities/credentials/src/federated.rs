//! A federated credential: one subject of one outside issuer, for one audience.

use serde::{Deserialize, Serialize};
use signet_kernel::ObjectId;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `federatedIdentityCredential` (CSDL).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FederatedIdentityCredential {
    /// The application or blueprint that may be authenticated by it.
    pub holder: ObjectId,
    /// Unique within the holder; cannot be changed.
    pub name: String,
    /// The outside issuer, to the letter.
    pub issuer: String,
    /// The outside subject, to the letter.
    pub subject: String,
    /// Exactly one.
    pub audiences: Vec<String>,
    /// What the administrator says of it.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether the tenant allowed another holder to trust the same subject when this one was added.
    #[serde(default)]
    pub shared: bool,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl FederatedIdentityCredential {
    /// The indexed field that holds the holder's id.
    pub const HOLDER: &'static str = "holder";
}

impl Kind for FederatedIdentityCredential {
    const NAME: &'static str = "federatedIdentityCredential";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.holder)
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::HOLDER, IndexKey::uuid(self.holder.uuid()));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant("federatedIdentityCredential.name", IndexKey::exact(&format!("{}/{}", self.holder, self.name)));
        if !self.shared {
            let subject = format!("{}\n{}", self.issuer, self.subject);
            keys.in_tenant("federatedIdentityCredential.subject", IndexKey::exact(&subject));
        }
    }
}
