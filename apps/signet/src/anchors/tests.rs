use super::*;
use crate::config::Loaded;
use crate::node::Node;
use signet_kernel::{TenantId, Timestamp};
use signet_record::{Entry, RowKeys, Scope};
use std::path::Path;
use uuid::Uuid;

fn config(root: &Path) -> Config {
    let flag = |name: &'static str, key: &'static str, path: &str| (name, key, root.join(path).display().to_string());
    let flags = [flag("--data-dir", "data_dir", "data"), flag("--anchors", "transparency.anchor_dir", "anchors")];
    Loaded::load(None, std::iter::empty(), &flags).unwrap().config
}

/// A data directory with one record in the log of its tenant.
async fn with_a_log(config: &Config) -> TenantId {
    let node = Node::open(config.clone(), Context::system(), 1).await.unwrap();
    let tenant = TenantId::from_uuid(Uuid::from_u128(1));
    let keys = RowKeys { at: Timestamp::from_seconds(1), id: "a", about: None, outcome: None };
    let entry = Entry::from_serialize(tenant, "T", keys, &serde_json::json!({"a": 1})).unwrap();
    node.record.append(entry, None).await.unwrap();
    node.transparency.know([(tenant, 1)]);
    node.transparency.gather(Scope::All).await.unwrap();
    node.close().await;
    tenant
}

fn anchored(config: &Config, tenant: TenantId) -> usize {
    let directory = config.transparency.anchor_dir.clone().unwrap().join(tenant.to_string());
    std::fs::read_dir(directory).map(Iterator::count).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_anchored_before_an_upgrade_of_the_record_and_not_at_any_other_start() {
    let root = tempfile::tempdir().unwrap();
    let config = config(root.path());
    let (data, context) = (DataDir::at(&config.data_dir), Context::system());
    let tenant = with_a_log(&config).await;
    before_upgrade(&config, &data, &Storage::Embedded, &context).await;
    assert_eq!(anchored(&config, tenant), 0);
    // Four bytes of a file's head say which schema it has (SQLite file format 1.3).
    let records = data.path().join("records.db");
    let mut bytes = std::fs::read(&records).unwrap();
    let version = bytes.get_mut(60..64).unwrap();
    assert!(version.last().is_some_and(|last| *last > 1));
    version.copy_from_slice(&1_u32.to_be_bytes());
    std::fs::write(&records, bytes).unwrap();
    before_upgrade(&config, &data, &Storage::Embedded, &context).await;
    assert_eq!(anchored(&config, tenant), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_takes_nothing_stops_no_start_and_an_address_without_a_secret_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let mut config = config(root.path());
    let (data, context) = (DataDir::at(&config.data_dir), Context::system());
    let tenant = with_a_log(&config).await;
    config.transparency.anchor_dir = Some("/dev/null/nowhere".into());
    before("a test", &config, &data, &Storage::Embedded, &context).await;
    assert_eq!(anchored(&config, tenant), 0);
    config.transparency.anchor_url = Some("https://anchors.example/".to_owned());
    let refused = sinks(&config, &context).err().unwrap();
    assert!(refused.to_string().contains("transparency.anchor_secret_file"), "{refused}");
}
