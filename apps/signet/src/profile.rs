//! Which administrator the commands of the public API act as. Secrets lie in files, never in flags or the profile.

use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::{DataDir, write_private};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `client.json` in the data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Profile {
    /// Where the server answers.
    pub(crate) url: String,
    /// The tenant.
    pub(crate) tenant_id: String,
    /// The administrator's client id.
    pub(crate) client_id: String,
    /// The file with its secret.
    pub(crate) client_secret_file: PathBuf,
}

const URL: &str = "SIGNET_URL";
const TENANT: &str = "SIGNET_TENANT";
const CLIENT: &str = "SIGNET_CLIENT_ID";
const SECRET_FILE: &str = "SIGNET_CLIENT_SECRET_FILE";

impl Profile {
    /// Writes the profile and its secret, for their owner alone. A second tenant does not replace the first one's.
    pub(crate) fn keep(&self, data: &DataDir, secret: &str) -> std::io::Result<()> {
        write_private(&self.client_secret_file, secret.as_bytes())?;
        write_private(&data.profile(), &serde_json::to_vec_pretty(self)?)
    }

    /// The profile that the environment names, and for the rest the one in the data directory.
    pub(crate) fn load(config: &Config) -> Result<Self, CommandError> {
        let data = DataDir::at(&config.data_dir);
        let kept = read(&data.profile())?;
        let choose = |variable: &str, kept: Option<String>| {
            std::env::var(variable)
                .ok()
                .filter(|value| !value.is_empty())
                .or(kept)
                .ok_or_else(|| missing(variable, &data))
        };
        let kept = kept.as_ref();
        Ok(Self {
            url: choose(URL, kept.map(|kept| kept.url.clone()).or(Some(config.public_url.clone())))?,
            tenant_id: choose(TENANT, kept.map(|kept| kept.tenant_id.clone()))?,
            client_id: choose(CLIENT, kept.map(|kept| kept.client_id.clone()))?,
            client_secret_file: choose(SECRET_FILE, kept.map(|kept| kept.client_secret_file.display().to_string()))?
                .into(),
        })
    }

    /// The administrator's secret.
    pub(crate) fn secret(&self) -> Result<String, CommandError> {
        read_secret(&self.client_secret_file)
    }
}

/// A secret from a file, without the line's end.
pub(crate) fn read_secret(file: &Path) -> Result<String, CommandError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| CommandError::failed(format!("cannot read the secret in {}: {error}", file.display())))?;
    Ok(text.trim_end().to_owned())
}

fn read(path: &Path) -> Result<Option<Profile>, CommandError> {
    let unusable = |error: String| CommandError::failed(format!("cannot use {}: {error}", path.display()));
    match std::fs::read(path) {
        Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|error| unusable(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(error.to_string())),
    }
}

fn missing(variable: &str, data: &DataDir) -> CommandError {
    CommandError::usage(format!(
        "no administrator to act as: there is no {} (`signet tenant create` makes it), and {variable} is not set",
        data.profile().display()
    ))
}
