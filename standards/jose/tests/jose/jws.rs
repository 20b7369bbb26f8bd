//! Tokens: what is refused, and that one signed here is believed.

use crate::keys::{JWT, OPTIONS, TOLERANT, key, token};
use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::json;
use signet_jose::{Algorithm, ClaimsError, JwsError, ReadOptions, Signer as _, TypRule, UnverifiedJws};

const ALL: &[Algorithm] = &Algorithm::ALL;

/// A token with any header and payload, signed with ES256.
fn forge(header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = key(Algorithm::Es256).sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// As one widespread client sends it: each part padded, the signature over the padded text.
fn padded(claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE.encode(r#"{"alg":"ES256","typ":"JWT"}"#), URL_SAFE.encode(claims));
    let signature = key(Algorithm::Es256).sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE.encode(signature))
}

fn refusal(token: &str, options: ReadOptions, allowed: &[Algorithm], types: &TypRule) -> Option<JwsError> {
    let public = key(Algorithm::Es256).public_key().clone();
    UnverifiedJws::parse(token, options).and_then(|jws| jws.verify(&public, allowed, types).map(|_| ())).err()
}

#[test]
fn rfc7515_s7_1_anything_but_three_parts_is_refused() {
    let good = token(Algorithm::Es256, &json!({}));
    let (signed, _) = good.rsplit_once('.').unwrap();
    for bad in ["", ".", "a.b", signed, &format!("{good}."), &format!("{good}.x"), &format!("{good}.x.y")] {
        assert_eq!(refusal(bad, OPTIONS, ALL, &JWT), Some(JwsError::NotCompact), "{bad}");
    }
    assert_eq!(refusal("..", OPTIONS, ALL, &JWT).map(|error| matches!(error, JwsError::HeaderJson(_))), Some(true));
    assert_eq!(refusal(&format!("{signed}."), OPTIONS, ALL, &JWT), Some(JwsError::SignatureInvalid));
    let short = ReadOptions { max_bytes: 10, ..OPTIONS };
    assert_eq!(refusal(&good, short, ALL, &JWT), Some(JwsError::TooLong(10)));
}

#[test]
fn rfc8725_s2_1_unsigned_and_symmetric_tokens_are_refused() {
    for algorithm in ["none", "HS256", "hs256", ""] {
        let token = forge(&format!(r#"{{"alg":"{algorithm}"}}"#), "{}");
        assert_eq!(refusal(&token, OPTIONS, ALL, &JWT), Some(JwsError::UnsupportedAlgorithm), "{algorithm}");
    }
}

#[test]
fn rfc8725_s3_1_the_verifier_and_the_key_decide_on_the_algorithm() {
    let es256 = token(Algorithm::Es256, &json!({}));
    let refused = Some(JwsError::AlgorithmNotAllowed(Algorithm::Es256));
    assert_eq!(refusal(&es256, OPTIONS, &[Algorithm::Rs256], &JWT), refused);
    assert_eq!(refusal(&es256, OPTIONS, &[], &JWT), refused);
    let rs256 = token(Algorithm::Rs256, &json!({}));
    assert_eq!(refusal(&rs256, OPTIONS, ALL, &JWT), Some(JwsError::AlgorithmNotAllowed(Algorithm::Rs256)));
    let jws = UnverifiedJws::parse(&rs256, OPTIONS).unwrap();
    let pss = key(Algorithm::Ps256).public_key().clone();
    assert_eq!(jws.verify(&pss, ALL, &JWT).err(), Some(JwsError::AlgorithmNotAllowed(Algorithm::Rs256)));
}

#[test]
fn rfc8725_s3_11_other_kinds_of_token_are_refused() {
    let jwt = token(Algorithm::Es256, &json!({}));
    assert_eq!(refusal(&jwt, OPTIONS, ALL, &TypRule::or_absent(&["at+jwt"])), Some(JwsError::TypNotAccepted));
    let nameless = forge(r#"{"alg":"ES256"}"#, "{}");
    assert_eq!(refusal(&nameless, OPTIONS, ALL, &JWT), Some(JwsError::TypNotAccepted));
    assert_eq!(refusal(&nameless, OPTIONS, ALL, &TypRule::or_absent(&["JWT"])), None);
}

#[test]
fn headers_that_say_two_things_or_demand_anything_are_refused() {
    for (header, says) in [
        (r#"{"alg":"ES256","alg":"none"}"#, "HeaderJson"),
        (r#"{"alg":"ES256","x":{"y":1,"y":2}}"#, "HeaderJson"),
        (r#"{"alg":"ES256","x":[[[[1]]]]}"#, "HeaderJson"),
        (r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, "CriticalHeader"),
        (r#"{"alg":"ES256","crit":["exp"],"exp":1}"#, "CriticalHeader"),
        (r#"{"alg":"ES256","b64":false}"#, "Header(\"b64\")"),
    ] {
        let refused = refusal(&forge(header, "{}"), OPTIONS, ALL, &TypRule::or_absent(&[]));
        assert!(format!("{refused:?}").starts_with(&format!("Some({says}")), "{header}: {refused:?}");
    }
}

#[test]
fn rfc7519_s4_claims_that_say_two_things_are_refused() {
    for payload in [r#"{"sub":"a","sub":"b"}"#, r#"{"act":{"sub":"a","sub":"b"}}"#, "[]", "text", ""] {
        let token = forge(r#"{"alg":"ES256","typ":"JWT"}"#, payload);
        let jws = UnverifiedJws::parse(&token, OPTIONS).unwrap();
        let public = key(Algorithm::Es256).public_key().clone();
        let refused = jws.verify(&public, ALL, &JWT).unwrap().claims();
        assert!(matches!(refused, Err(JwsError::Claims(ClaimsError::Json(_)))), "{payload}");
        assert!(jws.claimed_identity().is_err(), "{payload}");
    }
}

#[test]
fn padded_parts_are_refused_unless_tolerated() {
    let token = padded(r#"{"iss":"a"}"#);
    assert!(token.contains('='));
    assert!(matches!(refusal(&token, OPTIONS, ALL, &JWT), Some(JwsError::Encoding(_))));
    assert_eq!(refusal(&token, TOLERANT, ALL, &JWT), None);
    // The padding is part of what was signed: taking it away, or adding it, breaks the signature.
    assert_eq!(refusal(&token.replace('=', ""), TOLERANT, ALL, &JWT), Some(JwsError::SignatureInvalid));
    let plain = forge(r#"{"alg":"ES256","typ":"JWT"}"#, r#"{"iss":"a"}"#);
    let (signed, signature) = plain.rsplit_once('.').unwrap();
    let added = format!("{signed}=.{signature}");
    assert!(refusal(&added, TOLERANT, ALL, &JWT).is_some());
}

#[test]
fn a_token_signed_here_is_believed() {
    let claims = json!({
        "iss": "https://issuer.example", "sub": "agent", "aud": ["a", "b"], "exp": 1_795_255_200, "n": {"m": [1]},
    });
    for algorithm in Algorithm::ALL {
        let token = token(algorithm, &claims);
        let jws = UnverifiedJws::parse(&token, OPTIONS).unwrap();
        assert_eq!(jws.header().kid.as_deref(), Some(key(algorithm).kid()));
        assert_eq!(jws.claimed_identity().unwrap().issuer.as_deref(), Some("https://issuer.example"));
        let verified = jws.verify(key(algorithm).public_key(), &[algorithm], &JWT).unwrap();
        let read = verified.claims().unwrap();
        assert_eq!(serde_json::Value::Object(read.all.clone()), claims);
        assert_eq!((read.audience, read.subject.as_deref()), (vec!["a".into(), "b".into()], Some("agent")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_byte_is_refused(at in any::<prop::sample::Index>(), to in any::<u8>(), which in 0..4_usize) {
        let algorithm = Algorithm::ALL[which];
        let token = token(algorithm, &json!({"iss": "https://issuer.example", "exp": 1_795_255_200}));
        let mut bytes = token.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let Ok(changed) = String::from_utf8(bytes) else { return Ok(()) };
        let public = key(algorithm).public_key().clone();
        for options in [OPTIONS, TOLERANT] {
            let verdict = UnverifiedJws::parse(&changed, options)
                .and_then(|jws| jws.verify(&public, ALL, &TypRule::or_absent(&["JWT"])).map(|_| ()));
            prop_assert!(verdict.is_err(), "{changed}");
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[A-Za-z0-9_=.{}\\-]{0,200}") {
        if let Ok(jws) = UnverifiedJws::parse(&text, TOLERANT) {
            let _ = jws.claimed_identity();
        }
    }
}
