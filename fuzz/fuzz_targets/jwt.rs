//! Tokens from strangers, as text and as three decoded parts: no panic, and nothing unsigned is ever believed.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use signet_jose::{Algorithm, Jwk, Padding, ReadOptions, TypRule, UnverifiedJws};
use std::sync::LazyLock;

const STRICT: ReadOptions = ReadOptions { max_bytes: 16_384, padding: Padding::Forbidden };
const TOLERANT: ReadOptions = ReadOptions { padding: Padding::Tolerated, ..STRICT };
const TYPES: TypRule = TypRule::or_absent(&["JWT", "at+jwt"]);

/// The public key of RFC 8037 A.2: nothing that the fuzzer invents is signed with it.
static KEY: LazyLock<Jwk> = LazyLock::new(|| {
    Jwk::parse(br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)
        .expect("the key of RFC 8037")
});

fn read(token: &str) {
    for options in [STRICT, TOLERANT] {
        let Ok(jws) = UnverifiedJws::parse(token, options) else { continue };
        let _ = jws.claimed_identity();
        assert!(jws.verify(KEY.key(), &Algorithm::ALL, &TYPES).is_err(), "believed {token}");
    }
    if UnverifiedJws::parse(token, STRICT).is_ok() {
        assert!(UnverifiedJws::parse(token, TOLERANT).is_ok(), "strict reads what tolerant refuses: {token}");
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read(text);
    }
    let parts: Vec<&[u8]> = bytes.splitn(3, |byte| *byte == b'\n').collect();
    for engine in [&URL_SAFE_NO_PAD, &URL_SAFE] {
        read(&parts.iter().map(|part| engine.encode(part)).collect::<Vec<_>>().join("."));
    }
});
