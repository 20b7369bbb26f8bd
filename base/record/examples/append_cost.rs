//! What a durable record costs in CPU: `cargo run --release -p signet-record --example append_cost [APPENDERS] [RECORDS] [GATHER_MICROS]`.
//!
//! Builds and appends sign-in-like records from concurrent tasks, waits until the rows have caught up, and prints
//! user and system time per record, by thread.

use signet_kernel::{Context, RevocationCounters, TenantId};
use signet_record::{CheckpointSigner, Entry, Guard, Record, RecordBuilder, RecordOptions, RowKeys};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

struct Unsigned;

impl CheckpointSigner for Unsigned {
    fn key_id(&self) -> String {
        "none".to_owned()
    }

    fn sign(&self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }
}

const FILLER: &str = "0123456789abcdef0123456789abcdef0123456789abcdef";
const TICK_MICROS: u64 = 10_000;

fn entry(context: &Context, tenant: TenantId, agent: &str) -> Entry {
    let mut record = RecordBuilder::new(context, tenant, "AADServicePrincipalSignInLogs");
    let (now, id) = (context.now(), context.new_uuid().to_string());
    record.text("Id", &id).time("TimeGenerated", now).text("ServicePrincipalId", agent).number("DurationMs", 1);
    for column in ["Category", "Resource", "AppId", "CorrelationId", "ResourceIdentity", "ResourceDisplayName"] {
        record.text(column, FILLER);
    }
    for column in ["ServicePrincipalName", "Agent", "UniqueTokenIdentifier", "Location", "AuthenticationDetails"] {
        record.text(column, FILLER);
    }
    for column in ["ConditionalAccessPolicies", "Blueprint", "Sponsors", "ActorChain", "Roles", "ClientCredential"] {
        record.text(column, FILLER);
    }
    record.personal("IPAddress", "192.0.2.17").personal("UserAgent", "msal-python/1.34.0").text("ResultType", "0");
    record.finish(RowKeys { at: now, id: &id, about: Some(agent), outcome: Some("0") })
}

/// CPU microseconds by thread name, from `/proc`.
fn cpu() -> Result<BTreeMap<String, u64>, Box<dyn Error>> {
    let mut threads = BTreeMap::new();
    for task in std::fs::read_dir("/proc/self/task")? {
        let stat = std::fs::read_to_string(task?.path().join("stat"))?;
        let (head, tail) = stat.rsplit_once(')').ok_or("stat has no name")?;
        let name = head.split_once('(').ok_or("stat has no name")?.1.to_owned();
        let ticks = tail.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        *threads.entry(name).or_default() += ticks * TICK_MICROS;
    }
    Ok(threads)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let appenders = arguments.next().transpose()?.unwrap_or(32);
    let records = arguments.next().transpose()?.unwrap_or(200_000);
    let directory = tempfile::tempdir_in(std::env::current_dir()?)?;
    let context = Context::system();
    let mut options = RecordOptions::new("measurement", Arc::new(Unsigned));
    options.gather = Duration::from_micros(arguments.next().transpose()?.unwrap_or(0));
    let record = Record::open(directory.path(), options, context.clone(), Arc::new(RevocationCounters::new()))?;
    let tenant = context.new_tenant_id();
    let agents: Arc<Vec<String>> = Arc::new((0..1000).map(|_| context.new_uuid().to_string()).collect());

    let (began, before) = (context.monotonic(), cpu()?);
    let tasks: Vec<_> = (0..appenders)
        .map(|_| {
            let (record, context, agents) = (record.clone(), context.clone(), agents.clone());
            tokio::spawn(async move {
                let guard = Guard { tenant, seen: RevocationCounters::new().current(tenant) };
                for agent in agents.iter().cycle().take(usize::try_from(records / appenders).unwrap_or(0)) {
                    record.append(entry(&context, tenant, agent), Some(guard)).await?;
                }
                Ok::<_, signet_record::AppendError>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let took = context.monotonic().saturating_sub(began);
    record.caught_up().await;
    let after = cpu()?;

    let metrics = record.metrics();
    let per_record = |micros: u64| micros as f64 / metrics.records as f64;
    println!(
        "{} records of {} bytes in {took:?}: {:.0} per second, {:.1} per commit",
        metrics.records,
        entry(&context, tenant, "x").body().len(),
        metrics.records as f64 / took.as_secs_f64(),
        per_record(metrics.records * metrics.records / metrics.batches.max(1)),
    );
    let spent = after.iter().map(|(name, micros)| (name, micros - before.get(name).unwrap_or(&0)));
    let mut sum = 0;
    for (name, micros) in spent {
        sum += micros;
        println!("  {name:<18} {:>6.2} us per record", per_record(micros));
    }
    println!("  {:<18} {:>6.2} us per record", "all", per_record(sum));

    let began = cpu()?.values().sum::<u64>();
    for agent in agents.iter().cycle().take(usize::try_from(records).unwrap_or(0)) {
        std::hint::black_box(entry(&context, tenant, agent));
    }
    println!("  of which building  {:>6.2} us per record", per_record(cpu()?.values().sum::<u64>() - began));
    record.shutdown().await;
    Ok(())
}
