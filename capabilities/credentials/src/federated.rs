//! A federated credential: one subject of one outside issuer, for one audience.

mod terms;

pub use terms::FederatedTerms;

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
    /// How many a holder has at most.
    pub const MOST: usize = 20;
    /// The audience that every Entra and every Signet shares.
    pub const SHARED_AUDIENCE: &'static str = "api://AzureADTokenExchange";
    /// What is said of a credential with that audience.
    pub const SHARED_AUDIENCE_WARNING: &'static str = "The audience api://AzureADTokenExchange is shared by every \
        Entra and every Signet: a token made for another of them is accepted here. Prefer an audience of your own.";
    /// The key space of (issuer, subject) that one holder trusts for itself.
    pub(crate) const SUBJECT: &'static str = "federatedIdentityCredential.subject";

    /// The key of its issuer and subject.
    pub(crate) fn subject_key(issuer: &str, subject: &str) -> IndexKey {
        IndexKey::exact(&format!("{issuer}\n{subject}"))
    }

    /// Whether its audience is the one that every Entra and every Signet shares: a token that the issuer made for
    /// one of them is good for all.
    pub fn has_shared_audience(&self) -> bool {
        self.audiences.iter().any(|audience| audience.eq_ignore_ascii_case(Self::SHARED_AUDIENCE))
    }
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
            keys.in_tenant(Self::SUBJECT, Self::subject_key(&self.issuer, &self.subject));
        }
    }
}
