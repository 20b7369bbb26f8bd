//! What a server says about itself: RFC 8414 and OpenID Connect Discovery in one document.

use serde::Serialize;

/// The metadata document. What is not offered is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ServerMetadata {
    /// The issuer, byte for byte the URL under which the document was asked for.
    pub issuer: String,
    /// Where a person's consent is asked. Some clients insist on it even if they never go there.
    pub authorization_endpoint: String,
    /// Where tokens are issued.
    pub token_endpoint: String,
    /// Where the signing keys are.
    pub jwks_uri: String,
    /// Where tokens are looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<String>,
    /// Where tokens are revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// Where a device asks for a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_authorization_endpoint: Option<String>,
    /// Where a person's claims are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// Where a person signs out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// Response types of the authorization endpoint.
    pub response_types_supported: Vec<String>,
    /// Response modes of the authorization endpoint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response_modes_supported: Vec<String>,
    /// Grants of the token endpoint.
    pub grant_types_supported: Vec<String>,
    /// How clients authenticate at the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// With which signatures they do.
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// How resources authenticate at the introspection endpoint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// Kinds of `sub`.
    pub subject_types_supported: Vec<String>,
    /// Signatures of ID tokens.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// Scope values of general use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// Claims in tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims_supported: Vec<String>,
    /// PKCE methods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_challenge_methods_supported: Vec<String>,
    /// Whether authorization responses carry `iss` (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc8414_s3_2_what_is_not_offered_is_left_out() {
        let metadata = ServerMetadata {
            issuer: "https://host/tenant/v2.0".into(),
            grant_types_supported: vec!["client_credentials".into()],
            ..ServerMetadata::default()
        };
        let json = serde_json::to_value(metadata).unwrap();
        for absent in ["introspection_endpoint", "userinfo_endpoint", "scopes_supported", "response_modes_supported"] {
            assert_eq!(json.get(absent), None, "{absent}");
        }
        assert_eq!(json["issuer"], "https://host/tenant/v2.0");
        assert_eq!(json["grant_types_supported"], serde_json::json!(["client_credentials"]));
    }
}
