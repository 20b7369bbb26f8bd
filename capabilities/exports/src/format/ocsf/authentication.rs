//! A sign-in: Authentication (3002).

use super::{Class, IDENTITY, INFORMATIONAL, Made, OTHER, endpoint, sparse, user};
use crate::event::Event;
use crate::format::put;
use serde_json::{Value, json};

const CLASS: Class = Class { uid: 3002, name: "Authentication", category: IDENTITY };
const LOGON: (u32, &str) = (1, "Logon");
const EXCHANGE: (u32, &str) = (OTHER, "Token Exchange");

const MAPPED: &[&str] = &[
    "AppId",
    "IPAddress",
    "RequestCount",
    "ResourceDisplayName",
    "ResourceIdentity",
    "ResultDescription",
    "ResultType",
    "ServicePrincipalCredentialKeyId",
    "ServicePrincipalId",
    "ServicePrincipalName",
    "SessionId",
    "UniqueTokenIdentifier",
    "UserAgent",
    "UserId",
    "UserPrincipalName",
];

pub(super) fn value(event: &Event) -> Value {
    // A blueprint that speaks for one of its agents exchanges what it has.
    let activity = if event.text("AgentId").is_some() { EXCHANGE } else { LOGON };
    let succeeded = event.text("ResultType").is_none_or(|result| result == "0");
    Made::new(event, CLASS, activity, INFORMATIONAL)
        .outcome(succeeded, event.text("ResultType"), event.text("ResultDescription"))
        .with("user", who(event))
        .with(
            "actor",
            sparse([("app_uid", event.text("AppId").into()), ("app_name", event.text("AppDisplayName").into())]),
        )
        .with("service", service(event))
        .with("src_endpoint", endpoint(event.text("IPAddress")))
        .with("auth_protocol_id", 6)
        .with("auth_protocol", "OAUTH 2.0")
        .with("logon_type_id", 3)
        .with("logon_type", "Network")
        .with("is_remote", true)
        .with("session", session(event))
        .with("http_request", sparse([("user_agent", event.text("UserAgent").into())]))
        .with("count", event.column("RequestCount").clone())
        .done(MAPPED)
}

fn who(event: &Event) -> Value {
    let credential = event.text("ServicePrincipalCredentialKeyId").or(event.text("FederatedCredentialId"));
    let mut who = if event.text("UserId").is_some() {
        user(event.text("UserId"), event.text("UserPrincipalName"), true)
    } else {
        let id = event.text("ServicePrincipalId").or(event.text("AppId"));
        user(id, event.text("ServicePrincipalName"), false)
    };
    if who.is_null() {
        // A request that named no client.
        who = user(None, Some("unknown"), false);
    }
    if let Some(credential) = credential {
        put(&mut who, "credential_uid", credential.into());
    }
    who
}

fn service(event: &Event) -> Value {
    let named =
        sparse([("uid", event.text("ResourceIdentity").into()), ("name", event.text("ResourceDisplayName").into())]);
    if named.is_null() { json!({"name": "Signet"}) } else { named }
}

fn session(event: &Event) -> Value {
    sparse([("uid", event.text("SessionId").into()), ("credential_uid", event.text("UniqueTokenIdentifier").into())])
}
