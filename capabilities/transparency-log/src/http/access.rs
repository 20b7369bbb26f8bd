//! Who may read a log.

use crate::logs::TransparencyLogs;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use signet_graph::Authenticate;
use signet_kernel::{Failure, Fault, Origin, TenantId, Timestamp};
use signet_web::dialect;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What it takes to read a tenant's audit records, and so its log.
const READ: &str = "AuditLog.Read.All";

/// Who may read which log.
pub struct Access {
    /// Finds out who asks.
    pub authenticate: Arc<dyn Authenticate>,
    /// Tenants whose logs are for everybody.
    pub published: BTreeSet<TenantId>,
}

/// A refusal on its way out.
pub(super) struct Refused {
    failure: Failure,
    challenge: Option<String>,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { failure, challenge: None }
    }
}

impl Refused {
    pub(super) fn answer(self, origin: &Origin, at: Timestamp) -> Response<Body> {
        let mut response = dialect::graph(&self.failure, origin, at);
        if let Some(challenge) = self.challenge.and_then(|challenge| HeaderValue::from_str(&challenge).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A tenant whose log the caller may read.
#[derive(Clone, Copy)]
pub(super) struct Readable {
    pub(super) tenant: TenantId,
    pub(super) published: bool,
}

impl Access {
    /// The tenant that a path names, if its log may be read.
    pub(super) async fn admit(
        &self,
        logs: &TransparencyLogs,
        tenant: &str,
        (headers, origin): (&HeaderMap, &Origin),
    ) -> Result<Readable, Refused> {
        let named: Option<TenantId> = tenant.parse().ok().filter(|tenant| logs.epoch(*tenant).is_some());
        if let Some(tenant) = named.filter(|tenant| self.published.contains(tenant)) {
            return Ok(Readable { tenant, published: true });
        }
        let known = self.authenticate.authenticate(headers, origin.clone()).await;
        let (caller, _) =
            known.map_err(|error| Refused { failure: error.failure, challenge: Some(error.www_authenticate) })?;
        // INVARIANT 11: of another tenant's log not even that it is there.
        let tenant = named.filter(|tenant| *tenant == caller.tenant).ok_or_else(not_found)?;
        if !caller.roles.contains(READ) {
            let message = format!("To read the log a caller needs the permission {READ}.");
            return Err(Failure::new(Fault::Rights, "Authorization_RequestDenied", message).into());
        }
        Ok(Readable { tenant, published: false })
    }
}

pub(super) fn not_found() -> Failure {
    Failure::new(Fault::NotFound, "Request_ResourceNotFound", "There is no such log, or nothing like this in it.")
}
