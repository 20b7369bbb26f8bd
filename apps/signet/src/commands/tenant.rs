//! `signet tenant`

use crate::admin::{self, CreateTenant};
use crate::cli::Global;
use crate::command_error::CommandError;
use clap::Subcommand;
use serde_json::json;

/// Make tenants
#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Make a tenant with an administrator, whose secret is shown once
    #[command(after_help = "The commands of the public API act as the first tenant's administrator from then on:\n\
        its profile and secret are kept in the data directory, for its owner alone.\n\n\
        Example: signet tenant create Contoso --domain contoso.example --output json")]
    Create {
        /// What people call it
        name: String,
        /// A domain name that stands for the tenant in URLs
        #[arg(long)]
        domain: Option<String>,
    },
}

impl Tenant {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let Self::Create { name, domain } = self;
        let config = global.load(Vec::new())?.config;
        let made = admin::run(&config, CreateTenant { name, domain }).await?;
        let output = global.output();
        let shown = json!({
            "tenantId": made.tenant_id,
            "adminClientId": made.admin_client_id,
            "adminClientSecret": made.admin_client_secret,
            "secretExpires": made.secret_expires,
        });
        output.object(
            &shown,
            &[
                ("tenant", "tenantId"),
                ("administrator's client id", "adminClientId"),
                ("its secret, shown once", "adminClientSecret"),
                ("which expires", "secretExpires"),
            ],
        );
        if made.profile_kept {
            output.note("The commands of this data directory act as this administrator from now on.");
        }
        Ok(())
    }
}
