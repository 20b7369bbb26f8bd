//! Minting: from a decision that permits to the claims of a token and the way it is signed.

use crate::agent_subject::AgentSubject;
use crate::claims::{AGENT_IDENTITY_FACET, SERVICE_PRINCIPAL_RELATION, TokenClaims};
use crate::client::Client;
use crate::credential::Credential;
use crate::decide::Permitted;
use crate::issuer::PublicUrl;
use crate::target::Target;
use signet_jose::Algorithm;
use signet_kernel::{Revocation, TenantId, Timestamp};
use signet_oauth::ResourceScope;
use signet_permissions::Resource;
use std::time::Duration;

/// How long T1 and T2 live.
pub const EXCHANGE_LIFETIME: Duration = Duration::from_mins(10);
/// How long an agent's access token lives unless the resource says otherwise.
pub const AGENT_LIFETIME: Duration = Duration::from_mins(15);
/// How long an ordinary client's access token lives unless the resource says otherwise; also the longest any does.
pub const LONGEST_LIFETIME: Duration = Duration::from_mins(60);
// INVARIANT 13: a key stays published for as long as the longest token it signed.
const _: () = assert!(LONGEST_LIFETIME.as_secs() <= signet_signing_keys::LONGEST_TOKEN.as_secs());
/// The shortest that a resource may ask for.
pub const SHORTEST_LIFETIME: Duration = Duration::from_mins(10);

/// The shape of a token. Only the resource chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Entra's v1: `appid`, issuer without `/v2.0`.
    V1,
    /// Entra's v2: `azp`.
    V2,
    /// RFC 9068 `at+jwt`.
    AtJwt,
}

impl Shape {
    fn of(target: &Target) -> Self {
        match target {
            Target::AgentAssertion(_) | Target::Exchange => Self::V2,
            Target::Resource { resource, .. } => match resource.application() {
                // The directory API is Signet's own resource; it chose the standard's shape.
                None if resource.is_directory() => Self::AtJwt,
                None => Self::V2,
                Some(application) => match application.api.requested_access_token_version {
                    Some(2) => Self::V2,
                    Some(9068) => Self::AtJwt,
                    // CSDL: null means 1.
                    _ => Self::V1,
                },
            },
        }
    }

    /// `typ` of the header.
    pub(crate) fn typ(self) -> &'static str {
        if self == Self::AtJwt { "at+jwt" } else { "JWT" }
    }
}

/// A token about to be signed.
#[derive(Debug, Clone)]
pub(crate) struct Unsigned {
    /// What it says.
    pub claims: TokenClaims,
    /// Its `typ`.
    pub typ: &'static str,
    /// How it is signed.
    pub algorithm: Algorithm,
    /// How long it lives.
    pub lifetime: Duration,
}

/// What minting needs besides the decision.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    /// The deployment.
    pub public_url: &'a PublicUrl,
    /// The tenant.
    pub tenant: TenantId,
    /// What the client authenticated with.
    pub credential: &'a Credential,
    /// The counter noted before any fact was read.
    pub revocation: Revocation,
    /// When.
    pub now: Timestamp,
    /// The token's id.
    pub uti: &'a str,
}

/// The token that a decision permits.
pub(crate) fn mint(permitted: Permitted<'_>, about: Circumstances<'_>) -> Unsigned {
    let facts = permitted.facts();
    let (client, target) = (facts.client, facts.target);
    let shape = Shape::of(target);
    let lifetime = lifetime(client, target);
    let (now, app_id, object) = (about.now.seconds(), client.app_id().to_string(), client.object().to_string());
    let acr = about.credential.authentication_class().to_owned();
    let agent = matches!(client, Client::Agent(_));
    let facet = agent.then(|| AGENT_IDENTITY_FACET.to_owned());
    let mut claims = TokenClaims {
        aud: audience(target, shape),
        iss: about.public_url.issuer(about.tenant),
        iat: now,
        nbf: now,
        exp: about.now.plus(lifetime).seconds(),
        appid: None,
        appidacr: None,
        azp: None,
        azpacr: None,
        client_id: None,
        jti: None,
        idtyp: "app".to_owned(),
        sub: subject(client, target, about.tenant),
        oid: object,
        roles: facts.roles.to_vec(),
        tid: about.tenant.to_string(),
        uti: about.uti.to_owned(),
        ver: "2.0".to_owned(),
        xms_act_fct: facet.clone(),
        xms_sub_fct: facet,
        xms_idrel: SERVICE_PRINCIPAL_RELATION.to_owned(),
        xms_par_app_azp: if agent {
            client.parent().map(|parent| parent.blueprint.body.application.app_id.to_string())
        } else {
            None
        },
        sgn_rev: about.revocation.as_u64(),
        sgn_cred: about.credential.id,
    };
    match shape {
        Shape::V1 => {
            claims.iss = about.public_url.issuer_v1(about.tenant);
            "1.0".clone_into(&mut claims.ver);
            (claims.appid, claims.appidacr) = (Some(app_id), Some(acr));
        }
        Shape::V2 => (claims.azp, claims.azpacr) = (Some(app_id), Some(acr)),
        Shape::AtJwt => {
            // SPEC: RFC 9068 2.2: client_id, iat and jti; the v2 names stay for clients that look for them
            claims.client_id = Some(app_id.clone());
            claims.jti = Some(about.uti.to_owned());
            (claims.azp, claims.azpacr) = (Some(app_id), Some(acr));
        }
    }
    Unsigned { claims, typ: shape.typ(), algorithm: algorithm(target, shape), lifetime }
}

/// The exchange and the directory are Signet's own resources and take ES256; others get RS256 unless they chose
/// `at+jwt`: the agent SDKs' validators accept nothing else.
fn algorithm(target: &Target, shape: Shape) -> Algorithm {
    match (target, shape) {
        (Target::AgentAssertion(_) | Target::Exchange, _) | (_, Shape::AtJwt) => Algorithm::Es256,
        _ => Algorithm::Rs256,
    }
}

fn audience(target: &Target, shape: Shape) -> String {
    match target {
        Target::AgentAssertion(_) | Target::Exchange => ResourceScope::TOKEN_EXCHANGE_APP_ID.to_owned(),
        Target::Resource { resource, requested } => match shape {
            Shape::V2 => resource.app_id.to_string(),
            Shape::V1 | Shape::AtJwt => requested.clone(),
        },
    }
}

fn subject(client: &Client, target: &Target, tenant: TenantId) -> String {
    match target {
        Target::AgentAssertion(agent) => {
            AgentSubject { tenant, blueprint: client.app_id(), agent: agent.agent.body.app_id }.to_string()
        }
        Target::Exchange | Target::Resource { .. } => client.object().to_string(),
    }
}

fn lifetime(client: &Client, target: &Target) -> Duration {
    let Target::Resource { resource, .. } = target else { return EXCHANGE_LIFETIME };
    let default = if matches!(client, Client::Agent(_)) { AGENT_LIFETIME } else { LONGEST_LIFETIME };
    wanted_lifetime(resource).unwrap_or(default).clamp(SHORTEST_LIFETIME, LONGEST_LIFETIME)
}

fn wanted_lifetime(resource: &Resource) -> Option<Duration> {
    let minutes = resource.application()?.access_token_lifetime_minutes?;
    Some(Duration::from_mins(minutes.into()))
}
