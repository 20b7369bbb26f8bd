//! What a client authenticated with.

use signet_record::Once;
use uuid::Uuid;

/// How a client proved who it is, as sign-in records name it (`clientCredentialType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A secret.
    ClientSecret,
    /// An assertion signed with a certificate's key.
    Certificate,
    /// An assertion of an outside issuer.
    FederatedIdentityCredential,
    /// An agent with its blueprint's T1.
    AgentAssertion,
}

impl CredentialKind {
    /// The value of `clientCredentialType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientSecret => "clientSecret",
            Self::Certificate => "certificate",
            Self::FederatedIdentityCredential => "federatedIdentityCredential",
            Self::AgentAssertion => "clientAssertion",
        }
    }
}

/// The credential that authenticated a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// How.
    pub kind: CredentialKind,
    /// The id of the secret, certificate or federated credential; an agent's is its blueprint's.
    pub id: Uuid,
    /// The certificate's SHA-1 thumbprint.
    pub thumbprint: Option<String>,
    /// What authenticating with it uses up, if it is good for one request only.
    pub once: Option<Once>,
}

impl Credential {
    /// `azpacr`: 1 for a secret, 2 for an assertion.
    pub fn authentication_class(&self) -> &'static str {
        if self.kind == CredentialKind::ClientSecret { "1" } else { "2" }
    }
}
