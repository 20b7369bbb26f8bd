//! A request for a token as one row of `AADServicePrincipalSignInLogs`.

use crate::audit::AgentType;
use signet_kernel::{AppId, Context, ObjectId, Origin, Revocation, TenantId, Timestamp};
use signet_record::{Entry, RecordBuilder, RowKeys};
use std::fmt::Write as _;
use std::time::Duration;
use uuid::Uuid;

/// The table that requests for tokens lie in.
pub const SIGN_INS: &str = "AADServicePrincipalSignInLogs";

/// The `ResultType` of a token that was issued.
pub(crate) const GRANTED: &str = "0";

/// One request for a token, granted or refused, as far as it came.
///
/// Written on the path of every token: everything is borrowed, and columns without a value are left out, which
/// readers take for null.
#[derive(Debug, Clone, Copy)]
pub struct SignIn<'a> {
    /// The tenant that was asked.
    pub tenant: TenantId,
    /// The record's own id.
    pub id: Uuid,
    /// When it was asked.
    pub at: Timestamp,
    /// How long the decision took.
    pub duration: Duration,
    /// From where.
    pub origin: &'a Origin,
    /// The client it names.
    pub app_id: Option<AppId>,
    /// That client, found.
    pub client: Option<SignInClient<'a>>,
    /// What the client proved itself with.
    pub credential: Option<SignInCredential<'a>>,
    /// What it asks for.
    pub resource: Option<SignInResource<'a>>,
    /// How it ended.
    pub outcome: SignInOutcome<'a>,
    /// The tenant's revocation counter when it was decided.
    pub revocation: Revocation,
}

/// Who asks, with the chain it hangs off.
#[derive(Debug, Clone, Copy)]
pub struct SignInClient<'a> {
    /// Its service principal; an agent identity is its own.
    pub service_principal: ObjectId,
    /// What people call it.
    pub display_name: &'a str,
    /// What kind of agent it is.
    pub agent: AgentType,
    /// The blueprint that it is, or is stamped from.
    pub blueprint: Option<SignInBlueprint>,
    /// Who answers for it now.
    pub sponsors: &'a [ObjectId],
}

/// The blueprint in the chain.
#[derive(Debug, Clone, Copy)]
pub struct SignInBlueprint {
    /// Its object.
    pub id: ObjectId,
    /// Its client id.
    pub app_id: AppId,
}

/// What the client proved itself with.
#[derive(Debug, Clone, Copy)]
pub struct SignInCredential<'a> {
    /// `clientCredentialType`: `clientSecret`, `certificate`, `federatedIdentityCredential`, `clientAssertion`.
    pub kind: &'static str,
    /// The id of the secret, certificate or federated credential.
    pub id: Uuid,
    /// A certificate's thumbprint.
    pub thumbprint: Option<&'a str>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct SignInResource<'a> {
    /// The resource's client id if it was found, else the name it was asked for by.
    pub identity: &'a str,
    /// What people call it.
    pub display_name: Option<&'a str>,
    /// Its service principal.
    pub service_principal: Option<ObjectId>,
    /// The agent that a blueprint asks to speak for (`fmi_path`).
    pub agent: Option<ObjectId>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy)]
pub enum SignInOutcome<'a> {
    /// With a token.
    Granted {
        /// The token's `uti`.
        token: &'a str,
    },
    /// With an error.
    Refused {
        /// Its AADSTS number.
        code: u32,
        /// The sentence that the client was told.
        reason: &'a str,
    },
}

impl SignIn<'_> {
    /// The record of it.
    pub fn to_entry(&self, context: &Context) -> Entry {
        let mut columns = Columns { record: RecordBuilder::new(context, self.tenant, SIGN_INS) };
        let (mut id, mut result) = (Uuid::encode_buffer(), String::new());
        let id: &str = self.id.hyphenated().encode_lower(&mut id);
        let result = match self.outcome {
            SignInOutcome::Granted { .. } => GRANTED,
            SignInOutcome::Refused { code, .. } => text(&mut result, format_args!("{code}")),
        };
        self.write_request(&mut columns, id);
        self.write_client(&mut columns);
        self.write_credential(&mut columns);
        self.write_resource(&mut columns);
        self.write_outcome(&mut columns, result);
        let mut about = Uuid::encode_buffer();
        let about = self.client.map(|client| &*client.service_principal.uuid().hyphenated().encode_lower(&mut about));
        columns.record.finish(RowKeys { at: self.at, id, about, outcome: Some(result) })
    }

    fn write_request(&self, columns: &mut Columns<'_>, id: &str) {
        let mut at = String::with_capacity(32);
        let at = text(&mut at, format_args!("{}", self.at));
        let millis = i64::try_from(self.duration.as_millis()).unwrap_or(i64::MAX);
        let record = &mut columns.record;
        record.text("Id", id).text("TimeGenerated", at).text("CreatedDateTime", at);
        record.text("OperationName", "Sign-in activity").text("Category", "ServicePrincipalSignInLogs");
        record.number("DurationMs", millis);
        columns.id("AADTenantId", self.tenant.uuid());
        columns.id("CorrelationId", self.origin.correlation_id);
        if let Some(address) = self.origin.address {
            let mut address_text = String::with_capacity(40);
            columns.record.personal("IPAddress", text(&mut address_text, format_args!("{address}")));
        }
        if let Some(agent) = &self.origin.user_agent {
            columns.record.text("UserAgent", agent);
        }
    }

    fn write_client(&self, columns: &mut Columns<'_>) {
        if let Some(app_id) = self.app_id {
            columns.id("AppId", app_id.uuid());
        }
        let Some(client) = self.client else { return };
        columns.id("ServicePrincipalId", client.service_principal.uuid());
        columns.record.text("ServicePrincipalName", client.display_name);
        columns.id("AppOwnerTenantId", self.tenant.uuid());
        columns.agent(client.agent, client.blueprint);
        if let Some(blueprint) = client.blueprint {
            columns.id("BlueprintId", blueprint.id.uuid());
        }
        columns.sponsors(client.sponsors);
    }

    fn write_credential(&self, columns: &mut Columns<'_>) {
        let Some(credential) = self.credential else { return };
        columns.record.text("ClientCredentialType", credential.kind);
        let federated = credential.kind == "federatedIdentityCredential";
        let column = if federated { "FederatedCredentialId" } else { "ServicePrincipalCredentialKeyId" };
        columns.id(column, credential.id);
        if let Some(thumbprint) = credential.thumbprint {
            columns.record.text("ServicePrincipalCredentialThumbprint", thumbprint);
        }
    }

    fn write_resource(&self, columns: &mut Columns<'_>) {
        let Some(resource) = self.resource else { return };
        columns.record.text("ResourceIdentity", resource.identity);
        if let Some(name) = resource.display_name {
            columns.record.text("ResourceDisplayName", name);
        }
        if let Some(principal) = resource.service_principal {
            columns.id("ResourceServicePrincipalId", principal.uuid());
            columns.id("ResourceOwnerTenantId", self.tenant.uuid());
        }
        if let Some(agent) = resource.agent {
            columns.id("AgentId", agent.uuid());
        }
    }

    fn write_outcome(&self, columns: &mut Columns<'_>, result: &str) {
        let revocation = i64::try_from(self.revocation.as_u64()).unwrap_or(i64::MAX);
        let record = &mut columns.record;
        record.text("ResultType", result);
        match self.outcome {
            SignInOutcome::Granted { token } => record.text("UniqueTokenIdentifier", token),
            SignInOutcome::Refused { reason, .. } => record.text("ResultDescription", reason),
        };
        record.text("ConditionalAccessStatus", "notApplied").number("RevocationCounter", revocation);
    }
}

/// The columns written so far.
struct Columns<'c> {
    record: RecordBuilder<'c>,
}

impl Columns<'_> {
    fn id(&mut self, name: &str, id: Uuid) {
        self.record.text(name, id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    }

    /// JSON in a string, as this table has it.
    fn agent(&mut self, agent: AgentType, blueprint: Option<SignInBlueprint>) {
        let Some(blueprint) = blueprint.filter(|_| agent != AgentType::NotAgentic) else {
            self.record.text("Agent", r#"{"agentType":"notAgentic","agentSubjectType":"notAgentic"}"#);
            return;
        };
        let (name, parent) = (agent.name(), blueprint.app_id);
        let mut json = String::with_capacity(192);
        let json = text(
            &mut json,
            format_args!(
                r#"{{"agentType":"{name}","parentAppId":"{parent}","agentSubjectType":"notAgentic","agentSubjectParentId":null}}"#
            ),
        );
        self.record.text("Agent", json);
    }

    /// JSON in a string too.
    fn sponsors(&mut self, sponsors: &[ObjectId]) {
        let mut json = String::with_capacity(2 + 39 * sponsors.len());
        json.push('[');
        for (number, sponsor) in sponsors.iter().enumerate() {
            json.push_str(if number == 0 { "\"" } else { ",\"" });
            json.push_str(sponsor.uuid().hyphenated().encode_lower(&mut Uuid::encode_buffer()));
            json.push('"');
        }
        json.push(']');
        self.record.text("Sponsors", &json);
    }
}

/// Writes into a buffer that outlives the text.
fn text<'b>(buffer: &'b mut String, value: std::fmt::Arguments<'_>) -> &'b str {
    // Writing to a string never fails.
    let _ = buffer.write_fmt(value);
    buffer
}
