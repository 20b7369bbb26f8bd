//! The one table of refusals: number, code, status and sentence of each.

mod body;
mod table;

pub use body::{ErrorContext, TokenErrorBody};
pub use table::TokenError;

/// The `error` of a token response: what a client may branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OAuthError {
    /// RFC 6749 5.2
    InvalidRequest,
    /// RFC 6749 5.2
    InvalidClient,
    /// RFC 6749 5.2
    InvalidGrant,
    /// RFC 6749 5.2
    UnauthorizedClient,
    /// RFC 6749 5.2
    UnsupportedGrantType,
    /// RFC 6749 5.2
    InvalidScope,
    /// Entra's word for a resource that cannot be had.
    InvalidResource,
    /// RFC 6749 4.1.2.1, here also of the token endpoint
    TemporarilyUnavailable,
    /// RFC 6749 4.1.2.1, here also of the token endpoint
    ServerError,
}

impl OAuthError {
    /// The value of `error`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidResource => "invalid_resource",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

#[cfg(test)]
mod tests;
