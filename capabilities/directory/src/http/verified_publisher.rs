//! `setVerifiedPublisher` and `unsetVerifiedPublisher`. The publisher is the tenant's own organization: it says under
//! which number it is known elsewhere, and whoever reads the application sees the organization's name beside it.

use crate::body::{JsonMap, bad_request};
use serde_json::{Value, json};
use signet_graph::{Answer, Call, Parameter, PropertyType, Signature};
use signet_kernel::Failure;
use signet_tenants::Tenant;

/// The property.
pub(super) const MEMBER: &str = "verifiedPublisher";
const LONGEST: usize = 64;

/// Which of the two actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifiedPublisher {
    /// `setVerifiedPublisher`
    Set,
    /// `unsetVerifiedPublisher`
    Unset,
}

impl VerifiedPublisher {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Set, Self::Unset];

    /// The action's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Set => "setVerifiedPublisher",
            Self::Unset => "unsetVerifiedPublisher",
        }
    }

    /// What the action takes and answers.
    pub fn signature(self) -> Signature {
        const ID: Parameter = Parameter::required("verifiedPublisherId", PropertyType::String(LONGEST));
        let takes: &[Parameter] = if self == Self::Set { &[ID] } else { &[] };
        Signature::answering(Answer::Nothing).taking(takes)
    }

    /// What the action writes over an application or a blueprint.
    pub async fn patch(self, call: &Call, body: &JsonMap) -> Result<JsonMap, Failure> {
        let publisher = match self {
            Self::Set => json!({
                "displayName": organization(call).await?,
                "verifiedPublisherId": publisher_id(body)?,
                "addedDateTime": call.store.context().now().to_string(),
            }),
            Self::Unset => Value::Null,
        };
        Ok(JsonMap::from_iter([(MEMBER.to_owned(), publisher)]))
    }
}

/// Adds the domain of the tenant that publishes an application; null while none is verified.
pub async fn complete_publisher(call: &Call, view: &mut JsonMap) -> Result<(), Failure> {
    let tenant = call.store.find(Tenant::id(call.store.id())).await?;
    let domain = tenant.and_then(|tenant| tenant.body.verified_domains.first().map(|domain| domain.name.clone()));
    view.insert("publisherDomain".to_owned(), domain.into());
    Ok(())
}

fn publisher_id(body: &JsonMap) -> Result<&str, Failure> {
    const NAME: &str = "verifiedPublisherId";
    let id = body.get(NAME).and_then(Value::as_str).map(str::trim);
    let fits = |id: &&str| !id.is_empty() && id.len() <= LONGEST && id.bytes().all(|byte| byte.is_ascii_graphic());
    id.filter(fits).ok_or_else(|| {
        bad_request(NAME, format!("'{NAME}' is the publisher's number: 1 to {LONGEST} characters without a space."))
    })
}

async fn organization(call: &Call) -> Result<Option<String>, Failure> {
    let tenant = call.store.find(Tenant::id(call.store.id())).await?;
    Ok(tenant.map(|tenant| tenant.body.display_name.clone()))
}
