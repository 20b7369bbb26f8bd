//! The access key, read from its file each time: a new secret needs no restart.

use async_trait::async_trait;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct SecretFile {
    pub(crate) key_id: String,
    pub(crate) file: PathBuf,
}

impl SecretFile {
    pub(crate) fn read(&self) -> Result<String, String> {
        let file = self.file.display();
        let text = std::fs::read_to_string(&self.file).map_err(|error| format!("{file} cannot be read: {error}"))?;
        let secret = text.lines().next().unwrap_or_default().trim();
        if secret.is_empty() { Err(format!("{file} is empty")) } else { Ok(secret.to_owned()) }
    }
}

#[async_trait]
impl CredentialProvider for SecretFile {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let wrong = |why: String| object_store::Error::Generic { store: "S3", source: why.into() };
        let secret_key = self.read().map_err(wrong)?;
        Ok(Arc::new(AwsCredential { key_id: self.key_id.clone(), secret_key, token: None }))
    }
}
