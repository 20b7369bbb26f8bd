//! `servicePrincipal`.

use super::{Computed, Owners, membership_actions};
use crate::attributes::with_attributes;
use crate::attributes::{self, MEMBER};
use crate::body::wire;
use crate::{AppRole, Application, PermissionScope, ServicePrincipal, ops};
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_graph::{Access, Action, Call, Contained, Entity, EntityType, JsonMap, Property, PropertyType, Relation};
use signet_kernel::{Failure, ObjectId, TenantId};
use signet_store::{Id, Kind, Row};

const READ: &[&str] = &["Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"];
const WRITE: &[&str] = &["Application.ReadWrite.All"];

const PROPERTIES: &[Property] = &[
    Property::new("appId", PropertyType::Guid),
    Property::new("displayName", PropertyType::String(256)).indexed().ordered(),
    Property::new("accountEnabled", PropertyType::Boolean),
    Property::new("appRoleAssignmentRequired", PropertyType::Boolean),
    Property::new("description", PropertyType::String(1024)),
    Property::new("homepage", PropertyType::String(256)),
    Property::new("loginUrl", PropertyType::String(256)),
    Property::new("notes", PropertyType::String(1024)),
    Property::new("notificationEmailAddresses", PropertyType::Strings),
    Property::new("tags", PropertyType::Strings),
    // Kept beside the object, shown with the permission alone, and changed with it.
    Property::new(MEMBER, PropertyType::Complex("customSecurityAttributeValue"))
        .computed()
        .only_selected()
        .readable_with(attributes::READ)
        .writable_with(attributes::WRITE),
    Property::new("alternativeNames", PropertyType::Strings),
    Property::new("servicePrincipalType", PropertyType::String(64)).read_only(),
    Property::new("createdDateTime", PropertyType::DateTime).read_only(),
    Property::new("appDisplayName", PropertyType::String(256)).read_only().computed(),
    Property::new("appDescription", PropertyType::String(1024)).read_only().computed(),
    Property::new("appOwnerOrganizationId", PropertyType::Guid).read_only().computed(),
    Property::new("appRoles", PropertyType::Complexes("appRole")).read_only(),
    Property::new("oauth2PermissionScopes", PropertyType::Complexes("permissionScope")).read_only(),
    Property::new("servicePrincipalNames", PropertyType::Strings).read_only().computed(),
    Property::new("signInAudience", PropertyType::String(64)).read_only().computed(),
    Property::new("info", PropertyType::Complex("informationalUrl")).read_only().computed(),
    Property::new("isDisabled", PropertyType::Boolean).read_only().computed(),
    Property::new("logoutUrl", PropertyType::String(2048)).read_only().computed(),
    Property::new("replyUrls", PropertyType::Strings).read_only().computed(),
    Property::new("tokenEncryptionKeyId", PropertyType::Guid).read_only().computed(),
    Property::new("verifiedPublisher", PropertyType::Complex("verifiedPublisher")).read_only().computed(),
    Property::new("createdByAppId", PropertyType::Guid).read_only(),
    // Its application holds them: always empty.
    Property::new("keyCredentials", PropertyType::Complexes("keyCredential")).read_only(),
    Property::new("passwordCredentials", PropertyType::Complexes("passwordCredential")).read_only(),
    // Nobody outside the tenant disables or makes applications here: always null.
    Property::new("disabledByMicrosoftStatus", PropertyType::String(64)).read_only(),
    Property::new("applicationTemplateId", PropertyType::Guid).read_only(),
];

/// Lists that CSDL never has as null.
const LISTS: [&str; 5] =
    ["alternativeNames", "keyCredentials", "notificationEmailAddresses", "passwordCredentials", "tags"];

/// `servicePrincipal`.
pub const SERVICE_PRINCIPAL: EntityType = EntityType {
    name: ServicePrincipal::NAME,
    base: None,
    set: "servicePrincipals",
    kind: Some(ServicePrincipal::NAME),
    properties: PROPERTIES,
    incompatible: &[],
    incompatible_code: "Request_BadRequest",
    alternate_keys: &[("appId", ServicePrincipal::APP_ID)],
    access: Access { read: READ, create: WRITE, update: WRITE, delete: WRITE },
    beta_only: false,
};

/// Service principals of applications, as a type of the directory.
#[derive(Debug, Clone)]
pub struct ServicePrincipals {
    directory_roles: fn() -> &'static [AppRole],
    directory_scopes: fn() -> &'static [PermissionScope],
    contained: Vec<fn() -> Box<dyn Contained>>,
}

impl ServicePrincipals {
    /// Service principals, in a directory API that defines these roles, with what other capabilities hang off them.
    pub fn new(directory_roles: fn() -> &'static [AppRole], contained: Vec<fn() -> Box<dyn Contained>>) -> Self {
        Self { directory_roles, directory_scopes: || &[], contained }
    }

    /// The same, where the directory API defines these scopes.
    #[must_use]
    pub fn with_directory_scopes(mut self, scopes: fn() -> &'static [PermissionScope]) -> Self {
        self.directory_scopes = scopes;
        self
    }
}

/// Adds to a service principal's view what its application or blueprint defines.
pub fn show_definition(view: &mut JsonMap, application: &Application, tenant: TenantId) {
    let names: Vec<_> = application.identifier_uris.iter().cloned().chain([application.app_id.to_string()]).collect();
    let derived = [
        ("appDisplayName", json!(application.display_name)),
        ("appDescription", json!(application.other.get("description"))),
        ("appOwnerOrganizationId", json!(tenant)),
        ("appRoles", json!(application.app_roles)),
        ("oauth2PermissionScopes", json!(application.api.oauth2_permission_scopes)),
        ("servicePrincipalNames", json!(names)),
        ("signInAudience", json!(application.sign_in_audience)),
        ("info", json!(application.other.get("info"))),
        ("isDisabled", json!(application.is_disabled)),
        ("logoutUrl", json!(application.other.get("web").and_then(|web| web.get("logoutUrl")))),
        ("replyUrls", json!(application.redirect_uris())),
        ("tokenEncryptionKeyId", Value::Null),
        ("verifiedPublisher", json!(application.other.get("verifiedPublisher"))),
    ];
    view.extend(derived.map(|(name, value)| (name.to_owned(), value)));
}

#[async_trait]
impl Entity for ServicePrincipals {
    fn declaration(&self) -> &'static EntityType {
        &SERVICE_PRINCIPAL
    }

    fn required(&self) -> &'static [&'static str] {
        &["appId"]
    }

    fn view(&self, row: &Row) -> Result<JsonMap, Failure> {
        let mut view = wire(row, &["application"])?;
        for list in LISTS {
            view.entry(list).or_insert_with(|| json!([]));
        }
        Ok(view)
    }

    async fn complete(&self, call: &Call, row: &Row, view: &mut JsonMap) -> Result<(), Failure> {
        attributes::complete(call, row, view).await?;
        let principal: ServicePrincipal = serde_json::from_slice(&row.body).map_err(Failure::bug)?;
        let Some(application) = principal.application else {
            view.insert("appDisplayName".to_owned(), json!(principal.display_name));
            view.insert("appRoles".to_owned(), json!((self.directory_roles)()));
            view.insert("oauth2PermissionScopes".to_owned(), json!((self.directory_scopes)()));
            view.insert("servicePrincipalNames".to_owned(), json!([principal.app_id]));
            return Ok(());
        };
        if let Some(application) = call.store.find_any(Id::<Application>::of(application)).await? {
            show_definition(view, &application.body, call.store.id());
        }
        Ok(())
    }

    async fn create(&self, call: &Call, body: JsonMap) -> Result<ObjectId, Failure> {
        attributes::refuse_at_create(&body)?;
        ops::create_service_principal(call, body).await
    }

    async fn update(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<(), Failure> {
        with_attributes(call, id, body, async |body| ops::update_service_principal(call, id, body).await).await
    }

    async fn delete(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::delete_service_principal(call, id).await
    }

    async fn restore(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::restore::<ServicePrincipal>(call, id).await
    }

    async fn purge(&self, call: &Call, id: ObjectId) -> Result<(), Failure> {
        ops::purge::<ServicePrincipal>(call, id).await
    }

    fn relations(&self) -> Vec<Box<dyn Relation>> {
        use Computed::{CreatedObjects, MemberOf, OwnedObjects, TransitiveMemberOf};
        let owners: Box<dyn Relation> = Box::new(Owners::<ServicePrincipal>::new(WRITE));
        [owners]
            .into_iter()
            .chain(Computed::boxed([MemberOf, TransitiveMemberOf, OwnedObjects, CreatedObjects]))
            .collect()
    }

    fn contained(&self) -> Vec<Box<dyn Contained>> {
        self.contained.iter().map(|make| make()).collect()
    }

    fn actions(&self) -> Vec<Box<dyn Action>> {
        membership_actions(READ)
    }
}
