//! The record of directory writes that were refused. The answer does not wait for it: a refusal changes nothing.

use super::recorder::{Recorder, recorder};
use axum::http::Method;
use signet_graph::WriteAttempt;
use signet_kernel::{Caller, Context, Failure};
use signet_logs::audit::{Act, Activity, Target, activities};
use signet_record::{Entry, Record};
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// Takes refusals. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct RefusedWrites {
    waiting: Sender<Entry>,
    context: Context,
}

/// The two ends of the queue.
pub(super) fn refused_writes(context: Context, record: Record) -> (RefusedWrites, Recorder) {
    let (sender, recorder) = recorder(record, Duration::ZERO);
    (RefusedWrites { waiting: sender, context }, recorder)
}

impl RefusedWrites {
    /// Notes a refusal. If too many wait it is left out, and the log says so.
    pub(super) fn note(&self, caller: &Caller, write: &WriteAttempt, failure: &Failure) {
        let (method, at) = (write.method.to_string(), self.context.now());
        let act = Act {
            caller,
            at,
            id: self.context.new_uuid(),
            activity: activity(write),
            targets: vec![Target::other(write.path.clone(), write.entity.unwrap_or("directoryObject"))],
            details: &[("Method", &method)],
        };
        if self.waiting.try_send(act.refused(&self.context, failure)).is_err() {
            tracing::warn!(tenant = %caller.tenant, "a refused write is not recorded: too many wait for the disk");
        }
    }
}

/// What was tried, as the activity reference names it.
fn activity(write: &WriteAttempt) -> &'static Activity {
    let is = |kinds: &[&str]| write.entity.is_some_and(|entity| kinds.contains(&entity));
    let (add, update, delete) = if is(&["user"]) {
        (&activities::ADD_USER, &activities::UPDATE_USER, &activities::DELETE_USER)
    } else if is(&["application", "agentIdentityBlueprint"]) {
        (&activities::ADD_APPLICATION, &activities::UPDATE_APPLICATION, &activities::DELETE_APPLICATION)
    } else {
        (
            &activities::ADD_SERVICE_PRINCIPAL,
            &activities::UPDATE_SERVICE_PRINCIPAL,
            &activities::REMOVE_SERVICE_PRINCIPAL,
        )
    };
    match write.method {
        Method::POST => add,
        Method::DELETE => delete,
        _ => update,
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorder::{TOGETHER, WAITING};
    use super::*;
    use crate::config::Loaded;
    use crate::node::Node;
    use crate::operator::operator;
    use signet_kernel::Fault;
    use signet_web::stop_signal;

    async fn node(directory: &tempfile::TempDir) -> Node {
        let flag = ("--data-dir", "data_dir", directory.path().display().to_string());
        let config = Loaded::load(None, std::iter::empty(), &[flag]).unwrap().config;
        Node::open(config, Context::system(), 1).await.unwrap()
    }

    /// What the record holds more after `noted` refusals and an orderly stop.
    async fn recorded(noted: usize) -> u64 {
        let directory = tempfile::tempdir().unwrap();
        let node = node(&directory).await;
        let (refused, recorder) = refused_writes(node.context.clone(), node.record.clone());
        let caller = operator(&node.context, node.context.new_tenant_id());
        let write = WriteAttempt { method: Method::PATCH, path: "/users/1".to_owned(), entity: Some("user") };
        let before = node.record.metrics().records;
        for _ in 0..noted {
            refused.note(&caller, &write, &Failure::new(Fault::Rights, "Authorization_RequestDenied", "no"));
        }
        let (stopper, stop) = stop_signal();
        stopper.stop();
        recorder.run(stop).await;
        let after = node.record.metrics().records;
        node.close().await;
        after - before
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_noted_before_the_stop_is_in_the_record_when_it_ends() {
        assert_eq!(recorded(TOGETHER * 2 + 1).await, (TOGETHER * 2 + 1) as u64);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_flood_waits_in_bounds() {
        assert_eq!(recorded(WAITING + 10).await, WAITING as u64);
    }
}
