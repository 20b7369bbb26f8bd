//! `checkMemberGroups`, `checkMemberObjects`, `getMemberGroups` and `getMemberObjects`.

use crate::Group;
use crate::body::{JsonMap, bad_request};
use crate::membership::transitive_member_of;
use async_trait::async_trait;
use serde_json::{Value, json};
use signet_graph::{Action, ActionResult, Answer, Call, Parameter, PropertyType, Signature};
use signet_kernel::{Failure, ObjectId};
use signet_store::{Id, TenantStore};

/// The four questions, for a type whose objects belong to groups; asked with any of `permissions`.
pub fn membership_actions(permissions: &'static [&'static str]) -> Vec<Box<dyn Action>> {
    use Question::{CheckGroups, CheckObjects, GetGroups, GetObjects};
    let boxed = |question| Box::new(Asked { question, permissions }) as Box<dyn Action>;
    [CheckGroups, CheckObjects, GetGroups, GetObjects].into_iter().map(boxed).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    CheckGroups,
    CheckObjects,
    GetGroups,
    GetObjects,
}

struct Asked {
    question: Question,
    permissions: &'static [&'static str],
}

#[async_trait]
impl Action for Asked {
    fn name(&self) -> &'static str {
        match self.question {
            Question::CheckGroups => "checkMemberGroups",
            Question::CheckObjects => "checkMemberObjects",
            Question::GetGroups => "getMemberGroups",
            Question::GetObjects => "getMemberObjects",
        }
    }

    fn signature(&self) -> Option<Signature> {
        const SECURITY_ONLY: Parameter = Parameter::optional("securityEnabledOnly", PropertyType::Boolean);
        const GROUPS: Parameter = Parameter::required("groupIds", PropertyType::Guids);
        const OBJECTS: Parameter = Parameter::required("ids", PropertyType::Guids);
        let takes: &[Parameter] = match self.question {
            Question::CheckGroups => &[GROUPS],
            Question::CheckObjects => &[OBJECTS],
            Question::GetGroups | Question::GetObjects => &[SECURITY_ONLY],
        };
        Some(Signature::answering(Answer::Collection(PropertyType::Guids)).taking(takes))
    }

    fn callable_with(&self) -> &'static [&'static str] {
        self.permissions
    }

    async fn call(&self, call: &Call, id: ObjectId, body: JsonMap) -> Result<ActionResult, Failure> {
        let wanted = self.wanted(&body)?;
        let mut found = Vec::new();
        for above in transitive_member_of(&call.store, id).await? {
            if wanted.includes(above) && wanted.fits(&call.store, above).await? {
                found.push(above);
            }
        }
        Ok(ActionResult::Object(JsonMap::from_iter([("value".to_owned(), json!(found))])))
    }
}

/// Which of the objects above are asked for.
struct Wanted {
    among: Option<Vec<ObjectId>>,
    groups_only: bool,
    security_only: bool,
}

impl Wanted {
    fn includes(&self, id: ObjectId) -> bool {
        self.among.as_ref().is_none_or(|among| among.contains(&id))
    }

    async fn fits(&self, store: &TenantStore, id: ObjectId) -> Result<bool, Failure> {
        let group = store.find(Id::<Group>::of(id)).await?;
        Ok(match group {
            Some(group) => !self.security_only || group.body.security_enabled,
            None => !self.groups_only && !self.security_only,
        })
    }
}

impl Asked {
    fn wanted(&self, body: &JsonMap) -> Result<Wanted, Failure> {
        let (groups_only, list) = match self.question {
            Question::CheckGroups => (true, Some("groupIds")),
            Question::CheckObjects => (false, Some("ids")),
            Question::GetGroups => (true, None),
            Question::GetObjects => (false, None),
        };
        let known = list.unwrap_or("securityEnabledOnly");
        if let Some(name) = body.keys().find(|name| name.as_str() != known) {
            return Err(bad_request(name, format!("Invalid property '{name}'.")));
        }
        let among = list.map(|name| ids(body, name)).transpose()?;
        let security_only = match body.get("securityEnabledOnly") {
            None | Some(Value::Null) => false,
            Some(value) => value
                .as_bool()
                .ok_or_else(|| bad_request("securityEnabledOnly", "'securityEnabledOnly' is true or false."))?,
        };
        Ok(Wanted { among, groups_only, security_only })
    }
}

fn ids(body: &JsonMap, name: &str) -> Result<Vec<ObjectId>, Failure> {
    let wrong = || bad_request(name, format!("'{name}' is a list of object ids."));
    let list = body.get(name).and_then(Value::as_array).ok_or_else(wrong)?;
    list.iter().map(|id| id.as_str().and_then(|id| id.parse().ok()).ok_or_else(wrong)).collect()
}
