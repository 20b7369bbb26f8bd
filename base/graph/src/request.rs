//! One authenticated request, as all that serve it see it.

use crate::admission::Rights;
use crate::body_check::object;
use crate::catalog::Scope;
use crate::deadline::Deadline;
use crate::entity::{Call, JsonMap};
use crate::preferences::Preferences;
use axum::body::Body;
use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;
use signet_kernel::{Failure, Fault};
use signet_odata::{QueryError, QueryOptions};
use signet_web::body;

/// A request whose caller is known and whose body has been received, not yet read.
pub(crate) struct Request {
    pub(crate) call: Call,
    /// As sent, without the version and its slash.
    pub(crate) path: String,
    /// As sent.
    pub(crate) query: String,
    pub(crate) options: QueryOptions,
    pub(crate) preferences: Preferences,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Every type of the version asked for.
    pub(crate) everything: Scope,
    pub(crate) deadline: Deadline,
    /// What the caller may do besides what its permissions say.
    pub(crate) rights: Rights,
}

impl Request {
    /// The JSON object in the body.
    pub(crate) async fn object(&self) -> Result<JsonMap, Failure> {
        let body = Body::from(self.body.clone());
        let value: Value = body::read_json(&self.headers, body, body::DEFAULT_LIMIT).await?;
        object(value)
    }

    /// The JSON object in the body; an empty one if there is no body.
    pub(crate) async fn object_if_any(&self) -> Result<JsonMap, Failure> {
        if self.body.is_empty() { Ok(JsonMap::new()) } else { self.object().await }
    }

    /// Refuses options other than these and `$format`, which is obeyed everywhere: answers are always JSON.
    pub(crate) fn obeys(&self, options: &[&str]) -> Result<(), Failure> {
        let obeyed = |option: &str| option == "$format" || options.contains(&option);
        self.options.given().iter().find(|option| !obeyed(option)).map_or(Ok(()), |option| Err(not_here(option)))
    }

    /// Refuses options that only a list obeys.
    pub(crate) fn refuse_list_options(&self) -> Result<(), Failure> {
        self.obeys(&["$select"])
    }

    /// Refuses every option.
    pub(crate) fn refuse_options(&self) -> Result<(), Failure> {
        self.obeys(&[])
    }
}

/// What lists of stored objects obey.
pub(crate) const LIST: &[&str] =
    &["$select", "$expand", "$filter", "$orderby", "$search", "$count", "$top", "$skip", "$skiptoken"];

fn not_here(option: &str) -> Failure {
    let message = format!("The query option `{option}` does not apply here; leave it out.");
    Failure::new(Fault::Input, "Request_UnsupportedQuery", message).with_target(option)
}

/// Reads the query options.
pub(crate) fn options(query: &str) -> Result<QueryOptions, Failure> {
    QueryOptions::parse(query).map_err(|error| match &error {
        QueryError::Unsupported(option) => unsupported(option),
        QueryError::Value { option, .. } => unreadable(&error).with_target(*option),
        QueryError::Duplicate(option) => unreadable(&error).with_target(option.clone()),
        QueryError::Top => unreadable(&error).with_target("$top"),
        QueryError::Escape => unreadable(&error),
    })
}

fn unreadable(error: &QueryError) -> Failure {
    Failure::new(Fault::Input, "Request_BadRequest", format!("The query cannot be read: {error}."))
}

fn unsupported(option: &str) -> Failure {
    let message = format!("The query option `{option}` is not supported; leave it out.");
    Failure::new(Fault::Input, "Request_UnsupportedQuery", message).with_target(option)
}
