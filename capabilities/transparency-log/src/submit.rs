//! The log's side of a witness: the newest checkpoint goes there, and its lines come back.

use crate::alarm::AlarmKind;
use crate::logs::TransparencyLogs;
use crate::prove::ProveError;
use async_trait::async_trait;
use parking_lot::Mutex;
use signet_kernel::{Failure, TenantId};
use signet_record::StoredCheckpoint;
use signet_tlog::{AddCheckpoint, Refusal, SignatureLine, SignedCheckpoint, TreeHead, VerifierKey};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a witness may stay away before somebody is told.
const PATIENCE: Duration = Duration::from_mins(5);
/// How often one submission takes up what the witness says it signed last.
const ATTEMPTS: usize = 3;

/// What a witness answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Reaches a witness.
#[async_trait]
pub trait WitnessClient: Send + Sync + 'static {
    /// Sends the body of `add-checkpoint`.
    async fn add_checkpoint(&self, body: String) -> Result<WitnessAnswer, String>;
}

/// A witness that watches the logs of this deployment.
pub struct WatchedBy {
    key: VerifierKey,
    client: Arc<dyn WitnessClient>,
    seen: Mutex<HashMap<TenantId, Seen>>,
}

/// What is known of one log at the witness.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// The size that it signed last, as far as is known.
    size: u64,
    /// When it last did what it should, by the monotonic clock.
    at: Duration,
    /// Whether somebody was told that it does not.
    told: bool,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// It cosigned the newest tree, now or before.
    Cosigned,
    /// There is nothing to cosign, or the log is stopped.
    Nothing,
    /// It did not answer as it should.
    Unanswered(String),
    /// It says that the log did not only grow: the log is stopped.
    Fork(String),
}

impl WatchedBy {
    /// The witness that signs with `key`.
    pub fn new(key: VerifierKey, client: Arc<dyn WitnessClient>) -> Self {
        Self { key, client, seen: Mutex::default() }
    }

    /// The key that it signs with.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    fn seen(&self, tenant: TenantId, now: Duration) -> Seen {
        *self.seen.lock().entry(tenant).or_insert(Seen { size: 0, at: now, told: false })
    }

    fn note(&self, tenant: TenantId, seen: Seen) {
        self.seen.lock().insert(tenant, seen);
    }
}

impl TransparencyLogs {
    /// Has a witness cosign the newest tree of a tenant's log. No token waits for this.
    pub async fn submit(&self, tenant: TenantId, witness: &WatchedBy) -> Result<Submitted, Failure> {
        let now = self.inner.context.monotonic();
        let seen = witness.seen(tenant, now);
        let done = self.submit_from(tenant, witness, seen.size).await?;
        let good = matches!(done, Submitted::Cosigned | Submitted::Nothing);
        self.inner.meter.witnessed(witness.key.name().as_str(), tenant, now, good);
        match &done {
            Submitted::Unanswered(why) if now.saturating_sub(seen.at) >= PATIENCE && !seen.told => {
                let key = witness.key.name();
                let said =
                    format!("The witness {key} has not cosigned this log for {} minutes: {why}", minutes(PATIENCE));
                self.inner.alarm.raise(tenant, AlarmKind::Unwitnessed, said).await;
                let size = witness.seen(tenant, now).size;
                witness.note(tenant, Seen { size, told: true, ..seen });
            }
            Submitted::Cosigned => {
                let size = witness.seen(tenant, now).size;
                witness.note(tenant, Seen { size, at: now, told: false });
            }
            Submitted::Nothing => witness.note(tenant, Seen { at: now, ..seen }),
            Submitted::Fork(why) => {
                let said = format!("The witness {} refuses this log: {why}", witness.key.name());
                self.stop(tenant, AlarmKind::Fork, said).await?;
            }
            Submitted::Unanswered(_) => {}
        }
        Ok(done)
    }

    async fn submit_from(&self, tenant: TenantId, witness: &WatchedBy, size: u64) -> Result<Submitted, Failure> {
        if self.inner.store.stopped().await?.contains_key(&tenant) {
            return Ok(Submitted::Nothing);
        }
        let Some(newest) = self.checkpoint(tenant).await? else { return Ok(Submitted::Nothing) };
        let (said, head) = match self.signed_head(tenant).await {
            Ok(found) => found,
            Err(error) => return Err(error.into()),
        };
        let log = self.log_in(tenant, newest.epoch)?;
        let signed = said.verify(&log).map_err(Failure::bug)?;
        let known = signed.cosignatures(std::slice::from_ref(&witness.key)).map_err(Failure::bug)?;
        if !known.is_empty() {
            return Ok(Submitted::Cosigned);
        }
        let mut old = size;
        for _ in 0..ATTEMPTS {
            let answer = match self.ask(tenant, witness, (&signed, head), old).await {
                Ok(answer) => answer,
                Err(Asking::Ahead) => return self.is_ahead(tenant, old).await,
                Err(Asking::Unreached(why)) => return Ok(Submitted::Unanswered(why)),
                Err(Asking::Failed(failure)) => return Err(failure),
            };
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            match answer.status {
                200 => return self.keep(tenant, witness, (signed, newest), &text).await,
                409 => match Refusal::read_size_body(&text) {
                    Some(latest) => {
                        let seen = witness.seen(tenant, self.inner.context.monotonic());
                        witness.note(tenant, Seen { size: latest, ..seen });
                        old = latest;
                    }
                    None => return Ok(Submitted::Fork(text.trim().to_owned())),
                },
                422 => return Ok(Submitted::Fork(text.trim().to_owned())),
                status => return Ok(Submitted::Unanswered(format!("{status} {}", text.trim()))),
            }
        }
        Ok(Submitted::Unanswered("it signs faster than it is asked".to_owned()))
    }

    async fn ask(
        &self,
        tenant: TenantId,
        witness: &WatchedBy,
        (signed, head): (&SignedCheckpoint, TreeHead),
        old: u64,
    ) -> Result<WitnessAnswer, Asking> {
        if old > head.size {
            return Err(Asking::Ahead);
        }
        let proof = self.consistency_proof(tenant, head, (old, head.size)).await;
        let proof = proof.map_err(|error: ProveError| Asking::Failed(error.into()))?;
        let note = signed.to_string();
        let checkpoint = signet_tlog::UnverifiedCheckpoint::parse(note.as_bytes());
        let checkpoint = checkpoint.map_err(|error| Asking::Failed(Failure::bug(error)))?;
        let request = AddCheckpoint { old, proof, checkpoint };
        witness.client.add_checkpoint(request.to_string()).await.map_err(Asking::Unreached)
    }

    /// The witness signed more than was read here. Another node may have signed since; otherwise the log was set back.
    async fn is_ahead(&self, tenant: TenantId, theirs: u64) -> Result<Submitted, Failure> {
        let ours = self.inner.store.head(tenant).await?.map_or(0, |head| head.size);
        if theirs <= ours {
            return Ok(Submitted::Unanswered("another node submits too".to_owned()));
        }
        Ok(Submitted::Fork(format!("it signed {theirs} leaves, and the log has {ours}: it was set back")))
    }

    async fn keep(
        &self,
        tenant: TenantId,
        witness: &WatchedBy,
        (mut signed, newest): (SignedCheckpoint, StoredCheckpoint),
        lines: &str,
    ) -> Result<Submitted, Failure> {
        let added = SignatureLine::parse_all(lines)
            .and_then(|lines| signed.add_cosignatures(lines, std::slice::from_ref(&witness.key)));
        if let Err(error) = added {
            return Ok(Submitted::Unanswered(format!("its lines are not to be believed: {error}")));
        }
        let now = self.inner.context.monotonic();
        witness.note(tenant, Seen { size: newest.size, at: now, told: false });
        let note = signed.to_string().into_bytes();
        self.inner.store.put_checkpoint(tenant, StoredCheckpoint { note, ..newest }).await?;
        Ok(Submitted::Cosigned)
    }
}

/// Why a witness was not asked, or did not answer.
enum Asking {
    Ahead,
    Unreached(String),
    Failed(Failure),
}

fn minutes(span: Duration) -> u64 {
    span.as_secs() / 60
}
