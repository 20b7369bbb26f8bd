//! People.

use crate::body::{JsonMap, bad_request, check_display_name};
use crate::creation::declare_creator;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use signet_credentials::Described;
use signet_kernel::Failure;
use signet_store::{IndexEntries, IndexKey, Kind, UniqueKeys};

/// `user` (CSDL). Holds no credential: signing in comes with its own capability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// What people call them.
    pub display_name: String,
    /// `name@domain`, unique in the tenant.
    pub user_principal_name: String,
    /// The mail alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_nickname: Option<String>,
    /// Whether they may act.
    pub account_enabled: bool,
    /// Members that decide nothing here, and members that a newer version wrote.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl User {
    /// The key space of `userPrincipalName`.
    pub const USER_PRINCIPAL_NAME: &'static str = "userPrincipalName";

    /// The `userType` of somebody who has none.
    pub const MEMBER: &'static str = "Member";

    /// Members with a closed set of values, as their documentation lists them.
    const CHOICES: [(&'static str, &'static [&'static str]); 3] = [
        ("userType", &[Self::MEMBER, "Guest"]),
        ("ageGroup", &["Minor", "NotAdult", "Adult"]),
        ("consentProvidedForMinor", &["Granted", "Denied", "NotRequired"]),
    ];
}

impl User {
    /// What people are and are called.
    pub fn check(&self) -> Result<(), Failure> {
        check_display_name(&self.display_name)?;
        if !is_principal_name(&self.user_principal_name) {
            let message = "'userPrincipalName' is of the form name@domain, without spaces, at most 113 characters.";
            return Err(bad_request("userPrincipalName", message));
        }
        match &self.mail_nickname {
            Some(name) if name.is_empty() || name.len() > 64 || name.contains(['@', ' ']) => {
                Err(bad_request("mailNickname", "'mailNickname' has 1 to 64 characters, no '@' and no space."))
            }
            _ => self.check_choices(),
        }
    }

    fn check_choices(&self) -> Result<(), Failure> {
        for (name, choices) in Self::CHOICES {
            let value = self.other.get(name).and_then(Value::as_str);
            if value.is_some_and(|value| !choices.contains(&value)) {
                return Err(bad_request(name, format!("'{name}' is one of {}.", choices.join(", "))));
            }
        }
        let country = self.other.get("usageLocation").and_then(Value::as_str);
        if country.is_some_and(|code| code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
            let message = "'usageLocation' is a country's two capital letters, such as DE.";
            return Err(bad_request("usageLocation", message));
        }
        match self.other.get("businessPhones").and_then(Value::as_array) {
            Some(phones) if phones.len() > 1 => {
                Err(bad_request("businessPhones", "'businessPhones' holds one number at most."))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a password: it would be one that opens nothing.
    pub(crate) fn refuse_password(body: &JsonMap) -> Result<(), Failure> {
        match body.get("passwordProfile") {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(bad_request(
                "passwordProfile",
                "People do not sign in here yet and hold no password; leave 'passwordProfile' out.",
            )),
        }
    }
}

fn is_principal_name(name: &str) -> bool {
    let fits = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    let domain =
        |domain: &str| fits(domain) && !domain.contains('@') && !domain.starts_with('.') && !domain.ends_with('.');
    name.len() <= 113 && name.split_once('@').is_some_and(|(user, rest)| fits(user) && domain(rest))
}

impl Kind for User {
    const NAME: &'static str = "user";

    fn index(&self, index: &mut IndexEntries) {
        index.add("displayName", IndexKey::text(&self.display_name));
        declare_creator(&self.other, index);
    }

    fn unique(&self, keys: &mut UniqueKeys) {
        keys.in_tenant(Self::USER_PRINCIPAL_NAME, IndexKey::text(&self.user_principal_name));
    }
}

impl Described for User {
    fn display_name(&self) -> &str {
        &self.display_name
    }
}
