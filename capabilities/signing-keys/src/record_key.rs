//! The key that signs checkpoints of the durable record: one for the deployment, sealed by the master key.

use crate::MasterKey;
use serde::{Deserialize, Serialize};
use signet_jose::{Algorithm, Jwk, Signer, SigningKey};
use signet_kernel::{Context, Sealed};
use signet_record::{CheckpointSigner, CheckpointVerifier};
use std::io::{Error, ErrorKind, Write};
use std::path::Path;

const PURPOSE: &str = "record-key";

/// The file: the private half sealed, the public half in clear so that anybody can verify.
#[derive(Serialize, Deserialize)]
struct Stored {
    public: serde_json::Value,
    private: Sealed,
}

/// Signs checkpoints.
#[derive(Debug)]
pub struct RecordKey(SigningKey);

impl RecordKey {
    /// The key in the file at `path`, made if there is none.
    pub fn load_or_create(path: &Path, master: &MasterKey, context: &Context) -> Result<Self, Error> {
        match std::fs::read(path) {
            Ok(bytes) => Self::open(&bytes, master),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::create(path, master, context),
            Err(error) => Err(error),
        }
    }

    fn open(bytes: &[u8], master: &MasterKey) -> Result<Self, Error> {
        let stored: Stored = serde_json::from_slice(bytes)?;
        let der = master.sealing().open(PURPOSE, &stored.private).map_err(Error::other)?;
        SigningKey::from_pkcs8(Algorithm::Es256, &der).map(Self).map_err(Error::other)
    }

    fn create(path: &Path, master: &MasterKey, context: &Context) -> Result<Self, Error> {
        let key = SigningKey::generate(Algorithm::Es256).map_err(Error::other)?;
        let der = key.to_pkcs8().map_err(Error::other)?;
        let stored = Stored {
            public: serde_json::to_value(key.public_jwk())?,
            private: master.sealing().seal(context, PURPOSE, &der),
        };
        let mut file = std::fs::File::create_new(path)?;
        file.write_all(&serde_json::to_vec_pretty(&stored)?)?;
        file.sync_all()?;
        Ok(Self(key))
    }
}

impl CheckpointSigner for RecordKey {
    fn key_id(&self) -> String {
        self.0.kid().to_owned()
    }

    #[expect(clippy::expect_used, reason = "a key in memory signs; if it does not, nothing may be claimed")]
    fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).expect("a key in memory signs")
    }
}

/// Verifies checkpoints with the public half alone.
#[derive(Debug)]
pub struct RecordVerifier(Jwk);

impl RecordVerifier {
    /// The verifier for the record key in the file at `path`. Needs no master key.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let stored: Stored = serde_json::from_slice(&std::fs::read(path)?)?;
        Jwk::parse(stored.public.to_string().as_bytes()).map(Self).map_err(Error::other)
    }
}

impl CheckpointVerifier for RecordVerifier {
    fn verify(&self, key_id: &str, statement: &[u8], signature: &[u8]) -> bool {
        self.0.kid() == Some(key_id) && self.0.key().verify(Algorithm::Es256, statement, signature).is_ok()
    }
}
