//! `signet tenant`

use crate::admin::{self, AdminKey, AdminProof, CreateTenant};
use crate::cli::Global;
use crate::client_key::{ClientKey, read_jwk};
use crate::command_error::CommandError;
use clap::Subcommand;
use serde_json::{Value, json};
use signet_jose::Jwk;
use std::path::{Path, PathBuf};

/// Make tenants
#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Make a tenant with an administrator, whose secret is shown once and expires in 30 days
    #[command(after_help = "The commands of the public API act as the first tenant's administrator from then on:\n\
        its profile and secret are kept in the data directory, for its owner alone.\n\n\
        With --admin-jwk the administrator has no secret: it proves itself with assertions that its key signs\n\
        (private_key_jwt). The private half stays where it is; `signet credential new-key` makes such a pair.\n\n\
        Examples:\n  signet tenant create Contoso --domain contoso.example --output json\n  \
        signet tenant create Contoso --admin-jwk admin.jwk --admin-key-file admin.key")]
    Create {
        /// What people call it
        name: String,
        /// A domain name that stands for the tenant in URLs
        #[arg(long)]
        domain: Option<String>,
        /// The administrator's public key instead of a secret: JWK, RSA of at least 2048 bits or on P-256
        #[arg(long, value_name = "FILE")]
        admin_jwk: Option<PathBuf>,
        /// Where its private half lies (PKCS#8, PEM), for the commands of this data directory; it is not copied
        #[arg(long, value_name = "FILE", requires = "admin_jwk")]
        admin_key_file: Option<PathBuf>,
    },
}

impl Tenant {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let Self::Create { name, domain, admin_jwk, admin_key_file } = self;
        let config = global.load(Vec::new())?.config;
        let admin_key = admin_jwk.map(|jwk| admin_key(&jwk, admin_key_file)).transpose()?;
        let made = admin::run(&config, CreateTenant { name, domain, admin_key }).await?;
        let output = global.output();
        let mut rows = vec![("tenant", "tenantId"), ("administrator's client id", "adminClientId")];
        let mut shown = json!({ "tenantId": made.tenant_id, "adminClientId": made.admin_client_id });
        let (more, proof) = match &made.proof {
            AdminProof::Secret { admin_client_secret, secret_expires } => (
                vec![("its secret, shown once", "adminClientSecret"), ("which expires", "secretExpires")],
                json!({ "adminClientSecret": admin_client_secret, "secretExpires": secret_expires }),
            ),
            AdminProof::Key { admin_key_thumbprint } => (
                vec![("its key's thumbprint", "adminKeyThumbprint")],
                json!({ "adminKeyThumbprint": admin_key_thumbprint }),
            ),
        };
        rows.extend(more);
        if let (Value::Object(shown), Value::Object(proof)) = (&mut shown, proof) {
            shown.extend(proof);
        }
        output.object(&shown, &rows);
        if made.profile_kept {
            output.note("The commands of this data directory act as this administrator from now on.");
        }
        Ok(())
    }
}

/// The public key in a file. A private one goes nowhere: neither to the server nor into the profile.
fn admin_key(jwk: &Path, key_file: Option<PathBuf>) -> Result<AdminKey, CommandError> {
    let public = read_jwk(jwk)?;
    let file = key_file.map(|file| of_the_same_pair(&file, &public)).transpose()?;
    Ok(AdminKey { jwk: serde_json::to_value(public).map_err(CommandError::failed)?, file })
}

fn of_the_same_pair(file: &Path, public: &Jwk) -> Result<PathBuf, CommandError> {
    if ClientKey::read(file)?.thumbprint() != public.key().thumbprint() {
        return Err(CommandError::usage(format!("{} is not the private half of that public key", file.display())));
    }
    std::path::absolute(file).map_err(CommandError::failed)
}
