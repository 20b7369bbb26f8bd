//! What a client asks for: `scope`, and how Entra's clients pack resource and permission into it.

use std::fmt;

/// Why text is not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A character that no scope may contain.
    #[error("the scope contains a character that RFC 6749 3.3 does not allow")]
    Character,
    /// A value that names a permission of nothing.
    #[error("the scope value `{0}` has no resource before its last slash")]
    NoResource(String),
}

/// A list of scope values, each once, in the order given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    values: Vec<ScopeValue>,
}

impl Scope {
    /// Reads values between spaces.
    ///
    /// # Errors
    /// [`ScopeError`].
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let mut scope = Self::default();
        // WHY: clients that join lists leave doubled and trailing spaces; they name nothing, so they do no harm.
        for token in text.split(' ').filter(|token| !token.is_empty()) {
            let value = ScopeValue::parse(token)?;
            if !scope.values.contains(&value) {
                scope.values.push(value);
            }
        }
        Ok(scope)
    }

    /// The values.
    pub fn values(&self) -> &[ScopeValue] {
        &self.values
    }

    /// The values that name a resource.
    pub fn resource_scopes(&self) -> impl Iterator<Item = &ResourceScope> {
        self.values.iter().filter_map(|value| match value {
            ScopeValue::Resource(scope) => Some(scope),
            _ => None,
        })
    }

    /// Whether a value of OpenID Connect is asked for.
    pub fn asks_for(&self, scope: OidcScope) -> bool {
        self.values.contains(&ScopeValue::Oidc(scope))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, value) in self.values.iter().enumerate() {
            write!(f, "{}{value}", if position == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// One value of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeValue {
    /// `openid` and its companions.
    Oidc(OidcScope),
    /// `resource/permission`.
    Resource(ResourceScope),
    /// A permission that does not name its resource.
    Bare(String),
}

impl ScopeValue {
    fn parse(token: &str) -> Result<Self, ScopeError> {
        // SPEC: RFC 6749 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
        if !token.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
            return Err(ScopeError::Character);
        }
        if let Some(scope) = OidcScope::ALL.into_iter().find(|scope| scope.name() == token) {
            return Ok(Self::Oidc(scope));
        }
        match token.rsplit_once('/') {
            None => Ok(Self::Bare(token.to_owned())),
            Some((resource, permission)) => ResourceScope::new(resource, permission)
                .map(Self::Resource)
                .ok_or_else(|| ScopeError::NoResource(token.to_owned())),
        }
    }
}

impl fmt::Display for ScopeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Oidc(scope) => f.write_str(scope.name()),
            Self::Resource(scope) => fmt::Display::fmt(scope, f),
            Self::Bare(name) => f.write_str(name),
        }
    }
}

/// The scope values of OpenID Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OidcScope {
    /// An ID token.
    OpenId,
    /// Profile claims.
    Profile,
    /// The email claim.
    Email,
    /// A refresh token.
    OfflineAccess,
}

impl OidcScope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OpenId, Self::Profile, Self::Email, Self::OfflineAccess];

    /// The value in `scope`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::OfflineAccess => "offline_access",
        }
    }
}

/// A permission of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceScope {
    /// The resource as its identifier URI or application id, exactly as written: the slash that ends
    /// `https://host//.default` belongs to it.
    pub resource: String,
    /// What is asked of it.
    pub permission: Permission,
}

/// What is asked of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// `.default`: whatever has been granted.
    Default,
    /// One permission by name.
    Named(String),
}

impl ResourceScope {
    /// The resource under which a token is asked that will be a client assertion.
    pub const TOKEN_EXCHANGE: &str = "api://AzureADTokenExchange";
    /// The application id of the same.
    pub const TOKEN_EXCHANGE_APP_ID: &str = "fb60f99c-7a34-4190-8149-302f77469936";

    /// Whether this asks for a token to be exchanged, by either name; clients differ in its spelling.
    pub fn is_token_exchange(&self) -> bool {
        self.permission == Permission::Default
            && [Self::TOKEN_EXCHANGE, Self::TOKEN_EXCHANGE_APP_ID]
                .iter()
                .any(|name| self.resource.eq_ignore_ascii_case(name))
    }

    fn new(resource: &str, permission: &str) -> Option<Self> {
        // `https://.default` would leave `https:/`, which names nothing.
        if resource.is_empty() || resource.ends_with(":/") || permission.is_empty() {
            return None;
        }
        let permission = match permission {
            ".default" => Permission::Default,
            name => Permission::Named(name.to_owned()),
        };
        Some(Self { resource: resource.to_owned(), permission })
    }
}

impl fmt::Display for ResourceScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let permission = match &self.permission {
            Permission::Default => ".default",
            Permission::Named(name) => name,
        };
        write!(f, "{}/{permission}", self.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn single(text: &str) -> ResourceScope {
        match Scope::parse(text).unwrap().values() {
            [ScopeValue::Resource(scope)] => scope.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rfc6749_s3_3_other_characters_are_refused() {
        for text in ["a\"b", "a\\b", "a\tb", "a\u{7f}", "é", "a\nb", "a\u{a0}b"] {
            assert_eq!(Scope::parse(text), Err(ScopeError::Character), "{text:?}");
        }
    }

    #[test]
    fn a_permission_of_nothing_is_refused() {
        for text in ["/.default", "https://.default", "https:///", "api://x/", "/"] {
            assert_eq!(Scope::parse(text), Err(ScopeError::NoResource(text.into())), "{text}");
        }
    }

    #[test]
    fn only_the_default_of_the_exchange_resource_is_an_exchange() {
        for text in [
            "api://AzureADTokenExchange/User.Read",
            "api://AzureADTokenExchange//.default",
            "api://AzureADTokenExchangeX/.default",
            "https://graph.microsoft.com/.default",
        ] {
            assert!(!single(text).is_token_exchange(), "{text}");
        }
        for text in [
            "api://AzureADTokenExchange/.default",
            "api://AzureAdTokenExchange/.default",
            "FB60F99C-7a34-4190-8149-302f77469936/.default",
        ] {
            assert!(single(text).is_token_exchange(), "{text}");
        }
    }

    #[test]
    fn the_resource_is_everything_before_the_last_slash() {
        for (text, resource, permission) in [
            ("https://host/.default", "https://host", Permission::Default),
            ("https://host//.default", "https://host/", Permission::Default),
            ("https://host/a/User.Read", "https://host/a", Permission::Named("User.Read".into())),
            (
                "00000003-0000-0000-c000-000000000000/.default",
                "00000003-0000-0000-c000-000000000000",
                Permission::Default,
            ),
            ("api://x/.Default", "api://x", Permission::Named(".Default".into())),
        ] {
            assert_eq!(single(text), ResourceScope { resource: resource.into(), permission });
        }
    }

    #[test]
    fn values_keep_their_order_and_count_once() {
        let scope = Scope::parse("  openid User.Read api://x/a openid  offline_access ").unwrap();
        assert_eq!(scope.to_string(), "openid User.Read api://x/a offline_access");
        assert_eq!(scope.resource_scopes().count(), 1);
        assert!(scope.asks_for(OidcScope::OpenId) && scope.asks_for(OidcScope::OfflineAccess));
        assert!(!scope.asks_for(OidcScope::Email) && !Scope::parse("OpenID").unwrap().asks_for(OidcScope::OpenId));
        assert_eq!(Scope::parse("").map(|scope| scope.values().len()), Ok(0));
    }

    proptest! {
        #[test]
        fn what_is_read_prints_and_reads_the_same(text in "[!-~ ]{0,60}") {
            if let Ok(scope) = Scope::parse(&text) {
                prop_assert_eq!(Scope::parse(&scope.to_string()), Ok(scope));
            }
        }
    }
}
