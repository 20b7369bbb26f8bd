//! Why nothing was fetched.

use std::net::IpAddr;

/// Why a document could not be had, sorted by who must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The URL may not be asked for at all.
    #[error("the URL is refused: {0}")]
    UrlRefused(&'static str),
    /// The name leads to an address that the rules refuse.
    #[error("`{host}` is at {address}, a special address that the configuration does not allow")]
    AddressRefused {
        /// The host as named.
        host: String,
        /// The address.
        address: IpAddr,
    },
    /// The name has no address.
    #[error("`{host}` cannot be resolved: {reason}")]
    Unresolved {
        /// The host as named.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No TLS connection to who the URL names.
    #[error("no trustworthy TLS connection: {0}")]
    Tls(String),
    /// No connection, or one that broke.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// Not within the time.
    #[error("no complete answer within the time limit")]
    Timeout,
    /// The answer is a redirect.
    #[error("the server redirects, which is not followed (status {0})")]
    Redirected(u16),
    /// The answer is not 200.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// The answer is larger than allowed.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The answer is not JSON.
    #[error("the answer is not JSON: {0}")]
    NotJson(String),
}
