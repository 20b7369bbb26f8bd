//! What must be well before requests may come.

use parking_lot::RwLock;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Named checks. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Health(Arc<RwLock<BTreeMap<&'static str, Result<(), String>>>>);

/// A check that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotReady {
    /// The check.
    pub name: &'static str,
    /// What is wrong, for the operator.
    pub reason: String,
}

impl Health {
    /// The checks that must be reported before this process is ready; none holds yet.
    pub fn starting(checks: &[&'static str]) -> Self {
        let checks = checks.iter().map(|name| (*name, Err("starting".to_owned()))).collect();
        Self(Arc::new(RwLock::new(checks)))
    }

    /// Reports a check, known before or not.
    pub fn set_ready(&self, name: &'static str, state: Result<(), String>) {
        let before = self.0.write().insert(name, state.clone());
        match state {
            Err(reason) if before.is_none_or(|before| before.is_ok()) => {
                tracing::warn!(check = name, reason, "not ready");
            }
            _ => {}
        }
    }

    /// Reports the orderly end, which is nothing to warn of: `name` does not hold any more.
    pub fn stopping(&self, name: &'static str) {
        self.0.write().insert(name, Err("stopping".to_owned()));
        tracing::info!("stopping");
    }

    /// The checks that do not hold; ready if there are none.
    pub fn not_ready(&self) -> Vec<NotReady> {
        let checks = self.0.read();
        checks
            .iter()
            .filter_map(|(name, state)| Some(NotReady { name, reason: state.as_ref().err()?.clone() }))
            .collect()
    }
}
