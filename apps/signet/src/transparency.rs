//! The transparency logs as this deployment has them: where they lie, who signs, who is told, who watches.

use crate::command_error::CommandError;
use crate::config::{Config, FetchConfig, TransparencyConfig};
use crate::data_dir::DataDir;
use crate::operator::operator;
use crate::outbound;
use crate::storage::Storage;
use async_trait::async_trait;
use signet_alerts::{NewAlert, Severity, raise};
use signet_fetch::{FetchOptions, HeaderMap, Post};
use signet_graph::Call;
use signet_kernel::{Context, Failure, TenantId};
use signet_logs::audit::Target;
use signet_record::LogStore;
use signet_signing_keys::RecordKey;
use signet_store::Store;
use signet_tlog::{KeyKind, VerifierKey};
use signet_transparency_log::{Alarm, AlarmKind, LogKeys, TransparencyLogs, WatchedBy, WitnessAnswer, WitnessClient};
use std::collections::BTreeSet;
use std::sync::Arc;
use url::Url;

/// The deployment's epoch is the high part of every position of a tenant's feed.
const EPOCH_SHIFT: u32 = 40;

/// Opens the logs beside an open record.
pub(crate) fn open(
    (config, data, storage): (&Config, &DataDir, &Storage),
    store: &Store,
    key: &Arc<RecordKey>,
    context: &Context,
) -> Result<TransparencyLogs, CommandError> {
    let logs = log_store(data, storage)?;
    let alarm = Arc::new(Alarms { store: store.clone(), context: context.clone() });
    Ok(TransparencyLogs::new(logs, host(config), log_keys(key.clone()), alarm, context.clone()))
}

/// Where the logs lie.
pub(crate) fn log_store(data: &DataDir, storage: &Storage) -> Result<LogStore, CommandError> {
    match storage.beside() {
        None => LogStore::open(data.path()).map_err(CommandError::failed),
        Some(connect) => Ok(LogStore::postgres(connect)),
    }
}

/// Says which tenants there are, and in which epoch.
pub(crate) async fn know(logs: &TransparencyLogs, store: &Store) -> Result<(), Failure> {
    let heads = store.heads().await?;
    logs.know(heads.into_iter().map(|head| (head.tenant, head.position.0 >> EPOCH_SHIFT)));
    Ok(())
}

/// The first part of every log's name.
pub(crate) fn host(config: &Config) -> String {
    let url = Url::parse(&config.public_url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "localhost".to_owned())
}

fn log_keys(key: Arc<RecordKey>) -> LogKeys {
    Arc::new(move |tenant, name| key.log_key(tenant, name).map_err(Failure::bug))
}

/// Tenants whose logs are for everybody.
pub(crate) fn published(config: &TransparencyConfig) -> Result<BTreeSet<TenantId>, CommandError> {
    let wrong = |text: &String| CommandError::usage(format!("transparency.published: '{text}' is not a tenant's id"));
    config.published.iter().map(|text| text.parse().map_err(|_| wrong(text))).collect()
}

/// The witnesses that watch: `<verifier key> <URL>` each.
pub(crate) fn witnesses(config: &TransparencyConfig, fetch: &FetchConfig) -> Result<Vec<Arc<WatchedBy>>, CommandError> {
    let mut watching = Vec::new();
    for text in &config.witnesses {
        let wrong = |why: String| CommandError::usage(format!("transparency.witnesses: '{text}': {why}"));
        let (key, url) =
            text.split_once(' ').ok_or_else(|| wrong("it is written '<verifier key> <URL>'".to_owned()))?;
        let key: VerifierKey = key.parse().map_err(|error: signet_tlog::KeyError| wrong(error.to_string()))?;
        if key.kind() != KeyKind::Witness {
            return Err(wrong("the key is not a witness's".to_owned()));
        }
        let base = Url::parse(&format!("{}/", url.trim().trim_end_matches('/')));
        let url = base.and_then(|base| base.join("add-checkpoint")).map_err(|error| wrong(error.to_string()))?;
        let client = Arc::new(Outside { url, post: outbound::post(fetch)? });
        watching.push(Arc::new(WatchedBy::new(key, client)));
    }
    Ok(watching)
}

/// A witness over HTTPS.
struct Outside {
    url: Url,
    post: Arc<dyn Post>,
}

#[async_trait]
impl WitnessClient for Outside {
    async fn add_checkpoint(&self, body: String) -> Result<WitnessAnswer, String> {
        let (body, options) = (body.into_bytes().into(), FetchOptions::default());
        let answered = self.post.post(&self.url, HeaderMap::new(), body, &options).await;
        let answered = answered.map_err(|error| error.to_string())?;
        Ok(WitnessAnswer { status: answered.status, body: answered.body.to_vec() })
    }
}

/// Raises alarms as alerts of the tenant.
struct Alarms {
    store: Store,
    context: Context,
}

#[async_trait]
impl Alarm for Alarms {
    async fn raise(&self, tenant: TenantId, kind: AlarmKind, description: String) {
        tracing::error!(%tenant, kind = kind.name(), "{description}");
        if let Err(failure) = self.alert(tenant, kind, description).await {
            tracing::error!(%tenant, %failure, "the alert could not be raised");
        }
    }
}

impl Alarms {
    async fn alert(&self, tenant: TenantId, kind: AlarmKind, description: String) -> Result<(), Failure> {
        let (store, caller) = (self.store.tenant(tenant), operator(&self.context, tenant));
        let subject = signet_tenants::Tenant::id(tenant).object();
        let call = Call { caller, store, base_url: String::new(), if_match: None };
        let attempt = || async {
            let mut unit = call.store.unit();
            let target = Target::other(tenant.to_string(), "transparency log");
            let new = NewAlert {
                title: title(kind).into(),
                description: description.clone(),
                category: kind.name().into(),
                severity: severity(kind),
                subject,
                target,
            };
            let raised = raise(&call, &mut unit, new);
            Ok::<_, Failure>((unit, raised))
        };
        let (raised, _) = call.store.run(attempt).await?;
        raised.tell();
        Ok(())
    }
}

fn title(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::Damaged => "The record's log is damaged",
        AlarmKind::Fork => "A witness refuses the record's log",
        AlarmKind::Unwitnessed => "A witness of the record's log is silent",
    }
}

fn severity(kind: AlarmKind) -> Severity {
    match kind {
        AlarmKind::Damaged | AlarmKind::Fork => Severity::High,
        AlarmKind::Unwitnessed => Severity::Medium,
    }
}
