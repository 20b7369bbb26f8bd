//! `application`.

use super::verified_publisher::{self, VerifiedPublisher};
use super::{Owners, complete_publisher, values};
use crate::application::fill_in;
use crate::attributes::with_attributes;
use crate::attributes::{self, MEMBER};
use crate::body::wire;
use crate::{Application, ops};
use async_trait::async_trait;
use signet_credentials::OwnAddresses;
use signet_credentials::http::{
    AssignedPolicies, CredentialAccess, FederatedCredentials, credential_actions, show_credentials,
};
use signet_graph::{
    Access, Action, ActionResult, Call, ComplexType, Contained, Entity, EntityType, JsonMap, Property, PropertyType,
    Relation, Signature,
};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Kind, Row};

const READ: &[&str] = &["Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"];
const WRITE: &[&str] = &["Application.ReadWrite.All"];

const PROPERTIES: &[Property] = &[
    Property::new("appId", PropertyType::Guid).read_only(),
    Property::new("displayName", PropertyType::String(256)).indexed().ordered(),
    Property::new("description", PropertyType::String(1024)),
    Property::new("uniqueName", PropertyType::String(120)),
    Property::new("identifierUris", PropertyType::Strings),
    Property::new("signInAudience", PropertyType::String(64)),
    Property::new("appRoles", PropertyType::Complexes("appRole")),
    Property::new("api", PropertyType::Complex("apiApplication")),
    Property::new("keyCredentials", PropertyType::Complexes("keyCredential")),
    // Kept beside the object, shown with the permission alone, and changed with it.
    Property::new(MEMBER, PropertyType::Complex("customSecurityAttributeValue"))
        .computed()
        .only_selected()
        .readable_with(attributes::READ)
        .writable_with(attributes::WRITE),
    // Known so that it is refused with the way to do it.
    Property::new("passwordCredentials", PropertyType::Complexes("passwordCredential")),
    Property::new("requiredResourceAccess", PropertyType::Complexes("requiredResourceAccess")),
    Property::new("isDisabled", PropertyType::Boolean),
    Property::new("optionalClaims", PropertyType::Complex("optionalClaims")),
    Property::new("groupMembershipClaims", PropertyType::String(64)),
    Property::new("web", PropertyType::Complex("webApplication")),
    Property::new("spa", PropertyType::Complex("spaApplication")),
    Property::new("publicClient", PropertyType::Complex("publicClientApplication")),
    Property::new("isFallbackPublicClient", PropertyType::Boolean),
    Property::new("info", PropertyType::Complex("informationalUrl")),
    Property::new("notes", PropertyType::String(1024)),
    Property::new("serviceManagementReference", PropertyType::String(256)),
    Property::new("tags", PropertyType::Strings),
    Property::new("defaultRedirectUri", PropertyType::String(256)),
    Property::new("tokenEncryptionKeyId", PropertyType::Guid),
    // Set by an action of its own.
    Property::new(verified_publisher::MEMBER, PropertyType::Complex("verifiedPublisher")).read_only(),
    // Of the tenant: its first domain.
    Property::new("publisherDomain", PropertyType::String(256)).read_only().computed(),
    // Nobody outside the tenant certifies, disables or makes applications here: always null.
    Property::new("certification", PropertyType::Complex("certification")).read_only(),
    Property::new("disabledByMicrosoftStatus", PropertyType::String(64)).read_only(),
    Property::new("applicationTemplateId", PropertyType::Guid).read_only(),
    Property::new("createdByAppId", PropertyType::Guid).read_only(),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
    // Signet's own: how long its access tokens live, and whether a client assertion is accepted once only.
    Property::new("accessTokenLifetimeMinutes", PropertyType::Int32),
    Property::new("singleUseAssertions", PropertyType::Boolean),
];

/// `application`.
pub const APPLICATION: EntityType = EntityType {
    name: Application::NAME,
    base: None,
    set: "applications",
    kind: Some(Application::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[("appId", Application::APP_ID), ("uniqueName", Application::UNIQUE_NAME)],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// Applications, as a type of the directory.
#[derive(Debug, Clone)]
pub struct Applications {
    own: OwnAddresses,
}

impl Applications {
    /// The applications of the deployment at `own`.
    pub fn new(own: OwnAddresses) -> Self {
        Self { own }
    }
}

/// An application, or what derives from it, as it looks on the wire.
pub fn show_application(row: &Row) -> Result<JsonMap, Failure> {
    let mut view = wire(row, &[])?;
    fill_in(&mut view);
    show_credentials(&mut view);
    Ok(view)
}

#[async_trait]
impl Entity for Applications {
    fn declaration(&self) -> &'static EntityType {
        &APPLICATION
    }

    fn required(&self) -> &'static [&'static str] {
        &["displayName"]
    }

    fn complex_types(&self) -> &'static [ComplexType] {
        values::OF_APPLICATIONS
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        show_application(row)
    }

    async fn complete(&self, call: &Call, row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        complete_publisher(call, view).await?;
        attributes::complete(call, row, view).await
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        attributes::refuse_at_create(&body)?;
        ops::create_application(call, &self.own, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        with_attributes(call, id, body, async |body| ops::update_application(call, &self.own, id, body).await).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete::<Application>(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::restore::<Application>(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::purge::<Application>(call, id).await
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        vec![Box::new(Owners::<Application>::new(WRITE)), Box::new(AssignedPolicies::<Application>::default())]
    }

    fn contained(&self) -> Vec<Box<dyn Contained>> {
        vec![Box::new(FederatedCredentials::<Application>::new(self.own.clone(), WRITE))]
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        let own = |action| Box::new(PublisherAction { action, own: self.own.clone() }) as Box<dyn Action>;
        let credentials = credential_actions::<Application>(CredentialAccess { change: WRITE, add_key: WRITE });
        credentials.into_iter().chain(VerifiedPublisher::BOTH.map(own)).collect()
    }
}

struct PublisherAction {
    action: VerifiedPublisher,
    own: OwnAddresses,
}

#[async_trait]
impl Action for PublisherAction {
    fn name(&self) -> &'static str {
        self.action.name()
    }

    fn signature(&self) -> Option<Signature> {
        Some(self.action.signature())
    }

    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let patch = self.action.patch(call, &body).await?;
        ops::update_application(call, &self.own, id, patch).await?;
        Ok(ActionResult::Nothing)
    }
}
