//! The agent user: an agent identity's account among people.

mod rules;

use serde::{Deserialize, Serialize};
use signet_directory::User;
use signet_directory::responsibility::Described;
use signet_kernel::{AppId, ObjectId};
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `agentUser` (CSDL): a user without a password that one agent identity acts as. It goes and comes back with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentUser {
    /// The agent identity's object id; cannot be changed.
    pub identity_parent_id: ObjectId,
    /// Client id of the blueprint that agent identity is stamped from: whose permission reaches this user.
    pub blueprint_app_id: AppId,
    /// Which of its agent identity's users it is; 0 is the first.
    #[serde(default, skip_serializing_if = "is_first")]
    pub slot: u32,
    /// What it has in common with every user.
    #[serde(flatten)]
    pub user: User,
}

impl AgentUser {
    /// The indexed field, and the key space, of the agent identity's id with the slot: there is one agent user for each,
    /// unless its blueprint says otherwise.
    pub const PARENT: &'static str = "identityParentId";

    /// Members of the stored body that are nobody's business.
    pub(crate) const INTERNAL: &'static [&'static str] = &["blueprintAppId", "slot"];

    /// Properties of users that agent users lack: whatever a person would sign in with.
    pub const INCOMPATIBLE: &'static [&'static str] = &["passwordProfile", "passwordPolicies"];
}

fn is_first(slot: &u32) -> bool {
    *slot == 0
}

impl AgentUser {
    /// The unique key of one of an agent identity's users.
    pub(crate) fn slot_key(parent: ObjectId, slot: u32) -> IndexKey {
        if is_first(&slot) { IndexKey::uuid(parent.uuid()) } else { IndexKey::exact(&format!("{parent}/{slot}")) }
    }
}

impl Kind for AgentUser {
    const NAME: &'static str = "agentUser";

    fn parent(&self) -> Option<ObjectId> {
        Some(self.identity_parent_id)
    }

    fn index(&self, index: &mut IndexEntries) {
        self.user.index(index);
        index.add(Self::PARENT, IndexKey::uuid(self.identity_parent_id.uuid()));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        self.user.unique(keys);
        keys.in_tenant(Self::PARENT, Self::slot_key(self.identity_parent_id, self.slot));
    }
}

impl Described for AgentUser {
    fn display_name(&self) -> &str {
        &self.user.display_name
    }
}
