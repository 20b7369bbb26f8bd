//! The other side: a witness signs that logs of others only grow.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::{get, post};
use signet_kernel::{Context, Failure};
use signet_record::{LogError, LogHead, WitnessStore};
use signet_tlog::{AddCheckpoint, Hash, Log, Refusal, RequestError, Signer as _, SigningKey, TreeHead};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest request: a note of the greatest size, and a proof.
const LARGEST: usize = 512 * 1024;
/// How often a request is decided again because another was kept meanwhile.
const ATTEMPTS: usize = 3;

/// Why a witness did not sign.
#[derive(Debug, thiserror::Error)]
pub enum WitnessRefusal {
    /// The request cannot be read.
    #[error(transparent)]
    Malformed(#[from] RequestError),
    /// It is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was signed before cannot be read, or the new cannot be kept.
    #[error(transparent)]
    Store(#[from] LogError),
    /// The key does not sign.
    #[error("the witness cannot sign: {0}")]
    Key(#[from] signet_tlog::SignError),
}

/// A witness. Cheap to clone.
#[derive(Clone)]
pub struct Witness(Arc<Inner>);

struct Inner {
    store: WitnessStore,
    key: SigningKey,
    logs: BTreeMap<String, Log>,
    context: Context,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").field("key", &self.0.key).finish_non_exhaustive()
    }
}

impl Witness {
    /// A witness of `logs` that signs with `key` and keeps in `store` what it signed.
    pub fn new(store: WitnessStore, key: SigningKey, logs: impl IntoIterator<Item = Log>, context: Context) -> Self {
        let logs = logs.into_iter().map(|log| (log.origin().to_owned(), log)).collect();
        Self(Arc::new(Inner { store, key, logs, context }))
    }

    /// Decides on the body of `add-checkpoint`: the line to answer with.
    pub async fn add_checkpoint(&self, body: &[u8]) -> Result<String, WitnessRefusal> {
        let Inner { store, key, logs, context } = &*self.0;
        let asked = AddCheckpoint::parse(body)?;
        let origin = asked.checkpoint.origin().to_owned();
        let log = logs.get(&origin);
        let mut attempt = 1;
        loop {
            let latest = match log {
                Some(_) => store.latest(origin.clone()).await?,
                None => None,
            };
            let head = |head: LogHead| TreeHead { size: head.size, root: Hash::from_bytes(head.root) };
            let accepted = asked.clone().decide(log, latest.map_or(TreeHead::EMPTY, head))?;
            let kept = accepted.checkpoint();
            let new = LogHead { size: kept.head().size, root: *kept.head().root.as_bytes() };
            // INVARIANT: durable, and over what it was decided on, before it is signed.
            let before = latest.map(|latest| latest.size);
            if store.replace(origin.clone(), before, new, kept.to_string().into_bytes()).await? {
                return Ok(accepted.cosign(key, context.now())?.to_string());
            }
            if attempt == ATTEMPTS {
                return Err(Refusal::Behind { latest: new.size }.into());
            }
            attempt += 1;
        }
    }

    /// The routes: `POST /add-checkpoint`, and the witness's key.
    pub fn routes(self) -> Router {
        Router::new().route("/add-checkpoint", post(add)).route("/key", get(key)).with_state(self)
    }
}

async fn key(State(witness): State<Witness>) -> String {
    format!("{}\n", witness.0.key.key())
}

async fn add(State(witness): State<Witness>, body: Body) -> Response<Body> {
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return text(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large\n".to_owned(), None);
    };
    match witness.add_checkpoint(&body).await {
        Ok(line) => text(StatusCode::OK, line, None),
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &WitnessRefusal) -> Response<Body> {
    let status = match refusal {
        WitnessRefusal::Malformed(_) => StatusCode::BAD_REQUEST,
        WitnessRefusal::Refused(refused) => status(*refused),
        WitnessRefusal::Store(_) | WitnessRefusal::Key(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    if let WitnessRefusal::Refused(fork @ (Refusal::Fork | Refusal::Inconsistent)) = refusal {
        tracing::error!(%fork, "a log asked for a cosignature that it must not have: was its history rewritten?");
    }
    match refusal {
        WitnessRefusal::Refused(refused) if refused.size_body().is_some() => {
            text(status, refused.size_body().unwrap_or_default(), Some(Refusal::SIZE_TYPE))
        }
        WitnessRefusal::Store(error) => {
            tracing::error!(%error, "what was signed cannot be kept");
            text(status, format!("{}\n", Failure::busy("").message), None)
        }
        refusal => text(status, format!("{refusal}\n"), None),
    }
}

fn status(refusal: Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn text(status: StatusCode, body: String, kind: Option<&'static str>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind.unwrap_or("text/plain; charset=utf-8"));
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
