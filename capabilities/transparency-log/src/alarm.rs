//! What somebody has to look at.

use async_trait::async_trait;
use signet_kernel::TenantId;

/// What kind of thing happened to a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmKind {
    /// What lies in the record or in the log is not what was written there. The log is stopped.
    Damaged,
    /// A witness says that the log did not only grow. The log is stopped.
    Fork,
    /// A witness has not cosigned for long.
    Unwitnessed,
}

impl AlarmKind {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Damaged => "transparencyLogDamaged",
            Self::Fork => "transparencyLogFork",
            Self::Unwitnessed => "transparencyLogUnwitnessed",
        }
    }
}

/// Raises alarms.
#[async_trait]
pub trait Alarm: Send + Sync + 'static {
    /// Tells somebody. What cannot be told is written to the program's log.
    async fn raise(&self, tenant: TenantId, kind: AlarmKind, description: String);
}
