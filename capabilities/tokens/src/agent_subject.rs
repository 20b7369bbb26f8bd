//! The subject of T1: which agent a blueprint speaks for.
//!
//! `/eid1/c/pub/t/{T}/a/{A}/{path}`, where T and A are the tenant's id and the blueprint's client id as base64url of
//! their sixteen bytes in .NET order (the first three fields little-endian). Seen on the wire; see entra.md 3.1.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use signet_kernel::{AppId, TenantId};
use uuid::Uuid;

/// Names one agent of one blueprint of one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentSubject {
    /// The tenant of all three.
    pub tenant: TenantId,
    /// The blueprint that speaks.
    pub blueprint: AppId,
    /// The agent it speaks for.
    pub agent: AppId,
}

impl AgentSubject {
    const START: &'static str = "/eid1/c/pub/t/";

    /// Reads a subject; `None` if it is not one of this form, to the letter.
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, rest) = text.strip_prefix(Self::START)?.split_once("/a/")?;
        let (blueprint, agent) = rest.split_once('/')?;
        let subject = Self {
            tenant: TenantId::from_uuid(decode(tenant)?),
            blueprint: AppId::from_uuid(decode(blueprint)?),
            agent: agent.parse().ok()?,
        };
        (subject.to_string() == text).then_some(subject)
    }
}

impl std::fmt::Display for AgentSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (tenant, blueprint) = (encode(self.tenant.uuid()), encode(self.blueprint.uuid()));
        write!(f, "{}{tenant}/a/{blueprint}/{}", Self::START, self.agent)
    }
}

fn encode(id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(id.to_bytes_le())
}

fn decode(text: &str) -> Option<Uuid> {
    let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    Some(Uuid::from_bytes_le(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_encoded_as_seen_on_the_wire() {
        let tenant: TenantId = "975f013f-7f24-47e8-a7d3-abc4752bf346".parse().unwrap();
        assert_eq!(encode(tenant.uuid()), "PwFflyR_6Een06vEdSvzRg");
    }

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        let id = |n| AppId::from_uuid(Uuid::from_u128(n));
        let subject = AgentSubject { tenant: TenantId::from_uuid(Uuid::from_u128(1)), blueprint: id(2), agent: id(3) };
        let text = subject.to_string();
        assert_eq!(AgentSubject::parse(&text), Some(subject));
        for wrong in [
            text.to_uppercase(),
            format!("{text}/x"),
            text.replace("/eid1/", "/eid2/"),
            text.replace("/a/", "/b/"),
            String::new(),
        ] {
            assert_eq!(AgentSubject::parse(&wrong), None, "{wrong}");
        }
    }
}
