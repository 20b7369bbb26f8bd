//! `WWW-Authenticate: Bearer`, as RFC 6750 and continuous access evaluation shape it.

use axum::http::{HeaderMap, HeaderValue, header};

/// A bearer challenge. Empty members are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BearerChallenge {
    /// Where to get a token.
    pub authorization_uri: Option<String>,
    /// `invalid_token`, `insufficient_scope`, or `insufficient_claims` for a claims challenge; none if the request
    /// had no token.
    pub error: Option<&'static str>,
    /// A sentence for the developer.
    pub error_description: Option<String>,
    /// The claims challenge, base64url of its JSON.
    pub claims: Option<String>,
}

impl BearerChallenge {
    /// Puts the challenge on an answer, in place of the plain one that every 401 has.
    pub fn set(&self, headers: &mut HeaderMap) {
        let members = [
            ("realm", Some("")),
            ("authorization_uri", self.authorization_uri.as_deref()),
            ("error", self.error),
            ("error_description", self.error_description.as_deref()),
            ("claims", self.claims.as_deref()),
        ];
        let text = members
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}=\"{}\"", quotable(value))))
            .collect::<Vec<_>>()
            .join(", ");
        if let Ok(value) = HeaderValue::try_from(format!("Bearer {text}")) {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
    }
}

/// SPEC: RFC 6750 3: values hold printable ASCII without quote and backslash.
fn quotable(text: &str) -> String {
    text.chars().map(|c| if matches!(c, ' '..='~') && !matches!(c, '"' | '\\') { c } else { '\'' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(challenge: &BearerChallenge) -> String {
        let mut headers = HeaderMap::new();
        challenge.set(&mut headers);
        headers[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned()
    }

    #[test]
    fn rfc6750_s3_nothing_breaks_out_of_a_quoted_value() {
        let challenge =
            BearerChallenge { error_description: Some("a\"b\\c\r\nX: ü".to_owned()), ..BearerChallenge::default() };
        assert_eq!(text(&challenge), "Bearer realm=\"\", error_description=\"a'b'c''X: '\"");
    }

    #[test]
    fn a_claims_challenge_has_every_member_in_order() {
        let challenge = BearerChallenge {
            authorization_uri: Some("https://localhost:8443/t/oauth2/v2.0/authorize".to_owned()),
            error: Some("insufficient_claims"),
            error_description: None,
            claims: Some("eyJh".to_owned()),
        };
        assert_eq!(
            text(&challenge),
            "Bearer realm=\"\", authorization_uri=\"https://localhost:8443/t/oauth2/v2.0/authorize\", \
             error=\"insufficient_claims\", claims=\"eyJh\""
        );
    }
}
