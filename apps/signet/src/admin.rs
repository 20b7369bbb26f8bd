//! Local administration: commands that need no token because they come from the owner of the data directory.
//!
//! Each command is a struct that travels as JSON, and is written once. If a server runs, it is sent over
//! `admin.sock` (0600, the peer's user is checked); if none does, this process takes the lock and runs it itself.

mod archive;
mod backup;
mod confirm_restore;
mod create_tenant;
mod erase;
mod inspect;
mod keys;
mod record;
mod rotate_master;
mod socket;
mod sweep;
mod transparency;
mod verify_logs;

pub(crate) use archive::{AskArchive, BringBack};
pub(crate) use backup::{Backup, MANIFEST, MANIFEST_VERSION, Manifest, digest};
pub(crate) use confirm_restore::ConfirmRestore;
pub(crate) use create_tenant::{AdminKey, AdminProof, CreateTenant};
pub(crate) use erase::ErasePersonal;
#[cfg(test)]
pub(crate) use inspect::AdminSecret;
pub(crate) use inspect::{Inspect, Inspection};
pub(crate) use keys::{ListKeys, RevokeKey, RotateKeys};
pub(crate) use record::VerifyRecord;
pub(crate) use rotate_master::{PrepareMaster, RotateMaster};
pub(crate) use sweep::Sweep;
pub(crate) use transparency::{AskLog, LogQuestion};
pub(crate) use verify_logs::{VerifyLogs, named};

use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::node::Node;
use axum::Router;
use serde::Serialize;
use serde::de::DeserializeOwned;
use signet_kernel::{Context, Failure};
use std::sync::Arc;

/// A command of the operator.
pub(crate) trait AdminCommand: Serialize + DeserializeOwned + Send + 'static {
    /// Where the socket takes it.
    const PATH: &'static str;
    /// What it answers.
    type Answer: Serialize + DeserializeOwned + Send;

    /// Does it.
    fn run(self, node: &Node) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;
}

/// The routes of `admin.sock`: every command.
pub(crate) fn router(node: Arc<Node>) -> Router {
    let router = socket::route::<CreateTenant>(Router::new());
    let router = socket::route::<ListKeys>(router);
    let router = socket::route::<RotateKeys>(router);
    let router = socket::route::<PrepareMaster>(router);
    let router = socket::route::<RotateMaster>(router);
    let router = socket::route::<RevokeKey>(router);
    let router = socket::route::<VerifyRecord>(router);
    let router = socket::route::<ErasePersonal>(router);
    let router = socket::route::<Sweep>(router);
    let router = socket::route::<AskLog>(router);
    let router = socket::route::<VerifyLogs>(router);
    let router = socket::route::<AskArchive>(router);
    let router = socket::route::<Backup>(router);
    let router = socket::route::<ConfirmRestore>(router);
    socket::route::<Inspect>(router).with_state(node)
}

/// Runs a command on the data directory: through the server if one answers, else here.
pub(crate) async fn run<C: AdminCommand>(config: &Config, command: C) -> Result<C::Answer, CommandError> {
    let data = DataDir::at(&config.data_dir);
    if let Some(server) = socket::Server::connect(&data).await? {
        return server.send(&command).await;
    }
    let node = Node::open(config.clone(), Context::system(), 1).await?;
    let answer = command.run(&node).await;
    node.close().await;
    Ok(answer?)
}

#[cfg(test)]
mod tests;
