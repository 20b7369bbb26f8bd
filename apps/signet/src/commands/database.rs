//! `signet database`

use crate::anchors;
use crate::cli::Global;
use crate::command_error::CommandError;
use crate::data_dir::DataDir;
use crate::storage::{Storage, of_record, refused};
use clap::Subcommand;
use serde_json::json;
use signet_kernel::Context;
use signet_store::{PostgresBackend, PostgresOptions};

/// The PostgreSQL database that nodes share (`storage.url`)
#[derive(Debug, Subcommand)]
#[command(
    after_help = "The role in storage.url needs the rights that docs/operations/postgresql.md lists: to own the \
    tables for `migrate`, to read and write them for everything else."
)]
pub(crate) enum Database {
    /// Create the schema or bring it up to date; nodes of the version before go on over it
    Migrate,
    /// Say whether this version can use the database as it is
    Check,
    /// Begin a new epoch: after a restore, before the first node starts. Every token from before is void, clients that
    /// follow changes begin anew, and nothing is issued until `signet restore --confirm`
    NewEpoch,
}

impl Database {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let (config, output) = (global.load(Vec::new())?.config, global.output());
        let mut options = Storage::postgres(&config)?;
        options.migrate = false;
        match self {
            Self::Migrate => {
                let mut asked = options.clone();
                asked.migrate = true;
                let (data, storage) = (DataDir::at(&config.data_dir), Storage::Postgres(Box::new(asked)));
                anchors::before_upgrade(&config, &data, &storage, &Context::system()).await;
                migrate_schema(&options).await?;
            }
            Self::Check => check_schema(&options).await?,
            Self::NewEpoch => {
                // New logs begin: this is where those before end.
                let (data, storage) = (DataDir::at(&config.data_dir), Storage::Postgres(Box::new(options.clone())));
                anchors::before("a new epoch", &config, &data, &storage, &Context::system()).await;
                let begun = PostgresBackend::start_new_epoch(&options, Context::system().now()).await;
                let epoch = begun.map_err(|error| refused(&error))?;
                output.object(&json!({ "epoch": epoch }), &[("epoch", "epoch")]);
                output.note(
                    "Nothing is issued yet: start the nodes, look at them, then run `signet restore --confirm` on one.",
                );
                return Ok(());
            }
        }
        let used = PostgresBackend::is_used(&options).await.map_err(|error| refused(&error))?;
        output.object(
            &json!({ "schema": "current", "tenants": used }),
            &[("schema", "schema"), ("has tenants", "tenants")],
        );
        Ok(())
    }
}

/// Whether this version can use the schema of the directory and of the record as they are.
async fn check_schema(options: &PostgresOptions) -> Result<(), CommandError> {
    PostgresBackend::check(options).await.map_err(|error| refused(&error))?;
    let client = options.connect().await.map_err(|error| refused(&error))?;
    signet_record::check_postgres(&client).await.map_err(|error| of_record(&error))
}

/// Makes the schema of the directory and of the record, or brings them up to date.
pub(crate) async fn migrate_schema(options: &PostgresOptions) -> Result<(), CommandError> {
    PostgresBackend::migrate(options).await.map_err(|error| refused(&error))?;
    let client = options.connect().await.map_err(|error| refused(&error))?;
    signet_record::migrate_postgres(&client).await.map_err(|error| of_record(&error))
}
