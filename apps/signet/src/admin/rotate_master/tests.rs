use super::*;
use crate::admin::{self, Backup, CreateTenant, ListKeys};
use crate::assembly::Server;
use crate::config::{Config, Loaded};
use crate::data_dir::DataDir;
use signet_kernel::{Context, TenantId};
use signet_signing_keys::{MasterKey, RecordKey, TenantKey, rotate_master};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn config(root: &Path) -> Config {
    let flags = [
        ("--data-dir", "data_dir", root.join("data").display().to_string()),
        ("--listen", "listen", "127.0.0.1:0".to_owned()),
        ("--management-listen", "management_listen", "127.0.0.1:0".to_owned()),
    ];
    Loaded::load(None, std::iter::empty(), &flags).unwrap().config
}

async fn open(root: &Path) -> Node {
    Node::open(config(root), Context::system(), 1).await.unwrap()
}

fn new_tenant() -> CreateTenant {
    CreateTenant { name: "Contoso".to_owned(), domain: None, admin_key: None }
}

async fn tenants(node: &Node) -> Vec<TenantId> {
    node.store.heads().await.unwrap().into_iter().map(|head| head.tenant).collect()
}

/// How far an interrupted rotation came.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Reached {
    NextKeyMade,
    RecordKeySealed,
    OneTenantRewrapped,
    AllRewrapped,
    OldKeyNamed,
}

/// Does what a rotation does, as far as `reached`, and ends there.
async fn interrupt(node: &Node, reached: Reached) {
    let (data, context, old) = (&node.data, &node.context, node.signing_keys.master());
    let new = MasterKey::load_or_create(&data.next_master_key(), context).unwrap();
    if reached >= Reached::RecordKeySealed {
        RecordKey::reseal(&data.record_key(), &old, &new, context).unwrap();
    }
    let entry = |tenant| master_key_rotated(context, tenant);
    if reached >= Reached::OneTenantRewrapped {
        let first = tenants(node).await[0];
        assert!(TenantKey::rewrap(&node.store.tenant(first), &old, &new, entry(first)).await.unwrap());
    }
    if reached >= Reached::AllRewrapped {
        assert_eq!(rotate_master(&node.store, &old, &new, entry).await, Ok(1));
    }
    if reached >= Reached::OldKeyNamed {
        std::fs::hard_link(data.master_key(), data.former_master_key(old.fingerprint())).unwrap();
    }
}

async fn everything_opens(node: &Node) {
    for tenant in tenants(node).await {
        node.signing_keys.keys(tenant).await.unwrap();
    }
    new_tenant().run(node).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_was_interrupted_anywhere_is_finished_by_the_next_start() {
    use Reached::{AllRewrapped, NextKeyMade, OldKeyNamed, OneTenantRewrapped, RecordKeySealed};
    for reached in [NextKeyMade, RecordKeySealed, OneTenantRewrapped, AllRewrapped, OldKeyNamed] {
        let root = tempfile::tempdir().unwrap();
        let node = open(root.path()).await;
        new_tenant().run(&node).await.unwrap();
        new_tenant().run(&node).await.unwrap();
        let old = node.signing_keys.master().fingerprint().to_owned();
        interrupt(&node, reached).await;
        // The process that was interrupted writes nothing more.
        drop(node);
        let next = MasterKey::load(&DataDir::at(&root.path().join("data")).next_master_key()).unwrap();
        let node = open(root.path()).await;
        assert_eq!(node.signing_keys.master().fingerprint(), next.fingerprint(), "{reached:?}");
        assert!(!node.data.next_master_key().exists(), "{reached:?}");
        let kept = MasterKey::load(&node.data.former_master_key(&old)).unwrap();
        assert_eq!(kept.fingerprint(), old, "{reached:?}");
        everything_opens(&node).await;
        node.close().await;
        drop(node);
        open(root.path()).await.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_the_same_with_and_without_a_server_and_never_shows_the_key() {
    let root = tempfile::tempdir().unwrap();
    let config = config(root.path());
    admin::run(&config, new_tenant()).await.unwrap();
    let alone = admin::run(&config, RotateMaster {}).await.unwrap();
    let server = Server::start(config.clone(), Context::system()).await.unwrap();
    let served = admin::run(&config, RotateMaster {}).await.unwrap();
    assert_eq!((alone.tenant_keys, served.tenant_keys), (1, 1));
    assert_eq!(served.old_fingerprint, alone.new_fingerprint);
    assert_ne!(served.new_fingerprint, alone.new_fingerprint);
    everything_opens(server.node()).await;
    let to = root.path().join("backup");
    let manifest = admin::run(&config, Backup { directory: to }).await.unwrap();
    assert_eq!(manifest.master_key_fingerprint, served.new_fingerprint);
    server.stop().await;
    assert_eq!(admin::run(&config, ListKeys {}).await.unwrap().len(), 4, "two tenants with two keys each");

    let master = DataDir::at(&config.data_dir).master_key();
    assert_eq!(std::fs::metadata(&master).unwrap().permissions().mode() & 0o777, 0o600);
    let digits = std::fs::read_to_string(&master).unwrap().lines().last().unwrap().to_owned();
    assert!(!serde_json::to_string(&served).unwrap().contains(&digits));
    let kept = std::fs::read_to_string(&served.old_key_file).unwrap();
    assert!(!kept.contains(&digits), "the kept file is the old key");
}
