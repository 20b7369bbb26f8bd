//! The table itself.

use super::OAuthError;
use std::fmt;

/// Writes the enum, its columns and its sentences from one list, so that no refusal lacks any of them.
macro_rules! refusals {
    ($(
        #[doc = $doc:literal]
        $name:ident $({ $($field:ident),+ })? = $number:literal $error:ident $status:literal $(suberror $suberror:literal)?:
        $sentence:literal;
    )+) => {
        /// A refusal of the token endpoint. Fields are what the caller sent, or names of things it knows.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "a field is named after the value that its sentence quotes")]
        pub enum TokenError {
            $(#[doc = $doc] $name $({ $($field: String),+ })?,)+
        }

        impl TokenError {
            /// The number that administrators search for.
            pub const fn number(&self) -> u32 {
                match self { $(Self::$name { .. } => $number,)+ }
            }

            /// The same, as records and tables carry it.
            pub const fn number_text(&self) -> &'static str {
                match self { $(Self::$name { .. } => stringify!($number),)+ }
            }

            /// The code that clients branch on.
            pub const fn error(&self) -> OAuthError {
                match self { $(Self::$name { .. } => OAuthError::$error,)+ }
            }

            /// The finer code that some clients branch on.
            pub fn suberror(&self) -> Option<&'static str> {
                match self { $(Self::$name { .. } => [$($suberror)?].into_iter().next(),)+ }
            }

            /// The HTTP status.
            pub const fn status(&self) -> u16 {
                match self { $(Self::$name { .. } => $status,)+ }
            }

            /// Every refusal, its fields holding their own names: for references and for tests.
            pub fn catalogue() -> Vec<Self> {
                vec![$(Self::$name $({ $($field: concat!("{", stringify!($field), "}").to_owned()),+ })?,)+]
            }
        }

        impl fmt::Display for TokenError {
            /// The sentence for the outside.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$name $({ $($field),+ })? => write!(f, $sentence),)+ }
            }
        }
    };
}

refusals! {
    // The request itself.

    /// A required parameter is not there.
    MissingParameter { name } = 900144 InvalidRequest 400:
        "The request must contain the parameter '{name}'.";
    /// A parameter is there twice.
    DuplicateParameter { name } = 9000411 InvalidRequest 400:
        "The parameter '{name}' is given more than once. Send it once.";
    /// The body cannot be read.
    MalformedRequest = 9002313 InvalidRequest 400:
        "The request is malformed. Send application/x-www-form-urlencoded UTF-8 as RFC 6749 describes.";
    /// A parameter is there with a value that it cannot have.
    InvalidParameter { name, reason } = 90023 InvalidRequest 400:
        "The parameter '{name}' is not valid: {reason}.";
    /// A credential lacks a part.
    MissingField { name } = 90014 InvalidRequest 400:
        "The required field '{name}' is missing from the credential.";
    /// The tenant in the address does not exist.
    TenantNotFound { tenant } = 90002 InvalidRequest 400:
        "No tenant '{tenant}' exists here. Check the tenant id or domain in the address.";

    // The grant.

    /// A grant that is not offered here.
    UnsupportedGrantType { grant_type } = 70003 UnsupportedGrantType 400:
        "The grant type '{grant_type}' is not supported. See grant_types_supported in the metadata.";
    /// A grant or a resource that blueprints and agents cannot have.
    GrantNotForAgents { app } = 82001 UnauthorizedClient 400:
        "The agentic application '{app}' cannot get a token this way. Ask for the agent's token with fmi_path and a client assertion.";
    /// Consent in a browser for an agent identity.
    AgentConsentNotInteractive { app } = 82014 UnauthorizedClient 400:
        "The agent identity '{app}' cannot be consented to interactively. Create an oauth2PermissionGrant instead.";

    // The client.

    /// No such application in this tenant.
    ApplicationNotFound { app, tenant } = 700016 UnauthorizedClient 400:
        "No application '{app}' exists in the tenant '{tenant}'. Check client_id and the tenant in the address.";
    /// The application has no principal in this tenant.
    PrincipalMissing { app, tenant } = 7000229 UnauthorizedClient 400:
        "The application '{app}' has no service principal in the tenant '{tenant}'. Create its principal first.";
    /// The application, its principal or its blueprint is disabled.
    ApplicationDisabled { app } = 7000112 UnauthorizedClient 400:
        "The application '{app}' is disabled.";
    /// The secret is not one of the application's.
    InvalidSecret { app } = 7000215 InvalidClient 401:
        "The client secret is not valid for the application '{app}'. Send the secret itself, not its id.";
    /// The secret was right and is over.
    ExpiredSecret { app } = 7000222 InvalidClient 401:
        "The client secret of the application '{app}' has expired. Add a new one.";
    /// No credential at all, or none that this client can have.
    CredentialMissing { app } = 7000216 InvalidClient 401:
        "The client '{app}' must authenticate with client_secret or client_assertion; an agent identity only with client_assertion.";
    /// Two credentials at once.
    TwoCredentials = 9002324 InvalidRequest 400:
        "The request carries more than one client credential. Send either a secret or an assertion.";

    // The client assertion.

    /// Not signed by a key of the application.
    AssertionSignatureInvalid { reason } = 700027 InvalidClient 401:
        "The signature of the client assertion cannot be verified: {reason}.";
    /// Names another client.
    AssertionClientMismatch { app } = 700021 InvalidClient 401:
        "The client assertion is not about the client '{app}': its iss and sub must both be the client_id.";
    /// Meant for another server.
    AssertionAudienceMismatch { audience } = 700023 InvalidClient 401:
        "The audience of the client assertion must be exactly '{audience}'.";
    /// Expired, not valid yet, or valid for too long.
    AssertionTime { reason } = 700024 InvalidClient 401:
        "The client assertion is not within its valid time range: {reason}.";
    /// Was used before, and the application allows each once.
    AssertionReplayed { app } = 70002 InvalidClient 401:
        "The client assertion of the application '{app}' was used before. Sign a new one for each request.";

    // Federated credentials.

    /// The application trusts no outside issuer.
    NoFederatedCredential { app } = 70025 InvalidClient 401:
        "The application '{app}' has no federated identity credential.";
    /// No federated credential names the assertion's issuer.
    FederatedIssuerMismatch { issuer } = 700211 InvalidClient 401:
        "No federated identity credential matches the assertion's issuer '{issuer}'. Issuer, subject and audience must match exactly.";
    /// No federated credential names the assertion's audience.
    FederatedAudienceMismatch { audience } = 700212 InvalidClient 401:
        "No federated identity credential matches the assertion's audience '{audience}'. Issuer, subject and audience must match exactly.";
    /// No federated credential names the assertion's subject.
    FederatedSubjectMismatch { subject } = 700213 InvalidClient 401:
        "No federated identity credential matches the assertion's subject '{subject}'. Issuer, subject and audience must match exactly.";
    /// The outside issuer's keys cannot be had.
    FederatedIssuerUnreachable { issuer } = 90006 TemporarilyUnavailable 503:
        "The keys of the issuer '{issuer}' cannot be fetched at the moment. Try again.";

    // What the client acts for.

    /// The user's token was not meant for this client.
    UserAssertionInvalid { reason } = 50013 InvalidGrant 400:
        "The assertion is not valid: {reason}.";
    /// The user named is not one that a token can be issued for.
    UserIdentifierInvalid { name } = 50000 InvalidGrant 400:
        "No token can be issued for the user in '{name}'. Send an object id in user_id, or a user principal name in username.";
    /// Nobody granted what is asked for.
    ConsentRequired { app, resource } = 65001 InvalidGrant 400 suberror "consent_required":
        "Nobody has granted the application '{app}' the permissions it asks of '{resource}'. Grant them, and ask for .default.";
    /// Conditional access says no.
    BlockedByPolicy = 53003 InvalidGrant 400:
        "A conditional access policy does not allow this token to be issued. The sign-in record names the policy.";

    // The resource and the scope.

    /// A scope that cannot be read or had.
    InvalidScope { scope } = 70011 InvalidScope 400:
        "The scope '{scope}' is not valid.";
    /// A scope that app-only tokens cannot have.
    DefaultScopeRequired { scope } = 1002012 InvalidScope 400:
        "The scope '{scope}' is not valid for client_credentials. Ask for the resource followed by /.default.";
    /// No such resource in this tenant.
    ResourceNotFound { resource, tenant } = 500011 InvalidResource 400:
        "No resource '{resource}' exists in the tenant '{tenant}'. Check the scope and the tenant in the address.";
    /// The resource is disabled.
    ResourceDisabled { resource } = 500014 InvalidResource 400:
        "The resource '{resource}' is disabled.";
    /// The resource serves assigned clients only.
    NotAssigned { app, resource } = 501051 InvalidGrant 400:
        "The application '{app}' is not assigned to a role of the resource '{resource}', which requires it.";

    // The server.

    /// Too much, too fast.
    Throttled = 90055 TemporarilyUnavailable 429:
        "Too many requests. Try again after the time in Retry-After.";
    /// It may work in a moment.
    TemporarilyUnavailable = 90033 TemporarilyUnavailable 503:
        "The service cannot answer at the moment. Try again after the time in Retry-After.";
    /// Our mistake.
    ServerError = 90036 ServerError 500:
        "Something went wrong on the server. Quote the trace id when you report it.";
}
