//! Where new key pairs come from. RSA pairs take a good part of a second, so some lie ready.

use crossbeam_channel::{Receiver, bounded};
use signet_jose::{Algorithm, KeyError, SigningKey};

/// A source of key pairs. Called off the async workers.
pub trait KeyPairs: Send + Sync + 'static {
    /// A pair that nobody has used.
    fn take(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError>;
}

/// Makes pairs, and keeps RSA pairs ready in memory.
#[derive(Debug)]
pub struct RsaPool {
    ready: Receiver<SigningKey>,
}

impl RsaPool {
    /// Starts a thread that keeps `size` RSA pairs ready until the pool is dropped.
    pub fn start(size: usize) -> std::io::Result<Self> {
        let (made, ready) = bounded(size.max(1));
        std::thread::Builder::new().name("rsa-pairs".to_owned()).spawn(move || {
            // Ends when the pool is gone and nobody receives any more.
            while let Ok(pair) = SigningKey::generate(Algorithm::Rs256) {
                if made.send(pair).is_err() {
                    return;
                }
            }
            tracing::error!("RSA key pairs cannot be generated");
        })?;
        Ok(Self { ready })
    }
}

impl KeyPairs for RsaPool {
    fn take(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError> {
        match algorithm {
            Algorithm::Rs256 => self.ready.recv().map_err(|_| KeyError::Module),
            other => SigningKey::generate(other),
        }
    }
}
