//! Why a credential is not added, changed or removed.

use crate::approval::APPROVAL_REQUIRED;
use crate::certificate::CertificateError;
use signet_jose::{JwsError, KeyError};
use signet_kernel::{Failure, Fault, ObjectId, Timestamp, Violation};
use uuid::Uuid;

/// Why a credential stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialRefused {
    /// The holder, or the credential, does not exist in this tenant.
    #[error("Resource '{0}' does not exist or one of its queried reference-property objects are not present.")]
    NoSuchObject(ObjectId),
    /// The holder has no credential of this id.
    #[error("No credential with the keyId '{0}' was found on it.")]
    NoSuchKey(Uuid),
    /// Another version was named by `If-Match`.
    #[error("The object is at another version than If-Match names; read it again and decide.")]
    VersionMismatch,
    /// An agent asks.
    #[error("This operation cannot be performed for the specified calling identity type.")]
    CallerIsAgent,
    /// A blueprint asks for itself.
    #[error(
        "A blueprint cannot change its own credentials, except by addKey with proof of a certificate it holds; \
         somebody else has to."
    )]
    OwnCredentials,
    /// A blueprint offers proof for something else than itself.
    #[error("A blueprint adds keys to itself alone.")]
    NotItself,
    /// The body is not what the action takes.
    #[error("The body does not describe a {0}: {1}.")]
    Malformed(&'static str, String),
    /// Members that this server does not take.
    #[error("'{0}' cannot be set: {1}")]
    NotSettable(&'static str, &'static str),
    /// It would end before it begins, or is over already.
    #[error("endDateTime must be after startDateTime and in the future.")]
    NoTime,
    /// It would live too long.
    #[error("A secret lives at most {} days; choose an earlier endDateTime.", crate::PasswordCredential::LONGEST_DAYS)]
    TooLong,
    /// An app management policy forbids such credentials.
    #[error("Credential type not allowed as per assigned policy: it may be given no new {0}; {1} instead.")]
    TypeNotAllowed(&'static str, &'static str),
    /// An app management policy wants an earlier end.
    #[error(
        "Credential lifetime exceeds the max value allowed as per assigned policy, {0}; choose an endDateTime of {1} \
         or earlier."
    )]
    LifetimeNotAllowed(String, Timestamp),
    /// A policy is assigned already.
    #[error("The app management policy '{0}' is assigned to it; remove that one first: there is one at most.")]
    PolicyAssigned(ObjectId),
    /// Who may change a holder may not thereby loosen what binds it.
    #[error("Which policy binds it is said with the permission Policy.ReadWrite.ApplicationConfiguration alone.")]
    PolicyPermission,
    /// Another administrator has to approve.
    #[error(
        "A change of a blueprint's credentials needs a second approver here. The request '{request}' waits until \
         {until}: another administrator approves it with POST /directory/credentialChangeRequests/{request}/approve; \
         then make the same call again."
    )]
    NeedsApproval {
        /// The request.
        request: ObjectId,
        /// When it expires.
        until: Timestamp,
    },
    /// Nobody approves what they asked for.
    #[error("Who asked for a change does not approve it; another administrator has to.")]
    OwnRequest,
    /// A request that no longer waits.
    #[error("The request '{0}' is decided or expired; ask for the change again.")]
    RequestIsOver(ObjectId),
    /// A text is empty or too long.
    #[error("'{0}' has 1 to {1} characters.")]
    Length(&'static str, usize),
    /// The holder has as many as it may.
    #[error("It has {0} {1}, the most there can be; remove one first.")]
    Full(usize, &'static str),
    /// Not a certificate.
    #[error("The certificate cannot be a credential: {0}.")]
    Certificate(#[from] CertificateError),
    /// Not a key that may be trusted.
    #[error("The certificate cannot be a credential: {0}.")]
    Key(#[from] KeyError),
    /// Neither RSA nor P-256.
    #[error("The certificate cannot be a credential: its key is neither RSA nor on P-256.")]
    KeyKind,
    /// A bare key that is not what its members say.
    #[error("The public key cannot be a credential: 'key' must be base64 of a SubjectPublicKeyInfo in DER.")]
    PublicKeyEncoding,
    /// A bare key that may not be trusted.
    #[error("The public key cannot be a credential: {0}.")]
    PublicKey(KeyError),
    /// A bare key that is neither RSA nor P-256.
    #[error("The public key cannot be a credential: it must be RSA of at least 2048 bits, or on P-256.")]
    PublicKeyKind,
    /// Two entries of one list have the same id.
    #[error("The keyId '{0}' is used twice.")]
    KeyIdTwice(Uuid),
    /// The same certificate twice on one holder.
    #[error("It holds this certificate already, as keyId '{0}'.")]
    CertificateTwice(Uuid),
    /// An entry repeats a stored id with another certificate.
    #[error("The certificate of keyId '{0}' cannot be exchanged; remove it and add the new one.")]
    CertificateChanged(Uuid),
    /// A new entry without its certificate.
    #[error("An entry of keyCredentials without 'key' must repeat the keyId of a certificate that is held.")]
    KeyMissing,
    /// Another application or blueprint holds the certificate.
    #[error(
        "Another application or blueprint holds this certificate; use one of its own, or have an administrator allow \
         shared credentials for the tenant."
    )]
    CertificateTaken,
    /// The proof is not a token signed by a held certificate.
    #[error("The proof of possession cannot be accepted: {0}")]
    Proof(String),
    /// A rule of federated credentials is broken.
    #[error("{1}")]
    Federated(&'static str, &'static str),
    /// The holder has a federated credential of this name.
    #[error("It has a federated identity credential of the name '{0}' already.")]
    NameTaken(String),
    /// The same issuer and subject twice on one holder.
    #[error("It trusts this issuer and subject already, as '{0}'.")]
    SubjectTwice(String),
    /// Another application or blueprint trusts the subject.
    #[error(
        "Another application or blueprint trusts this issuer and subject; use a subject of its own, or have an \
         administrator allow shared credentials for the tenant."
    )]
    SubjectTaken,
}

impl CredentialRefused {
    fn fault(&self) -> Fault {
        match self {
            Self::NoSuchObject(_) | Self::NoSuchKey(_) => Fault::NotFound,
            Self::VersionMismatch => Fault::Precondition,
            Self::CallerIsAgent
            | Self::OwnCredentials
            | Self::NotItself
            | Self::PolicyPermission
            | Self::OwnRequest => Fault::Rights,
            Self::CertificateTaken | Self::SubjectTaken | Self::NameTaken(_) | Self::SubjectTwice(_) => Fault::Conflict,
            Self::PolicyAssigned(_) | Self::NeedsApproval { .. } | Self::RequestIsOver(_) => Fault::Conflict,
            _ => Fault::Input,
        }
    }

    fn target(&self) -> Option<&'static str> {
        match self {
            Self::NotSettable(member, _) | Self::Length(member, _) | Self::Federated(member, _) => Some(member),
            Self::NoTime | Self::TooLong | Self::LifetimeNotAllowed(..) => Some("endDateTime"),
            Self::TypeNotAllowed(..) => Some("passwordCredential"),
            Self::Certificate(_)
            | Self::Key(_)
            | Self::KeyKind
            | Self::KeyMissing
            | Self::CertificateTaken
            | Self::PublicKeyEncoding
            | Self::PublicKey(_)
            | Self::PublicKeyKind => Some("keyCredentials"),
            Self::Proof(_) => Some("proof"),
            Self::VersionMismatch => Some("If-Match"),
            Self::NameTaken(_) => Some("name"),
            Self::SubjectTwice(_) | Self::SubjectTaken => Some("subject"),
            _ => None,
        }
    }
}

impl From<CredentialRefused> for Failure {
    fn from(refusal: CredentialRefused) -> Self {
        let fault = refusal.fault();
        let code = match (&refusal, fault) {
            (CredentialRefused::TypeNotAllowed(..), _) => "CredentialTypeNotAllowedAsPerAppPolicy",
            (CredentialRefused::LifetimeNotAllowed(..), _) => "CredentialInvalidLifetimeAsPerAppPolicy",
            (CredentialRefused::NeedsApproval { .. }, _) => APPROVAL_REQUIRED,
            (CredentialRefused::RequestIsOver(_) | CredentialRefused::PolicyAssigned(_), _) => "Request_BadRequest",
            (_, Fault::NotFound) => "Request_ResourceNotFound",
            (_, Fault::Precondition) => "Request_PreconditionFailed",
            (_, Fault::Rights) => "Authorization_RequestDenied",
            (_, Fault::Conflict) => "Request_MultipleObjectsWithSameKeyValue",
            _ => "Request_BadRequest",
        };
        let failure = Failure::new(fault, code, refusal.to_string());
        match refusal.target() {
            _ if let CredentialRefused::NeedsApproval { request, .. } = refusal => {
                let (rule, target, message) = ("secondApprover".into(), request.to_string(), refusal.to_string());
                failure.with_violation(Violation { rule, target, message })
            }
            Some(target) => failure.with_target(target),
            None => failure,
        }
    }
}

impl From<JwsError> for CredentialRefused {
    fn from(error: JwsError) -> Self {
        Self::Proof(format!("{error}."))
    }
}
