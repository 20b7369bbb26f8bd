//! Finding an object by what a person types: its id, its client id, or its exact name.

use crate::client::Client;
use crate::command_error::CommandError;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

/// Objects looked through for a name before giving up.
const LOOKED_THROUGH: usize = 10_000;

/// A type of the directory, as its paths name it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    /// The collection.
    pub(super) path: &'static str,
    /// What people call one.
    pub(super) noun: &'static str,
    /// Whether its objects can be addressed by client id.
    has_app_id: bool,
}

/// Blueprints.
pub(super) const BLUEPRINT: Type =
    Type { path: "/applications/microsoft.graph.agentIdentityBlueprint", noun: "blueprint", has_app_id: true };
/// Blueprint principals.
pub(super) const BLUEPRINT_PRINCIPAL: Type = Type {
    path: "/servicePrincipals/microsoft.graph.agentIdentityBlueprintPrincipal",
    noun: "blueprint principal",
    has_app_id: true,
};
/// Applications of every type.
pub(super) const APPLICATION: Type = Type { path: "/applications", noun: "application", has_app_id: true };
/// Agent identities.
pub(super) const AGENT: Type =
    Type { path: "/servicePrincipals/microsoft.graph.agentIdentity", noun: "agent identity", has_app_id: false };
/// Service principals of every type.
pub(super) const SERVICE_PRINCIPAL: Type =
    Type { path: "/servicePrincipals", noun: "service principal", has_app_id: true };
/// People.
pub(super) const USER: Type = Type { path: "/users", noun: "user", has_app_id: false };

impl Type {
    /// The one object that `text` names.
    pub(super) async fn find(self, client: &Client, text: &str) -> Result<Value, CommandError> {
        let found = match text.parse::<Uuid>() {
            Ok(_) => self.by_id(client, text).await?,
            Err(_) => self.by_name(client, text).await?,
        };
        found.ok_or_else(|| CommandError::failed(format!("there is no {} `{text}`", self.noun)))
    }

    /// The one object with this name, if there is one.
    pub(super) async fn by_name(self, client: &Client, text: &str) -> Result<Option<Value>, CommandError> {
        let items = client.pages(&format!("{}?$top=100", self.path), LOOKED_THROUGH).await?;
        let is_named = |item: &Value| {
            ["displayName", "userPrincipalName"]
                .iter()
                .any(|member| item.get(*member).and_then(Value::as_str) == Some(text))
        };
        let mut named = items.into_iter().filter(is_named);
        match (named.next(), named.next()) {
            (Some(_), Some(_)) => {
                Err(CommandError::usage(format!("several {}s are named `{text}`; give the id", self.noun)))
            }
            (one, _) => Ok(one),
        }
    }

    async fn by_id(self, client: &Client, id: &str) -> Result<Option<Value>, CommandError> {
        let mut paths = vec![format!("/{id}")];
        if self.has_app_id {
            paths.push(format!("(appId='{id}')"));
        }
        let (set, cast) = self
            .path
            .split_once("/microsoft")
            .map_or((self.path, String::new()), |(set, cast)| (set, format!("/microsoft{cast}")));
        for path in paths {
            let answer = client.ask(Method::GET, &format!("{set}{path}{cast}"), None).await?;
            match answer.status {
                status if status.is_success() => return Ok(Some(answer.body)),
                StatusCode::NOT_FOUND => {}
                _ => return Err(crate::client::refused(&answer)),
            }
        }
        Ok(None)
    }
}

/// A member of an object that the directory always sends.
pub(super) fn member<'a>(object: &'a Value, name: &str) -> Result<&'a str, CommandError> {
    object
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| CommandError::failed(format!("the server's answer has no `{name}`")))
}

/// A reference to a person, as `@odata.bind` takes it.
pub(super) async fn references(client: &Client, people: &[String]) -> Result<Vec<Value>, CommandError> {
    let mut references = Vec::new();
    for person in people {
        let user = USER.find(client, person).await?;
        references.push(format!("{}/v1.0/users/{}", client.profile().url, member(&user, "id")?).into());
    }
    Ok(references)
}
