//! `signet keys`

use crate::admin::{self, ListKeys, RevokeKey, RotateKeys};
use crate::cli::Global;
use crate::command_error::CommandError;
use clap::Subcommand;
use serde::Serialize;
use serde_json::Value;
use signet_kernel::TenantId;

/// Token-signing keys
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
                output.note("They sign after 10 minutes; the old ones stay published until their tokens have expired.");
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
