//! The words of OAuth 2.0 and of the token endpoint that Entra's clients know: RFC 6749, 6750, 7523, 7617, 7662, 8414,
//! OpenID Connect Discovery, and AADSTS-numbered errors. Text in, values out; nothing here decides anything.
//!
//! Words: a [`Form`] is the body of a request; [`BasicCredentials`] and [`BearerToken`] come from `Authorization`; a
//! [`Scope`] is a list of [`ScopeValue`]s, most of them a [`ResourceScope`]; a [`TokenError`] is a refusal and the only
//! place where a refusal gets its number, code, status and sentence.
//!
//! Invariants:
//! - A form names every parameter once. What has no value is absent.
//! - Secrets and tokens have no `Display`, and `Debug` does not show them.
//! - A sentence of a [`TokenError`] holds nothing but the characters of RFC 6749 5.2, whatever a caller sent.
//!
//! Start with [`Form::parse`], [`Scope::parse`] and the table in `error.rs`.
//!
//! Deliberately absent: which grants, clients and scopes are supported (the token service decides), signatures
//! (`signet-jose`), HTTP types, I/O and clocks.

mod authorization;
mod error;
mod form;
mod grant;
mod introspection;
mod metadata;
mod scope;

pub use authorization::{AuthorizationError, BasicCredentials, BearerToken};
pub use error::{ErrorContext, OAuthError, TokenError, TokenErrorBody};
pub use form::{Form, FormError};
pub use grant::{ClientAssertionType, GrantType, Unrecognised};
pub use introspection::{ActiveToken, IntrospectionResponse};
pub use metadata::ServerMetadata;
pub use scope::{OidcScope, Permission, ResourceScope, Scope, ScopeError, ScopeValue};
