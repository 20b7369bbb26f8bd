//! What is known of a request before anyone has read it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use signet_kernel::{Context, Failure, Origin, Timestamp};
use std::net::{IpAddr, SocketAddr};
use uuid::Uuid;

/// The header with which a client names its own request.
pub(crate) static CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

const USER_AGENT_CHARACTERS: usize = 256;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Over the network.
    Network(SocketAddr),
    /// A process on this machine, over the administration socket; its user was checked.
    Local {
        /// The process's user.
        uid: u32,
    },
}

impl Peer {
    /// The network address, an IPv4 address in IPv6 clothes as IPv4.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Network(address) => Some(address.ip().to_canonical()),
            Self::Local { .. } => None,
        }
    }
}

/// The ids, the time and the peer of a request: in the request's extensions, and an extractor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// `request-id` of the answer.
    pub request_id: Uuid,
    /// The caller's `client-request-id` if it sent a GUID, else the request id.
    pub correlation_id: Uuid,
    /// When the headers had been read.
    pub at: Timestamp,
    /// Who connected.
    pub peer: Peer,
}

impl Arrival {
    pub(crate) fn new(context: &Context, headers: &HeaderMap, peer: Peer) -> Self {
        let request_id = context.new_uuid();
        let correlation_id = headers.get(&CLIENT_REQUEST_ID).and_then(|value| guid(value.as_bytes()));
        Self { request_id, correlation_id: correlation_id.unwrap_or(request_id), at: context.now(), peer }
    }

    /// The origin for the record.
    pub fn origin(&self, headers: &HeaderMap) -> Origin {
        Origin {
            request_id: self.request_id,
            correlation_id: self.correlation_id,
            address: self.peer.address(),
            user_agent: headers.get(header::USER_AGENT).map(|value| user_agent(value.as_bytes())),
        }
    }
}

/// The hyphenated form alone: what every directory client sends.
fn guid(text: &[u8]) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::try_parse_ascii(text).ok()).flatten()
}

fn user_agent(bytes: &[u8]) -> String {
    // Nearly every one is short and printable, and is copied as it is.
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.len() <= USER_AGENT_CHARACTERS
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
    {
        return text.to_owned();
    }
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARACTERS).collect()
}

impl<S: Sync> FromRequestParts<S> for Arrival {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parts.extensions.get::<Self>().copied().ok_or_else(|| {
            let failure = Failure::bug("a request reached a handler without passing a Front");
            tracing::error!(%failure);
            crate::dialect::status(&failure).into_response()
        })
    }
}

/// Extracts the kernel's [`Origin`] of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestOrigin(pub Origin);

impl<S: Sync> FromRequestParts<S> for RequestOrigin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let arrival = Arrival::from_request_parts(parts, state).await?;
        Ok(Self(arrival.origin(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_request_id_that_is_no_guid_is_not_taken() {
        for wrong in ["", "x", "4c390976b2b742e09187c6be3bead001", "{4c390976-b2b7-42e0-9187-c6be3bead001}"] {
            assert_eq!(guid(wrong.as_bytes()), None, "{wrong}");
        }
        let text = "4C390976-b2b7-42e0-9187-c6be3bead001";
        assert_eq!(guid(text.as_bytes()), Uuid::try_parse(text).ok());
    }

    #[test]
    fn a_user_agent_is_shortened_and_holds_no_control_characters() {
        assert_eq!(user_agent(b"a\tb\x7f \xff c"), "ab \u{fffd} c");
        assert_eq!(user_agent("ü".repeat(300).as_bytes()), "ü".repeat(256));
    }

    #[test]
    fn a_mapped_address_is_recorded_as_ipv4() {
        let peer = Peer::Network("[::ffff:192.0.2.7]:5".parse().unwrap());
        assert_eq!(peer.address(), "192.0.2.7".parse().ok());
        assert_eq!(Peer::Local { uid: 0 }.address(), None);
    }
}
