//! A store and a record in a directory of their own, watched round by round, with a clock that stands still.

use crate::rule::AlertRule;
use crate::watch::{Mind, Watch, rules};
use async_trait::async_trait;
use axum::http::HeaderMap;
use signet_alerts::Alert;
use signet_graph::{Authenticate, Unauthenticated};
use signet_jobs::Worker;
use signet_kernel::{
    AppId, Caller, Context, Failure, Fault, MockClock, ObjectId, Origin, RevocationCounters, SeededRandomness,
    TenantId, Timestamp,
};
use signet_log_queries::{LogQueries, QueryLimits};
use signet_logs::AuditCopier;
use signet_logs::audit::{Activity, OperationType, Target, modified, success};
use signet_record::{CheckpointSigner, Entry, Record, RecordOptions};
use signet_store::{
    AuditEntry, Id, Kind, ListQuery, Liveness, Object, SqliteBackend, SqliteOptions, Store, StoreOptions, TenantStore,
    UniqueKeys, UnitOfWork,
};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

struct Seal;

impl CheckpointSigner for Seal {
    fn key_id(&self) -> String {
        "seal".to_owned()
    }

    fn sign(&self, statement: &[u8]) -> Vec<u8> {
        statement.to_vec()
    }
}

struct Nobody;

#[async_trait]
impl Authenticate for Nobody {
    async fn authenticate(&self, _: &HeaderMap, _: Origin) -> Result<(Caller, TenantStore), Unauthenticated> {
        let failure = Failure::new(Fault::Unauthenticated, "InvalidAuthenticationToken", "nobody");
        Err(Unauthenticated { failure, www_authenticate: String::new() })
    }
}

/// An object with the members that tables show, whichever capability it belongs to.
macro_rules! shown {
    ($($name:ident = $kind:literal),*) => {
        $(#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub(crate) struct $name(pub(crate) serde_json::Value);

        impl Kind for $name {
            const NAME: &'static str = $kind;

            fn unique(&self, _: &mut UniqueKeys) {}
        })*
    };
}

shown!(Agent = "agentIdentity", Application = "application", Person = "user");

/// One tenant that is watched.
pub(crate) struct House {
    _directory: TempDir,
    pub(crate) clock: Arc<MockClock>,
    pub(crate) context: Context,
    deployment: Store,
    pub(crate) store: TenantStore,
    pub(crate) record: Record,
    copier: AuditCopier,
    pub(crate) watch: Watch,
    pub(crate) mind: Mind,
}

impl House {
    /// Its rules are there and nothing has happened yet.
    pub(crate) async fn new() -> Self {
        let mut house = Self::unwatched().await;
        house.put(&Person(serde_json::json!({"displayName": "first"}))).await;
        house.round().await;
        house
    }

    /// Nothing is there, and nobody has looked yet.
    pub(crate) async fn unwatched() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(MockClock::at(Timestamp::from_seconds(1_795_255_200)));
        let context = Context::new(clock.clone(), Arc::new(SeededRandomness::new(7)));
        let options = RecordOptions::new("node-1", Arc::new(Seal));
        let record = Record::open(directory.path(), options, context.clone(), Arc::default()).unwrap();
        let options = SqliteOptions::at(directory.path().join("directory.db"));
        let open = |observer| SqliteBackend::open(&options, observer);
        let counters = Arc::new(RevocationCounters::new());
        let deployment = Store::open(StoreOptions::default(), context.clone(), counters, Arc::new(()), open).await;
        let deployment = deployment.unwrap();
        let copier = AuditCopier::start(deployment.clone(), record.clone());
        let store = deployment.tenant(TenantId::from_uuid(Uuid::from_u128(1)));
        let watch = watch(&deployment, &record, &copier, &context);
        let mind = Mind::default();
        Self { _directory: directory, clock, context, deployment, store, record, copier, watch, mind }
    }

    /// What another node would watch with.
    pub(crate) fn another_watch(&self) -> Watch {
        watch(&self.deployment, &self.record, &self.copier, &self.context)
    }

    /// One look at everything that is due, after what was done reached the record.
    pub(crate) async fn round(&mut self) {
        self.recorded().await;
        self.watch.round(&mut self.mind).await.unwrap();
    }

    pub(crate) async fn recorded(&self) {
        self.copier.caught_up().await.unwrap();
        self.record.caught_up().await;
    }

    /// The same, so much later.
    pub(crate) async fn round_after(&mut self, span: Duration) {
        self.clock.advance(span);
        self.round().await;
    }

    /// An hour after which every scheduled rule is asked.
    pub(crate) async fn next_hour(&mut self) {
        self.round_after(61 * MINUTE).await;
    }

    pub(crate) async fn put<K: Kind>(&self, body: &K) -> ObjectId {
        let id = self.context.new_object_id();
        let mut unit = self.store.unit();
        unit.create(Id::of(id), body);
        self.commit(unit).await;
        id
    }

    pub(crate) async fn commit(&self, unit: UnitOfWork) {
        self.store.commit(unit).await.unwrap();
    }

    pub(crate) async fn audit(&self, entries: impl IntoIterator<Item = AuditEntry>) {
        let mut unit = self.store.unit();
        for entry in entries {
            unit.audit(entry);
        }
        self.commit(unit).await;
    }

    /// `by` did something to `target`, which changed so.
    pub(crate) async fn did(
        &self,
        by: &Caller,
        name: &'static str,
        target: Target,
        (before, after): (serde_json::Value, serde_json::Value),
    ) {
        let map = |value: &serde_json::Value| value.as_object().cloned().unwrap_or_default();
        let changed = modified(Some(&map(&before)), Some(&map(&after)), &[]);
        self.done(by, name, vec![target.with_modified(changed)]).await;
    }

    pub(crate) async fn done(&self, by: &Caller, name: &'static str, targets: Vec<Target>) {
        let (at, id) = (self.context.now(), self.context.new_uuid());
        self.audit([success(by, at, id, &activity(name), targets, &[])]).await;
    }

    pub(crate) async fn append(&self, entry: Entry) {
        self.record.append(entry, None).await.unwrap();
    }

    /// Alerts of a category: what they are about and what they say, in the order of their words.
    pub(crate) async fn alerts(&self, category: &str) -> Vec<(ObjectId, String)> {
        let alerts = all::<Alert>(&self.store).await;
        let of_category = alerts.into_iter().filter(|alert| alert.body.category == category);
        let mut told: Vec<_> = of_category.map(|alert| (alert.body.subject, alert.body.description.clone())).collect();
        told.sort_by(|one, other| one.1.cmp(&other.1));
        told
    }

    /// A built-in rule.
    pub(crate) async fn rule(&self, name: &str) -> Arc<Object<AlertRule>> {
        let rules = rules(&self.store).await.unwrap();
        rules.into_iter().find(|rule| rule.body.built_in.as_deref() == Some(name)).unwrap()
    }

    pub(crate) async fn change_rule(&self, name: &str, change: impl FnOnce(&mut AlertRule)) {
        let found = self.rule(name).await;
        let mut body = found.body.clone();
        change(&mut body);
        let mut unit = self.store.unit();
        unit.update(&found, &body);
        self.commit(unit).await;
    }
}

fn watch(deployment: &Store, record: &Record, copier: &AuditCopier, context: &Context) -> Watch {
    let logs = || (record.clone(), copier.clone());
    let queries = LogQueries::new(Arc::new(Nobody), context.clone(), logs(), QueryLimits::default());
    Watch::new(deployment.clone(), logs(), queries, Worker::new(deployment.clone(), Duration::from_secs(15)))
}

pub(crate) async fn all<K: Kind>(store: &TenantStore) -> Vec<Arc<Object<K>>> {
    let query = ListQuery { kinds: vec![K::NAME], liveness: Liveness::Live, after: None, limit: 1_000, index: None };
    let mut found = Vec::new();
    for row in store.list(query).await.unwrap().items {
        found.extend(store.find(Id::<K>::of(row.id)).await.unwrap());
    }
    found
}

pub(crate) fn activity(name: &'static str) -> Activity {
    Activity { name, category: "Test", operation: OperationType::Other, service: "Core Directory" }
}

/// Who acts, by the number of their application.
pub(crate) fn caller(app: u128) -> Caller {
    Caller {
        tenant: TenantId::from_uuid(Uuid::from_u128(1)),
        object: ObjectId::from_uuid(Uuid::from_u128(app + 1)),
        kind: "servicePrincipal",
        app: AppId::from_uuid(Uuid::from_u128(app)),
        display_name: format!("app {app}"),
        roles: std::collections::BTreeSet::new(),
        parent: None,
        origin: Origin::internal(Uuid::from_u128(0x70)),
    }
}

pub(crate) fn id(number: u128) -> ObjectId {
    ObjectId::from_uuid(Uuid::from_u128(number))
}
