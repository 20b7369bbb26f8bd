//! What a request has shown so far: the record of it is written from this, however far it came.

use crate::client::Client;
use crate::credential::Credential;
use crate::target::Target;
use signet_kernel::AppId;

/// What is known of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail {
    /// The client it names.
    pub(crate) app_id: Option<AppId>,
    /// That client, found.
    pub(crate) client: Option<Client>,
    /// What it proved itself with. Once this is known the client is authenticated.
    pub(crate) credential: Option<Credential>,
    /// What it asks for, as written.
    pub(crate) requested: Option<String>,
    /// What it asks for, found.
    pub(crate) target: Option<Target>,
}
