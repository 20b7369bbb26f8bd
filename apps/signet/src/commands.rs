//! One file per word of the command line.

pub(crate) mod agent;
pub(crate) mod backup;
pub(crate) mod blueprint;
pub(crate) mod column_worker;
pub(crate) mod completions;
pub(crate) mod credential;
pub(crate) mod database;
pub(crate) mod doctor;
pub(crate) mod exports;
mod find;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod migrate;
pub(crate) mod permission;
pub(crate) mod query;
#[cfg(feature = "engine")]
pub(crate) mod query_worker;
pub(crate) mod quickstart;
pub(crate) mod resource;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod tenant;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod witness;

use crate::cli::{Cli, Command};
use crate::command_error::CommandError;

/// Runs the command.
pub(crate) async fn run(cli: Cli) -> Result<(), CommandError> {
    let global = &cli.global;
    match cli.command {
        Command::Serve(serve) => serve.run(global).await,
        Command::Quickstart(quickstart) => quickstart.run(global).await,
        Command::Tenant(tenant) => tenant.run(global).await,
        Command::Blueprint(blueprint) => blueprint.run(global).await,
        Command::Agent(agent) => agent.run(global).await,
        Command::Credential(credential) => credential.run(global).await,
        Command::User(user) => user.run(global).await,
        Command::Resource(resource) => resource.run(global).await,
        Command::Permission(permission) => permission.run(global).await,
        Command::Token(token) => token.run(global).await,
        Command::Logs(logs) => logs.run(global).await,
        Command::Exports(exports) => exports.run(global).await,
        Command::Query(query) => query.run(global).await,
        #[cfg(feature = "engine")]
        Command::QueryWorker(worker) => worker.run().await,
        Command::ColumnWorker(worker) => worker.run().await,
        Command::Doctor(doctor) => doctor.run(global).await,
        Command::Keys(keys) => keys.run(global).await,
        Command::Database(database) => database.run(global).await,
        Command::Migrate(migrate) => migrate.run(global).await,
        Command::Backup(backup) => backup.run(global).await,
        Command::Restore(restore) => restore.run(global).await,
        Command::Witness(witness) => witness.run(global).await,
        Command::Completions(completions) => completions.run(),
    }
}
