//! How long one request may look through objects.

use signet_kernel::Context;
use std::time::Duration;

/// The end of the time that one request may work.
#[derive(Clone)]
pub(crate) struct Deadline {
    context: Context,
    end: Duration,
    budget: Duration,
}

impl Deadline {
    /// So much from now.
    pub(crate) fn after(context: &Context, budget: Duration) -> Self {
        Self { context: context.clone(), end: context.monotonic().saturating_add(budget), budget }
    }

    /// Whether it has passed.
    pub(crate) fn passed(&self) -> bool {
        self.context.monotonic() >= self.end
    }

    /// How much there was.
    pub(crate) fn budget(&self) -> Duration {
        self.budget
    }
}
