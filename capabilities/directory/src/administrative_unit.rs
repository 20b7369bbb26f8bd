//! Administrative units: parts of the directory that administrators are given.

use crate::activities;
use crate::body::{bad_request, check_display_name, denied};
use crate::container::{Container, check_principal};
use serde::{Deserialize, Serialize};
use signet_credentials::Described;
use signet_kernel::{Caller, Failure};
use signet_logs::audit::Activity;
use signet_store::{IndexEntries, IndexKey, Kind, Row};

/// `administrativeUnit` (CSDL). Its members are assigned links: principals of any type, agents among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdministrativeUnit {
    /// What people call it.
    pub display_name: String,
    /// `HiddenMembership`, or null: anybody who may read units may see who belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// Whether only administrators of this unit change what belongs to it ([`restricting`](crate::roles::restricting)).
    /// Cannot be changed.
    #[serde(default)]
    pub is_member_management_restricted: bool,
    /// Members that decide nothing here, and members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// The visibility of a unit whose members only those who hold this permission see.
const HIDDEN: &str = "HiddenMembership";

impl AdministrativeUnit {
    /// What a unit may be, and may become.
    pub(crate) fn check(&self, before: Option<&Self>) -> Result<(), Failure> {
        check_display_name(&self.display_name)?;
        if self.visibility.as_deref().is_some_and(|visibility| visibility != HIDDEN) {
            return Err(bad_request("visibility", "'visibility' is HiddenMembership or null."));
        }
        if ["membershipType", "membershipRule"].iter().any(|name| self.other.contains_key(*name)) {
            let message = "Members of an administrative unit are assigned; leave the rule and 'membershipType' out.";
            return Err(bad_request("membershipType", message));
        }
        let was = before.map(|before| before.is_member_management_restricted);
        if was.is_some_and(|was| was != self.is_member_management_restricted) {
            let message = "'isMemberManagementRestricted' is said when the unit is created and stays.";
            return Err(bad_request("isMemberManagementRestricted", message));
        }
        Ok(())
    }

    /// Whether this caller may see who belongs.
    pub(crate) fn check_visible(&self, caller: &Caller) -> Result<(), Failure> {
        const HIDDEN_READ: [&str; 2] = ["Member.Read.Hidden", "AdministrativeUnit.ReadWrite.All"];
        if self.visibility.as_deref() != Some(HIDDEN) || caller.holds_any(&HIDDEN_READ) {
            return Ok(());
        }
        Err(denied("The members of this unit are hidden; the permission Member.Read.Hidden shows them."))
    }
}

impl Container for AdministrativeUnit {
    const ADDED: Activity = activities::ADD_MEMBER_TO_UNIT;
    const REMOVED: Activity = activities::REMOVE_MEMBER_FROM_UNIT;

    fn check_change(&self, _caller: &Caller) -> Result<(), Failure> {
        Ok(())
    }

    fn check_member(&self, member: &Row) -> Result<(), Failure> {
        check_principal(member)
    }
}

impl Kind for AdministrativeUnit {
    const NAME: &'static str = "administrativeUnit";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
    }
}

impl Described for AdministrativeUnit {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
