//! `signet serve`

use crate::assembly::Server;
use crate::cli::{Flags, Global};
use crate::command_error::CommandError;
use crate::config::Loaded;
use crate::logging::{self, LogLevel};
use crate::telemetry::Telemetry;
use clap::Args;
use signet_kernel::Context;
use std::net::SocketAddr;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Run the server
#[derive(Debug, Args)]
#[command(
    after_help = "SIGTERM and SIGINT end it without losing a request. SIGHUP reads the TLS files and the log level again.\n\n\
    Example: signet serve --listen 0.0.0.0:8443 --public-url https://id.contoso.example"
)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) listen: Listen,
    /// Print the effective configuration, with where each value comes from, and end
    #[arg(long)]
    print_config: bool,
}

/// Where a server answers.
#[derive(Debug, Clone, Args)]
pub(crate) struct Listen {
    /// Address and port of the public listener [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Address and port of health and metrics [default: 127.0.0.1:9443]
    #[arg(long, value_name = "ADDRESS")]
    management_listen: Option<SocketAddr>,
    /// The URL that clients use [default: https://localhost:PORT]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Listen {
    /// As flags over the configuration.
    pub(crate) fn flags(&self) -> Flags {
        let listen = self.listen.map(|address| ("--listen", "listen", address.to_string()));
        let management =
            self.management_listen.map(|address| ("--management-listen", "management_listen", address.to_string()));
        let url = self.public_url.clone().map(|url| ("--public-url", "public_url", url));
        listen.into_iter().chain(management).chain(url).collect()
    }
}

impl Serve {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let loaded = global.load(self.listen.flags())?;
        if self.print_config {
            global.output().line(loaded.to_toml().trim_end());
            return Ok(());
        }
        let telemetry = Telemetry::start(&loaded.config.telemetry)?;
        let level = logging::start(&loaded.config.log, &telemetry)?;
        let signals = Signals::listen()?;
        let server = Server::start(loaded.config.clone(), Context::system()).await?;
        let again = || global.load(self.listen.flags());
        until_stopped(&server, signals, loaded, &level, again).await;
        server.stop().await;
        telemetry.stop().await;
        Ok(())
    }
}

/// The signals that a server minds.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Listens from now on, so that none is missed while the server starts.
    pub(crate) fn listen() -> Result<Self, CommandError> {
        let listen = |kind| signal(kind).map_err(CommandError::failed);
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }
}

impl Signals {
    /// Returns at a signal to stop; `again` is called at each hang-up.
    pub(crate) async fn until_stop(&mut self, again: impl Fn()) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => again(),
            }
        }
    }
}

/// Serves until a signal to stop, and reloads at each hang-up.
pub(crate) async fn until_stopped<E: std::fmt::Display>(
    server: &Server,
    mut signals: Signals,
    mut loaded: Loaded,
    level: &LogLevel,
    again: impl Fn() -> Result<Loaded, E>,
) {
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return,
            _ = signals.interrupt.recv() => return,
            _ = signals.hang_up.recv() => match again() {
                Ok(next) => loaded = reload(server, loaded, next, level),
                Err(error) => tracing::error!(%error, "the configuration stays as it is"),
            },
        }
    }
}

fn reload(server: &Server, before: Loaded, next: Loaded, level: &LogLevel) -> Loaded {
    if let Err(error) = server.reload_tls() {
        tracing::error!(%error, "the TLS certificate stays as it is");
    }
    if let Err(error) = level.set(&next.config.log.level) {
        tracing::error!(%error, "the log level stays as it is");
    }
    let changed = before.changed_beyond_reload(&next);
    if !changed.is_empty() {
        tracing::warn!(keys = changed.join(", "), "changed, but a running server cannot take them over: restart it");
        // The next reload names them again: they still wait for the restart.
        return before;
    }
    tracing::info!("reloaded TLS files and log level");
    next
}
