//! Private keys: what they refuse, and that they come back from storage the same.

use crate::keys::key;
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use signet_jose::{Algorithm, KeyError, PublicKey, Signer as _, SigningKey};

#[test]
fn a_key_of_another_kind_is_refused() {
    for made in Algorithm::ALL {
        let der = key(made).to_pkcs8().unwrap();
        for read in Algorithm::ALL {
            let fits =
                made == read || [made, read].iter().all(|one| matches!(one, Algorithm::Rs256 | Algorithm::Ps256));
            assert_eq!(SigningKey::from_pkcs8(read, &der).is_ok(), fits, "{made} read as {read}");
        }
    }
    assert!(matches!(SigningKey::from_pkcs8(Algorithm::Es256, b"0"), Err(KeyError::Malformed)));
}

#[test]
fn a_signature_verifies_with_the_public_half_and_no_other_message() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let signature = key.sign(b"message").unwrap();
        assert!(key.public_key().verify(algorithm, b"massage", &signature).is_err());
        assert!(key.public_key().verify(algorithm, b"message", &[]).is_err());
        assert_eq!(key.public_key().verify(algorithm, b"message", &signature), Ok(()));
        // SPEC: RFC 7518 3.4: r and s, 32 octets each
        assert!(algorithm != Algorithm::Es256 || signature.len() == 64);
    }
}

#[test]
fn a_key_comes_back_from_storage_the_same() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let again = SigningKey::from_pkcs8(algorithm, &key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(again.public_jwk(), key.public_jwk());
        assert_eq!(again.with_kid("mine").public_jwk().kid(), Some("mine"));
        assert_eq!(key.kid(), key.public_key().thumbprint());
    }
}

#[test]
fn invariant_12_debug_shows_no_private_key() {
    let key = key(Algorithm::EdDsa);
    assert_eq!(format!("{key:?}"), format!("SigningKey(EdDSA {})", key.kid()));
}

fn spki_keys() -> [(Algorithm, Vec<u8>, PublicKey); 3] {
    let encode = |algorithm| {
        let key = key(algorithm);
        let der = key.to_pkcs8().unwrap();
        let spki: PublicKeyX509Der<'_> = match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap().public_key().as_der().unwrap()
            }
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(&der).unwrap().public_key().as_der().unwrap(),
            _ => aws_lc_rs::rsa::KeyPair::from_pkcs8(&der).unwrap().public_key().as_der().unwrap(),
        };
        (algorithm, spki.as_ref().to_vec(), key.public_key().clone())
    };
    [encode(Algorithm::Rs256), encode(Algorithm::Es256), encode(Algorithm::EdDsa)]
}

#[test]
fn spki_is_refused_when_cut_extended_or_not_spki() {
    for (algorithm, spki, _) in spki_keys() {
        for cut in 0..spki.len() {
            assert!(PublicKey::from_spki(&spki[..cut]).is_err(), "{algorithm} cut at {cut}");
        }
        let longer = [&spki[..], &[0]].concat();
        assert!(PublicKey::from_spki(&longer).is_err(), "{algorithm} with a tail");
    }
    let pkcs1 = aws_lc_rs::rsa::KeyPair::from_pkcs8(&key(Algorithm::Rs256).to_pkcs8().unwrap()).unwrap();
    assert_eq!(PublicKey::from_spki(pkcs1.public_key().as_ref()), Err(KeyError::Malformed), "PKCS#1 is not SPKI");
}

#[test]
fn spki_of_a_certificate_is_the_same_key_as_its_jwk() {
    for (algorithm, spki, public) in spki_keys() {
        assert_eq!(PublicKey::from_spki(&spki), Ok(public), "{algorithm}");
    }
}
