//! The authorization server: what its operations share.

use crate::certificates::Certificates;
use crate::issuer::PublicUrl;
use crate::outcomes::Outcomes;
use signet_fetch::KeyCache;
use signet_jose::JwkSet;
use signet_kernel::{Context, Failure, Origin, TenantId};
use signet_logs::refusals_counted;
use signet_oauth::TokenError;
use signet_record::{Flood, FloodOptions, Noted, Record};
use signet_signing_keys::{SigningKeys, TenantKeys};
use signet_store::{BackendError, Store};
use signet_web::{FailureLimit, Rate, Source};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What an authorization server is made of.
pub struct Parts {
    /// The directory.
    pub store: Store,
    /// Where every request is recorded before it is answered.
    pub record: Record,
    /// The tenants' signing keys.
    pub signing_keys: SigningKeys,
    /// Keys of outside issuers.
    pub outside_keys: KeyCache<JwkSet>,
    /// The URL that clients use.
    pub public_url: PublicUrl,
}

struct Inner {
    parts: Parts,
    certificates: Certificates,
    failures: FailureLimit,
    flood: Flood,
    outcomes: Outcomes,
    issuing: AtomicBool,
}

/// How often one source may fail to authenticate before it has to wait.
const FAILURES: Rate = Rate { burst: NonZeroU32::new(200).unwrap(), per: Duration::from_secs(60) };
/// How many sources are watched.
const SOURCES: u64 = 100_000;

/// The authorization server. Cheap to clone.
#[derive(Clone)]
pub struct AuthorizationServer(Arc<Inner>);

impl std::fmt::Debug for AuthorizationServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorizationServer").field("public_url", self.public_url()).finish_non_exhaustive()
    }
}

impl AuthorizationServer {
    /// A server over its parts. With `issuing` off it authenticates and refuses: a restored backup starts so.
    pub fn new(parts: Parts, issuing: bool) -> Self {
        let failures = FailureLimit::new(FAILURES, SOURCES, parts.store.context().clone());
        let flood = Flood::new(parts.store.context().clone(), FloodOptions::default());
        Self(Arc::new(Inner {
            parts,
            failures,
            flood,
            outcomes: Outcomes::default(),
            certificates: Certificates::new(),
            issuing: AtomicBool::new(issuing),
        }))
    }

    /// Refuses a source that failed to authenticate too often, before its next request costs anything.
    pub(crate) fn admits(&self, origin: &Origin) -> Result<(), Failure> {
        origin.address.map_or(Ok(()), |address| self.0.failures.check(Source::from(address)))
    }

    /// Notes that a source may be guessing: a wrong secret, a forged signature, a client that never was. What was
    /// good and has ended is no guess; an agent that asks on after it was killed locks nobody out.
    pub(crate) fn note_refusal(&self, error: &TokenError, origin: &Origin) {
        let guess = matches!(
            error,
            TokenError::InvalidSecret { .. }
                | TokenError::AssertionSignatureInvalid { .. }
                | TokenError::ApplicationNotFound { .. }
        );
        if let Some(address) = origin.address.filter(|_| guess) {
            self.0.failures.failed(Source::from(address));
        }
    }

    /// Whether a refusal before client authentication is recorded by itself; above a rate it is counted instead.
    pub(crate) fn records_refusal(&self, tenant: TenantId, error: &TokenError, origin: &Origin) -> bool {
        let Some(address) = origin.address else { return true };
        self.0.flood.note(tenant, address, error.number_text()) == Noted::Record
    }

    /// Records what was counted instead of recorded: the counts of an interval that is over, or all of them at the
    /// end of the process.
    pub async fn record_counts(&self, at_the_end: bool) -> Result<(), Failure> {
        let counts = if at_the_end { self.0.flood.drain() } else { self.0.flood.due() };
        for counted in counts {
            self.record().append(refusals_counted(self.context(), &counted), None).await?;
        }
        Ok(())
    }

    /// Switches issuing on or off: it is off while what was restored waits to be confirmed.
    pub fn set_issuing(&self, on: bool) {
        self.0.issuing.store(on, Ordering::SeqCst);
    }

    /// Whether tokens are issued at all.
    pub fn is_issuing(&self) -> bool {
        // INVARIANT: the store learns of a new epoch's wait before it learns of its counters, so that no decision that could
        // be recorded in the epoch misses it.
        self.0.issuing.load(Ordering::SeqCst) && !self.store().awaits_confirmation()
    }

    /// The directory.
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.0.parts.record
    }

    /// The URL that clients use.
    pub fn public_url(&self) -> &PublicUrl {
        &self.0.parts.public_url
    }

    pub(crate) fn context(&self) -> &Context {
        self.0.parts.store.context()
    }

    /// Tokens that this process has issued, and token requests that it has refused, by the number of the refusal.
    pub fn outcomes(&self) -> (u64, BTreeMap<u32, u64>) {
        self.0.outcomes.read()
    }

    pub(crate) fn note_outcome(&self, outcome: Result<(), &TokenError>) {
        match outcome {
            Ok(()) => self.0.outcomes.issued(),
            Err(error) => self.0.outcomes.refused(error),
        }
    }

    pub(crate) fn certificates(&self) -> &Certificates {
        &self.0.certificates
    }

    pub(crate) fn outside_keys(&self) -> &KeyCache<JwkSet> {
        &self.0.parts.outside_keys
    }

    /// The tenant's signing keys, from memory once they were asked for.
    pub async fn keys(&self, tenant: TenantId) -> Result<Arc<TenantKeys>, Failure> {
        self.0.parts.signing_keys.keys(tenant).await
    }
}

/// Why an operation of the server did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The caller is refused, and told why.
    #[error("AADSTS{number}: {0}", number = .0.number())]
    Refused(TokenError),
    /// We failed; the caller learns only whether to come back.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<TokenError> for ServerError {
    fn from(error: TokenError) -> Self {
        Self::Refused(error)
    }
}

impl From<BackendError> for ServerError {
    fn from(error: BackendError) -> Self {
        Self::Failed(error.into())
    }
}

impl ServerError {
    /// What the caller is told.
    pub fn token_error(self) -> TokenError {
        match self {
            Self::Refused(error) => error,
            Self::Failed(failure) => {
                tracing::error!(%failure, "the authorization server failed");
                if failure.retry_after.is_some() { TokenError::TemporarilyUnavailable } else { TokenError::ServerError }
            }
        }
    }
}
