//! What must hold of every tenant at the end of a test.

use signet_kernel::Failure;
use signet_store::{Store, TenantStore};
use std::pin::Pin;

/// What a sweep is asked of: a tenant. What it answers: what contradicts itself, one sentence each.
pub type Sweep = fn(TenantStore) -> Pin<Box<dyn Future<Output = Result<Vec<String>, Failure>> + Send>>;

/// Sweeps every tenant of a deployment when it is dropped, and panics if one contradicts itself: a test that holds one
/// cannot pass and leave a broken world behind. A test that has already failed is left alone.
#[derive(Debug)]
pub struct SweptAtEnd {
    deployment: Store,
    sweep: Sweep,
    is_due: bool,
}

impl SweptAtEnd {
    /// Asks what holds whatever the objects are: no reference to what does not exist, no key or index row without its
    /// object, nothing that reaches into another tenant.
    pub fn new(deployment: Store) -> Self {
        let sweep: Sweep = |store| Box::pin(async move { Ok(store.contradictions(&[]).await?) });
        Self { deployment, sweep, is_due: true }
    }

    /// The same, asking this.
    #[must_use]
    pub fn by(mut self, sweep: Sweep) -> Self {
        self.sweep = sweep;
        self
    }

    /// Sweeps now instead, and answers what was found: for tests that break something on purpose.
    pub fn end(mut self) -> Vec<String> {
        self.is_due = false;
        self.found()
    }

    fn found(&self) -> Vec<String> {
        let (deployment, sweep) = (self.deployment.clone(), self.sweep);
        // A runtime of its own, in a thread of its own: this one may be that of the test's runtime.
        let swept = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(async move {
                let mut said = Vec::new();
                for head in deployment.heads().await.expect("the store answers") {
                    said.extend(sweep(deployment.tenant(head.tenant)).await.expect("the store answers"));
                }
                said
            })
        });
        swept.join().expect("the sweep ends")
    }
}

impl Drop for SweptAtEnd {
    fn drop(&mut self) {
        if self.is_due && !std::thread::panicking() {
            let said = self.found();
            assert!(said.is_empty(), "what the test did left contradictions behind: {said:#?}");
        }
    }
}
