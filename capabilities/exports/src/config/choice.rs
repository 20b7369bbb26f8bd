//! Which records a sink takes, and from where on.

use serde::{Deserialize, Serialize};
use signet_kernel::TenantId;
use signet_record::Tables;

/// Which records a sink takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// These tenants'; every tenant's, if there are none.
    #[serde(default)]
    pub tenants: Vec<TenantId>,
    /// These tables'; every table's, if there are none.
    #[serde(default)]
    pub tables: Vec<String>,
    /// All of them, or alerts alone.
    #[serde(default)]
    pub records: Records,
    /// Where a sink begins that is new.
    #[serde(default)]
    pub from: Beginning,
    /// Events in one request, at most.
    #[serde(default = "Choice::default_batch")]
    pub batch: usize,
}

/// What a sink is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Records {
    /// Everything.
    #[default]
    All,
    /// Alerts, when they are raised.
    Alerts,
}

/// Where a new sink begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Beginning {
    /// With the oldest record that is kept.
    #[default]
    Start,
    /// With what comes after the sink was seen first.
    Now,
}

impl Choice {
    pub(super) const KEYS: [&str; 5] = ["tenants", "tables", "records", "from", "batch"];

    fn default_batch() -> usize {
        500
    }

    /// The tables of the record that any wanted event can lie in; others need not be read.
    pub(crate) fn of_record(&self) -> Tables {
        match self.records {
            Records::Alerts => Tables::Only([signet_logs::AUDITS.to_owned()].into()),
            Records::All if self.tables.is_empty() => Tables::All,
            Records::All => Tables::Only(self.tables.iter().cloned().collect()),
        }
    }
}
