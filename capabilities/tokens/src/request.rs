//! The first step: what the request says, with nothing believed.

use signet_oauth::{
    AuthorizationError, BasicCredentials, ClientAssertionType, Form, FormError, GrantType, Permission, ResourceScope,
    Scope, TokenError,
};
use std::fmt;

/// A request to the token endpoint, well-formed.
#[derive(Debug, Clone)]
pub struct TokenRequest {
    /// The client and what it shows for itself.
    pub client: PresentedClient,
    /// The resource whose granted permissions are asked for.
    pub resource: ResourceScope,
    /// The agent that a blueprint wants to speak for.
    pub fmi_path: Option<String>,
}

/// A client that has not been authenticated.
#[derive(Debug, Clone)]
pub struct PresentedClient {
    /// `client_id` as sent. An assertion may come without one: its subject then names the client.
    pub client_id: Option<String>,
    /// What it shows.
    pub proof: Proof,
}

/// What a client shows for itself.
#[derive(Clone)]
pub enum Proof {
    /// A secret.
    Secret(String),
    /// A signed assertion, of its own or of somebody it is trusted through.
    Assertion(String),
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret(…)",
            Self::Assertion(_) => "Assertion(…)",
        })
    }
}

impl TokenRequest {
    /// Reads a request of the client-credentials grant.
    pub fn parse(body: &[u8], authorization: Option<&str>) -> Result<Self, TokenError> {
        let form = parse_form(body)?;
        check_grant(required(&form, "grant_type")?)?;
        let client = PresentedClient::read(&form, authorization)?;
        let resource = requested_resource(required(&form, "scope")?)?;
        let fmi_path = form.get("fmi_path").map(str::to_owned);
        Ok(Self { client, resource, fmi_path })
    }
}

impl PresentedClient {
    /// Reads the client of a form: exactly one credential, in the body or in the header.
    pub fn read(form: &Form, authorization: Option<&str>) -> Result<Self, TokenError> {
        let basic = authorization.map(basic_credentials).transpose()?;
        let (secret, assertion) = (form.get("client_secret"), form.get("client_assertion"));
        let client_id = form.get("client_id").map(str::to_owned);
        match (basic, secret, assertion) {
            (None, Some(secret), None) => {
                if client_id.is_none() {
                    return Err(missing("client_id"));
                }
                Ok(Self { client_id, proof: Proof::Secret(secret.to_owned()) })
            }
            (None, None, Some(assertion)) => {
                check_assertion_type(form)?;
                Ok(Self { client_id, proof: Proof::Assertion(assertion.to_owned()) })
            }
            (Some(basic), None, None) => {
                // SPEC: RFC 6749 2.3.1: with the header, client_id in the body is at most a repetition
                if client_id.is_some_and(|client_id| client_id != basic.client_id) {
                    return Err(invalid("client_id", "it differs from the Authorization header"));
                }
                Ok(Self { client_id: Some(basic.client_id), proof: Proof::Secret(basic.client_secret) })
            }
            (None, None, None) => match client_id {
                Some(app) => Err(TokenError::CredentialMissing { app }),
                None => Err(missing("client_id")),
            },
            // SPEC: RFC 6749 2.3: a client uses one method per request
            _ => Err(TokenError::TwoCredentials),
        }
    }
}

/// Reads a form, or says what is wrong with it.
pub(crate) fn parse_form(body: &[u8]) -> Result<Form, TokenError> {
    Form::parse(body).map_err(|error| match error {
        FormError::DuplicateParameter(name) => TokenError::DuplicateParameter { name },
        FormError::TooLong | FormError::TooMany | FormError::Malformed => TokenError::MalformedRequest,
    })
}

/// The value of a parameter that must be there.
pub(crate) fn required<'f>(form: &'f Form, name: &str) -> Result<&'f str, TokenError> {
    form.get(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> TokenError {
    TokenError::MissingParameter { name: name.to_owned() }
}

/// A parameter that cannot have the value it has.
pub(crate) fn invalid(name: &str, reason: &str) -> TokenError {
    TokenError::InvalidParameter { name: name.to_owned(), reason: reason.to_owned() }
}

fn basic_credentials(header: &str) -> Result<BasicCredentials, TokenError> {
    BasicCredentials::parse(header).map_err(|error| match error {
        AuthorizationError::OtherScheme => invalid("Authorization", "only the scheme Basic authenticates a client"),
        AuthorizationError::Malformed => invalid("Authorization", "it is not Basic with base64 of id:secret"),
    })
}

fn check_assertion_type(form: &Form) -> Result<(), TokenError> {
    match required(form, "client_assertion_type")?.parse::<ClientAssertionType>() {
        Ok(ClientAssertionType::JwtBearer) => Ok(()),
        Err(_) => {
            Err(invalid("client_assertion_type", "it must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer"))
        }
    }
}

fn check_grant(grant_type: &str) -> Result<(), TokenError> {
    match grant_type.parse::<GrantType>() {
        Ok(GrantType::ClientCredentials) => Ok(()),
        _ => Err(TokenError::UnsupportedGrantType { grant_type: grant_type.to_owned() }),
    }
}

/// The one resource of a scope such as `api://x/.default`.
fn requested_resource(text: &str) -> Result<ResourceScope, TokenError> {
    let scope = Scope::parse(text).map_err(|_| TokenError::InvalidScope { scope: text.to_owned() })?;
    let mut resources = scope.resource_scopes();
    match (resources.next(), resources.next()) {
        (Some(one), None) if one.permission == Permission::Default && scope.values().len() == 1 => Ok(one.clone()),
        (Some(_), Some(_)) => Err(TokenError::InvalidScope { scope: text.to_owned() }),
        _ => Err(TokenError::DefaultScopeRequired { scope: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(body: &str, authorization: Option<&str>) -> u32 {
        TokenRequest::parse(body.as_bytes(), authorization).unwrap_err().number()
    }

    #[test]
    fn rfc6749_s2_3_exactly_one_credential() {
        let both = "grant_type=client_credentials&scope=a/.default&client_id=x&client_secret=s&client_assertion=j";
        assert_eq!(number(both, None), 9_002_324);
        let form = "grant_type=client_credentials&scope=a/.default&client_id=x";
        assert_eq!(number(form, None), 7_000_216);
        assert_eq!(number(&format!("{form}&client_secret=s"), Some("Basic eDpz")), 9_002_324);
        assert_eq!(number(form, Some("Basic eTpz")), 90_023);
        assert_eq!(number(form, Some("Bearer x")), 90_023);
        assert!(TokenRequest::parse(form.as_bytes(), Some("Basic eDpz")).is_ok());
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(number("", None), 900_144);
        assert_eq!(number("grant_type=client_credentials&client_secret=s&scope=a/.default", None), 900_144);
        let no_type = "grant_type=client_credentials&scope=a/.default&client_id=x&client_assertion=j";
        assert_eq!(number(no_type, None), 900_144);
        assert_eq!(number("grant_type=client_credentials&grant_type=x", None), 9_000_411);
        assert_eq!(number("grant_type=%zz", None), 9_002_313);
    }

    #[test]
    fn behaviour_25_other_grants_are_refused_by_name() {
        assert_eq!(number("grant_type=urn:ietf:params:oauth:grant-type:token-exchange", None), 70_003);
        assert_eq!(number("grant_type=password&username=a&password=b", None), 70_003);
    }

    #[test]
    fn app_only_tokens_are_asked_for_by_default_scope() {
        let form = |scope: &str| format!("grant_type=client_credentials&client_id=x&client_secret=s&scope={scope}");
        assert_eq!(number(&form("User.Read"), None), 1_002_012);
        assert_eq!(number(&form("api://x/User.Read"), None), 1_002_012);
        assert_eq!(number(&form("api://x/.default api://y/.default"), None), 70_011);
        assert!(TokenRequest::parse(form("https://host//.default").as_bytes(), None).is_ok());
    }
}
