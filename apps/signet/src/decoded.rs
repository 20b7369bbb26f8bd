//! A token's header and claims, for showing: nothing here is verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The readable parts of a compact JWS.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decoded {
    /// The header.
    pub(crate) header: Value,
    /// The claims.
    pub(crate) claims: Value,
}

impl Decoded {
    /// Reads a token's first two parts.
    pub(crate) fn of(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let mut part = || serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok();
        Some(Self { header: part()?, claims: part()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shows_header_and_claims_of_a_token_and_nothing_of_anything_else() {
        // SPEC: RFC 7515 A.1
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.x";
        let decoded = Decoded::of(token).unwrap();
        assert_eq!((&decoded.header["alg"], &decoded.claims["iss"]), (&json!("HS256"), &json!("joe")));
        assert_eq!(Decoded::of("opaque"), None);
        assert_eq!(Decoded::of(""), None);
    }
}
