//! `signet quickstart`

mod environment;
mod kill_switch;
mod objects;
mod walk;

use super::serve::{Listen, Signals, until_stopped};
use crate::admin::{AdminCommand, CreateTenant};
use crate::assembly::Server;
use crate::cli::Global;
use crate::client::Client;
use crate::command_error::CommandError;
use crate::config::LogConfig;
use crate::logging;
use crate::node::Node;
use crate::output::Output;
use crate::profile::Profile;
use crate::telemetry::Telemetry;
use clap::Args;
use signet_kernel::Context;
use walk::Walk;

/// Start the server and walk the main job: blueprint, agent, token, record, kill switch
#[derive(Debug, Args)]
#[command(after_help = "A second run continues with the same data. The server goes on until Ctrl-C.")]
pub(crate) struct Quickstart {
    #[command(flatten)]
    listen: Listen,
    /// End after the walk
    #[arg(long)]
    exit: bool,
}

/// During the walk, the log would stand between the steps.
const QUIET: &str = "warn";

impl Quickstart {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let (loaded, output) = (global.load(self.listen.flags())?, global.output());
        if output.is_json() {
            return Err(CommandError::usage("the walk is for people; it has no --output json"));
        }
        let log = &loaded.config.log;
        let telemetry = Telemetry::start(&loaded.config.telemetry)?;
        let level = logging::start(&LogConfig { level: QUIET.to_owned(), ..log.clone() }, &telemetry)?;
        let signals = Signals::listen()?;
        let server = Server::start(loaded.config.clone(), Context::system()).await?;
        let walked = walk(server.node(), output).await;
        if walked.is_err() || self.exit {
            server.stop().await;
            telemetry.stop().await;
            return walked;
        }
        level.set(&log.level)?;
        output.line("\nThe server goes on. Ctrl-C ends it; `signet quickstart` starts again from the same data.");
        until_stopped(&server, signals, loaded, &level, || global.load(self.listen.flags())).await;
        server.stop().await;
        telemetry.stop().await;
        Ok(())
    }
}

async fn walk(node: &Node, output: Output) -> Result<(), CommandError> {
    let continued = node.data.profile().exists();
    if !continued {
        CreateTenant { name: "Contoso".to_owned(), domain: None, admin_key: None }.run(node).await?;
    }
    let client = Client::new(profile(node)?, &node.data)?;
    let mut walk = Walk::new(client, output, node.data.clone());
    walk.greet(continued)?;
    let made = objects::make(&mut walk).await?;
    environment::write(&walk, &made)?;
    kill_switch::show(&mut walk, &made).await?;
    environment::explain(&walk);
    Ok(())
}

/// The administrator whom `tenant create` kept, at this start's address.
fn profile(node: &Node) -> Result<Profile, CommandError> {
    let mut profile = Profile::load(&node.config)?;
    if profile.url != node.config.public_url {
        profile.url.clone_from(&node.config.public_url);
        profile.keep(&node.data).map_err(CommandError::failed)?;
    }
    Ok(profile)
}
