//! Grant types and kinds of client assertion, by name. Which are supported is decided elsewhere.

use std::fmt;
use std::str::FromStr;

/// The name is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name is not recognised")]
pub struct Unrecognised;

/// What a token request offers in exchange for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantType {
    /// The client's own credentials (RFC 6749 4.4).
    ClientCredentials,
    /// A refresh token (RFC 6749 6).
    RefreshToken,
    /// An assertion (RFC 7523 2.1); with `requested_token_use=on_behalf_of` a user's token.
    JwtBearer,
    /// An agent's token for its agent user (Entra).
    UserFic,
    /// A subject token, perhaps with an actor's (RFC 8693).
    TokenExchange,
    /// A code that a person confirms on another device (RFC 8628).
    DeviceCode,
    /// A code from the authorization endpoint (RFC 6749 4.1).
    AuthorizationCode,
    /// A person's password (RFC 6749 4.3), recognised so that the refusal can be clear.
    Password,
}

impl GrantType {
    /// Every grant type that has a name here.
    pub const ALL: [Self; 8] = [
        Self::ClientCredentials,
        Self::RefreshToken,
        Self::JwtBearer,
        Self::UserFic,
        Self::TokenExchange,
        Self::DeviceCode,
        Self::AuthorizationCode,
        Self::Password,
    ];

    /// The value of `grant_type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
            Self::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::UserFic => "user_fic",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::AuthorizationCode => "authorization_code",
            Self::Password => "password",
        }
    }
}

impl fmt::Display for GrantType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for GrantType {
    type Err = Unrecognised;

    fn from_str(name: &str) -> Result<Self, Unrecognised> {
        Self::ALL.into_iter().find(|grant| grant.name() == name).ok_or(Unrecognised)
    }
}

/// The kind of assertion that a client authenticates with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientAssertionType {
    /// A JWT (RFC 7523 2.2).
    JwtBearer,
}

impl ClientAssertionType {
    /// The value of `client_assertion_type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JwtBearer => "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }
    }
}

impl FromStr for ClientAssertionType {
    type Err = Unrecognised;

    fn from_str(name: &str) -> Result<Self, Unrecognised> {
        if name == Self::JwtBearer.name() { Ok(Self::JwtBearer) } else { Err(Unrecognised) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_and_spellings_are_not_recognised() {
        for name in [
            "",
            "Client_Credentials",
            "client_credentials ",
            "implicit",
            "urn:ietf:params:oauth:grant-type:saml2-bearer",
        ] {
            assert_eq!(name.parse::<GrantType>(), Err(Unrecognised), "{name}");
        }
        let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
        assert_eq!(saml.parse::<ClientAssertionType>(), Err(Unrecognised));
    }

    #[test]
    fn every_grant_type_reads_its_own_name() {
        for grant in GrantType::ALL {
            assert_eq!(grant.to_string().parse(), Ok(grant));
        }
        let assertion = ClientAssertionType::JwtBearer;
        assert_eq!(assertion.name().parse(), Ok(assertion));
    }
}
