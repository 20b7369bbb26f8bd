//! Which administrator the commands of the public API act as. Secrets and keys lie in files, never in flags or the
//! profile.

use crate::client_key::ClientKey;
use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::{DataDir, write_private};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `client.json` in the data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    /// Where the server answers.
    pub(crate) url: String,
    /// The tenant.
    pub(crate) tenant_id: String,
    /// The administrator's client id.
    pub(crate) client_id: String,
    /// Where what it proves itself with lies; unknown if only its public key was ever seen here.
    #[serde(flatten)]
    pub(crate) credential: Option<ProfileCredential>,
}

/// The file with what an administrator proves itself with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum ProfileCredential {
    /// A secret.
    #[serde(rename_all = "camelCase")]
    Secret {
        /// The secret, as it is.
        client_secret_file: PathBuf,
    },
    /// A private key that signs assertions.
    #[serde(rename_all = "camelCase")]
    Key {
        /// PKCS#8, PEM.
        client_key_file: PathBuf,
    },
}

/// What an administrator proves itself with.
pub(crate) enum Proof {
    /// A secret.
    Secret(String),
    /// A key that signs assertions.
    Key(ClientKey),
}

const URL: &str = "SIGNET_URL";
const TENANT: &str = "SIGNET_TENANT";
const CLIENT: &str = "SIGNET_CLIENT_ID";
const SECRET_FILE: &str = "SIGNET_CLIENT_SECRET_FILE";
const KEY_FILE: &str = "SIGNET_CLIENT_KEY_FILE";

impl Profile {
    /// Writes the profile, for its owner alone.
    pub(crate) fn keep(&self, data: &DataDir) -> std::io::Result<()> {
        write_private(&data.profile(), &serde_json::to_vec_pretty(self)?)
    }

    /// Writes the secret where the profile says that it lies, for its owner alone.
    pub(crate) fn keep_secret(&self, secret: &str) -> std::io::Result<()> {
        match &self.credential {
            Some(ProfileCredential::Secret { client_secret_file }) => {
                write_private(client_secret_file, secret.as_bytes())
            }
            _ => Ok(()),
        }
    }

    /// The profile that the environment names, and for the rest the one in the data directory.
    pub(crate) fn load(config: &Config) -> Result<Self, CommandError> {
        let environment = |variable: &str| std::env::var(variable).ok();
        Self::of(environment, read(&DataDir::at(&config.data_dir).profile())?, config)
    }

    fn of(
        environment: impl Fn(&str) -> Option<String>,
        kept: Option<Self>,
        config: &Config,
    ) -> Result<Self, CommandError> {
        let named = |variable: &str| environment(variable).filter(|value| !value.is_empty());
        let missing = |variable: &str| missing(variable, &DataDir::at(&config.data_dir));
        let kept = kept.as_ref();
        let choose =
            |variable: &str, kept: Option<&String>| named(variable).or(kept.cloned()).ok_or_else(|| missing(variable));
        let credential = match (named(SECRET_FILE), named(KEY_FILE)) {
            (Some(_), Some(_)) => {
                return Err(CommandError::usage(format!("{SECRET_FILE} and {KEY_FILE} are both set; unset one")));
            }
            (Some(file), None) => Some(ProfileCredential::Secret { client_secret_file: file.into() }),
            (None, Some(file)) => Some(ProfileCredential::Key { client_key_file: file.into() }),
            (None, None) => kept.and_then(|kept| kept.credential.clone()),
        };
        Ok(Self {
            url: choose(URL, kept.map(|kept| &kept.url).or(Some(&config.public_url)))?,
            tenant_id: choose(TENANT, kept.map(|kept| &kept.tenant_id))?,
            client_id: choose(CLIENT, kept.map(|kept| &kept.client_id))?,
            credential,
        })
    }

    /// What the administrator proves itself with, read from its file.
    pub(crate) fn proof(&self) -> Result<Proof, CommandError> {
        match &self.credential {
            Some(ProfileCredential::Secret { client_secret_file }) => {
                read_secret(client_secret_file).map(Proof::Secret)
            }
            Some(ProfileCredential::Key { client_key_file }) => ClientKey::read(client_key_file).map(Proof::Key),
            None => Err(CommandError::usage(format!(
                "the administrator {} has no credential here: set {KEY_FILE} to the file with its private key (PKCS#8, \
                 PEM), or {SECRET_FILE} to one with a secret",
                self.client_id
            ))),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Loaded;

    fn of(environment: &[(&str, &str)], kept: Option<Profile>) -> Result<Profile, CommandError> {
        let config = Loaded::load(None, std::iter::empty(), &[]).unwrap().config;
        let find = |name: &str| {
            environment.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        };
        Profile::of(find, kept, &config)
    }

    fn kept(members: &str) -> Profile {
        let text = format!(r#"{{"url":"https://a.example","tenantId":"t","clientId":"c"{members}}}"#);
        let profile: Profile = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&profile).unwrap(), text, "written as read");
        profile
    }

    #[test]
    fn two_credentials_in_the_environment_are_refused() {
        let refused = of(&[(SECRET_FILE, "s"), (KEY_FILE, "k")], Some(kept(""))).unwrap_err();
        assert!(refused.to_string().contains("both set"), "{refused}");
    }

    #[test]
    fn without_a_credential_the_sentence_names_the_variables() {
        let refused = of(&[], Some(kept(""))).unwrap().proof().map(drop).unwrap_err().to_string();
        assert!(refused.contains(KEY_FILE) && refused.contains(SECRET_FILE), "{refused}");
        let refused = of(&[(KEY_FILE, "k")], None).unwrap_err();
        assert!(refused.to_string().contains(TENANT), "{refused}");
    }

    #[test]
    fn a_credential_in_the_environment_replaces_the_kept_one() {
        let secret = kept(r#","clientSecretFile":"s""#);
        let key = kept(r#","clientKeyFile":"k""#);
        assert_eq!(of(&[], Some(secret.clone())).unwrap(), secret);
        assert_eq!(of(&[(KEY_FILE, "k")], Some(secret.clone())).unwrap().credential, key.credential);
        assert_eq!(of(&[(SECRET_FILE, "s")], Some(key)).unwrap().credential, secret.credential);
    }
}
