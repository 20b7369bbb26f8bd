//! Where the directory and the record lie: in files of this node, or in a PostgreSQL database that nodes share.

use crate::command_error::CommandError;
use crate::config::{CacheConfig, Config, SchemaChange, StorageConfig};
use crate::data_dir::DataDir;
use signet_kernel::{Context, RevocationCounters};
use signet_record::{Connect, OpenError, Record, RecordOptions};
use signet_store::{BackendError, PostgresBackend, PostgresOptions, SqliteBackend, SqliteOptions, Store, StoreOptions};
use std::pin::Pin;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where everything but keys and certificates lies.
#[derive(Debug, Clone)]
pub(crate) enum Storage {
    /// In the data directory, whose one process is the whole deployment.
    Embedded,
    /// In a database, beside other nodes.
    Postgres(Box<PostgresOptions>),
}

impl Storage {
    /// As configured. Nothing is connected yet.
    pub(crate) fn of(config: &StorageConfig) -> Result<Self, CommandError> {
        let Some(url) = &config.url else { return Ok(Self::Embedded) };
        let mut options = PostgresOptions::at(url).map_err(|error| CommandError::usage(in_url(&error)))?;
        if options.has_password() {
            let why = "storage.url holds a password, which print-config and process lists would show";
            return Err(CommandError::usage(format!("{why}; put it into the file that storage.password_file names")));
        }
        if let Some(path) = &config.password_file {
            let text = std::fs::read_to_string(path).map(Zeroizing::new);
            let text = text.map_err(|error| CommandError::usage(format!("storage.password_file: {error}")))?;
            options.set_password(text.lines().next().unwrap_or_default());
        }
        options.migrate = config.schema == SchemaChange::Migrate;
        Ok(Self::Postgres(Box::new(options)))
    }

    /// Whether something has been stored, so that a master key made now would open none of it.
    pub(crate) async fn is_used(&self, data: &DataDir) -> Result<bool, CommandError> {
        match self {
            Self::Embedded => Ok(data.directory_db().exists()),
            Self::Postgres(options) => PostgresBackend::is_used(options).await.map_err(|error| refused(&error)),
        }
    }

    /// Opens the record and, with it as what issues, the directory.
    pub(crate) async fn open(
        &self,
        data: &DataDir,
        record: RecordOptions,
        cache: CacheConfig,
        context: &Context,
    ) -> Result<(Store, Record), CommandError> {
        let counters = Arc::new(RevocationCounters::new());
        match self {
            Self::Embedded if data.moved().exists() => Err(moved(data)),
            Self::Embedded => embedded(data, record, cache, (context, counters)).await,
            Self::Postgres(options) => shared(options, record, cache, (context, counters)).await,
        }
    }

    /// How the record's tables are reached, where nodes share them.
    pub(crate) fn beside(&self) -> Option<Arc<dyn Connect>> {
        match self {
            Self::Embedded => None,
            Self::Postgres(options) => Some(Arc::new(Beside((**options).clone()))),
        }
    }

    /// The options of a database that several nodes share; what is asked for makes no sense without one.
    pub(crate) fn postgres(config: &Config) -> Result<PostgresOptions, CommandError> {
        match Self::of(&config.storage)? {
            Self::Postgres(options) => Ok(*options),
            Self::Embedded => Err(CommandError::usage("storage.url is not set: there is no shared database")),
        }
    }
}

fn moved(data: &DataDir) -> CommandError {
    let mark = data.moved();
    CommandError::failed(format!(
        "what lies in this data directory was moved to PostgreSQL ({}); set storage.url, or remove that file to go on with the \
         copy that stayed here",
        mark.display()
    ))
}

async fn embedded(
    data: &DataDir,
    record: RecordOptions,
    cache: CacheConfig,
    (context, counters): (&Context, Arc<RevocationCounters>),
) -> Result<(Store, Record), CommandError> {
    let (directory, clock, raised) = (data.path().to_owned(), context.clone(), counters.clone());
    let opened = tokio::task::spawn_blocking(move || Record::open(&directory, record, clock, raised));
    let record = opened.await.map_err(CommandError::failed)?.map_err(CommandError::failed)?;
    let options = SqliteOptions { cache_kib: cache.page_kib(), ..SqliteOptions::at(data.directory_db()) };
    let issuance = Arc::new(record.clone());
    let store =
        Store::open(StoreOptions { cached_reads: cache.reads() }, context.clone(), counters, issuance, |observer| {
            SqliteBackend::open(&options, observer)
        });
    let store = store.await.map_err(|error| CommandError::failed(format!("directory.db: {error}")))?;
    Ok((store, record))
}

async fn shared(
    options: &PostgresOptions,
    record: RecordOptions,
    cache: CacheConfig,
    (context, counters): (&Context, Arc<RevocationCounters>),
) -> Result<(Store, Record), CommandError> {
    // The directory's schema first: the record's transactions read its counters.
    PostgresBackend::check(options).await.map_err(|error| refused(&error))?;
    let client = whole(options).await?;
    if options.migrate {
        signet_record::migrate_postgres(&client).await.map_err(|error| of_record(&error))?;
    }
    drop(client);
    let record = Record::open_postgres(Arc::new(Beside(options.clone())), record.in_postgres(), context.clone());
    let record = record.await.map_err(|error| of_record(&error))?;
    let issuance = Arc::new(record.clone());
    let store =
        Store::connect(StoreOptions { cached_reads: cache.reads() }, context.clone(), counters, issuance, |observer| {
            PostgresBackend::open(options, context.clone(), observer)
        });
    Ok((store.await.map_err(|error| refused(&error))?, record))
}

/// A database into which data are being moved is of no use yet.
async fn whole(options: &PostgresOptions) -> Result<signet_record::Client, CommandError> {
    let client = options.connect().await.map_err(|error| refused(&error))?;
    if signet_transfer::is_unfinished(&client).await.map_err(CommandError::failed)? {
        let why = "storage.url: a move into this database was begun and has not ended";
        return Err(CommandError::failed(format!("{why}; run `signet migrate` again, and it goes on")));
    }
    Ok(client)
}

/// The record's connections: to the same database, with the same certificates and timeouts.
struct Beside(PostgresOptions);

impl Connect for Beside {
    fn connect(&self) -> Pin<Box<dyn Future<Output = Result<signet_record::Client, String>> + Send + '_>> {
        Box::pin(async { self.0.connect().await.map_err(|error| error.to_string()) })
    }
}

fn in_url(error: &BackendError) -> String {
    format!("storage.url: {error}")
}

/// A database that does not answer may answer soon; whatever else it says will stay so.
pub(crate) fn refused(error: &BackendError) -> CommandError {
    match error {
        BackendError::Unreachable(_) | BackendError::Interrupted(_) | BackendError::Busy => {
            CommandError::unavailable(in_url(error))
        }
        _ => CommandError::failed(in_url(error)),
    }
}

pub(crate) fn of_record(error: &OpenError) -> CommandError {
    let said = format!("storage.url: {error}");
    match error {
        OpenError::Unreachable(_) => CommandError::unavailable(said),
        _ => CommandError::failed(said),
    }
}
