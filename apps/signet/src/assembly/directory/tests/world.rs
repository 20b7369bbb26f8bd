//! A tenant behind the assembled router, without sockets or tokens.

use super::super::router;
use crate::admin::{AdminCommand, CreateTenant};
use crate::config::Loaded;
use crate::node::Node;
use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, header};
use serde_json::{Value, json};
use signet_graph::{Authenticate, Operation, Unauthenticated};
use signet_kernel::{AppId, Caller, Context, ObjectId, Origin, TenantId};
use signet_store::{Store, TenantStore};
use signet_testkit::SweptAtEnd;
use signet_web::{Front, Peer};
use std::sync::Arc;
use uuid::Uuid;

/// Everything that the administrator of a tenant may do with agents, people and roles.
const ALL: &str = "User.ReadWrite.All,Group.ReadWrite.All,GroupMember.ReadWrite.All,Application.ReadWrite.All,\
    AgentIdentityBlueprint.ReadWrite.All,AgentIdentityBlueprintPrincipal.ReadWrite.All,AgentIdentity.ReadWrite.All,\
    AgentIdUser.ReadWrite.All,AdministrativeUnit.ReadWrite.All,RoleManagement.ReadWrite.Directory,\
    CustomSecAttributeDefinition.ReadWrite.All,AppRoleAssignment.ReadWrite.All";

/// `Authorization: Toy {tenant} {kind} {object} {permissions}`.
struct ByHeader(Store);

#[async_trait]
impl Authenticate for ByHeader {
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        origin: Origin,
    ) -> Result<(Caller, TenantStore), Unauthenticated> {
        let mut words = headers[header::AUTHORIZATION].to_str().unwrap().split(' ').skip(1);
        let mut next = || words.next().unwrap();
        let tenant: TenantId = next().parse().unwrap();
        let kinds = ["user", "servicePrincipal", "agentIdentity", "agentIdentityBlueprintPrincipal"];
        let kind = next();
        let object: ObjectId = next().parse().unwrap();
        let caller = Caller {
            tenant,
            kind: kinds.into_iter().find(|known| *known == kind).unwrap(),
            object,
            app: AppId::from_uuid(object.uuid()),
            display_name: "Toy".to_owned(),
            roles: next().split(',').map(str::to_owned).collect(),
            parent: None,
            origin,
        };
        Ok((caller, self.0.tenant(tenant)))
    }
}

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Who {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) permissions: &'static str,
}

pub(super) struct World {
    _end: SweptAtEnd,
    front: Front,
    pub(super) node: Arc<Node>,
    pub(super) tenant: TenantId,
    pub(super) operations: Vec<Operation>,
    _directory: tempfile::TempDir,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Reply {
    #[track_caller]
    pub(super) fn id(&self) -> String {
        assert!(self.status < 300, "{}: {}", self.status, self.body);
        self.body["id"].as_str().unwrap().to_owned()
    }

    pub(super) fn code(&self) -> (u16, &str) {
        (self.status, self.body["error"]["code"].as_str().unwrap_or_default())
    }

    /// One member of each item of a list.
    #[track_caller]
    pub(super) fn each(&self, name: &str) -> Vec<&str> {
        let items = self.body["value"].as_array().unwrap_or_else(|| panic!("no list: {}", self.body));
        items.iter().map(|item| item[name].as_str().unwrap_or("-")).collect()
    }
}

impl World {
    pub(super) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data").display().to_string();
        let config = Loaded::load(None, std::iter::empty(), &[("--data-dir", "data_dir", data)]).unwrap().config;
        let node = Arc::new(Node::open(config, Context::system(), 1).await.unwrap());
        let create = CreateTenant { name: "Contoso".to_owned(), domain: None, admin_key: None };
        let tenant = create.run(&node).await.unwrap().tenant_id;
        let router = router(&node, Arc::new(ByHeader(node.store.clone())), [7; 32], (None, None));
        let operations = router.operations().collect();
        let front = Front::new(router.into_router(), node.context.clone());
        let end = SweptAtEnd::new(node.store.clone());
        let end = end.by(|store| Box::pin(async move { signet_agents::sweep(&store).await }));
        Self { _end: end, front, node, tenant, operations, _directory: directory }
    }

    pub(super) fn store(&self) -> TenantStore {
        self.node.store.tenant(self.tenant)
    }

    /// Somebody who may do everything.
    pub(super) fn admin(&self) -> Who {
        Who { kind: "servicePrincipal", id: Uuid::from_u128(0xad).to_string(), permissions: ALL }
    }

    pub(super) async fn send(&self, who: &Who, request: axum::http::request::Builder, body: Option<&Value>) -> Reply {
        let Who { kind, id, permissions } = who;
        let authorization = format!("Toy {} {kind} {id} {permissions}", self.tenant);
        let mut request = request.header(header::AUTHORIZATION, authorization);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let peer = Peer::Network("192.0.2.1:1".parse().unwrap());
        let (parts, body) = self.front.answer(request.body(body).unwrap(), peer).await.into_parts();
        let bytes = to_bytes(Body::new(body), usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes)));
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(super) async fn ask(&self, who: &Who, method: Method, path: &str, body: Option<&Value>) -> Reply {
        self.send(who, Request::builder().method(method).uri(format!("/v1.0/{path}")), body).await
    }

    pub(super) async fn get(&self, who: &Who, path: &str) -> Reply {
        self.ask(who, Method::GET, path, None).await
    }

    pub(super) async fn post(&self, who: &Who, path: &str, body: &Value) -> Reply {
        self.ask(who, Method::POST, path, Some(body)).await
    }

    pub(super) async fn patch(&self, who: &Who, path: &str, body: &Value) -> Reply {
        self.ask(who, Method::PATCH, path, Some(body)).await
    }

    pub(super) async fn delete(&self, who: &Who, path: &str) -> Reply {
        self.ask(who, Method::DELETE, path, None).await
    }

    /// A reference to an object, as bodies hold it.
    pub(super) fn reference(id: &str) -> String {
        format!("https://id.test/v1.0/directoryObjects/{id}")
    }

    /// A person who holds no permission.
    pub(super) async fn user(&self, name: &str) -> Who {
        let body = json!({
            "displayName": name, "userPrincipalName": format!("{name}@contoso.test"), "mailNickname": name,
            "accountEnabled": true,
        });
        let id = self.post(&self.admin(), "users", &body).await.id();
        Who { kind: "user", id, permissions: "None" }
    }

    /// A service principal of an application of its own, which holds no permission.
    pub(super) async fn service(&self, name: &str) -> Who {
        let admin = self.admin();
        let application = self.post(&admin, "applications", &json!({"displayName": name})).await;
        let body = json!({"appId": application.body["appId"], "displayName": name});
        let id = self.post(&admin, "servicePrincipals", &body).await.id();
        Who { kind: "servicePrincipal", id, permissions: "None" }
    }

    /// A blueprint with its principal, for which `sponsor` answers.
    pub(super) async fn blueprint(&self, sponsor: &Who) -> Reply {
        let body = json!({
            "displayName": "Desk", "createPrincipal": true, "sponsors@odata.bind": [Self::reference(&sponsor.id)],
        });
        let made = self.post(&self.admin(), "applications/microsoft.graph.agentIdentityBlueprint", &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made
    }

    /// The id of an agent of a blueprint, for which `sponsor` answers.
    pub(super) async fn agent(&self, blueprint: &Reply, name: &str, sponsor: &Who) -> String {
        let body = json!({
            "displayName": name, "agentIdentityBlueprintId": blueprint.body["appId"],
            "sponsors@odata.bind": [Self::reference(&sponsor.id)],
        });
        self.post(&self.admin(), "servicePrincipals/microsoft.graph.agentIdentity", &body).await.id()
    }

    /// The id of a new administrative unit with these members.
    pub(super) async fn unit(&self, members: &[&str]) -> String {
        let admin = self.admin();
        let unit = self.post(&admin, "directory/administrativeUnits", &json!({"displayName": "Unit"})).await.id();
        for member in members {
            let body = json!({"@odata.id": Self::reference(member)});
            let added = self.post(&admin, &format!("directory/administrativeUnits/{unit}/members/$ref"), &body).await;
            assert_eq!(added.status, 204, "{}", added.body);
        }
        unit
    }

    /// Gives a role in a scope such as `/`; the id of the assignment.
    pub(super) async fn assign(&self, who: &Who, role: &str, scope: &str) -> String {
        let body = json!({"principalId": who.id, "roleDefinitionId": role, "directoryScopeId": scope});
        self.post(&self.admin(), "roleManagement/directory/roleAssignments", &body).await.id()
    }

    /// The id of a built-in role.
    pub(super) fn role(name: &str) -> String {
        let mut roles = signet_directory::roles::built_in_roles().iter();
        roles.find(|role| role.name == name).unwrap().id().to_string()
    }

    /// The id of a new role that allows these actions.
    pub(super) async fn custom_role(&self, actions: &[&str]) -> String {
        let actions: Vec<String> = actions.iter().map(|action| format!("microsoft.directory/{action}")).collect();
        let body = json!({"displayName": "Custom", "rolePermissions": [{"allowedResourceActions": actions}]});
        self.post(&self.admin(), "roleManagement/directory/roleDefinitions", &body).await.id()
    }
}
