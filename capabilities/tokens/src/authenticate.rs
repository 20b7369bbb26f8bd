//! The second step: from a presented client to an authenticated one.
//!
//! A client proves itself with a secret, with an assertion signed by a certificate's key, with an assertion of an
//! outside issuer that a federated credential trusts, or, if it is an agent, with its blueprint's T1.

mod assertion;
mod certificate;
mod federated;
mod secret;

use crate::client::{Absent, Client};
use crate::credential::Credential;
use crate::request::{PresentedClient, Proof};
use crate::server::{AuthorizationServer, ServerError};
use crate::trail::Trail;
use signet_kernel::{AppId, Timestamp};
use signet_oauth::TokenError;
use signet_store::{Object, TenantStore};
use signet_tenants::Tenant;
use uuid::Uuid;

/// A client that has proven who it is.
///
/// INVARIANT: made by [`authenticate`] alone.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient {
    client: Client,
    credential: Credential,
}

impl AuthenticatedClient {
    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What it proved itself with.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }
}

/// What authentication may look at.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) server: &'a AuthorizationServer,
    pub(crate) tenant: &'a Object<Tenant>,
    pub(crate) store: &'a TenantStore,
    pub(crate) now: Timestamp,
    /// The request's id.
    pub(crate) request: Uuid,
}

/// Authenticates a client of the tenant.
pub(crate) async fn authenticate(
    setting: Setting<'_>,
    presented: &PresentedClient,
    trail: &mut Trail,
) -> Result<AuthenticatedClient, ServerError> {
    let app_id = named_client(presented)?;
    trail.app_id = Some(app_id);
    let client = find(setting, app_id).await?;
    trail.client = Some(client.clone());
    let credential = match &presented.proof {
        Proof::Secret(text) => secret::check(&client, text, setting.now)?,
        Proof::Assertion(text) => assertion::check(setting, &client, text).await?,
    };
    trail.credential = Some(credential.clone());
    Ok(AuthenticatedClient { client, credential })
}

/// The client that the request names, in `client_id` or, without one, in the subject of its assertion.
fn named_client(presented: &PresentedClient) -> Result<AppId, TokenError> {
    let name = match (&presented.client_id, &presented.proof) {
        (Some(name), _) => name.clone(),
        // SPEC: RFC 7523 2.2 and 3: client_id is optional, the subject identifies the client
        (None, Proof::Assertion(text)) => assertion::claimed_subject(text)?,
        (None, Proof::Secret(_)) => return Err(TokenError::MissingParameter { name: "client_id".to_owned() }),
    };
    name.parse().map_err(|_| TokenError::ApplicationNotFound { app: name, tenant: "named in the address".to_owned() })
}

async fn find(setting: Setting<'_>, app_id: AppId) -> Result<Client, ServerError> {
    let found = Client::find(setting.server.store(), setting.store, app_id).await?;
    found.map_err(|absent| {
        let (app, tenant) = (app_id.to_string(), setting.tenant.tenant.to_string());
        match absent {
            Absent::Unknown => TokenError::ApplicationNotFound { app, tenant }.into(),
            Absent::NoPrincipal => TokenError::PrincipalMissing { app, tenant }.into(),
        }
    })
}
