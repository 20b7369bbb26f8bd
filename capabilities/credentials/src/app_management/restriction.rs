//! One rule about secrets or certificates.

use super::Lifetime;
use serde::{Deserialize, Serialize};
use signet_kernel::Timestamp;

/// What is restricted: `appCredentialRestrictionType` and `appKeyCredentialRestrictionType` (CSDL) in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RestrictionType {
    /// No new secrets.
    PasswordAddition,
    /// New secrets end within `maxLifetime`.
    PasswordLifetime,
    /// No secrets of the client's choice. There never are any here: secrets are generated.
    CustomPasswordAddition,
    /// No symmetric keys. There never are any here.
    SymmetricKeyAddition,
    /// Symmetric keys end in time. There never are any here.
    SymmetricKeyLifetime,
    /// New certificates and bare public keys end within `maxLifetime`.
    AsymmetricKeyLifetime,
}

impl RestrictionType {
    /// Whether it is among the rules about certificates.
    pub fn is_of_keys(self) -> bool {
        self == Self::AsymmetricKeyLifetime
    }

    /// Whether it needs `maxLifetime`.
    pub fn is_lifetime(self) -> bool {
        matches!(self, Self::PasswordLifetime | Self::SymmetricKeyLifetime | Self::AsymmetricKeyLifetime)
    }
}

/// Whether a restriction is enforced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RestrictionState {
    /// It is.
    #[default]
    Enabled,
    /// It is not.
    Disabled,
}

/// `passwordCredentialConfiguration` and `keyCredentialConfiguration` (CSDL). A member that is not known is refused:
/// what is not enforced is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Restriction {
    /// What.
    pub restriction_type: RestrictionType,
    /// Whether.
    #[serde(default)]
    pub state: RestrictionState,
    /// How long, for restrictions of a lifetime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_lifetime: Option<Lifetime>,
    /// Only applications created from then on are bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restrict_for_apps_created_after_date_time: Option<Timestamp>,
}

impl Restriction {
    /// Whether it binds an application that was created at that time.
    pub fn binds(&self, created: Timestamp) -> bool {
        let since = self.restrict_for_apps_created_after_date_time;
        self.state == RestrictionState::Enabled && since.is_none_or(|since| created >= since)
    }
}

/// `appManagementApplicationConfiguration` and `customAppManagementConfiguration` (CSDL).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Restrictions {
    /// About secrets.
    pub password_credentials: Vec<Restriction>,
    /// About certificates.
    pub key_credentials: Vec<Restriction>,
}

impl Restrictions {
    /// The restriction of a type.
    pub fn find(&self, kind: RestrictionType) -> Option<&Restriction> {
        self.password_credentials.iter().chain(&self.key_credentials).find(|one| one.restriction_type == kind)
    }

    /// Whether they make sense: each type once, in its list, a lifetime where one is needed. Answers what does not.
    pub fn check(&self) -> Result<(), String> {
        for (name, list, keys) in [
            ("passwordCredentials", &self.password_credentials, false),
            ("keyCredentials", &self.key_credentials, true),
        ] {
            for (at, one) in list.iter().enumerate() {
                let kind = serde_json::to_value(one.restriction_type).unwrap_or_default();
                if one.restriction_type.is_of_keys() != keys {
                    return Err(format!("{kind} is not a restriction of '{name}'."));
                }
                if list.iter().skip(at + 1).any(|other| other.restriction_type == one.restriction_type) {
                    return Err(format!("{kind} is listed twice in '{name}'."));
                }
                if one.restriction_type.is_lifetime() != one.max_lifetime.is_some() {
                    let needs = if one.restriction_type.is_lifetime() { "needs" } else { "has no" };
                    return Err(format!("{kind} {needs} 'maxLifetime'."));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(value: Value) -> Result<(), String> {
        serde_json::from_value::<Restrictions>(value).map_err(|error| error.to_string())?.check()
    }

    #[test]
    fn what_would_not_be_enforced_is_refused() {
        for wrong in [
            json!({"identifierUris": {}}),
            json!({"passwordCredentials": [{"restrictionType": "asymmetricKeyLifetime", "maxLifetime": "P1D"}]}),
            json!({"keyCredentials": [{"restrictionType": "passwordAddition"}]}),
            json!({"keyCredentials": [{"restrictionType": "trustedCertificateAuthority"}]}),
            json!({"keyCredentials": [{"restrictionType": "asymmetricKeyLifetime"}]}),
            json!({"passwordCredentials": [{"restrictionType": "passwordAddition", "maxLifetime": "P1D"}]}),
            json!({"passwordCredentials": [{"restrictionType": "passwordAddition", "excludeActors": {}}]}),
            json!({"passwordCredentials": [{"restrictionType": "passwordAddition", "state": "perhaps"}]}),
            json!({"passwordCredentials":
                [{"restrictionType": "passwordAddition"}, {"restrictionType": "passwordAddition"}]}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
        read(json!({
            "passwordCredentials": [
                {"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": "P90D",
                 "restrictForAppsCreatedAfterDateTime": "2026-01-01T00:00:00Z"},
                {"restrictionType": "customPasswordAddition"},
            ],
            "keyCredentials": [{"restrictionType": "asymmetricKeyLifetime", "maxLifetime": "P1W", "state": "disabled"}],
        }))
        .unwrap();
    }
}
