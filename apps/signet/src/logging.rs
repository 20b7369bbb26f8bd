//! Structured logs on standard error. What may appear in them is decided where it is written: never a secret.

use crate::command_error::CommandError;
use crate::config::{LogConfig, LogFormat};
use std::io::IsTerminal;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

/// Changes the level of a running process.
#[derive(Debug, Clone)]
pub(crate) struct LogLevel(reload::Handle<EnvFilter, Registry>);

/// Starts logging.
pub(crate) fn start(config: &LogConfig) -> Result<LogLevel, CommandError> {
    let (filter, handle) = reload::Layer::new(parse(&config.level)?);
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = match config.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(filter).with(lines).try_init().map_err(CommandError::failed)?;
    Ok(LogLevel(handle))
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
