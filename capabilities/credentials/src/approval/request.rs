//! A change that somebody asked for and another administrator has to approve.

use crate::Described;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signet_kernel::{AppId, ObjectId, Timestamp};
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// What is done to a blueprint's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// A secret is added.
    AddPassword,
    /// A secret is removed.
    RemovePassword,
    /// A certificate or bare key is added, with proof of another.
    AddKey,
    /// A certificate or bare key is removed, with proof of another.
    RemoveKey,
    /// The list of certificates is replaced.
    ReplaceKeys,
    /// An outside subject is trusted.
    AddFederatedCredential,
    /// Another outside subject is trusted than before.
    UpdateFederatedCredential,
    /// An outside subject is trusted no more.
    RemoveFederatedCredential,
}

impl ChangeKind {
    /// What an alert calls it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::AddPassword => "A secret was added to",
            Self::RemovePassword => "A secret was removed from",
            Self::AddKey => "A certificate or key was added to",
            Self::RemoveKey => "A certificate or key was removed from",
            Self::ReplaceKeys => "The certificates were replaced of",
            Self::AddFederatedCredential => "A federated credential was added to",
            Self::UpdateFederatedCredential => "A federated credential was changed of",
            Self::RemoveFederatedCredential => "A federated credential was removed from",
        }
    }
}

/// A change as somebody asks for it. Two that are equal do the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedChange {
    /// What.
    pub kind: ChangeKind,
    /// What exactly: what the call named. Never a secret.
    pub details: Value,
}

impl AskedChange {
    /// A change of these details.
    pub fn new(kind: ChangeKind, details: impl Serialize) -> Self {
        // INVARIANT: details are plain structs, ids and lists of them, and those serialise.
        Self { kind, details: serde_json::to_value(details).unwrap_or_default() }
    }
}

/// By whom a request was decided, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// Who.
    pub by: ObjectId,
    /// What the record calls them.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// How far a request is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "camelCase")]
pub enum State {
    /// Nobody decided.
    Pending,
    /// Somebody else approved; the change can be made, once.
    Approved(Decided),
    /// Somebody denied, or the requester thought better of it.
    Denied(Decided),
    /// It was approved, and the change is made.
    Completed(Decided),
}

impl State {
    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved(_) => "approved",
            Self::Denied(_) => "denied",
            Self::Completed(_) => "completed",
        }
    }

    /// Who decided.
    pub fn decided(&self) -> Option<&Decided> {
        match self {
            Self::Pending => None,
            Self::Approved(decided) | Self::Denied(decided) | Self::Completed(decided) => Some(decided),
        }
    }
}

/// A request. It goes with the blueprint that it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialChangeRequest {
    /// The blueprint's object id.
    pub holder: ObjectId,
    /// What people called the blueprint when it was asked for.
    pub holder_name: String,
    /// What shall be done.
    pub change: AskedChange,
    /// Who asked.
    pub requester: ObjectId,
    /// The client they used.
    pub requester_app: AppId,
    /// What the record calls them.
    pub requester_name: String,
    /// From when on it is worth nothing.
    pub expires: Timestamp,
    /// How far it is.
    pub state: State,
    /// Members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

impl CredentialChangeRequest {
    /// The indexed field that holds the blueprint's id.
    pub const HOLDER: &'static str = "holder";

    /// Whether it is of this caller's, for this change, and not over.
    pub(super) fn is_open(&self, requester: ObjectId, change: &AskedChange, now: Timestamp) -> bool {
        let undone = matches!(self.state, State::Pending | State::Approved(_));
        undone && now < self.expires && self.requester == requester && self.change == *change
    }
}

impl Kind for CredentialChangeRequest {
    const NAME: &'static str = "credentialChangeRequest";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.holder)
    }

    fn index(&self, index: &mut IndexEntries) {
        index.add(Self::HOLDER, IndexKey::uuid(self.holder.uuid()));
    }

    fn unique(&self, _keys: &mut UniqueKeys) {}
}

impl Described for CredentialChangeRequest {
    fn display_name(&self) -> &str {
        &self.holder_name
    }
}
