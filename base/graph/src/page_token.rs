//! `$skiptoken`: opaque, authenticated, bound to tenant and query.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_kernel::{Failure, Fault, TenantId};

/// Makes and reads page tokens.
#[derive(Debug)]
pub(crate) struct PageTokens {
    key: hmac::Key,
}

/// 128 of HMAC-SHA-256's bits: beyond guessing.
const TAG: usize = 16;

impl PageTokens {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key) }
    }

    /// The token for the page after `after` of this query.
    pub(crate) fn make(&self, tenant: TenantId, query: &str, after: &str) -> String {
        let mut bytes = self.tag(tenant, query, after);
        bytes.extend_from_slice(after.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What [`make`](Self::make) was given, if this is its token for the same tenant and query.
    pub(crate) fn read(&self, tenant: TenantId, query: &str, token: &str) -> Result<String, Failure> {
        let refused = || {
            Failure::new(
                Fault::Input,
                "Directory_ExpiredPageToken",
                "The page token is not valid for this request; start again without it.",
            )
            .with_target("$skiptoken")
        };
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| refused())?;
        let (tag, after) = bytes.split_at_checked(TAG).ok_or_else(refused)?;
        let after = std::str::from_utf8(after).map_err(|_| refused())?;
        constant_time::verify_slices_are_equal(tag, &self.tag(tenant, query, after)).map_err(|_| refused())?;
        Ok(after.to_owned())
    }

    fn tag(&self, tenant: TenantId, query: &str, after: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(tenant.as_bytes());
        // INVARIANT: a length before each part, so that no two triples are the same bytes.
        context.update(&(query.len() as u64).to_be_bytes());
        context.update(query.as_bytes());
        context.update(after.as_bytes());
        context.sign().as_ref().iter().take(TAG).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_is_good_for_its_tenant_and_query_alone() {
        let tokens = PageTokens::new(&[7; 32]);
        let (ours, theirs) = (TenantId::from_uuid(Uuid::from_u128(1)), TenantId::from_uuid(Uuid::from_u128(2)));
        let token = tokens.make(ours, "users?$top=5", "after");
        assert_eq!(tokens.read(ours, "users?$top=5", &token).unwrap(), "after");
        assert!(tokens.read(theirs, "users?$top=5", &token).is_err());
        assert!(tokens.read(ours, "users?$top=6", &token).is_err());
        assert!(tokens.read(ours, "users?$top=5", &format!("{token}x")).is_err());
        assert!(tokens.read(ours, "users?$top=5", "").is_err());
        assert!(PageTokens::new(&[8; 32]).read(ours, "users?$top=5", &token).is_err());
    }
}
