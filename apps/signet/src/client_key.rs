//! A private key with which a client of the public API proves itself (`private_key_jwt`), and how one is made.

use crate::command_error::CommandError;
use crate::data_dir::write_private;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::json;
use signet_jose::{Algorithm, Encoder, Jwk, Signer, SigningKey};
use signet_kernel::Context;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The kind of client assertion that OAuth knows for signed tokens.
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion is good for.
const LIFE: Duration = Duration::from_mins(5);

/// The private key of a client.
pub(crate) struct ClientKey(Arc<SigningKey>);

impl ClientKey {
    /// A new key on P-256.
    pub(crate) fn generate() -> Result<Self, CommandError> {
        SigningKey::generate(Algorithm::Es256).map(|key| Self(Arc::new(key))).map_err(CommandError::failed)
    }

    /// The key in `file`: PKCS#8 in PEM, RSA of at least 2048 bits or on P-256.
    pub(crate) fn read(file: &Path) -> Result<Self, CommandError> {
        let path = file.display();
        let der = PrivatePkcs8KeyDer::from_pem_file(file).map_err(|error| {
            CommandError::usage(format!("cannot read a private key (PKCS#8, PEM) from {path}: {error}"))
        })?;
        [Algorithm::Es256, Algorithm::Ps256]
            .into_iter()
            .find_map(|algorithm| SigningKey::from_pkcs8(algorithm, der.secret_pkcs8_der()).ok())
            .map(|key| Self(Arc::new(key)))
            .ok_or_else(|| {
                CommandError::usage(format!("the key in {path} is neither RSA of at least 2048 bits nor on P-256"))
            })
    }

    /// Writes the private half to `file`, for its owner alone. A file that exists is not replaced.
    pub(crate) fn write(&self, file: &Path) -> Result<(), CommandError> {
        if file.exists() {
            return Err(CommandError::usage(format!("{} exists already; name a new file", file.display())));
        }
        let der = self.0.to_pkcs8().map_err(CommandError::failed)?;
        let pem = zeroize::Zeroizing::new(pem_text(&der));
        write_private(file, pem.as_bytes())
            .map_err(|error| CommandError::failed(format!("cannot write {}: {error}", file.display())))
    }

    /// The public half, as it may be given away.
    pub(crate) fn jwk(&self) -> Jwk {
        Jwk::new(self.0.public_key().clone(), self.0.kid())
    }

    /// The thumbprint (RFC 7638) of the public half.
    pub(crate) fn thumbprint(&self) -> String {
        self.0.public_key().thumbprint()
    }

    /// An assertion that the holder of this key is `client`, for one token endpoint.
    pub(crate) fn assertion(&self, client: &str, endpoint: &str, context: &Context) -> Result<String, CommandError> {
        let now = context.now();
        // SPEC: RFC 7523 3
        let claims = json!({
            "iss": client, "sub": client, "aud": endpoint, "jti": context.new_uuid(),
            "iat": now.seconds(), "nbf": now.seconds(), "exp": now.plus(LIFE).seconds(),
        });
        let encoder = Encoder::new(self.0.clone(), "client-authentication+jwt").map_err(CommandError::failed)?;
        encoder.encode(&claims).map_err(CommandError::failed)
    }
}

/// SPEC: RFC 7468 10
fn pem_text(der: &[u8]) -> String {
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = text.as_str();
    while let Some((line, more)) = rest.split_at_checked(64) {
        pem += &format!("{line}\n");
        rest = more;
    }
    if !rest.is_empty() {
        pem += &format!("{rest}\n");
    }
    pem + "-----END PRIVATE KEY-----\n"
}

/// The public key in `file`, a JWK that nobody needs to keep secret.
pub(crate) fn read_jwk(file: &Path) -> Result<Jwk, CommandError> {
    let path = file.display();
    let text = std::fs::read(file).map_err(|error| CommandError::usage(format!("cannot read {path}: {error}")))?;
    Jwk::parse(&text).map_err(|error| CommandError::usage(format!("{path} is no public key to use: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_holds_no_usable_key_is_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("admin.key");
        assert!(ClientKey::read(&file).is_err());
        let ed25519 = SigningKey::generate(Algorithm::EdDsa).unwrap().to_pkcs8().unwrap();
        for text in ["".to_owned(), "no key".to_owned(), pem_text(&ed25519)] {
            std::fs::write(&file, text).unwrap();
            let refused = ClientKey::read(&file).map(drop).unwrap_err().to_string();
            assert!(refused.contains("admin.key"), "{refused}");
        }
    }

    #[test]
    fn a_file_with_a_private_member_is_refused_with_a_sentence() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("admin.jwk");
        let mut members = serde_json::to_value(ClientKey::generate().unwrap().jwk()).unwrap();
        members["d"] = "AAAA".into();
        std::fs::write(&file, members.to_string()).unwrap();
        let refused = read_jwk(&file).unwrap_err().to_string();
        assert!(refused.contains("admin.jwk") && refused.contains("the private member `d`"), "{refused}");
    }

    #[test]
    fn invariant_12_a_key_lies_in_a_file_of_its_owner_which_is_never_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("admin.key");
        let key = ClientKey::generate().unwrap();
        key.write(&file).unwrap();
        assert!(key.write(&file).is_err());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(ClientKey::read(&file).unwrap().thumbprint(), key.thumbprint());
    }
}
