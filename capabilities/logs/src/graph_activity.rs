//! A call of the directory API as one row of `MicrosoftGraphActivityLogs`.

use serde::Deserialize;
use signet_kernel::{Caller, Context, Timestamp};
use signet_record::{Entry, RecordBuilder, RowKeys};
use std::time::Duration;
use uuid::Uuid;

/// The table that calls of the directory API lie in.
pub const GRAPH_ACTIVITY: &str = "MicrosoftGraphActivityLogs";

/// One call that was answered. Of a batch each request is one.
#[derive(Debug, Clone, Copy)]
pub struct GraphCall<'a> {
    /// Who called.
    pub caller: &'a Caller,
    /// The call's own id.
    pub id: Uuid,
    /// When it was answered.
    pub at: Timestamp,
    /// How long that took.
    pub duration: Duration,
    /// The method.
    pub method: &'a str,
    /// The whole address that was called.
    pub uri: &'a str,
    /// `v1.0` or `beta`.
    pub version: &'a str,
    /// The answer's status.
    pub status: u16,
    /// The answer's length, where it is known.
    pub size: Option<u64>,
    /// What the token says of itself.
    pub token: &'a CallToken,
}

/// What is recorded of the token that a call came with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CallToken {
    /// Its id: what the sign-in that it came from is found by.
    pub uti: String,
    /// When it was issued, in seconds.
    pub iat: i64,
    /// How the client authenticated (v1).
    pub appidacr: Option<String>,
    /// How the client authenticated (v2).
    pub azpacr: Option<String>,
}

impl GraphCall<'_> {
    /// The record of it.
    pub fn to_entry(&self, context: &Context) -> Entry {
        let Self { caller, token, .. } = self;
        let id = self.id.to_string();
        let object = caller.object.to_string();
        let mut record = RecordBuilder::new(context, caller.tenant, GRAPH_ACTIVITY);
        record.text("RequestId", &id).text("OperationId", &caller.origin.request_id.to_string());
        record.text("ClientRequestId", &caller.origin.correlation_id.to_string());
        record.time("TimeGenerated", self.at).text("RequestMethod", self.method);
        // A path or a filter may name a person.
        record.personal("RequestUri", self.uri);
        record.text("ApiVersion", self.version).number("ResponseStatusCode", i64::from(self.status));
        if let Some(size) = self.size.and_then(|size| i64::try_from(size).ok()) {
            record.number("ResponseSizeBytes", size);
        }
        record.number("DurationMs", i64::try_from(self.duration.as_millis()).unwrap_or(i64::MAX));
        record.text("AadTenantId", &caller.tenant.to_string()).text("AppId", &caller.app.to_string());
        let is_user = matches!(caller.kind, "user" | "agentUser");
        record.text(if is_user { "UserId" } else { "ServicePrincipalId" }, &object);
        if let Some(address) = caller.origin.address {
            record.personal("IPAddress", &address.to_string());
        }
        if let Some(agent) = &caller.origin.user_agent {
            record.personal("UserAgent", agent);
        }
        let roles: Vec<&str> = caller.roles.iter().map(String::as_str).collect();
        record.text("Roles", &roles.join(" ")).number("ClientAuthMethod", token.client_auth_method());
        record.text("SignInActivityId", &token.uti).text("UniqueTokenId", &token.uti);
        record.time("TokenIssuedAt", Timestamp::from_seconds(token.iat));
        let outcome = self.status.to_string();
        record.finish(RowKeys { at: self.at, id: &id, about: Some(&object), outcome: Some(&outcome) })
    }
}

impl CallToken {
    /// 0 public client, 1 secret, 2 certificate or assertion.
    fn client_auth_method(&self) -> i64 {
        let method = self.appidacr.as_deref().or(self.azpacr.as_deref());
        method.and_then(|method| method.parse().ok()).unwrap_or(0)
    }
}
