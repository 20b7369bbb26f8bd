//! What tokens say.

use serde::{Deserialize, Serialize};
use signet_kernel::Revocation;
use uuid::Uuid;

/// The facet that marks an agent identity (`xms_act_fct`, `xms_sub_fct`).
pub const AGENT_IDENTITY_FACET: &str = "11";
/// The relation of a service principal to its tenant (`xms_idrel`).
pub(crate) const SERVICE_PRINCIPAL_RELATION: &str = "7";
/// The facet of an agent user.
pub const AGENT_USER_FACET: &str = "13";

/// The claims of every token that Signet issues; the shape decides which are filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenClaims {
    /// The resource.
    pub aud: String,
    /// The issuer.
    pub iss: String,
    /// When issued, in seconds.
    pub iat: i64,
    /// Not before, in seconds.
    pub nbf: i64,
    /// Not from this second on.
    pub exp: i64,
    /// v1: the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    /// v1: how it authenticated: 1 secret, 2 assertion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appidacr: Option<String>,
    /// v2: the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// v2: how it authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azpacr: Option<String>,
    /// RFC 9068: the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// RFC 9068: the token's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// `app`: nobody is acted for.
    pub idtyp: String,
    /// The object that acts.
    pub oid: String,
    /// The subject.
    pub sub: String,
    /// Application permissions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The tenant.
    pub tid: String,
    /// The token's id, under the name that sign-in records know it by.
    pub uti: String,
    /// `1.0` or `2.0`.
    pub ver: String,
    /// Facets of the actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xms_act_fct: Option<String>,
    /// Facets of the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xms_sub_fct: Option<String>,
    /// Relation of the subject to the tenant.
    pub xms_idrel: String,
    /// Client id of the blueprint; for the record, not for authorization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xms_par_app_azp: Option<String>,
    /// The tenant's revocation counter when this was decided.
    pub sgn_rev: u64,
    /// The credential that this came from.
    pub sgn_cred: Uuid,
}

impl TokenClaims {
    /// The client, in whichever claim the shape has it.
    pub fn client(&self) -> Option<&str> {
        self.azp.as_deref().or(self.appid.as_deref()).or(self.client_id.as_deref())
    }

    /// The tenant's revocation counter when this was decided.
    pub fn revocation(&self) -> Revocation {
        Revocation::from_u64(self.sgn_rev)
    }
}
