//! Recomputing the logs of the record.

use super::AdminCommand;
use super::record::unread;
use crate::node::Node;
use crate::storage::Storage;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use signet_kernel::{Failure, Fault, TenantId};
use signet_record::LogSnapshot;
use signet_signing_keys::RecordKey;
use signet_tlog::{KeyName, Log, Signer as _, UnverifiedCheckpoint, VerifierKey};
use signet_transparency_log::{LogProblem, LogReport, PurgeStatement, StatedPurge, Trust, verify};
use tokio::runtime::Handle;

/// Whom to believe, and what was kept elsewhere.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct VerifyLogs {
    /// Verifier keys of logs. Without any: the deployment's own.
    pub(crate) keys: Vec<String>,
    /// Verifier keys of witnesses.
    pub(crate) witnesses: Vec<String>,
    /// Checkpoints.
    pub(crate) outside: Vec<String>,
}

/// What was looked at, all of it sound: an object for each log.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct VerifiedLogs {
    /// The logs.
    pub(crate) logs: Vec<Value>,
}

impl AdminCommand for VerifyLogs {
    const PATH: &'static str = "/log/verify";
    type Answer = VerifiedLogs;

    async fn run(self, node: &Node) -> Result<VerifiedLogs, Failure> {
        let key = node.record_key.clone();
        let snapshot = match node.storage {
            Storage::Embedded => LogSnapshot::of_files(node.data.path())?,
            Storage::Postgres(_) => node.transparency.store().snapshot().await?,
        };
        // It reads everything, files in the thread that asks.
        let verified =
            tokio::task::spawn_blocking(move || Handle::current().block_on(self.verify(&snapshot, Some(&key))));
        verified.await.map_err(Failure::bug)?
    }
}

impl VerifyLogs {
    /// Verifies every log of a snapshot; `own` is the key that those of this deployment come from.
    pub(crate) async fn verify(self, snapshot: &LogSnapshot, own: Option<&RecordKey>) -> Result<VerifiedLogs, Failure> {
        let (keys, witnesses) = (parse(&self.keys)?, parse(&self.witnesses)?);
        let own = own.filter(|_| keys.is_empty());
        let log = |origin: &str| named(&keys, origin).or_else(|| derived(own?, origin));
        let outside = self.outside.into_iter().map(String::into_bytes).collect();
        let trust = Trust { log: &log, witnesses, outside };
        let heads = snapshot.heads().await?;
        check_no_log_is_gone(&trust.outside, heads.iter().map(|(tenant, _)| *tenant))?;
        let mut logs = Vec::new();
        for (tenant, head) in heads.into_iter().filter(|(_, head)| head.size > 0) {
            let report = verify(snapshot, (tenant, head), &trust).await;
            let report = report.map_err(|problem| told_of(tenant, &problem))?;
            if report.untold > 0 {
                let gone = format!("tenant {tenant}: {} records are gone, and no purge states them", report.untold);
                return Err(damaged(gone));
            }
            logs.push(told(tenant, &report));
        }
        Ok(VerifiedLogs { logs })
    }
}

fn parse(keys: &[String]) -> Result<Vec<VerifierKey>, Failure> {
    let wrong = |error: signet_tlog::KeyError| Failure::new(Fault::Input, "BadRequest", error.to_string());
    keys.iter().map(|key| key.parse().map_err(wrong)).collect()
}

/// What was named of a log.
pub(crate) fn named(keys: &[VerifierKey], origin: &str) -> Option<Log> {
    let keys: Vec<_> = keys.iter().filter(|key| key.name().as_str() == origin).cloned().collect();
    (!keys.is_empty()).then(|| Log::new(origin, keys))
}

/// What the record key says of a log called so: `…/<tenant>/log`, or `…/<tenant>/log/<epoch>`.
fn derived(key: &RecordKey, origin: &str) -> Option<Log> {
    let tenant: TenantId = origin.split('/').rev().skip_while(|part| *part != "log").nth(1)?.parse().ok()?;
    let key = key.log_key(tenant, KeyName::new(origin).ok()?).ok()?;
    Some(Log::new(origin, [key.key().clone()]))
}

/// A checkpoint from outside is of a log that must be there.
fn check_no_log_is_gone(outside: &[Vec<u8>], tenants: impl Iterator<Item = TenantId>) -> Result<(), Failure> {
    let parts: Vec<String> = tenants.map(|tenant| format!("/{tenant}/log")).collect();
    for note in outside {
        let said = UnverifiedCheckpoint::parse(note)
            .map_err(|error| Failure::new(Fault::Input, "BadRequest", error.to_string()))?;
        if !parts.iter().any(|part| said.origin().contains(part)) {
            return Err(damaged(format!("{}: {}", said.origin(), LogProblem::Cut { stated: said.size(), size: 0 })));
        }
    }
    Ok(())
}

fn told_of(tenant: TenantId, problem: &LogProblem) -> Failure {
    match problem {
        LogProblem::Unreadable(error) if error.is_passing() => unread(error),
        LogProblem::NoKey(_) => Failure::new(Fault::Input, "BadRequest", problem.to_string()),
        _ => damaged(format!("tenant {tenant}: {problem}")),
    }
}

fn damaged(what: String) -> Failure {
    let message = format!(
        "The record does not verify: {what}. What was written is not what lies there now; keep the files as they are."
    );
    Failure::new(Fault::Conflict, "RecordDamaged", message)
}

fn told(tenant: TenantId, report: &LogReport) -> Value {
    let since = report.leaves - report.outside.max(report.cosigned).unwrap_or(0);
    json!({
        "tenant": tenant, "leaves": report.leaves, "frames": report.frames, "removed": report.removed,
        "tiles": report.tiles, "checkpoints": report.checkpoints, "unsigned": report.unsigned,
        "outside": report.outside, "cosigned": report.cosigned, "since": since, "waiting": report.waiting,
        "purges": report.purges.iter().map(purge).collect::<Vec<_>>(),
    })
}

/// What was removed, when and why.
fn purge(purge: &StatedPurge) -> Value {
    let PurgeStatement { table, reason, ranges, entries_hash } = &purge.statement;
    json!({
        "table": table, "records": purge.statement.count(), "at": purge.at, "reason": reason,
        "ranges": ranges, "entriesHash": entries_hash, "auditRecord": purge.record,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_record::LogError;
    use uuid::Uuid;

    #[test]
    fn a_lost_connection_is_not_told_as_damage_and_damage_is() {
        let told = |problem| told_of(TenantId::from_uuid(Uuid::from_u128(1)), &problem);
        let lost = told(LogProblem::Unreadable(LogError::Late));
        assert_eq!((lost.fault, lost.code.as_ref()), (Fault::Temporary, "ServiceUnavailable"));
        let damaged = [LogProblem::Root, LogProblem::Unreadable(LogError::Damaged("log_tiles"))].map(told);
        assert!(damaged.iter().all(|failure| failure.code == "RecordDamaged"));
        assert_eq!(told(LogProblem::NoKey("log.example".to_owned())).fault, Fault::Input);
    }
}
