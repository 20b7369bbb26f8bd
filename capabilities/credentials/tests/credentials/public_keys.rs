//! Bare public keys: what a JWK or a SubjectPublicKeyInfo must be to be a credential.

use crate::house::{House, Pair, blame};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use signet_credentials::{KeyCredential, KeyEntry, claim_certificates, replace_certificates};
use signet_jose::{Algorithm, Jwk, JwkError, SigningKey};
use signet_kernel::{Failure, Fault, Timestamp};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

fn jwk(algorithm: Algorithm) -> Jwk {
    SigningKey::generate(algorithm).unwrap().public_jwk()
}

fn credential(jwk: &Jwk) -> Result<KeyCredential, Failure> {
    KeyCredential::from_jwk(Uuid::from_u128(1), None, jwk, NOW).map_err(Failure::from)
}

fn entry(held: &KeyCredential) -> KeyEntry {
    let (kind, usage) = (Some(held.kind.clone()), Some(held.usage.clone()));
    KeyEntry { kind, usage, key: Some(held.key.clone()), ..KeyEntry::default() }
}

#[test]
fn rfc7517_s9_2_a_private_key_is_no_jwk_to_begin_with() {
    let mut members = serde_json::to_value(jwk(Algorithm::Es256)).unwrap();
    members["d"] = "AAAA".into();
    assert_eq!(Jwk::parse(members.to_string().as_bytes()), Err(JwkError::PrivateMember("d")));
}

#[test]
fn what_client_assertions_are_not_verified_with_is_refused() {
    let refused = credential(&jwk(Algorithm::EdDsa)).unwrap_err();
    assert_eq!(blame(&refused), (Fault::Input, Some("keyCredentials")));
}

#[tokio::test]
async fn what_is_no_public_key_in_der_is_refused() {
    let house = House::open().await;
    let good = credential(&jwk(Algorithm::Es256)).unwrap();
    let ed25519 = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    let with = |key: &str| KeyEntry { key: Some(key.to_owned()), ..entry(&good) };
    let trailing = STANDARD.encode([good.der(), vec![0]].concat());
    for wrong in [with("%"), with("AAAA"), with(&trailing), with(ed25519), with(&Pair::new().base64())] {
        let refused = wrong.admit(house.tenant.store.context()).map_err(Failure::from).unwrap_err();
        assert_eq!(blame(&refused), (Fault::Input, Some("keyCredentials")), "{wrong:?}");
    }
    let as_certificate = KeyEntry { kind: Some("AsymmetricX509Cert".to_owned()), ..entry(&good) };
    assert!(as_certificate.admit(house.tenant.store.context()).is_err());
}

#[test]
fn ec_and_rsa_keys_verify_what_their_private_halves_sign() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256] {
        let pair = SigningKey::generate(algorithm).unwrap();
        let held = credential(&pair.public_jwk()).unwrap();
        let key = signet_jose::PublicKey::from_spki(&held.public_key_info().unwrap()).unwrap();
        let signature = signet_jose::Signer::sign(&pair, b"assertion").unwrap();
        assert_eq!(key.verify(algorithm, b"assertion", &signature), Ok(()));
        assert_eq!(key.thumbprint(), pair.public_key().thumbprint());
    }
}

#[test]
fn rfc7638_the_thumbprint_is_its_identifier_and_it_has_no_end_of_its_own() {
    // SPEC: RFC 7638 3.1, the example
    let members = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    let held = credential(&Jwk::parse(members.as_bytes()).unwrap()).unwrap();
    assert_eq!(held.custom_key_identifier, "NzbLsXh8uDCcd+6MNwXF4W/7noWXFZAfHkxZsRGC9Xs=");
    assert_eq!((held.start_date_time, held.end_date_time.to_string().as_str()), (NOW, "9999-12-30T00:00:00Z"));
    assert!(held.is_current(NOW.plus(std::time::Duration::from_hours(24 * 365 * 50))));
}

#[tokio::test]
async fn it_is_one_entry_of_the_list_and_belongs_to_one_holder() {
    let house = House::open().await;
    let context = house.tenant.store.context();
    let pair = Pair::new();
    let bare = entry(&credential(&jwk(Algorithm::Es256)).unwrap());
    let held = replace_certificates(&[], &[pair.entry(), bare.clone()], context).unwrap();
    let repeated = held.iter().map(|one| KeyEntry { key_id: Some(one.key_id), ..KeyEntry::default() });
    assert_eq!(replace_certificates(&held, &repeated.collect::<Vec<_>>(), context).unwrap(), held);
    assert!(replace_certificates(&[], &[bare.clone(), bare.clone()], context).is_err());

    let (first, second) = (house.holder().await, house.holder().await);
    house.hold(first, held).await;
    let mut claimed = [bare.admit(context).unwrap()];
    let refused = claim_certificates(&house.tenant.store, second, &mut claimed).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Conflict);
}
