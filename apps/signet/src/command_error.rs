//! How a command ends when it does not succeed.

use crate::config::ConfigError;
use signet_kernel::{Failure, Fault};
use std::fmt;
use std::process::ExitCode;

/// What the caller of the program can act on: the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did not work, and why was said.
    Failed = 1,
    /// What was asked makes no sense.
    Usage = 2,
    /// The server, or the data directory, is not available now (`EX_UNAVAILABLE`).
    Unavailable = 69,
}

/// The sentence for the person, and the status for the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandError {
    /// The status.
    pub(crate) exit: Exit,
    message: String,
}

impl CommandError {
    /// It did not work.
    pub(crate) fn failed(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Failed, message: message.to_string() }
    }

    /// What was asked makes no sense.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string() }
    }

    /// Something that is needed is not there now.
    pub(crate) fn unavailable(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Unavailable, message: message.to_string() }
    }

    /// The status for the operating system.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        Self::usage(error)
    }
}

impl From<Failure> for CommandError {
    /// The person who runs a local command is the operator, so the detail is shown too.
    fn from(failure: Failure) -> Self {
        let exit = match failure.fault {
            Fault::Input => Exit::Usage,
            Fault::Temporary | Fault::Throttled => Exit::Unavailable,
            _ => Exit::Failed,
        };
        let detail = failure.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        Self { exit, message: format!("{}{detail}", failure.message) }
    }
}
