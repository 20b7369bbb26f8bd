use crate::house::{House, Pair, blame};
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use signet_credentials::{CredentialRefused, KeyEntry, claim_certificates, replace_certificates};
use signet_kernel::{Failure, Fault};
use uuid::Uuid;

#[tokio::test]
async fn only_a_certificate_with_an_rsa_or_p256_key_in_its_time_is_taken() {
    let house = House::open().await;
    let context = house.tenant.store.context();
    let good = Pair::new().entry();
    let key = |key: &str| KeyEntry { key: Some(key.to_owned()), ..good.clone() };
    for entry in [
        key("%"),
        key("AAAA"),
        key(&format!("{}AAAA", Pair::new().base64().trim_end_matches('='))),
        KeyEntry { key: None, ..good.clone() },
        KeyEntry { kind: Some("Symmetric".to_owned()), ..good.clone() },
        KeyEntry { usage: Some("Sign".to_owned()), ..good.clone() },
        KeyEntry { kind: None, ..good.clone() },
        Pair::of(&PKCS_ECDSA_P384_SHA384, 2026, 2028).entry(),
        Pair::of(&PKCS_ED25519, 2026, 2028).entry(),
        Pair::of(&PKCS_ECDSA_P256_SHA256, 2024, 2025).entry(),
    ] {
        let refused = entry.admit(context).map_err(Failure::from).unwrap_err();
        assert_eq!(refused.fault, Fault::Input, "{entry:?}");
    }
    let wrapped = key(&Pair::new()
        .base64()
        .as_bytes()
        .chunks(64)
        .fold(String::new(), |text, line| text + std::str::from_utf8(line).unwrap() + "\r\n"));
    let certificate = wrapped.admit(context).unwrap();
    assert_eq!(certificate.start_date_time.to_string(), "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn the_time_of_a_certificate_is_narrowed_and_never_widened() {
    let house = House::open().await;
    let asked = |start: &str, end: &str| KeyEntry {
        start_date_time: Some(start.parse().unwrap()),
        end_date_time: Some(end.parse().unwrap()),
        ..Pair::new().entry()
    };
    let admit = |entry: KeyEntry| entry.admit(house.tenant.store.context());
    let wide = admit(asked("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z")).unwrap();
    let end = |text: &str| text.parse().unwrap();
    assert_eq!((wide.start_date_time, wide.end_date_time), (end("2026-01-01T00:00:00Z"), end("2028-01-01T00:00:00Z")));
    let narrow = admit(asked("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z")).unwrap();
    assert_eq!(narrow.end_date_time, end("2027-06-01T00:00:00Z"));
    assert_eq!(admit(asked("2027-06-01T00:00:00Z", "2027-01-01T00:00:00Z")), Err(CredentialRefused::NoTime));
}

#[tokio::test]
async fn a_list_keeps_what_it_repeats_and_drops_the_rest() {
    let house = House::open().await;
    let context = house.tenant.store.context();
    let (first, second, third) = (Pair::new(), Pair::new(), Pair::new());
    let held = replace_certificates(&[], &[first.entry(), second.entry()], context).unwrap();
    let repeat = |index: usize| KeyEntry { key_id: Some(held[index].key_id), ..KeyEntry::default() };

    let named = KeyEntry { display_name: Some("kept".to_owned()), ..repeat(1) };
    let next = replace_certificates(&held, &[named, third.entry()], context).unwrap();
    assert_eq!((next[0].key_id, &next[0].key), (held[1].key_id, &held[1].key));
    assert_eq!(next[0].display_name.as_deref(), Some("kept"));
    assert_eq!(next[1].key, third.base64());

    let exchanged = KeyEntry { key: Some(third.base64()), ..repeat(0) };
    let changed = replace_certificates(&held, &[exchanged], context);
    assert_eq!(changed, Err(CredentialRefused::CertificateChanged(held[0].key_id)));
    assert!(matches!(
        replace_certificates(&held, &[repeat(0), repeat(0)], context),
        Err(CredentialRefused::KeyIdTwice(_))
    ));
    let twice = replace_certificates(&held, &[repeat(0), first.entry()], context);
    assert!(matches!(twice, Err(CredentialRefused::CertificateTwice(_))));
    let unknown = KeyEntry { key_id: Some(Uuid::nil()), ..first.entry() };
    assert!(replace_certificates(&held, &[KeyEntry { key: None, ..unknown }], context).is_err());
}

#[tokio::test]
async fn invariant_1_the_id_of_a_removed_certificate_never_comes_back() {
    let house = House::open().await;
    let context = house.tenant.store.context();
    let pair = Pair::new();
    let held = replace_certificates(&[], &[pair.entry()], context).unwrap();
    let wanted = KeyEntry { key_id: Some(held[0].key_id), ..pair.entry() };
    let again = replace_certificates(&[], &[wanted], context).unwrap();
    assert_ne!(again[0].key_id, held[0].key_id, "tokens issued under the old id would be revived");
}

#[tokio::test]
async fn a_certificate_of_another_holder_is_refused_unless_the_tenant_allows_it() {
    let house = House::open().await;
    let (first, second, pair) = (house.holder().await, house.holder().await, Pair::new());
    house.give(first, &pair).await;
    let mut wanted = [pair.entry().admit(house.tenant.store.context()).unwrap()];
    let refused = claim_certificates(&house.tenant.store, second, &mut wanted).await.unwrap_err();
    assert_eq!(blame(&refused), (Fault::Conflict, Some("keyCredentials")));
    claim_certificates(&house.tenant.store, first, &mut wanted).await.unwrap();
    assert!(!wanted[0].shared);
    house.allow_sharing().await;
    claim_certificates(&house.tenant.store, second, &mut wanted).await.unwrap();
    assert!(wanted[0].shared);
}
