//! Keys and sets of keys.

use crate::keys::key;
use serde_json::{Value, json};
use signet_jose::{Algorithm, Jwk, JwkError, JwkSet, JwkSetError, KeyError, PublicKey};

fn parse(key: &Value) -> Result<Jwk, JwkError> {
    Jwk::parse(key.to_string().as_bytes())
}

fn parse_set(keys: &[Value]) -> Result<JwkSet, JwkSetError> {
    JwkSet::parse(json!({"keys": keys}).to_string().as_bytes())
}

fn published(algorithm: Algorithm) -> Value {
    serde_json::to_value(key(algorithm).public_jwk()).unwrap()
}

fn with(mut key: Value, name: &str, value: Value) -> Value {
    key[name] = value;
    key
}

fn rsa_modulus(bytes: usize) -> Vec<u8> {
    let mut modulus = vec![0xff; bytes];
    modulus[1] = 0x5b;
    modulus
}

#[test]
fn rfc7518_s3_3_weak_rsa_keys_are_refused() {
    assert_eq!(PublicKey::from_rsa_components(&rsa_modulus(128), &[1, 0, 1]), Err(KeyError::RsaSize));
    assert_eq!(PublicKey::from_rsa_components(&rsa_modulus(1025), &[1, 0, 1]), Err(KeyError::RsaSize));
    for exponent in [&[1][..], &[3], &[0xff, 0xff], &[1, 0, 2], &[1, 0, 0, 0, 1], &[]] {
        let refused = PublicKey::from_rsa_components(&rsa_modulus(256), exponent);
        assert_eq!(refused, Err(KeyError::RsaExponent), "{exponent:?}");
    }
}

#[test]
fn rfc7518_s6_3_1_1_numbers_have_one_spelling() {
    let padded: Vec<u8> = std::iter::once(0).chain(rsa_modulus(256)).collect();
    let mut even = rsa_modulus(256);
    *even.last_mut().unwrap() = 0xfe;
    assert_eq!(PublicKey::from_rsa_components(&padded, &[1, 0, 1]), Err(KeyError::Malformed));
    assert_eq!(PublicKey::from_rsa_components(&even, &[1, 0, 1]), Err(KeyError::Malformed));
    assert_eq!(PublicKey::from_rsa_components(&[], &[1, 0, 1]), Err(KeyError::Malformed));
    assert_eq!(PublicKey::from_rsa_components(&rsa_modulus(256), &[0, 1, 0, 1]), Err(KeyError::Malformed));
}

#[test]
fn points_off_the_curve_are_refused() {
    assert_eq!(PublicKey::from_p256_point([1; 32], [1; 32]), Err(KeyError::NotOnCurve));
    assert_eq!(PublicKey::from_p256_point([0; 32], [0; 32]), Err(KeyError::NotOnCurve));
}

#[test]
fn private_members_are_refused_wherever_they_appear() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let leaked = with(published(Algorithm::Es256), name, json!("AA"));
        assert_eq!(parse(&leaked), Err(JwkError::PrivateMember(name)));
        assert_eq!(parse_set(&[published(Algorithm::Rs256), leaked]), Err(JwkSetError::PrivateMember(name)));
    }
    let symmetric = json!({"kty": "oct", "k": "AAAA"});
    assert_eq!(parse_set(&[symmetric, published(Algorithm::Es256)]), Err(JwkSetError::PrivateMember("k")));
}

#[test]
fn keys_for_other_purposes_and_of_other_kinds_are_refused() {
    let ec = || published(Algorithm::Es256);
    for (key, refusal) in [
        (with(ec(), "use", json!("enc")), JwkError::NotForSignatures),
        (with(ec(), "use", json!(1)), JwkError::Member("use")),
        (with(ec(), "key_ops", json!(["encrypt"])), JwkError::NotForSignatures),
        (with(ec(), "key_ops", json!("verify")), JwkError::Member("key_ops")),
        (with(ec(), "alg", json!("ES512")), JwkError::Unsupported("alg")),
        (with(ec(), "alg", json!("RS256")), JwkError::Key(KeyError::WrongAlgorithm)),
        (with(ec(), "crv", json!("P-384")), JwkError::Unsupported("crv")),
        (with(ec(), "kty", json!("oct")), JwkError::Unsupported("kty")),
        (with(ec(), "kty", Value::Null), JwkError::Member("kty")),
        (with(ec(), "x", json!("AA")), JwkError::Member("x")),
        (with(ec(), "y", json!("====")), JwkError::Member("y")),
        (with(ec(), "kid", json!(1)), JwkError::Member("kid")),
    ] {
        assert_eq!(parse(&key), Err(refusal), "{key}");
        assert_eq!(parse_set(&[key]).unwrap().keys(), [], "a set leaves the key out");
    }
}

#[test]
fn a_set_that_is_ambiguous_is_refused() {
    let one = || with(published(Algorithm::Es256), "kid", json!("a"));
    let other = with(published(Algorithm::Rs256), "kid", json!("a"));
    assert_eq!(parse_set(&[one(), other]), Err(JwkSetError::DuplicateKid));
    assert_eq!(parse_set(&vec![one(); 201]), Err(JwkSetError::TooMany));
    for text in ["{}", r#"{"keys":{}}"#, r#"{"keys":[1]}"#] {
        assert_eq!(JwkSet::parse(text.as_bytes()), Err(JwkSetError::NoKeys), "{text}");
    }
    for text in ["", "[]", r#"{"keys":[],"keys":[]}"#, r#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#] {
        assert!(matches!(JwkSet::parse(text.as_bytes()), Err(JwkSetError::Json(_))), "{text}");
    }
}

#[test]
fn a_key_published_for_one_algorithm_verifies_no_other() {
    let signer = key(Algorithm::Rs256);
    let signature = signet_jose::Signer::sign(&signer, b"m").unwrap();
    let public = signer.public_key();
    assert!(public.verify(Algorithm::Rs256, b"m", &signature).is_ok());
    let elsewhere = public.clone().restricted_to(Algorithm::Ps256);
    assert_eq!(elsewhere, Err(KeyError::WrongAlgorithm));
    assert!(public.verify(Algorithm::Ps256, b"m", &signature).is_err());
}

#[test]
fn rfc7517_s5_a_mixed_set_keeps_what_is_usable() {
    let es256 = published(Algorithm::Es256);
    let rs256 = published(Algorithm::Rs256);
    let unnamed = with(published(Algorithm::EdDsa), "kid", json!("ed"));
    let set = parse_set(&[
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}),
        es256.clone(),
        json!({"kty": "RSA", "n": "AQAB"}),
        rs256,
        unnamed,
    ])
    .unwrap();
    assert_eq!(set.keys().len(), 3);
    let kid = es256["kid"].as_str().unwrap();
    assert_eq!(set.find(kid).and_then(Jwk::kid), Some(kid));
    assert_eq!(set.candidates(Some(kid), Algorithm::Es256).count(), 1);
    assert_eq!(set.candidates(Some(kid), Algorithm::Rs256).count(), 0);
    assert_eq!(set.candidates(None, Algorithm::EdDsa).count(), 1);
    assert_eq!(set.candidates(Some("other"), Algorithm::EdDsa).count(), 0);
    let written = serde_json::to_vec(&set).unwrap();
    assert_eq!(JwkSet::parse(&written), Ok(set));
}

#[test]
fn rfc7638_s3_1_thumbprint() {
    let key = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn\
              jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qM\
              QvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJz\
              KnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    });
    assert_eq!(parse(&key).unwrap().key().thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn rfc8037_a3_thumbprint() {
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    assert_eq!(parse(&key).unwrap().key().thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}
