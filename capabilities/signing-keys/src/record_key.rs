//! The key that signs checkpoints of the durable record: one for the deployment, sealed by the master key.
//!
//! It lies in a file of its own: the record is opened before the directory, and a checkpoint must be verifiable
//! without either. Beside it lies the public half in clear, as a JWK.

use crate::{MasterKey, private_file};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use serde::{Deserialize, Serialize};
use signet_jose::{Algorithm, Jwk, JwkError, KeyError, Signer, SigningKey};
use signet_kernel::{Context, Sealed, TenantId};
use signet_record::{CheckpointSigner, CheckpointVerifier};
use signet_tlog::{KeyKind, KeyName, SigningKey as LogKey};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const PURPOSE: &str = "record-key";

/// Why the record key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordKeyError {
    /// A file cannot be read or made.
    #[error("{path} cannot be used: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It was sealed by another master key.
    #[error("{path} was sealed by master key {sealed_by}, but the one in use is {in_use}; put back the first")]
    OtherMaster {
        /// The file.
        path: PathBuf,
        /// The fingerprint of the key that opens it.
        sealed_by: String,
        /// The fingerprint of the key that was tried.
        in_use: String,
    },
    /// It holds something else, or was altered.
    #[error("{path} does not hold a record key; restore it from a backup")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// No key could be made.
    #[error("no record key could be made: {0}")]
    Made(#[from] KeyError),
    /// Another key cannot be derived from it.
    #[error("no key can be derived from the record key")]
    Underivable,
}

/// The file: the private half sealed, the public half in clear so that anybody can verify.
#[derive(Serialize, Deserialize)]
struct Stored {
    public: serde_json::Value,
    /// The fingerprint of the master key.
    sealed_by: String,
    private: Sealed,
}

/// Signs checkpoints.
#[derive(Debug)]
pub struct RecordKey(SigningKey);

impl RecordKey {
    /// The key in the file at `path`, made if there is none; the public half in clear is put beside it if missing.
    pub fn load_or_create(path: &Path, master: &MasterKey, context: &Context) -> Result<Self, RecordKeyError> {
        let key = match read(path) {
            Err(RecordKeyError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                let key = Self(SigningKey::generate(Algorithm::Es256)?);
                private_file::create(path, &key.sealed(path, master, context)?).map_err(|source| file(path, source))?;
                key
            }
            stored => Self::open(path, &stored?, master)?,
        };
        key.publish(&Self::public_path(path))?;
        Ok(key)
    }

    /// Seals the key in the file at `path` under `new` instead of `old`. Safe to run again after an interruption.
    pub fn reseal(path: &Path, old: &MasterKey, new: &MasterKey, context: &Context) -> Result<(), RecordKeyError> {
        let stored = read(path)?;
        if stored.sealed_by == new.fingerprint() {
            return Ok(());
        }
        let key = Self::open(path, &stored, old)?;
        private_file::replace(path, &key.sealed(path, new, context)?).map_err(|source| file(path, source))
    }

    /// Whether the key in the file at `path` is sealed under `master`.
    pub fn is_sealed_by(path: &Path, master: &MasterKey) -> Result<bool, RecordKeyError> {
        Ok(read(path)?.sealed_by == master.fingerprint())
    }

    /// A secret for another purpose, the same on every node, whichever master key seals the record key.
    ///
    /// SPEC: RFC 5869 2.2, 2.3
    pub fn derived(&self, purpose: &str) -> Result<[u8; 32], RecordKeyError> {
        let private = self.0.to_pkcs8()?;
        let extracted = Salt::new(HKDF_SHA256, b"signet record key derivation").extract(&private);
        let (mut key, info) = ([0; 32], [purpose.as_bytes()]);
        let filled = extracted.expand(&info, HKDF_SHA256).and_then(|okm| okm.fill(&mut key));
        filled.map_err(|_| RecordKeyError::Underivable).map(|()| key)
    }

    /// The key that signs for a tenant's transparency log called `name`. One file in a backup is enough for all of them.
    pub fn log_key(&self, tenant: TenantId, name: KeyName) -> Result<LogKey, RecordKeyError> {
        self.ed25519(&format!("tlog {tenant}"), name, KeyKind::Log)
    }

    /// The key with which this deployment witnesses the logs of others.
    pub fn witness_key(&self, name: KeyName) -> Result<LogKey, RecordKeyError> {
        self.ed25519("witness", name, KeyKind::Witness)
    }

    fn ed25519(&self, purpose: &str, name: KeyName, kind: KeyKind) -> Result<LogKey, RecordKeyError> {
        let seed = Zeroizing::new(self.derived(purpose)?);
        LogKey::from_seed(name, kind, &seed).map_err(|_| RecordKeyError::Underivable)
    }

    /// Where the public half of the key at `path` lies in clear: `record-key.json` has `record-key.pub.json`.
    pub fn public_path(path: &Path) -> PathBuf {
        path.with_extension("pub.json")
    }

    /// The public half as a JWK, for whoever verifies checkpoints elsewhere.
    pub fn public_jwk(&self) -> Jwk {
        self.0.public_jwk()
    }

    fn open(path: &Path, stored: &Stored, master: &MasterKey) -> Result<Self, RecordKeyError> {
        let damaged = || RecordKeyError::Damaged { path: path.to_owned() };
        if stored.sealed_by != master.fingerprint() {
            return Err(RecordKeyError::OtherMaster {
                path: path.to_owned(),
                sealed_by: stored.sealed_by.clone(),
                in_use: master.fingerprint().to_owned(),
            });
        }
        let der = master.sealing().open(PURPOSE, &stored.private).map_err(|_| damaged())?;
        SigningKey::from_pkcs8(Algorithm::Es256, &der).map(Self).map_err(|_| damaged())
    }

    fn sealed(&self, path: &Path, master: &MasterKey, context: &Context) -> Result<Vec<u8>, RecordKeyError> {
        let json = |error: serde_json::Error| file(path, error.into());
        let stored = Stored {
            public: serde_json::to_value(self.public_jwk()).map_err(json)?,
            sealed_by: master.fingerprint().to_owned(),
            private: master.sealing().seal(context, PURPOSE, &self.0.to_pkcs8()?),
        };
        serde_json::to_vec_pretty(&stored).map_err(json)
    }

    fn publish(&self, path: &Path) -> Result<(), RecordKeyError> {
        if path.exists() {
            return Ok(());
        }
        let jwk = serde_json::to_vec_pretty(&self.public_jwk()).map_err(|error| file(path, error.into()))?;
        private_file::replace(path, &jwk).map_err(|source| file(path, source))
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
    /// The verifier for the record key in the file at `path`, be it the sealed file or the public half in clear.
    /// Needs no master key.
    pub fn load(path: &Path) -> Result<Self, RecordKeyError> {
        let bytes = std::fs::read(path).map_err(|source| file(path, source))?;
        let damaged = || RecordKeyError::Damaged { path: path.to_owned() };
        match serde_json::from_slice::<Stored>(&bytes) {
            Ok(stored) => Self::of(stored.public.to_string().as_bytes()),
            Err(_) => Self::of(&bytes),
        }
        .map_err(|_| damaged())
    }

    /// The verifier for a public half in clear.
    pub fn of(jwk: &[u8]) -> Result<Self, JwkError> {
        Jwk::parse(jwk).map(Self)
    }
}

impl CheckpointVerifier for RecordVerifier {
    fn verify(&self, key_id: &str, statement: &[u8], signature: &[u8]) -> bool {
        self.0.kid() == Some(key_id) && self.0.key().verify(Algorithm::Es256, statement, signature).is_ok()
    }
}

fn read(path: &Path) -> Result<Stored, RecordKeyError> {
    let bytes = std::fs::read(path).map_err(|source| file(path, source))?;
    serde_json::from_slice(&bytes).map_err(|_| RecordKeyError::Damaged { path: path.to_owned() })
}

fn file(path: &Path, source: std::io::Error) -> RecordKeyError {
    RecordKeyError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files {
        directory: tempfile::TempDir,
        context: Context,
    }

    impl Files {
        fn new() -> Self {
            Self { directory: tempfile::tempdir().unwrap(), context: Context::system() }
        }

        fn at(&self, name: &str) -> PathBuf {
            self.directory.path().join(name)
        }

        fn master(&self, name: &str) -> MasterKey {
            MasterKey::load_or_create(&self.at(name), &self.context).unwrap()
        }

        fn key(&self, master: &MasterKey) -> Result<RecordKey, RecordKeyError> {
            RecordKey::load_or_create(&self.at("record-key.json"), master, &self.context)
        }
    }

    #[test]
    fn another_master_key_is_refused_by_name() {
        let files = Files::new();
        let (right, wrong) = (files.master("master.key"), files.master("other.key"));
        files.key(&right).unwrap();
        let refused = files.key(&wrong).unwrap_err().to_string();
        assert!(refused.contains(right.fingerprint()) && refused.contains(wrong.fingerprint()), "{refused}");
        std::fs::write(files.at("record-key.json"), "{}").unwrap();
        assert!(matches!(files.key(&right), Err(RecordKeyError::Damaged { .. })));
    }

    #[test]
    fn an_altered_statement_or_another_key_id_does_not_verify() {
        let files = Files::new();
        let key = files.key(&files.master("master.key")).unwrap();
        let signature = key.sign(b"statement");
        let verifier = RecordVerifier::load(&files.at("record-key.pub.json")).unwrap();
        assert!(verifier.verify(&key.key_id(), b"statement", &signature));
        assert!(!verifier.verify(&key.key_id(), b"statements", &signature));
        assert!(!verifier.verify("another", b"statement", &signature));
    }

    #[test]
    fn a_restart_finds_the_same_key_and_puts_back_a_missing_public_half() {
        let files = Files::new();
        let master = files.master("master.key");
        let first = files.key(&master).unwrap().key_id();
        std::fs::remove_file(files.at("record-key.pub.json")).unwrap();
        assert_eq!(files.key(&master).unwrap().key_id(), first);
        let public = std::fs::read(files.at("record-key.pub.json")).unwrap();
        assert_eq!(Jwk::parse(&public).unwrap().kid(), Some(&*first));
    }

    #[test]
    fn resealed_it_opens_with_the_new_master_key_alone() {
        let files = Files::new();
        let (old, new) = (files.master("master.key"), files.master("new.key"));
        let (path, first) = (files.at("record-key.json"), files.key(&old).unwrap().key_id());
        RecordKey::reseal(&path, &old, &new, &files.context).unwrap();
        RecordKey::reseal(&path, &old, &new, &files.context).unwrap();
        assert_eq!(files.key(&new).unwrap().key_id(), first);
        assert!(matches!(files.key(&old), Err(RecordKeyError::OtherMaster { .. })));
        assert!(RecordKey::is_sealed_by(&path, &new).unwrap() && !RecordKey::is_sealed_by(&path, &old).unwrap());
    }

    #[test]
    fn every_tenant_has_a_log_key_of_its_own_the_same_after_a_restart() {
        use signet_tlog::Signer as _;
        let files = Files::new();
        let (old, new) = (files.master("master.key"), files.master("new.key"));
        let [one, two] = [1, 2].map(|number| TenantId::from_uuid(uuid::Uuid::from_u128(number)));
        let key =
            |key: &RecordKey, tenant| *key.log_key(tenant, KeyName::new("log").unwrap()).unwrap().key().public_bytes();
        let record = files.key(&old).unwrap();
        let first = key(&record, one);
        assert_ne!(first, key(&record, two));
        let witness = record.witness_key(KeyName::new("log").unwrap()).unwrap();
        assert_ne!(first, *witness.key().public_bytes());
        RecordKey::reseal(&files.at("record-key.json"), &old, &new, &files.context).unwrap();
        assert_eq!(first, key(&files.key(&new).unwrap(), one));
    }

    #[test]
    fn a_derived_key_depends_on_purpose_alone_and_outlives_the_master_key() {
        let files = Files::new();
        let (old, new) = (files.master("master.key"), files.master("new.key"));
        let before = files.key(&old).unwrap();
        RecordKey::reseal(&files.at("record-key.json"), &old, &new, &files.context).unwrap();
        assert_eq!(before.derived("a").unwrap(), files.key(&new).unwrap().derived("a").unwrap());
        assert_ne!(before.derived("a").unwrap(), before.derived("b").unwrap());
        let other = Files::new();
        assert_ne!(before.derived("a").unwrap(), other.key(&other.master("m")).unwrap().derived("a").unwrap());
    }
}
