//! Calls that were answered, for whoever keeps count of them.

use axum::http::{HeaderMap, Method, StatusCode};
use signet_kernel::Caller;
use std::sync::Arc;
use std::time::Duration;

/// A call by a known caller that was answered. Of a batch each request is one.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// Who called.
    pub caller: &'a Caller,
    /// The headers that the caller was known by.
    pub headers: &'a HeaderMap,
    /// Whether it came alone.
    pub in_batch: bool,
    /// The method.
    pub method: &'a Method,
    /// The whole address, without what is no part of the path and the query.
    pub uri: &'a str,
    /// The version, as the path begins: `v1.0`.
    pub version: &'static str,
    /// The answer's status.
    pub status: StatusCode,
    /// The length of the answer, where it is known.
    pub size: Option<u64>,
    /// How long it took.
    pub duration: Duration,
}

/// Told of every call by a known caller, before it is answered. Must not wait.
pub type OnAnswered = Arc<dyn Fn(Answered<'_>) + Send + Sync>;
