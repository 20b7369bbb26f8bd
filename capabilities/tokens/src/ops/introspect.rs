//! Introspection (RFC 7662): what an authenticated resource learns about a token that was issued for it.

use crate::authenticate::{Setting, authenticate};
use crate::claims::TokenClaims;
use crate::client::Client;
use crate::own_token::verify;
use crate::request::PresentedClient;
use crate::server::{AuthorizationServer, ServerError};
use crate::trail::Trail;
use serde_json::{Map, Value};
use signet_kernel::Origin;
use signet_oauth::{ActiveToken, IntrospectionResponse, TokenError};
use signet_store::{Object, TenantStore};
use signet_tenants::Tenant;

/// The members that an introspection answer names itself.
const OWN_MEMBERS: [&str; 9] = ["scope", "client_id", "exp", "iat", "nbf", "sub", "aud", "iss", "jti"];

/// Answers an introspection request of the tenant that `segment` of the address names. Whatever is wrong with the
/// token, and whatever is not the caller's business, is `active: false` and nothing more.
pub async fn introspect(
    server: &AuthorizationServer,
    segment: &str,
    presented: &PresentedClient,
    token: &str,
    origin: &Origin,
) -> Result<IntrospectionResponse<Map<String, Value>>, ServerError> {
    let tenant = Tenant::resolve(server.store(), segment).await?;
    let tenant = tenant.ok_or_else(|| TokenError::TenantNotFound { tenant: segment.to_owned() })?;
    let store = server.store().tenant(tenant.tenant);
    let setting =
        Setting { server, tenant: &tenant, store: &store, now: server.context().now(), request: origin.request_id };
    let caller = authenticate(setting, presented, &mut Trail::default()).await?;
    if caller.client().disabled().is_some() {
        return Err(TokenError::ApplicationDisabled { app: caller.client().app_id().to_string() }.into());
    }
    active_claims(setting, &store, &tenant, caller.client(), token).await
}

async fn active_claims(
    setting: Setting<'_>,
    store: &TenantStore,
    tenant: &Object<Tenant>,
    caller: &Client,
    token: &str,
) -> Result<IntrospectionResponse<Map<String, Value>>, ServerError> {
    let server = setting.server;
    let keys = server.keys(tenant.tenant).await?;
    let Ok(verified) = verify(token, tenant.tenant, &keys, server.public_url(), setting.now) else {
        return Ok(IntrospectionResponse::Inactive);
    };
    if verified.is_exchange() || !is_audience(caller, &verified.claims().aud) {
        return Ok(IntrospectionResponse::Inactive);
    }
    let stands = verified.still_stands(server.store(), tenant, setting.now).await?.is_some();
    // What was issued for the resource before it was last disabled is void as well.
    let resource = signet_permissions::Resource::find_by_app_id(store, caller.app_id()).await?;
    let voided = resource.is_none_or(|resource| verified.claims().revocation() < resource.revoked);
    if !stands || voided {
        return Ok(IntrospectionResponse::Inactive);
    }
    Ok(IntrospectionResponse::Active(Box::new(describe(verified.claims()))))
}

/// Whether the resource goes by the name that the token carries.
fn is_audience(resource: &Client, audience: &str) -> bool {
    let by_uri = |uris: &[String]| uris.iter().any(|uri| uri == audience);
    let named = match resource {
        Client::Application(client) => by_uri(&client.application.body.identifier_uris),
        Client::Blueprint(client) => by_uri(&client.blueprint.body.application.identifier_uris),
        Client::Agent(_) => false,
    };
    named || resource.app_id().to_string() == audience
}

fn describe(claims: &TokenClaims) -> ActiveToken<Map<String, Value>> {
    let mut further = match serde_json::to_value(claims) {
        Ok(Value::Object(all)) => all,
        // INVARIANT: claims are a struct, and a struct serialises to an object.
        _ => Map::new(),
    };
    further.retain(|name, _| !OWN_MEMBERS.contains(&name.as_str()) && !name.starts_with("sgn_"));
    ActiveToken {
        scope: None,
        client_id: claims.client().unwrap_or_default().to_owned(),
        token_type: "Bearer",
        exp: claims.exp,
        iat: claims.iat,
        nbf: Some(claims.nbf),
        sub: claims.sub.clone(),
        aud: claims.aud.clone(),
        iss: claims.iss.clone(),
        jti: Some(claims.uti.clone()),
        claims: further,
    }
}
