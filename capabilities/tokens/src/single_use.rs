//! Assertions that an application wants accepted once only.

use signet_jose::Claims;
use signet_kernel::Timestamp;
use signet_oauth::TokenError;
use signet_record::Once;
use std::time::Duration;
use uuid::Uuid;

/// How long beyond its end an assertion is remembered: longer than any leeway, and than nodes' clocks differ.
const MARGIN: Duration = Duration::from_mins(15);

/// What the record of a request uses up that was authenticated by an assertion of `app`: its `jti`, on every node. The
/// same request may use it again: it is decided again when a right was taken away meanwhile.
///
/// SPEC: RFC 7523 3: the server may ensure that assertions are not replayed by the `jti` values it has seen
pub(crate) fn used_up(app: &str, claims: &Claims, request: Uuid) -> Result<Once, TokenError> {
    let missing = |name: &str| TokenError::MissingField { name: name.to_owned() };
    let id = claims.id.as_deref().ok_or_else(|| missing("jti"))?;
    let until: Timestamp = claims.expires.ok_or_else(|| missing("exp"))?.plus(MARGIN);
    Ok(Once::of(&["assertion", app, id], request, until))
}
