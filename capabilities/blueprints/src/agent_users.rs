//! How many agent users each agent of a blueprint may have.

use crate::Blueprint;
use crate::refusal::BlueprintRefused;
use serde_json::Value;

impl Blueprint {
    /// The member that says so: null means one, as in Entra; 0 means none.
    pub const AGENT_USER_LIMIT: &'static str = "agentUserLimit";
    /// No agent has more agent users than this.
    pub const MOST_AGENT_USERS: u32 = 100;

    /// How many it is. A lower limit than before takes away none that there are.
    pub fn agent_user_limit(&self) -> u32 {
        self.said_limit().and_then(|limit| u32::try_from(limit.as_u64()?).ok()).unwrap_or(1)
    }

    fn said_limit(&self) -> Option<&Value> {
        self.application.other.get(Self::AGENT_USER_LIMIT)
    }

    /// Refuses a number that is none.
    pub(crate) fn check_agent_user_limit(&self) -> Result<(), BlueprintRefused> {
        let most = u64::from(Self::MOST_AGENT_USERS);
        match self.said_limit().is_none_or(|limit| limit.as_u64().is_some_and(|limit| limit <= most)) {
            true => Ok(()),
            false => Err(BlueprintRefused::AgentUserLimit),
        }
    }
}
