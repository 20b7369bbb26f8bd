//! What an agent user is called, and what it never has.

use super::AgentUser;
use crate::AgentUserRefused;
use signet_directory::body::{JsonMap, check_display_name};
use signet_kernel::Failure;

impl AgentUser {
    /// The longest `userPrincipalName`.
    const LONGEST_NAME: usize = 113;
    /// The longest `mailNickname`.
    const LONGEST_NICKNAME: usize = 64;

    /// Its names.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        check_display_name(&self.user.display_name)?;
        if !is_principal_name(&self.user.user_principal_name) {
            return Err(AgentUserRefused::PrincipalName.into());
        }
        let nickname = self.user.mail_nickname.as_deref().unwrap_or_default();
        if nickname.is_empty() || nickname.len() > Self::LONGEST_NICKNAME || nickname.contains(['@', ' ']) {
            return Err(AgentUserRefused::Nickname.into());
        }
        Ok(())
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

fn is_principal_name(name: &str) -> bool {
    let fits = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    let domain = |part: &str| fits(part) && !part.contains('@') && !part.starts_with('.') && !part.ends_with('.');
    name.len() <= AgentUser::LONGEST_NAME && name.split_once('@').is_some_and(|(user, rest)| fits(user) && domain(rest))
}
