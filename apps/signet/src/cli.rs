//! The words of the command line. What each does is in `commands/`, one file per word.

#[cfg(feature = "engine")]
use crate::commands::query_worker;
use crate::commands::{
    agent, backup, blueprint, column_worker, completions, credential, database, doctor, exports, keys, logs, migrate,
    permission, query, quickstart, resource, restore, serve, tenant, token, user, witness,
};
use crate::config::{ConfigError, Loaded};
use crate::output::{Format, Output};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  signet quickstart                      start and walk through everything
  signet serve --config signet.toml      run the server
  signet tenant create Contoso           make a tenant and its administrator
  signet user create ada@contoso.example --name Ada
  signet blueprint create 'Order desk' --sponsor ada@contoso.example
  signet resource create orders --uri api://orders --role Orders.Read
  signet token --blueprint ID --agent ID --secret-file FILE --scope api://orders/.default
  signet doctor                          what is wrong, and what to do

Exit status: 0 done, 1 failed, 2 wrong usage or configuration, 69 server or data directory not available.
Configuration: docs/configuration.md. Secrets are read from files, never from flags.";

/// Identities for AI agents: blueprints, agents, their tokens, and the record of it all
#[derive(Debug, Parser)]
#[command(name = "signet", version, about, after_help = EXAMPLES, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Where everything is kept [default: ./signet-data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE", env = "SIGNET_CONFIG")]
    config: Option<PathBuf>,
    /// How to print results
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    output: Format,
}

/// Flags over keys of the configuration.
pub(crate) type Flags = Vec<(&'static str, &'static str, String)>;

impl Global {
    /// The configuration with `more` flags over it.
    pub(crate) fn load(&self, more: Flags) -> Result<Loaded, ConfigError> {
        let data_dir = self.data_dir.iter().map(|dir| ("--data-dir", "data_dir", dir.display().to_string()));
        let flags: Flags = data_dir.chain(more).collect();
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Loaded::load(self.config.as_deref(), std::env::vars_os().filter_map(text), &flags)
    }

    /// Where results go.
    pub(crate) fn output(&self) -> Output {
        Output::new(self.output)
    }
}

/// The first word.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Start the server and walk the main job: blueprint, agent, token, record, kill switch
    Quickstart(quickstart::Quickstart),
    /// Make tenants
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// People, who answer for blueprints and agents
    #[command(subcommand)]
    User(user::User),
    /// Blueprints: what agents are stamped from, and the kill switch for all of them
    #[command(subcommand)]
    Blueprint(blueprint::Blueprint),
    /// Agent identities
    #[command(subcommand)]
    Agent(agent::Agent),
    /// Credentials of a blueprint: secrets, certificates, federated
    #[command(subcommand)]
    Credential(credential::Credential),
    /// APIs that agents call, and the app roles they know
    #[command(subcommand)]
    Resource(resource::Resource),
    /// App roles that agents and other principals hold
    #[command(subcommand)]
    Permission(permission::Permission),
    /// Get an agent's token by the two steps and show what is in it
    Token(token::Token),
    /// The record: sign-ins, and its verification
    #[command(subcommand)]
    Logs(logs::Logs),
    /// What is handed on to other systems, and what they refused
    #[command(subcommand)]
    Exports(exports::Exports),
    /// Ask the record in KQL
    Query(query::Query),
    /// Answer queries for the server that starts it
    #[cfg(feature = "engine")]
    #[command(hide = true)]
    QueryWorker(query_worker::QueryWorker),
    /// Make columns of records for the server that starts it
    #[command(hide = true)]
    ColumnWorker(column_worker::ColumnWorker),
    /// Say what is wrong with this deployment, and what to do
    Doctor(doctor::Doctor),
    /// Token-signing keys, and the master key that seals them
    #[command(subcommand)]
    Keys(keys::Keys),
    /// The PostgreSQL database that nodes share
    #[command(subcommand)]
    Database(database::Database),
    /// Move everything from a data directory into a PostgreSQL database
    Migrate(migrate::Migrate),
    /// Copy the data directory while it is in use, without the master key
    Backup(backup::Backup),
    /// Make a data directory of a backup; it issues nothing until confirmed
    Restore(restore::Restore),
    /// Run a witness: it cosigns that the logs of other deployments only grow
    Witness(witness::RunWitness),
    /// Print a completion script for a shell
    Completions(completions::Completions),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    fn refusal(words: &[&str]) -> ErrorKind {
        Cli::try_parse_from([&["signet"], words].concat()).unwrap_err().kind()
    }

    #[test]
    fn the_words_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn secrets_are_never_flags() {
        fn walk(command: &clap::Command) {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                let takes_text = argument.get_action().takes_values();
                assert!(!takes_text || !name.contains("secret") || name.ends_with("file"), "{name}");
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }

    #[test]
    fn wrong_usage_is_refused() {
        assert_eq!(refusal(&["tenant", "create"]), ErrorKind::MissingRequiredArgument);
        assert_eq!(refusal(&["serve", "--lisen", "x"]), ErrorKind::UnknownArgument);
        assert_eq!(
            refusal(&["keys", "revoke", "kid"]),
            ErrorKind::MissingRequiredArgument,
            "--compromised is said aloud"
        );
        assert_eq!(refusal(&["doctor", "--output", "xml"]), ErrorKind::InvalidValue);
    }

    #[test]
    fn global_flags_stand_before_or_after_the_words() {
        for words in [
            ["signet", "--data-dir", "d", "tenant", "create", "Contoso", "--output", "json"],
            ["signet", "tenant", "create", "Contoso", "--output", "json", "--data-dir", "d"],
        ] {
            let cli = Cli::try_parse_from(words).unwrap();
            assert_eq!((cli.global.data_dir, cli.global.output), (Some("d".into()), Format::Json));
        }
    }
}
