//! `signet keys`

use crate::admin::{self, ListKeys, PrepareMaster, RevokeKey, RotateKeys, RotateMaster};
use crate::cli::Global;
use crate::command_error::CommandError;
use clap::Subcommand;
use serde::Serialize;
use serde_json::Value;
use signet_kernel::TenantId;
use signet_signing_keys::schedule::{JWKS_MAX_AGE, MARGIN};

/// Token-signing keys, and the master key
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// List the keys of every tenant
    List,
    /// Publish successors; they sign once every copy of the published keys can hold them
    Rotate {
        /// Of this tenant alone
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
    },
    /// Make the next master key of nodes that share a database, and put it to no use yet
    #[command(
        after_help = "Copy master.key.next, 0600, into the data directory of every node, then run `signet keys rotate-master` on\n\
        each, one after another, while all of them run."
    )]
    PrepareMaster,
    /// Rewrap what the master key wraps with a new one, or, of nodes that share a database, with the prepared one
    #[command(
        after_help = "The new key takes the place of master.key in the data directory; copy it to where you keep the\n\
        old one. Backups from before still need the old key, which stays beside it under its fingerprint: take it away\n\
        once it lies somewhere safe or those backups are gone. If the command is interrupted, run it again or restart\n\
        the server: both keys are kept until everything is rewrapped."
    )]
    RotateMaster,
    /// Withdraw a key at once, with every token that it signed
    Revoke {
        /// The key's id; it may begin with a hyphen
        #[arg(allow_hyphen_values = true)]
        kid: String,
        /// Says that the key is known to others: its tokens become void and cannot be verified any more
        #[arg(long, required = true)]
        compromised: bool,
    },
}

impl Keys {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let (config, output) = (global.load(Vec::new())?.config, global.output());
        match self {
            Self::List => {
                let keys = items(&admin::run(&config, ListKeys {}).await?);
                let columns = [
                    ("TENANT", "tenant"),
                    ("KEY", "kid"),
                    ("ALGORITHM", "algorithm"),
                    ("SIGNS FROM", "activates"),
                    ("COMPROMISED", "compromised"),
                ];
                output.list(&keys, &columns);
            }
            Self::Rotate { tenant } => {
                let made = items(&admin::run(&config, RotateKeys { tenant }).await?);
                output.list(&made, &[("TENANT", "tenant"), ("NEW KEY", "kid")]);
                let minutes = (JWKS_MAX_AGE + MARGIN).as_secs() / 60;
                output.note(&format!(
                    "They sign after {minutes} minutes; the old ones stay published until their tokens have expired."
                ));
            }
            Self::PrepareMaster => {
                let made = serde_json::to_value(admin::run(&config, PrepareMaster {}).await?);
                let rows = [("next master key", "fingerprint"), ("which lies in", "file")];
                output.object(&made.map_err(CommandError::failed)?, &rows);
                output.note("Copy that file to every node, then run `signet keys rotate-master` on each.");
            }
            Self::RotateMaster => {
                let done = serde_json::to_value(admin::run(&config, RotateMaster {}).await?);
                let rows = [
                    ("master key in use", "newFingerprint"),
                    ("key from before", "oldFingerprint"),
                    ("which lies in", "oldKeyFile"),
                    ("tenant keys rewrapped", "tenantKeys"),
                ];
                output.object(&done.map_err(CommandError::failed)?, &rows);
                output.note("Copy the new master.key to where you keep the old one: without it no data can be opened.");
            }
            Self::Revoke { kid, .. } => {
                let made = items(&[admin::run(&config, RevokeKey { kid }).await?]);
                output.list(&made, &[("TENANT", "tenant"), ("REPLACED BY", "kid")]);
                output.note("Every token that the key signed is void. Resources that kept a copy of the published keys believe it until they fetch them again.");
            }
        }
        Ok(())
    }
}

fn items<T: Serialize>(items: &[T]) -> Vec<Value> {
    items.iter().filter_map(|item| serde_json::to_value(item).ok()).collect()
}
