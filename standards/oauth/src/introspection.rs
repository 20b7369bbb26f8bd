//! What a resource learns about a token (RFC 7662).

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// The answer to an introspection request.
#[derive(Debug, Clone, PartialEq)]
pub enum IntrospectionResponse<C> {
    /// Invalid, expired, revoked or not this resource's business: nothing more is said.
    Inactive,
    /// Valid now, for the resource that asks.
    Active(Box<ActiveToken<C>>),
}

/// What is said about a valid token: the members of RFC 7662 2.2, and the token's further claims beside them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActiveToken<C> {
    /// Delegated permissions, between spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The client the token was issued to.
    pub client_id: String,
    /// How it is presented: `Bearer`.
    pub token_type: &'static str,
    /// End, in seconds since 1970.
    pub exp: i64,
    /// Issue, in seconds since 1970.
    pub iat: i64,
    /// Begin, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// The subject.
    pub sub: String,
    /// The resource.
    pub aud: String,
    /// The issuer.
    pub iss: String,
    /// The token's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// Further claims.
    #[serde(flatten)]
    pub claims: C,
}

impl<C: Serialize> Serialize for IntrospectionResponse<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Active<'a, C> {
            active: bool,
            #[serde(flatten)]
            token: &'a ActiveToken<C>,
        }
        match self {
            // SPEC: RFC 7662 2.2: nothing further about an inactive token
            Self::Inactive => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("active", &false)?;
                map.end()
            }
            Self::Active(token) => Active { active: true, token }.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rfc7662_s2_2_an_inactive_token_is_not_described() {
        let answer: IntrospectionResponse<()> = IntrospectionResponse::Inactive;
        assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"active":false}"#);
    }

    #[test]
    fn rfc7662_s2_2_an_active_token_is_described_with_its_claims() {
        let token = ActiveToken {
            scope: None,
            client_id: "agent".into(),
            token_type: "Bearer",
            exp: 2,
            iat: 1,
            nbf: None,
            sub: "agent".into(),
            aud: "api://x".into(),
            iss: "https://host/t/v2.0".into(),
            jti: Some("id".into()),
            claims: json!({"roles": ["Read"]}),
        };
        let answer = IntrospectionResponse::Active(Box::new(token));
        assert_eq!(
            serde_json::to_value(&answer).unwrap(),
            json!({
                "active": true, "client_id": "agent", "token_type": "Bearer", "exp": 2, "iat": 1, "sub": "agent",
                "aud": "api://x", "iss": "https://host/t/v2.0", "jti": "id", "roles": ["Read"],
            })
        );
    }
}
