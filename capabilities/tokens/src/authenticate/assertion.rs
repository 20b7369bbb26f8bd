//! Client assertions: which of the three kinds one is, and what an agent's must be.

use super::{Setting, certificate, federated};
use crate::agent_subject::AgentSubject;
use crate::client::{AgentClient, Client};
use crate::credential::{Credential, CredentialKind};
use crate::own_token::{NotOurs, VerifiedToken, verify};
use crate::server::ServerError;
use signet_jose::{ClaimedIdentity, JwsError, Padding, ReadOptions, UnverifiedJws};
use signet_oauth::TokenError;

/// The longest assertion that is read.
const LONGEST: usize = 16 * 1024;

pub(super) fn read(text: &str) -> Result<UnverifiedJws<'_>, TokenError> {
    // Padding is tolerated: azure-identity's aio client pads, and signs the padded text.
    UnverifiedJws::parse(text, ReadOptions { max_bytes: LONGEST, padding: Padding::Tolerated }).map_err(unreadable)
}

/// The subject that an assertion claims, before anything is believed.
pub(super) fn claimed_subject(text: &str) -> Result<String, TokenError> {
    let claimed = read(text)?.claimed_identity().map_err(unreadable)?;
    claimed.subject.ok_or_else(|| TokenError::MissingParameter { name: "client_id".to_owned() })
}

pub(super) fn unreadable(error: JwsError) -> TokenError {
    TokenError::AssertionSignatureInvalid { reason: error.to_string() }
}

/// Checks an assertion as what it must be for this client.
pub(super) async fn check(setting: Setting<'_>, client: &Client, text: &str) -> Result<Credential, ServerError> {
    if let Client::Agent(agent) = client {
        return check_agent(setting, agent, text).await;
    }
    let assertion = read(text)?;
    let claimed = assertion.claimed_identity().map_err(unreadable)?;
    let app = client.app_id().to_string();
    if names(&claimed, &app) {
        return Ok(certificate::check(setting, client, &assertion)?);
    }
    federated::check(setting, client, &assertion, &claimed).await
}

/// SPEC: RFC 7523 3: a client's own assertion has the client as issuer and as subject
fn names(claimed: &ClaimedIdentity, app: &str) -> bool {
    let same = |name: &Option<String>| name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(app));
    same(&claimed.issuer) || same(&claimed.subject)
}

/// An agent authenticates with T1 of its blueprint, issued by this tenant for this agent, and with nothing else.
async fn check_agent(setting: Setting<'_>, agent: &AgentClient, text: &str) -> Result<Credential, ServerError> {
    let token = verified(setting, text).await?;
    let subject = token.agent_subject();
    let expected = AgentSubject {
        tenant: setting.tenant.tenant,
        blueprint: agent.parent.blueprint.body.application.app_id,
        agent: agent.agent.body.app_id,
    };
    if !token.is_exchange() {
        return Err(TokenError::FederatedAudienceMismatch { audience: token.claims().aud.clone() }.into());
    }
    // INVARIANT: the link of blueprint and agent is checked on both ends: who speaks (azp) and for whom (sub).
    if subject != Some(expected) || token.client() != Some(expected.blueprint) {
        return Err(TokenError::FederatedSubjectMismatch { subject: token.claims().sub.clone() }.into());
    }
    if token.still_stands(setting.server.store(), setting.tenant, setting.now).await?.is_none() {
        let reason = "what it was issued under has been disabled, deleted or revoked since".to_owned();
        return Err(TokenError::AssertionTime { reason }.into());
    }
    // What was issued for the agent before it was last disabled is void too, its blueprint's word included.
    if token.claims().revocation() < agent.agent.revoked {
        let reason = "the agent identity has been disabled since".to_owned();
        return Err(TokenError::AssertionTime { reason }.into());
    }
    Ok(Credential { kind: CredentialKind::AgentAssertion, id: token.claims().sgn_cred, thumbprint: None, once: None })
}

async fn verified(setting: Setting<'_>, text: &str) -> Result<VerifiedToken, ServerError> {
    let tenant = setting.tenant.tenant;
    let keys = setting.server.keys(tenant).await?;
    verify(text, tenant, &keys, setting.server.public_url(), setting.now).map_err(|error| refused(error, text).into())
}

fn refused(error: NotOurs, text: &str) -> TokenError {
    let issuer = || read(text).ok().and_then(|jws| jws.claimed_identity().ok()).and_then(|claimed| claimed.issuer);
    match error {
        NotOurs::Issuer => TokenError::FederatedIssuerMismatch { issuer: issuer().unwrap_or_default() },
        NotOurs::Time => TokenError::AssertionTime { reason: error.to_string() },
        NotOurs::Signature(reason) => TokenError::AssertionSignatureInvalid { reason },
    }
}
