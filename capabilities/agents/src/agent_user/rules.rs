//! What an agent user never has, and what it must.

use super::AgentUser;
use crate::AgentUserRefused;
use signet_directory::body::JsonMap;
use signet_kernel::Failure;

impl AgentUser {
    /// The rules of every user; and a mail alias, which people may lack.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.user.mail_nickname.is_none() {
            return Err(AgentUserRefused::NoNickname.into());
        }
        self.user.check()
    }

    /// Refuses what a person would sign in with. An agent user is reached through its agent identity alone.
    pub(crate) fn refuse_sign_in(members: &JsonMap) -> Result<(), AgentUserRefused> {
        let given = |name: &&&str| members.get(**name).is_some_and(|value| !value.is_null());
        match Self::INCOMPATIBLE.iter().find(given) {
            Some(name) => Err(AgentUserRefused::Password(name)),
            None => Ok(()),
        }
    }
}
