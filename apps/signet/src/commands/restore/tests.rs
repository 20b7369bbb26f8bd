use super::*;
use crate::config::{Config, Loaded};
use crate::node::Node;
use signet_kernel::{TenantId, Timestamp};
use signet_record::{Entry, RowKeys};
use uuid::Uuid;

fn config(data: &Path) -> Config {
    Loaded::load(None, std::iter::empty(), &[("--data-dir", "data_dir", data.display().to_string())]).unwrap().config
}

/// A backup of a data directory with one record, and that directory's master key.
async fn backup(root: &Path) -> (PathBuf, PathBuf) {
    let data = root.join("data");
    let node = Node::open(config(&data), Context::system(), 1).await.unwrap();
    let tenant = TenantId::from_uuid(Uuid::from_u128(1));
    let keys = RowKeys { at: Timestamp::from_seconds(1), id: "a", about: None, outcome: None };
    let entry = Entry::from_serialize(tenant, "T", keys, &serde_json::json!({"a": 1})).unwrap();
    node.record.append(entry, None).await.unwrap();
    let to = root.join("backup");
    crate::admin::AdminCommand::run(admin::Backup { directory: to.clone() }, &node).await.unwrap();
    node.close().await;
    (to, data.join("master.key"))
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_12_a_backup_does_not_hold_the_master_key() {
    let root = tempfile::tempdir().unwrap();
    let (backup, master_key) = backup(root.path()).await;
    let key = std::fs::read_to_string(master_key).unwrap();
    let key = key.lines().next_back().unwrap().as_bytes();
    for file in std::fs::read_dir(backup).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(key.len()).any(|window| window == key));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_refused_with_another_key_over_data_or_with_altered_files() {
    let root = tempfile::tempdir().unwrap();
    let (backup, master_key) = backup(root.path()).await;
    let other = root.path().join("other.key");
    MasterKey::load_or_create(&other, &Context::system()).unwrap();
    let refuse =
        |key: &Path, to: &str| restore(&backup, key, &DataDir::at(&root.path().join(to))).unwrap_err().to_string();
    assert!(refuse(&other, "new").contains("is not the master key of this backup"));
    assert!(refuse(&master_key, "data").contains("is not empty"));
    assert!(refuse(&root.path().join("none"), "new").contains("cannot be used"));
    let database = backup.join("directory.db");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes.push(0);
    std::fs::write(&database, bytes).unwrap();
    assert!(refuse(&master_key, "new").contains("is not what the backup's manifest states"));
    assert!(!root.path().join("new").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_directory_issues_nothing_until_confirmed_and_its_record_verifies() {
    let root = tempfile::tempdir().unwrap();
    let (backup, master_key) = backup(root.path()).await;
    let data = root.path().join("restored");
    restore(&backup, &master_key, &DataDir::at(&data)).unwrap();
    let node = Node::open(config(&data), Context::system(), 1).await.unwrap();
    assert!(!node.server.is_issuing());
    let verified = crate::admin::AdminCommand::run(admin::VerifyRecord {}, &node).await.unwrap();
    assert_eq!(verified.records, 1);
    assert!(crate::admin::AdminCommand::run(ConfirmRestore {}, &node).await.unwrap().was_waiting);
    assert!(node.server.is_issuing());
    node.close().await;
    drop(node);
    let again = Node::open(config(&data), Context::system(), 1).await.unwrap();
    assert!(again.server.is_issuing(), "the confirmation outlives the process");
    again.close().await;
}
