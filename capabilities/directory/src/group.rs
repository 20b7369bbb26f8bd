//! Groups.

use crate::body::{bad_request, check_display_name};
use crate::creation::declare_creator;
use crate::membership_rule::MembershipRule;
use serde::{Deserialize, Serialize};
use signet_credentials::Described;
use signet_kernel::Failure;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `group` (CSDL). Members are links, or follow from the rule when asked; they are never copied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// What people call it.
    pub display_name: String,
    /// The mail alias.
    pub mail_nickname: String,
    /// Whether it is a Microsoft 365 group; no other group takes mail.
    pub mail_enabled: bool,
    /// Whether rights may be given to it.
    pub security_enabled: bool,
    /// `Unified`, `DynamicMembership`, both or none.
    #[serde(default)]
    pub group_types: Vec<String>,
    /// Whether it may be given a directory role. Cannot be changed.
    #[serde(default)]
    pub is_assignable_to_role: bool,
    /// Who belongs, if its members follow from a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership_rule: Option<String>,
    /// `On`, or `Paused`: then nobody belongs by the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership_rule_processing_state: Option<String>,
    /// Alternate key; cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// `Private`, `Public` or `HiddenMembership`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// Members that decide nothing here, and members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// The groupType of a Microsoft 365 group.
const UNIFIED: &str = "Unified";
/// The groupType of a group whose members follow from a rule.
const DYNAMIC: &str = "DynamicMembership";

/// Why a group is not as it was asked to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("'groupTypes' holds 'Unified', 'DynamicMembership', both or nothing.")]
    Types,
    #[error("A group is mail-enabled if, and only if, its 'groupTypes' hold 'Unified'.")]
    Mail,
    #[error("A group that is not mail-enabled is security-enabled.")]
    Useless,
    #[error("'mailNickname' has 1 to 64 ASCII characters, without spaces and @()\\[]\";:<>,.")]
    Nickname,
    #[error(
        "A group with 'DynamicMembership' among its 'groupTypes' has a 'membershipRule', and no other group has one."
    )]
    RuleAndType,
    #[error("'membershipRuleProcessingState' is On or Paused.")]
    ProcessingState,
    #[error("'visibility' is Private, Public or HiddenMembership.")]
    Visibility,
    #[error("A group that may be given roles is security-enabled, has assigned members, and is not Public.")]
    RoleAssignable,
    #[error("'{0}' is said when the group is created and stays.")]
    Fixed(&'static str),
    #[error("'uniqueName' has 1 to 120 characters, without spaces.")]
    UniqueName,
}

impl Group {
    /// The key space of `uniqueName`.
    pub const UNIQUE_NAME: &'static str = "group.uniqueName";
    /// The indexed field of groups whose members follow from a rule.
    pub const DYNAMIC: &'static str = "dynamic";

    /// Whether its members follow from a rule.
    pub fn is_dynamic(&self) -> bool {
        self.has_type(DYNAMIC)
    }

    /// Whether it is a Microsoft 365 group.
    pub fn is_unified(&self) -> bool {
        self.has_type(UNIFIED)
    }

    fn has_type(&self, wanted: &str) -> bool {
        self.group_types.iter().any(|held| held == wanted)
    }

    /// Whether it may answer for agents and blueprints: not a group that somebody assigns people to for rights.
    pub fn may_sponsor(&self) -> bool {
        !self.is_assignable_to_role && (self.is_dynamic() || self.is_unified())
    }

    /// The rule, if it is in force.
    pub fn rule_in_force(&self) -> Option<MembershipRule> {
        let on = self.membership_rule_processing_state.as_deref() != Some("Paused");
        self.membership_rule
            .as_deref()
            .filter(|_| on && self.is_dynamic())
            .and_then(|rule| MembershipRule::parse(rule).ok())
    }

    /// What a group may be, and may become.
    pub(crate) fn check(&self, before: Option<&Self>) -> Result<(), Failure> {
        check_display_name(&self.display_name)?;
        self.check_types()
            .and_then(|()| self.check_names())
            .map_err(|(name, why)| bad_request(name, why.to_string()))?;
        if let Some(rule) = &self.membership_rule {
            let wrong = |error| bad_request("membershipRule", format!("'membershipRule' cannot be read: {error}."));
            MembershipRule::parse(rule).map_err(wrong)?;
        }
        before.map_or(Ok(()), |before| self.check_fixed(before))
    }

    fn check_types(&self) -> Result<(), (&'static str, Refused)> {
        let mut known = self.group_types.clone();
        known.dedup();
        if known.len() != self.group_types.len() || known.iter().any(|one| one != UNIFIED && one != DYNAMIC) {
            return Err(("groupTypes", Refused::Types));
        }
        if self.mail_enabled != self.is_unified() {
            return Err(("mailEnabled", Refused::Mail));
        }
        if !self.mail_enabled && !self.security_enabled {
            return Err(("securityEnabled", Refused::Useless));
        }
        if self.is_dynamic() != self.membership_rule.is_some() {
            return Err(("membershipRule", Refused::RuleAndType));
        }
        let is_open = self.visibility.as_deref() == Some("Public");
        if self.is_assignable_to_role && (!self.security_enabled || self.is_dynamic() || is_open) {
            return Err(("isAssignableToRole", Refused::RoleAssignable));
        }
        Ok(())
    }

    fn check_names(&self) -> Result<(), (&'static str, Refused)> {
        let nickname = &self.mail_nickname;
        let fits = |c: char| c.is_ascii_graphic() && !"@()\\[]\";:<>,".contains(c);
        if nickname.is_empty() || nickname.len() > 64 || !nickname.chars().all(fits) {
            return Err(("mailNickname", Refused::Nickname));
        }
        let among =
            |value: &Option<String>, choices: &[&str]| value.as_deref().is_none_or(|value| choices.contains(&value));
        if !among(&self.membership_rule_processing_state, &["On", "Paused"]) {
            return Err(("membershipRuleProcessingState", Refused::ProcessingState));
        }
        if !among(&self.visibility, &["Private", "Public", "HiddenMembership"]) {
            return Err(("visibility", Refused::Visibility));
        }
        let named =
            |name: &String| !name.is_empty() && name.chars().count() <= 120 && !name.contains(char::is_whitespace);
        if !self.unique_name.as_ref().is_none_or(named) {
            return Err(("uniqueName", Refused::UniqueName));
        }
        Ok(())
    }

    fn check_fixed(&self, before: &Self) -> Result<(), Failure> {
        let changed = [
            ("isAssignableToRole", self.is_assignable_to_role != before.is_assignable_to_role),
            ("uniqueName", before.unique_name.is_some() && self.unique_name != before.unique_name),
            ("groupTypes", self.is_unified() != before.is_unified()),
        ];
        let fixed = changed.into_iter().find(|(_, changed)| *changed);
        fixed.map_or(Ok(()), |(name, _)| Err(bad_request(name, Refused::Fixed(name).to_string())))
    }
}

impl Kind for Group {
    const NAME: &'static str = "group";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
        declare_creator(&self.other, index);
        index.add(Self::DYNAMIC, IndexKey::bool(self.is_dynamic()));
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        if let Some(name) = &self.unique_name {
            keys.in_tenant(Self::UNIQUE_NAME, IndexKey::text(name));
        }
    }
}

impl Described for Group {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
