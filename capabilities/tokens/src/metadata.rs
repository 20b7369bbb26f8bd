//! What the server says about itself. INVARIANT 15: what is advertised works, and what works is advertised.

use crate::issuer::PublicUrl;
use signet_kernel::TenantId;
use signet_oauth::{GrantType, ServerMetadata};

/// The metadata document of a tenant: the same under every well-known form.
pub fn metadata(url: &PublicUrl, tenant: TenantId) -> ServerMetadata {
    let text = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<String>>();
    ServerMetadata {
        issuer: url.issuer(tenant),
        // MSAL and the MCP clients insist on the member even for client_credentials; the endpoint says that
        // interactive sign-in is not offered.
        authorization_endpoint: url.endpoint(tenant, "authorize"),
        token_endpoint: url.endpoint(tenant, "token"),
        jwks_uri: url.keys(tenant),
        introspection_endpoint: Some(url.endpoint(tenant, "introspect")),
        response_types_supported: Vec::new(),
        grant_types_supported: text(&[GrantType::ClientCredentials.name()]),
        token_endpoint_auth_methods_supported: text(&["client_secret_post", "client_secret_basic", "private_key_jwt"]),
        token_endpoint_auth_signing_alg_values_supported: text(&["RS256", "PS256", "ES256"]),
        introspection_endpoint_auth_methods_supported: text(&[
            "client_secret_post",
            "client_secret_basic",
            "private_key_jwt",
        ]),
        subject_types_supported: text(&["public"]),
        id_token_signing_alg_values_supported: text(&["RS256"]),
        claims_supported: text(&[
            "aud",
            "iss",
            "iat",
            "nbf",
            "exp",
            "sub",
            "oid",
            "tid",
            "azp",
            "appid",
            "idtyp",
            "roles",
            "uti",
            "ver",
            "xms_act_fct",
            "xms_sub_fct",
            "xms_idrel",
            "xms_par_app_azp",
        ]),
        ..ServerMetadata::default()
    }
}
