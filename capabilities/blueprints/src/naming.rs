//! What agents of a blueprint may be called: by its own pattern, else by the organization's.

use crate::Blueprint;
use crate::refusal::BlueprintRefused;
use serde_json::Value;
use signet_directory::agent_naming::{self, NamePattern};
use signet_kernel::Failure;
use signet_store::TenantStore;

impl Blueprint {
    /// The member that holds the pattern; see [`NamePattern`].
    pub const AGENT_NAME_PATTERN: &'static str = "agentNamePattern";

    /// The pattern, if there is one.
    pub fn agent_name_pattern(&self) -> Option<&str> {
        self.application.other.get(Self::AGENT_NAME_PATTERN).and_then(Value::as_str)
    }

    /// Refuses a name that does not fit the pattern, and says which would.
    pub async fn check_agent_name(&self, store: &TenantStore, name: &str) -> Result<(), Failure> {
        if let Some(pattern) = self.agent_name_pattern().and_then(NamePattern::parse) {
            return pattern.check(name, "its blueprint");
        }
        match agent_naming::of_organization(store).await? {
            Some(pattern) => pattern.check(name, "the organization"),
            None => Ok(()),
        }
    }

    /// Refuses a pattern that no name could fit, or that every name would.
    pub(crate) fn check_pattern(&self) -> Result<(), BlueprintRefused> {
        match self.agent_name_pattern() {
            Some(pattern) if NamePattern::parse(pattern).is_none() => {
                Err(BlueprintRefused::NamePattern(pattern.to_owned()))
            }
            _ => Ok(()),
        }
    }
}
