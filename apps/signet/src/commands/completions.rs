//! `signet completions`

use crate::cli::Cli;
use crate::command_error::CommandError;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example: signet completions bash > /etc/bash_completion.d/signet")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "signet", &mut script);
        std::io::Write::write_all(&mut std::io::stdout(), &script).map_err(CommandError::failed)
    }
}
