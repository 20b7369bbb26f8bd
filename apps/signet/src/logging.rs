//! Structured logs on standard error. What may appear in them is decided where it is written: never a secret.

use crate::command_error::CommandError;
use crate::config::{LogConfig, LogFormat};
use crate::telemetry::Telemetry;
use std::io::IsTerminal;
use tracing::Subscriber;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

/// Changes the level of a running process.
#[derive(Debug, Clone)]
pub(crate) struct LogLevel(reload::Handle<EnvFilter, Registry>);

/// Starts logging, and hands spans to the telemetry if there is one.
pub(crate) fn start(config: &LogConfig, telemetry: &Telemetry) -> Result<LogLevel, CommandError> {
    let (filter, handle) = reload::Layer::new(parse(&config.level)?);
    let Some(tracer) = telemetry.tracer() else {
        tracing_subscriber::registry()
            .with(filter)
            .with(lines(config.format))
            .try_init()
            .map_err(CommandError::failed)?;
        return Ok(LogLevel(handle));
    };
    // Spans are for the collector and lines for the log, whatever the log's level is. Spans of libraries stay out.
    let lines = lines(config.format).with_filter(filter.and(filter_fn(|metadata| !metadata.is_span())));
    let ours = filter_fn(|metadata| metadata.is_span() && metadata.target().starts_with("signet"));
    let spans = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        // The name is known once the route is: until then the span must not have begun as it is sent.
        .with_context_activation(false)
        .with_filter(ours);
    tracing_subscriber::registry().with(lines).with(spans).try_init().map_err(CommandError::failed)?;
    Ok(LogLevel(handle))
}

/// Writes events as lines.
fn lines<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    }
}

impl LogLevel {
    /// Takes another level over.
    pub(crate) fn set(&self, level: &str) -> Result<(), CommandError> {
        self.0.reload(parse(level)?).map_err(CommandError::failed)
    }
}

fn parse(level: &str) -> Result<EnvFilter, CommandError> {
    EnvFilter::try_new(level)
        .map_err(|error| CommandError::usage(format!("log.level `{level}` cannot be used: {error}")))
}
