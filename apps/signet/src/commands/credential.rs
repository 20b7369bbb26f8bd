//! `signet credential`

use super::find::{BLUEPRINT, member};
use crate::cli::Global;
use crate::client::Client;
use crate::client_key::ClientKey;
use crate::command_error::CommandError;
use crate::data_dir::write_private;
use crate::output::Output;
use clap::Subcommand;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Credentials of a blueprint; an agent identity never holds one
#[derive(Debug, Subcommand)]
pub(crate) enum Credential {
    /// Make a client secret; it goes to a file, or is shown once
    #[command(after_help = "Example: signet credential add-secret 'Order desk' --secret-file order-desk.secret")]
    AddSecret {
        /// Id, client id or exact name of the blueprint
        blueprint: String,
        /// What the administrator calls it
        #[arg(long, default_value = "signet")]
        name: String,
        /// Write the secret to this new file, for its owner alone, and do not show it
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
    },
    /// Trust assertions signed with a certificate's key
    #[command(after_help = "Example: signet credential add-certificate 'Order desk' --certificate client.pem")]
    AddCertificate {
        /// Id, client id or exact name of the blueprint
        blueprint: String,
        /// The certificate, PEM
        #[arg(long, value_name = "FILE")]
        certificate: PathBuf,
        /// What the administrator calls it
        #[arg(long, default_value = "signet")]
        name: String,
    },
    /// Trust one subject of an outside issuer, such as a workload of a cloud platform
    #[command(after_help = "Example: signet credential add-federated 'Order desk' --name ci \\\n    \
        --issuer https://token.actions.example --subject repo:contoso/orders:ref:refs/heads/main")]
    AddFederated {
        /// Id, client id or exact name of the blueprint
        blueprint: String,
        /// Its name, unique within the blueprint
        #[arg(long)]
        name: String,
        /// `iss` of the outside tokens, to the letter
        #[arg(long)]
        issuer: String,
        /// `sub` of the outside tokens, to the letter
        #[arg(long)]
        subject: String,
        /// `aud` of the outside tokens, to the letter
        #[arg(long, default_value = "api://AzureADTokenExchange")]
        audience: String,
    },
    /// Make a key pair for signed assertions: the private half for its owner alone, the public half as a JWK
    #[command(after_help = "Needs no server.\n\nExample: signet credential new-key --key-file admin.key > admin.jwk")]
    NewKey {
        /// Write the private half (P-256; PKCS#8, PEM) to this new file
        #[arg(long, value_name = "FILE")]
        key_file: PathBuf,
    },
    /// List all credentials of a blueprint
    List {
        /// Id, client id or exact name of the blueprint
        blueprint: String,
    },
    /// Remove a credential; what was issued under it becomes void
    Remove {
        /// Id, client id or exact name of the blueprint
        blueprint: String,
        /// The credential's id, as `list` shows it
        credential: String,
    },
}

impl Credential {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let output = global.output();
        if let Self::NewKey { key_file } = &self {
            return new_key(output, key_file);
        }
        let client = Client::load(&global.load(Vec::new())?.config)?;
        match self {
            Self::NewKey { key_file } => new_key(output, &key_file),
            Self::AddSecret { blueprint, name, secret_file } => {
                let path = path(&BLUEPRINT.find(&client, &blueprint).await?)?;
                add_secret(&client, output, &path, &name, secret_file.as_deref()).await
            }
            Self::AddCertificate { blueprint, certificate, name } => {
                let path = path(&BLUEPRINT.find(&client, &blueprint).await?)?;
                add_certificate(&client, output, &path, &name, &certificate).await
            }
            Self::AddFederated { blueprint, name, issuer, subject, audience } => {
                let path = path(&BLUEPRINT.find(&client, &blueprint).await?)?;
                let body = json!({ "name": name, "issuer": issuer, "subject": subject, "audiences": [audience] });
                let made = client.post(&format!("{path}/federatedIdentityCredentials"), &body).await?;
                output.object(&made, &[("id", "id"), ("name", "name"), ("issuer", "issuer"), ("subject", "subject")]);
                Ok(())
            }
            Self::List { blueprint } => {
                let found = BLUEPRINT.find(&client, &blueprint).await?;
                let columns = [("KIND", "kind"), ("ID", "id"), ("NAME", "name"), ("EXPIRES", "expires")];
                output.list(&all(&client, &found).await?, &columns);
                Ok(())
            }
            Self::Remove { blueprint, credential } => {
                let found = BLUEPRINT.find(&client, &blueprint).await?;
                remove(&client, &found, &credential).await?;
                output.note("Removed. Tokens that were issued under it are void.");
                Ok(())
            }
        }
    }
}

fn new_key(output: Output, file: &Path) -> Result<(), CommandError> {
    let key = ClientKey::generate()?;
    key.write(file)?;
    output.json(&serde_json::to_value(key.jwk()).map_err(CommandError::failed)?);
    Ok(())
}

pub(super) async fn add_secret(
    client: &Client,
    output: Output,
    path: &str,
    name: &str,
    file: Option<&Path>,
) -> Result<(), CommandError> {
    if let Some(file) = file.filter(|file| file.exists()) {
        return Err(CommandError::usage(format!("{} exists already; name a new file", file.display())));
    }
    let body = json!({ "passwordCredential": { "displayName": name } });
    let mut made = client.post(&format!("{path}/addPassword"), &body).await?;
    if let Some(file) = file {
        let secret = member(&made, "secretText")?.to_owned();
        write_private(file, secret.as_bytes()).map_err(|error| {
            CommandError::failed(format!("the secret was made but {} cannot be written: {error}", file.display()))
        })?;
        if let Some(made) = made.as_object_mut() {
            made.insert("secretText".to_owned(), format!("in {}", file.display()).into());
        }
    }
    output.object(&made, &[("id", "keyId"), ("secret, shown once", "secretText"), ("expires", "endDateTime")]);
    Ok(())
}

async fn add_certificate(
    client: &Client,
    output: Output,
    path: &str,
    name: &str,
    file: &Path,
) -> Result<(), CommandError> {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let der = CertificateDer::from_pem_file(file)
        .map_err(|error| CommandError::usage(format!("{} holds no PEM certificate: {error}", file.display())))?;
    let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der);
    // A PATCH replaces the whole list, so those that are there are named again.
    let mut keys = match client.get(path).await?.get("keyCredentials") {
        Some(Value::Array(keys)) => keys.clone(),
        _ => Vec::new(),
    };
    keys.push(json!({ "type": "AsymmetricX509Cert", "usage": "Verify", "displayName": name, "key": key }));
    client.patch(path, &json!({ "keyCredentials": keys })).await?;
    output.note("Added. The blueprint can prove itself by assertions signed with this certificate's key.");
    Ok(())
}

/// Credentials of every kind as `kind`, `id`, `name`, `expires`.
async fn all(client: &Client, blueprint: &Value) -> Result<Vec<Value>, CommandError> {
    let mut lines = Vec::new();
    for (kind, list) in [("secret", "passwordCredentials"), ("certificate", "keyCredentials")] {
        for item in blueprint.get(list).and_then(Value::as_array).into_iter().flatten() {
            let (id, name, expires) = (item.get("keyId"), item.get("displayName"), item.get("endDateTime"));
            lines.push(json!({ "kind": kind, "id": id, "name": name, "expires": expires }));
        }
    }
    for item in client.pages(&format!("{}/federatedIdentityCredentials", path(blueprint)?), usize::MAX).await? {
        lines.push(json!({ "kind": "federated", "id": item.get("id"), "name": item.get("name"), "expires": null }));
    }
    Ok(lines)
}

async fn remove(client: &Client, blueprint: &Value, credential: &str) -> Result<(), CommandError> {
    let path = path(blueprint)?;
    let lines = all(client, blueprint).await?;
    let is_it = |line: &&Value| line.get("id").and_then(Value::as_str) == Some(credential);
    let kind = lines.iter().find(is_it).and_then(|line| line.get("kind")).and_then(Value::as_str);
    match kind {
        Some("secret") => client.post(&format!("{path}/removePassword"), &json!({ "keyId": credential })).await,
        Some("certificate") => {
            let keys = blueprint.get("keyCredentials").and_then(Value::as_array).into_iter().flatten();
            let kept: Vec<&Value> =
                keys.filter(|key| key.get("keyId").and_then(Value::as_str) != Some(credential)).collect();
            client.patch(&path, &json!({ "keyCredentials": kept })).await
        }
        Some(_) => client.delete(&format!("{path}/federatedIdentityCredentials/{credential}")).await,
        None => Err(CommandError::failed(format!("the blueprint has no credential `{credential}`"))),
    }
    .map(drop)
}

fn path(blueprint: &Value) -> Result<String, CommandError> {
    Ok(format!("/applications/{}", member(blueprint, "id")?))
}
