//! The `Authorization` header: client credentials and bearer tokens.

use crate::form;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// Why an `Authorization` header does not yield what was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// Another scheme than the one looked for.
    #[error("the Authorization header has another scheme")]
    OtherScheme,
    /// The right scheme with something that it cannot carry.
    #[error("the Authorization header is malformed")]
    Malformed,
}

/// A client's id and secret.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    /// The client id; never empty.
    pub client_id: String,
    /// The secret; may be empty, which no client's is.
    pub client_secret: String,
}

impl BasicCredentials {
    /// Reads `Basic base64(urlencoded id ":" urlencoded secret)`.
    ///
    /// # Errors
    /// [`AuthorizationError`].
    pub fn parse(header: &str) -> Result<Self, AuthorizationError> {
        let credentials = after_scheme(header, "Basic")?;
        let bytes = STANDARD.decode(credentials).map_err(|_| AuthorizationError::Malformed)?;
        let text = String::from_utf8(bytes).map_err(|_| AuthorizationError::Malformed)?;
        let (id, secret) = text.split_once(':').ok_or(AuthorizationError::Malformed)?;
        // SPEC: RFC 6749 2.3.1: both are form-encoded before they are joined
        let decode = |text: &str| form::decode(text.as_bytes()).map_err(|_| AuthorizationError::Malformed);
        let (client_id, client_secret) = (decode(id)?, decode(secret)?);
        if client_id.is_empty() { Err(AuthorizationError::Malformed) } else { Ok(Self { client_id, client_secret }) }
    }
}

impl fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicCredentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// A token that whoever holds it may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BearerToken<'h>(&'h str);

impl<'h> BearerToken<'h> {
    /// Reads `Bearer b64token`.
    ///
    /// # Errors
    /// [`AuthorizationError`].
    pub fn parse(header: &'h str) -> Result<Self, AuthorizationError> {
        let token = after_scheme(header, "Bearer")?;
        // SPEC: RFC 6750 2.1: b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
        let body = token.trim_end_matches('=');
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        if body.is_empty() || !body.bytes().all(legal) { Err(AuthorizationError::Malformed) } else { Ok(Self(token)) }
    }

    /// The token itself.
    pub fn reveal(self) -> &'h str {
        self.0
    }
}

impl fmt::Debug for BearerToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(…)")
    }
}

/// SPEC: RFC 9110 11.1 and 11.4: the scheme is case-insensitive and ends in one or more spaces
fn after_scheme<'h>(header: &'h str, scheme: &str) -> Result<&'h str, AuthorizationError> {
    let (given, rest) = header.split_once(' ').unwrap_or((header, ""));
    if !given.eq_ignore_ascii_case(scheme) {
        return Err(AuthorizationError::OtherScheme);
    }
    Ok(rest.trim_start_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(text: impl AsRef<[u8]>) -> Result<BasicCredentials, AuthorizationError> {
        BasicCredentials::parse(&format!("Basic {}", STANDARD.encode(text)))
    }

    #[test]
    fn rfc6749_s2_3_1_malformed_basic_credentials_are_refused() {
        for header in ["Basic", "Basic ", "Basic *", "Basic YQ", "Basic YTpi YTpi", "Basic YTpi="] {
            assert_eq!(BasicCredentials::parse(header), Err(AuthorizationError::Malformed), "{header}");
        }
        for text in [&b"no colon"[..], b":secret", b"id:%zz", b"id:%ff", b"\xff:secret", b"id:a\nb", b""] {
            assert_eq!(basic(text), Err(AuthorizationError::Malformed), "{text:?}");
        }
        for header in ["", "Bearer YTpi", "BasicYTpi", " Basic YTpi"] {
            assert_eq!(BasicCredentials::parse(header), Err(AuthorizationError::OtherScheme), "{header}");
        }
    }

    #[test]
    fn rfc6749_s2_3_1_id_and_secret_are_decoded_separately() {
        let read = basic("https%3A%2F%2Fapp.example%2Fid:a%3Ab+c:d").unwrap();
        assert_eq!(read.client_id, "https://app.example/id");
        assert_eq!(read.client_secret, "a:b c:d");
        assert_eq!(BasicCredentials::parse("bASIC   YTpi").map(|read| read.client_secret), Ok("b".into()));
    }

    #[test]
    fn rfc6750_s2_1_malformed_bearer_tokens_are_refused() {
        for header in
            ["Bearer", "Bearer ", "Bearer =", "Bearer a b", "Bearer a,b", "Bearer a=b", "Bearer \"a\"", "Bearer é"]
        {
            assert_eq!(BearerToken::parse(header), Err(AuthorizationError::Malformed), "{header}");
        }
        assert_eq!(BearerToken::parse("Basic abc"), Err(AuthorizationError::OtherScheme));
        assert_eq!(BearerToken::parse("DPoP abc"), Err(AuthorizationError::OtherScheme));
    }

    #[test]
    fn rfc6750_s2_1_a_bearer_token_is_read() {
        for header in ["Bearer aZ0-._~+/==", "bearer aZ0-._~+/==", "BEARER  aZ0-._~+/=="] {
            assert_eq!(BearerToken::parse(header).map(BearerToken::reveal), Ok("aZ0-._~+/=="));
        }
    }

    #[test]
    fn invariant_12_debug_shows_no_secret() {
        assert_eq!(format!("{:?}", basic("id:hunter2").unwrap()), r#"BasicCredentials { client_id: "id", .. }"#);
        assert_eq!(format!("{:?}", BearerToken::parse("Bearer hunter2").unwrap()), "BearerToken(…)");
    }
}
