//! A connection with the statements of a batch.

use super::statements;
use crate::connect::Connect;
use crate::error::StorageError;
use std::time::Duration;
use tokio_postgres::{Client, Statement};

/// How long a round trip may take; beyond what the server itself allows a statement.
pub(super) const LIMIT: Duration = Duration::from_secs(15);

pub(super) struct Session {
    pub(super) client: Client,
    pub(super) gates: Statement,
    pub(super) counters: Statement,
    pub(super) own: Statement,
    pub(super) use_up: Statement,
    pub(super) frames: Statement,
    pub(super) rows: Statement,
}

impl Session {
    pub(super) async fn open(connect: &dyn Connect) -> Result<Self, StorageError> {
        let client = connect.connect().await.map_err(StorageError::Unreachable)?;
        // On every new connection: what a newer version made unusable under a running node is not written to.
        super::schema::check(&client).await?;
        let (gates, counters, own, use_up, frames, rows) = tokio::try_join!(
            client.prepare(statements::GATES),
            client.prepare(statements::COUNTERS),
            client.prepare(statements::OWN),
            client.prepare(statements::USE_UP),
            client.prepare(statements::ADD_FRAMES),
            client.prepare(statements::ADD_ROWS),
        )?;
        Ok(Self { client, gates, counters, own, use_up, frames, rows })
    }
}
