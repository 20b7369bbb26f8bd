//! How long records of a table are kept.

use crate::table::LogTable;
use signet_kernel::Timestamp;
use signet_logs::AUDITS;
use std::time::Duration;

/// What the operator says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Audit records.
    pub audit: Duration,
    /// Records of other tables.
    pub others: Duration,
    /// In all, where there is an archive.
    pub total: Option<Duration>,
    /// What no tenant may go below.
    pub shortest: Duration,
    /// How long a retention that was shortened stays as it was.
    pub grace: Duration,
    /// How long beyond its retention a record waits for a sink or rule that has not read it.
    pub readers: Duration,
}

/// How long records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// So that they can be queried.
    pub retention: Duration,
    /// In all.
    pub total: Duration,
}

impl Kept {
    pub(crate) fn longest(self, other: Self) -> Self {
        Self { retention: self.retention.max(other.retention), total: self.total.max(other.total) }
    }
}

impl Settings {
    /// Without anything that a tenant says.
    pub fn usual(&self, table: &str) -> Kept {
        let retention = if table == AUDITS { self.audit } else { self.others };
        Kept { retention, total: self.total.unwrap_or_default().max(retention) }
    }
}

/// What counts in one tenant.
#[derive(Debug, Clone)]
pub struct Policy {
    settings: Settings,
    tables: Vec<LogTable>,
}

impl Policy {
    /// Of what the operator and the tenant say.
    pub fn new(settings: Settings, tables: Vec<LogTable>) -> Self {
        Self { settings, tables }
    }

    /// For a table, now.
    pub fn kept(&self, table: &str, now: Timestamp) -> Kept {
        match self.tables.iter().find(|own| own.display_name == table) {
            Some(own) => own.kept(&self.settings, now),
            None => self.settings.usual(table),
        }
    }

    /// The shortest retention of any table.
    pub(crate) fn shortest(&self, now: Timestamp) -> Duration {
        let own = self.tables.iter().map(|own| own.kept(&self.settings, now).retention);
        own.chain([self.settings.audit, self.settings.others]).min().unwrap_or_default()
    }
}
