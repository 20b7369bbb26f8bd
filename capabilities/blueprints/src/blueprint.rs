//! The blueprint.

use serde::{Deserialize, Serialize};
use signet_credentials::{Holder, KeyCredential, PasswordCredential};
use signet_directory::Application;
use signet_directory::responsibility::Described;
use signet_kernel::{AppId, ObjectId};
use signet_store::{BackendError, Id, IndexEntries, IndexKey, Kind, Object, TenantStore, UniqueKeys};
use std::sync::Arc;

/// `agentIdentityBlueprint` (CSDL): an application that agents are stamped from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blueprint {
    /// The most any of its agents may ever hold, as `resourceAppId/roleValue`; none means no ceiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission_ceiling: Option<Vec<String>>,
    /// What it has in common with every application.
    #[serde(flatten)]
    pub application: Application,
}

impl Blueprint {
    /// The living blueprint with this client id.
    pub async fn find_by_app_id(store: &TenantStore, app_id: AppId) -> Result<Option<Arc<Object<Self>>>, BackendError> {
        match store.find_key(Application::APP_ID, &IndexKey::uuid(app_id.uuid())).await? {
            Some(id) => store.find(Id::of(id)).await,
            None => Ok(None),
        }
    }
}

impl Kind for Blueprint {
    const NAME: &'static str = "agentIdentityBlueprint";

    fn index(&self, index: &mut IndexEntries) {
        self.application.declare_index(index);
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        self.application.declare_unique(keys);
    }
}

impl Holder for Blueprint {
    fn app_id(&self) -> AppId {
        self.application.app_id
    }

    fn display_name(&self) -> &str {
        &self.application.display_name
    }

    fn passwords(&self) -> &[PasswordCredential] {
        &self.application.password_credentials
    }

    fn passwords_mut(&mut self) -> &mut Vec<PasswordCredential> {
        &mut self.application.password_credentials
    }

    fn certificates(&self) -> &[KeyCredential] {
        &self.application.key_credentials
    }

    fn certificates_mut(&mut self) -> &mut Vec<KeyCredential> {
        &mut self.application.key_credentials
    }
}

impl Described for Blueprint {
    fn display_name(&self) -> &str {
        &self.application.display_name
    }

    fn blueprint(&self, id: ObjectId) -> Option<ObjectId> {
        Some(id)
    }
}
