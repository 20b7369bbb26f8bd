//! All sinks of a deployment.

use crate::config::SinkConfig;
use crate::meter::Meter;
use crate::pump::Pump;
use crate::sink;
use parking_lot::Mutex;
use signet_fetch::{Dial, Exchange, Post};
use signet_jobs::Worker;
use signet_kernel::Context;
use signet_record::Record;
use signet_store::Store;
use signet_web::Stop;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio::task::JoinSet;

const MOST_DEAD: u64 = 10_000;

/// What a sink reaches the outside with.
#[derive(Clone)]
pub struct Outside {
    /// Over HTTPS.
    pub post: Arc<dyn Post>,
    /// Over anything else.
    pub dial: Arc<dyn Dial>,
    /// To buckets.
    pub exchange: Arc<dyn Exchange>,
    /// Time and randomness.
    pub context: Context,
    /// Who says what is sent: the deployment's public URL.
    pub source: String,
}

/// All sinks of a deployment, as one node runs them.
pub struct Exports {
    pumps: Vec<Pump>,
}

impl Exports {
    /// The sinks that the configuration names. Nothing is sent before [`run`](Self::run).
    pub fn new(
        sinks: &BTreeMap<String, SinkConfig>,
        outside: &Outside,
        (store, record, worker): (&Store, &Record, &Worker),
    ) -> Self {
        let pump = |(name, config): (&String, &SinkConfig)| Pump {
            name: name.clone(),
            choice: config.choice.clone(),
            sink: sink::sink(&config.target, outside),
            store: store.clone(),
            record: record.clone(),
            worker: worker.clone(),
            meter: Meter::new(name),
            most_dead: MOST_DEAD,
            taken: Mutex::default(),
        };
        Self { pumps: sinks.iter().map(pump).collect() }
    }

    /// The counts of each sink.
    pub fn meters(&self) -> Vec<Meter> {
        self.pumps.iter().map(|pump| pump.meter.clone()).collect()
    }

    /// Sends until `stop`. What is under way then is sent again by whoever goes on.
    pub async fn run(self, stop: Stop) {
        let mut running = JoinSet::new();
        for pump in self.pumps {
            running.spawn(pump.run(stop.clone()));
        }
        while let Some(ended) = running.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a sink ended; it sends nothing until the program is started again");
            }
        }
    }
}

impl fmt::Debug for Exports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.pumps.iter().map(|pump| &pump.name)).finish()
    }
}
