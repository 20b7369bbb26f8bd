//! Provisioning: everything that makes a tenant usable, in one unit of work.

use super::AdminCommand;
use crate::node::Node;
use crate::operator::audit;
use crate::profile::{Profile, ProfileCredential};
use serde::{Deserialize, Serialize};
use signet_credentials::{KeyCredential, NewPassword, PasswordCredential};
use signet_directory::ops::add_built_in_roles;
use signet_directory::permissions::DIRECTORY_WRITE_RESTRICTED;
use signet_directory::{ApiApplication, Application, DIRECTORY_APP_ID, ServicePrincipal, ServicePrincipalType};
use signet_jose::Jwk;
use signet_kernel::{AppId, ClientSecret, Context, Failure, Fault, ObjectId, TenantId, Timestamp};
use signet_logs::audit::{Target, activities};
use signet_permissions::AppRoleAssignment;
use signet_permissions::catalogue::{CREATE_AS_MANAGER, directory_roles};
use signet_store::{Id, Kind, UnitOfWork};
use signet_tenants::Tenant;
use std::path::PathBuf;
use std::time::Duration;

/// How long the first administrator's secret lives.
const SECRET_LIFE: Duration = Duration::from_hours(30 * 24);

/// A tenant with an administrator.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CreateTenant {
    /// What people call it.
    pub(crate) name: String,
    /// A domain name that stands for it in URLs.
    pub(crate) domain: Option<String>,
    /// The administrator's public key; without one it gets a secret.
    #[serde(default)]
    pub(crate) admin_key: Option<AdminKey>,
}

/// The key that an administrator proves itself with instead of a secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AdminKey {
    /// The public half, as a JWK.
    pub(crate) jwk: serde_json::Value,
    /// Where the owner of the data directory keeps the private half, for the commands of the public API.
    pub(crate) file: Option<PathBuf>,
}

/// What was made. A secret is nowhere else in clear, but for the profile of the data directory's owner.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedTenant {
    /// The tenant.
    pub(crate) tenant_id: TenantId,
    /// Its administrator.
    pub(crate) admin_client_id: AppId,
    /// What it proves itself with.
    #[serde(flatten)]
    pub(crate) proof: AdminProof,
    /// Whether the commands of this data directory act as this administrator: the first tenant's.
    pub(crate) profile_kept: bool,
}

/// What an administrator proves itself with.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum AdminProof {
    /// A secret.
    #[serde(rename_all = "camelCase")]
    Secret {
        /// The secret.
        admin_client_secret: String,
        /// Until when it is good.
        secret_expires: Timestamp,
    },
    /// Assertions that a key signs.
    #[serde(rename_all = "camelCase")]
    Key {
        /// The key's thumbprint (RFC 7638), which assertions may name as `kid`.
        admin_key_thumbprint: String,
    },
}

impl AdminCommand for CreateTenant {
    const PATH: &'static str = "/tenant/create";
    type Answer = CreatedTenant;

    async fn run(self, node: &Node) -> Result<CreatedTenant, Failure> {
        let _sealing = node.sealing.lock().await;
        let context = &node.context;
        let tenant = context.new_tenant_id();
        let body = Tenant::new(&self.name, self.domain.as_deref())?;
        let store = node.store.tenant(tenant);
        let mut unit = store.unit();
        unit.create(Tenant::id(tenant), &body);
        add_built_in_roles(&mut unit);
        let (directory, resource) = directory_principal(context);
        unit.create(directory, &resource);
        let (credential, proof) = first_credential(context, self.admin_key.as_ref())?;
        let administrator = add_administrator(context, &mut unit, directory.object(), credential);
        node.signing_keys.prepare(tenant, &mut unit).await?;
        let target = Target::new(Tenant::NAME, Tenant::id(tenant).object(), self.name);
        unit.audit(audit(context, tenant, &activities::CREATE_TENANT, vec![target]));
        store.commit(unit).await?;
        let mut made = CreatedTenant { tenant_id: tenant, admin_client_id: administrator, proof, profile_kept: false };
        made.profile_kept = keep_profile(node, &made, self.admin_key)?;
        Ok(made)
    }
}

/// The directory API as a resource of the tenant: it has no application object, the program defines it.
fn directory_principal(context: &Context) -> (Id<ServicePrincipal>, ServicePrincipal) {
    let principal = ServicePrincipal {
        app_id: DIRECTORY_APP_ID,
        application: None,
        display_name: "Directory API".to_owned(),
        account_enabled: true,
        app_role_assignment_required: false,
        service_principal_type: ServicePrincipalType::Application,
        other: serde_json::Map::new(),
    };
    (Id::of(context.new_object_id()), principal)
}

/// The one credential that the administrator begins with.
enum FirstCredential {
    Secret(PasswordCredential),
    Key(KeyCredential),
}

fn first_credential(context: &Context, key: Option<&AdminKey>) -> Result<(FirstCredential, AdminProof), Failure> {
    let Some(key) = key else {
        let (password, secret) = first_secret(context)?;
        let proof = AdminProof::Secret {
            admin_client_secret: secret.reveal().to_owned(),
            secret_expires: password.end_date_time,
        };
        return Ok((FirstCredential::Secret(password), proof));
    };
    let jwk = Jwk::parse(key.jwk.to_string().as_bytes())
        .map_err(|error| Failure::new(Fault::Input, "BadRequest", format!("The key cannot be used: {error}.")))?;
    let name = Some("first key".to_owned());
    let credential = KeyCredential::from_jwk(context.new_uuid(), name, &jwk, context.now())?;
    let proof = AdminProof::Key { admin_key_thumbprint: jwk.key().thumbprint() };
    Ok((FirstCredential::Key(credential), proof))
}

fn first_secret(context: &Context) -> Result<(PasswordCredential, ClientSecret), Failure> {
    let new = NewPassword {
        display_name: Some("first secret".to_owned()),
        end_date_time: Some(context.now().plus(SECRET_LIFE)),
        ..NewPassword::default()
    };
    Ok(new.make(context)?)
}

/// An application with its principal, which holds every permission of the directory API but the one that blueprint
/// principals hold by being one.
fn add_administrator(
    context: &Context,
    unit: &mut UnitOfWork,
    directory: ObjectId,
    credential: FirstCredential,
) -> AppId {
    let (app_id, application) = (context.new_app_id(), Id::of(context.new_object_id()));
    unit.create(application, &administrator_application(app_id, credential));
    let principal = ServicePrincipal {
        app_id,
        application: Some(application.object()),
        display_name: ADMINISTRATOR.to_owned(),
        account_enabled: true,
        app_role_assignment_required: false,
        service_principal_type: ServicePrincipalType::Application,
        other: serde_json::Map::new(),
    };
    let principal_id = Id::of(context.new_object_id());
    unit.create(principal_id, &principal);
    // WHY: what a restricted administrative unit keeps its own, it keeps from whoever administers the tenant too.
    let withheld = [CREATE_AS_MANAGER, DIRECTORY_WRITE_RESTRICTED];
    let granted =
        directory_roles().iter().filter(|role| !role.value.as_deref().is_some_and(|it| withheld.contains(&it)));
    for role in granted {
        let assignment = AppRoleAssignment {
            principal_id: principal_id.object(),
            resource_id: directory,
            app_role_id: role.id,
            other: serde_json::Map::new(),
        };
        unit.create(Id::of(context.new_object_id()), &assignment);
    }
    app_id
}

const ADMINISTRATOR: &str = "Administrator";

fn administrator_application(app_id: AppId, credential: FirstCredential) -> Application {
    let (password_credentials, key_credentials) = match credential {
        FirstCredential::Secret(password) => (vec![password], Vec::new()),
        FirstCredential::Key(key) => (Vec::new(), vec![key]),
    };
    Application {
        app_id,
        display_name: ADMINISTRATOR.to_owned(),
        identifier_uris: Vec::new(),
        sign_in_audience: Application::MY_ORGANISATION.to_owned(),
        app_roles: Vec::new(),
        api: ApiApplication::default(),
        password_credentials,
        key_credentials,
        created_by_app_id: None,
        access_token_lifetime_minutes: None,
        single_use_assertions: false,
        unique_name: None,
        is_disabled: false,
        other: serde_json::Map::new(),
    }
}

/// Keeps the first tenant's administrator for the commands of this data directory.
fn keep_profile(node: &Node, made: &CreatedTenant, key: Option<AdminKey>) -> Result<bool, Failure> {
    if node.data.profile().exists() {
        return Ok(false);
    }
    let profile = Profile {
        url: node.config.public_url.clone(),
        tenant_id: made.tenant_id.to_string(),
        client_id: made.admin_client_id.to_string(),
        credential: match &made.proof {
            AdminProof::Secret { .. } => {
                let file = std::path::absolute(node.data.path().join("client.secret")).map_err(Failure::bug)?;
                Some(ProfileCredential::Secret { client_secret_file: file })
            }
            AdminProof::Key { .. } => {
                key.and_then(|key| key.file).map(|client_key_file| ProfileCredential::Key { client_key_file })
            }
        },
    };
    if let AdminProof::Secret { admin_client_secret, .. } = &made.proof {
        profile.keep_secret(admin_client_secret).map_err(Failure::bug)?;
    }
    profile.keep(&node.data).map_err(Failure::bug)?;
    Ok(true)
}
