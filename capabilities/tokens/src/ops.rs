//! What the authorization server does.

pub(crate) mod introspect;
pub(crate) mod issue_token;
pub(crate) mod record_sign_in;
