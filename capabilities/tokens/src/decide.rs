//! The decision: a pure function from facts to a value that permits, or to the reason why not.
//!
//! Everything a decision needs was read before; nothing here reads, waits or looks at a clock. Conditional access
//! and risk join as further facts, not as further places that decide.

use crate::client::Client;
use crate::target::Target;
use signet_oauth::TokenError;
use signet_permissions::Resource;

/// Everything the decision looks at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Whether the tenant is switched on.
    pub tenant_enabled: bool,
    /// The authenticated client.
    pub client: &'a Client,
    /// What it asks for.
    pub target: &'a Target,
    /// The application permissions it holds there.
    pub roles: &'a [String],
    /// Whether it is assigned to the resource at all.
    pub assigned: bool,
}

/// A decision that permits. Minting requires one.
///
/// INVARIANT 1: made by [`decide`] alone, so no token is minted without its facts having been looked at.
#[derive(Debug, Clone, Copy)]
pub struct Permitted<'a> {
    facts: Facts<'a>,
}

impl<'a> Permitted<'a> {
    /// The facts that were looked at.
    pub fn facts(&self) -> Facts<'a> {
        self.facts
    }
}

/// Decides.
pub fn decide(facts: Facts<'_>) -> Result<Permitted<'_>, TokenError> {
    let disabled = |app: String| TokenError::ApplicationDisabled { app };
    if !facts.tenant_enabled {
        return Err(disabled(facts.client.app_id().to_string()));
    }
    if facts.client.disabled().is_some() {
        return Err(disabled(facts.client.app_id().to_string()));
    }
    match facts.target {
        Target::AgentAssertion(agent) => {
            let agent = Client::Agent(agent.as_ref().clone());
            if agent.disabled().is_some() { Err(disabled(agent.app_id().to_string())) } else { Ok(Permitted { facts }) }
        }
        Target::Exchange => Ok(Permitted { facts }),
        Target::Resource { resource, .. } => decide_access(facts, resource).map(|()| Permitted { facts }),
    }
}

fn decide_access(facts: Facts<'_>, resource: &Resource) -> Result<(), TokenError> {
    let app = || facts.client.app_id().to_string();
    if !resource.enabled {
        return Err(TokenError::ResourceDisabled { resource: resource.display_name.clone() });
    }
    if matches!(facts.client, Client::Blueprint(_)) && !resource.is_directory() {
        // A blueprint creates its agents through the directory; whatever else there is to do, an agent does.
        return Err(TokenError::GrantNotForAgents { app: app() });
    }
    if resource.assignment_required && facts.roles.is_empty() && !facts.assigned {
        return Err(TokenError::NotAssigned { app: app(), resource: resource.display_name.clone() });
    }
    Ok(())
}
