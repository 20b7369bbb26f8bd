//! Requests counted and timed by route class.

use axum::http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use signet_kernel::Context;
use std::sync::Arc;
use std::time::Duration;

const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Bounds in seconds: from a token out of memory to a slow disk.
const SECONDS: [f64; 12] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// How requests are sorted. Classes are few and fixed, so that no client can grow the metrics.
#[derive(Debug, Clone, Copy)]
pub struct RouteClasses {
    /// The classes' names; the last one takes what `of` places out of range.
    pub names: &'static [&'static str],
    /// The index in `names` for a path.
    pub of: fn(&str) -> usize,
}

/// Counters and latency histogram of one server. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Traffic {
    of: fn(&str) -> usize,
    classes: Arc<[Class]>,
    panics: Counter,
}

#[derive(Debug, Clone)]
struct Class {
    answers: [Counter; STATUSES.len()],
    seconds: Histogram,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnswerLabels {
    route: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: &'static str,
}

impl Traffic {
    /// Registers `http_requests_total`, `http_request_duration_seconds` and `http_panics_total`, all at zero.
    pub fn register(registry: &mut Registry, routes: RouteClasses) -> Self {
        let answers = Family::<AnswerLabels, Counter>::default();
        let seconds = Family::<RouteLabel, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register("http_requests", "Requests answered", answers.clone());
        registry.register("http_request_duration_seconds", "From headers read to answer ready", seconds.clone());
        let panics = Counter::default();
        registry.register("http_panics", "Requests whose handler panicked", panics.clone());
        let class = |route: &&'static str| Class {
            answers: STATUSES.map(|status| answers.get_or_create_owned(&AnswerLabels { route, status })),
            seconds: seconds.get_or_create_owned(&RouteLabel { route }),
        };
        Self { of: routes.of, classes: routes.names.iter().map(class).collect(), panics }
    }

    pub(crate) fn start(&self, context: &Context, path: &str) -> Watch {
        let class = (self.of)(path).min(self.classes.len().saturating_sub(1));
        Watch { traffic: self.clone(), class, context: context.clone(), started: context.monotonic() }
    }
}

/// One request being timed.
pub(crate) struct Watch {
    traffic: Traffic,
    class: usize,
    context: Context,
    started: Duration,
}

impl Watch {
    /// The handler panicked; the answer is still to come.
    pub(crate) fn panicked(&self) {
        self.traffic.panics.inc();
    }

    pub(crate) fn stop(self, status: StatusCode) {
        let Some(class) = self.traffic.classes.get(self.class) else { return };
        class.seconds.observe(self.context.monotonic().saturating_sub(self.started).as_secs_f64());
        if let Some(counter) = class.answers.get(usize::from(status.as_u16() / 100).wrapping_sub(1)) {
            counter.inc();
        }
    }
}
