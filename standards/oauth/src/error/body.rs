//! A refusal as JSON, in the form that Entra's clients parse.

use super::TokenError;
use serde::Serialize;
use signet_kernel::Timestamp;
use uuid::Uuid;

/// What a refusal is told about its request.
#[derive(Debug, Clone, Copy)]
pub struct ErrorContext<'a> {
    /// The server's id of the request.
    pub trace_id: Uuid,
    /// The client's id of the request, or else the server's.
    pub correlation_id: Uuid,
    /// When.
    pub now: Timestamp,
    /// Where our error reference is; a number is appended after a slash.
    pub docs_url: &'a str,
}

/// The body of a refused token request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenErrorBody {
    error: &'static str,
    error_description: String,
    error_codes: [u32; 1],
    timestamp: String,
    trace_id: Uuid,
    correlation_id: Uuid,
    error_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    suberror: Option<&'static str>,
}

impl TokenError {
    /// The body of the answer.
    pub fn body(&self, context: &ErrorContext<'_>) -> TokenErrorBody {
        let number = self.number();
        let timestamp = Timestamp::from_seconds(context.now.seconds()).to_string().replace('T', " ");
        let description = format!(
            "AADSTS{number}: {} Trace ID: {} Correlation ID: {} Timestamp: {timestamp}",
            printable(&self.to_string()),
            context.trace_id,
            context.correlation_id
        );
        TokenErrorBody {
            error: self.error().code(),
            error_description: description,
            error_codes: [number],
            timestamp,
            trace_id: context.trace_id,
            correlation_id: context.correlation_id,
            error_uri: format!("{}/AADSTS{number}", context.docs_url.trim_end_matches('/')),
            suberror: self.suberror(),
        }
    }
}

/// The longest sentence: what a caller sent may be quoted, not repeated at length.
const MAX_SENTENCE: usize = 600;

/// SPEC: RFC 6749 5.2: error_description is made of %x20-21 / %x23-5B / %x5D-7E; a caller's text may hold others
fn printable(text: &str) -> String {
    let allowed = |char| matches!(char, ' '..='~') && char != '"' && char != '\\';
    text.chars().take(MAX_SENTENCE).map(|char| if allowed(char) { char } else { '?' }).collect()
}
