//! Wycheproof's JOSE vectors (C2SP, Apache-2.0, licence beside them).

use crate::keys::OPTIONS;
use serde_json::Value;
use signet_jose::{Algorithm, JwkSet, JwsError, TypRule, UnverifiedJws};

/// The vectors' tokens carry no `typ`, or `JWT`.
const ANY_VECTOR: TypRule = TypRule::or_absent(&["JWT"]);

/// Verifies as a resource would: the set it trusts, the token it got.
fn verify(keys: &Value, token: &str) -> Result<(), String> {
    let set = JwkSet::parse(keys.to_string().as_bytes()).map_err(|error| error.to_string())?;
    let jws = UnverifiedJws::parse(token, OPTIONS).map_err(|error| error.to_string())?;
    let header = jws.header();
    let key = set.candidates(header.kid.as_deref(), header.algorithm).next().ok_or("no key")?;
    jws.verify(key.key(), &Algorithm::ALL, &ANY_VECTOR).map(|_| ()).map_err(|error: JwsError| error.to_string())
}

/// Whether a valid vector is one we mean to refuse: symmetric keys, algorithms that do not exist here, and keys whose
/// own `alg` contradicts the token.
fn is_out_of_scope(keys: &Value) -> bool {
    let keys = keys["keys"].as_array().unwrap();
    keys.iter().any(|key| match (key["kty"].as_str(), key["alg"].as_str()) {
        (Some("oct"), _) => true,
        (_, Some(name)) => name.parse::<Algorithm>().is_err(),
        _ => false,
    })
}

fn run(file: &str, contradictory: &[u64]) -> (usize, usize, Vec<String>) {
    let file: Value = serde_json::from_str(file).unwrap();
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    for group in file["testGroups"].as_array().unwrap() {
        let key = group.get("public").or_else(|| group.get("private")).unwrap();
        let keys = if key.get("keys").is_some() { key.clone() } else { serde_json::json!({"keys": [key]}) };
        for test in group["tests"].as_array().unwrap() {
            let id = test["tcId"].as_u64().unwrap();
            let verdict = verify(&keys, test["jws"].as_str().unwrap());
            let valid = test["result"] == "valid" && !is_out_of_scope(&keys) && !contradictory.contains(&id);
            if valid != verdict.is_ok() {
                wrong.push(format!("{id} {} {}: {} -> {verdict:?}", group["comment"], test["comment"], test["result"]));
            }
            if verdict.is_ok() { accepted += 1 } else { refused += 1 }
        }
    }
    (accepted, refused, wrong)
}

#[test]
fn signatures() {
    // The JWK says PS256, the token PS384: these two contradict themselves and are refused.
    let (accepted, refused, wrong) = run(include_str!("../vectors/json_web_signature_test.json"), &[346, 350]);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((accepted, refused), (16, 385));
}

#[test]
fn key_sets() {
    let (accepted, refused, wrong) = run(include_str!("../vectors/json_web_key_test.json"), &[]);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((accepted, refused), (1, 25));
}
