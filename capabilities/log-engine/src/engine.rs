//! Plans of the language over columns: what is understood is lowered, the rest is left to the row evaluator.

mod alike;
mod distinct;
mod function;
mod gather;
mod lower;
mod path;
mod repr;
mod rows;
mod scan;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use datafusion::{
    error::DataFusionError,
    execution::{
        SessionStateBuilder,
        context::SessionContext,
        memory_pool::{FairSpillPool, MemoryPool},
        runtime_env::RuntimeEnvBuilder,
    },
    logical_expr::LogicalPlan,
    prelude::SessionConfig,
};
use signet_kql::{Column, Part, RunError, SharedTables, SourceRows, Tables, Value, plan::Rel};
use tokio::runtime::Runtime;

use crate::{TableParts, TimeSpan};
use lower::{Lowering, Not};
use scan::Parts;

/// What one query may use of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Threads.
    pub threads: usize,
    /// Bytes.
    pub memory: usize,
}

/// A query, and when it is asked of what.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'q> {
    /// Its text.
    pub text: &'q str,
    /// When it is, in hundreds of nanoseconds since the year 1.
    pub now: i64,
    /// What lies outside of this is not there.
    pub window: TimeSpan,
}

/// The columnar engine.
pub struct Engine {
    runtime: Runtime,
    context: SessionContext,
    shares: Shares,
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
#[error("the columnar engine did not start: {0}")]
pub struct EngineError(String);

impl Engine {
    /// An engine that keeps to its shares; nothing is written to a disk.
    pub fn new(shares: Shares) -> Result<Self, EngineError> {
        let failed = |error: &dyn std::fmt::Display| EngineError(error.to_string());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(shares.threads.max(1))
            .build()
            .map_err(|error| failed(&error))?;
        let mut config = SessionConfig::new().with_target_partitions(shares.threads.max(1));
        config.options_mut().execution.parquet.pushdown_filters = true;
        config.options_mut().execution.parquet.reorder_filters = true;
        let pool: Arc<dyn MemoryPool> = Arc::new(FairSpillPool::new(shares.memory));
        let disk = datafusion::execution::disk_manager::DiskManagerBuilder::default()
            .with_mode(datafusion::execution::disk_manager::DiskManagerMode::Disabled);
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(pool)
            .with_disk_manager_builder(disk)
            .build_arc()
            .map_err(|error| failed(&error))?;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(environment)
            .with_default_features()
            .build();
        Ok(Self { runtime, context: SessionContext::new_with_state(state), shares })
    }

    /// One tenant's tables, to run the plan of a query over; what is no table is left to `functions`.
    pub fn over<'e>(
        &'e self,
        tables: &BTreeMap<String, (Vec<Column>, TableParts)>,
        functions: &'e dyn Tables,
        asked: Asked<'_>,
    ) -> Over<'e> {
        let mut parts = HashMap::new();
        for (name, (columns, stored)) in tables {
            if let Some(found) = Parts::new(columns, stored, asked.text) {
                parts.insert(name.clone(), Arc::new(found));
            }
        }
        Over { engine: self, parts, window: asked.window, functions, now: asked.now }
    }
}

/// One tenant's tables in the hands of an engine.
pub struct Over<'e> {
    engine: &'e Engine,
    parts: HashMap<String, Arc<Parts>>,
    window: TimeSpan,
    functions: &'e dyn Tables,
    now: i64,
}

impl Over<'_> {
    fn run(&self, plan: LogicalPlan, reprs: Vec<Option<repr::Repr>>) -> Result<SourceRows<'_>, RunError> {
        let stream = self.engine.runtime.block_on(async {
            let frame = self.engine.context.execute_logical_plan(plan).await?;
            frame.execute_stream().await
        });
        let stream = stream.map_err(|error| self.failure(error))?;
        Ok(Box::new(rows::Rows::new(self, stream, reprs)))
    }

    fn lowering<'l>(&'l self, shared: SharedTables<'l>) -> Lowering<'l> {
        Lowering::new(&self.parts, self.window, shared, self.now)
    }

    fn failure(&self, error: DataFusionError) -> RunError {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => RunError::Memory(self.engine.shares.memory),
            _ => failure(error),
        }
    }

    /// How the columnar engine goes about the lowest part of a plan that it answers whole; none where it answers none.
    pub fn explain(&self, part: &Rel) -> Option<String> {
        let nothing = |_| Ok(Vec::new());
        let whole = self.lowering(&nothing).whole(part, None).ok()?;
        let made = self.engine.runtime.block_on(async {
            let frame = self.engine.context.execute_logical_plan(whole.plan).await?;
            frame.create_physical_plan().await
        });
        let plan = made.ok()?;
        Some(datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string())
    }
}

impl Tables for Over<'_> {
    fn rows(&self, table: &str, arguments: &[Value], columns: &[Column]) -> Result<SourceRows<'_>, RunError> {
        self.functions.rows(table, arguments, columns)
    }

    fn place(&self, address: std::net::IpAddr) -> Option<Value> {
        self.functions.place(address)
    }

    fn answer(&self, part: Part<'_>) -> Option<Result<SourceRows<'_>, RunError>> {
        match self.lowering(part.shared).whole(part.rel, part.needed) {
            Ok(whole) => Some(self.run(whole.plan, whole.reprs)),
            Err(Not::Understood) => None,
            Err(Not::Failed(error)) => Some(Err(error)),
        }
    }
}

/// What went wrong within the columnar engine.
fn failure(error: DataFusionError) -> RunError {
    if let DataFusionError::External(inner) = error.find_root()
        && let Some(error) = inner.downcast_ref::<RunError>()
    {
        return error.clone();
    }
    RunError::Source { table: "the log tables".to_owned(), why: error.strip_backtrace() }
}
