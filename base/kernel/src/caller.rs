//! The authenticated party of one request.

use crate::{AppId, ObjectId, TenantId};
use std::collections::BTreeSet;
use std::net::IpAddr;
use uuid::Uuid;

/// Where a request came from and how to find it again in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `request-id` of the answer.
    pub request_id: Uuid,
    /// The caller's `client-request-id` if it sent a GUID, else the request id: `correlationId` of every record.
    pub correlation_id: Uuid,
    /// The peer's address.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header, shortened.
    pub user_agent: Option<String>,
}

impl Origin {
    /// The origin of work that no request asked for.
    pub fn internal(request_id: Uuid) -> Self {
        Self { request_id, correlation_id: request_id, address: None, user_agent: None }
    }
}

/// Who asks: an application or, later, a person through one. Made by token verification and by the local
/// administration socket, nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant that signed the caller's token; the only tenant this request can see.
    pub tenant: TenantId,
    /// The caller's own object: a service principal's or a user's id.
    pub object: ObjectId,
    /// The declared kind of that object, as the capability that owns it named it.
    pub kind: &'static str,
    /// The client application.
    pub app: AppId,
    /// What the record calls the caller.
    pub display_name: String,
    /// Application permissions (`roles`).
    pub roles: BTreeSet<String>,
    /// The blueprint (its object id) that the caller is, or is stamped from.
    pub parent: Option<ObjectId>,
    /// Where the request came from.
    pub origin: Origin,
}

impl Caller {
    /// Whether the caller holds any one of `permissions`.
    pub fn holds_any(&self, permissions: &[&str]) -> bool {
        permissions.iter().any(|permission| self.roles.contains(*permission))
    }
}
